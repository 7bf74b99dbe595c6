import Foundation
import ServiceKit
import SpotterHTTP
import Synchronization

/// Whether the database answers, told in a bounded time: whoever asks while an answer is slow hears of the last one.
final class DatabasePulse: Sendable {
    private struct State {
        var lastSuccess: ContinuousClock.Instant?
        var isAsking = false
    }

    private let ping: @Sendable () async throws -> Void
    private let state = Mutex(State())
    /// How long somebody who asks waits.
    private static let patience = Duration.milliseconds(70)
    /// For how long an answer stands for the next one, if that is slow.
    private static let memory = Duration.seconds(5)

    init(_ ping: @escaping @Sendable () async throws -> Void) { self.ping = ping }

    func component() async -> HealthCheck.Component {
        let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
        let mayAsk = state.withLock { state in
            defer { state.isAsking = true }
            return !state.isAsking
        }
        if mayAsk {
            // Goes on when nobody waits any more: its answer is for the next who asks.
            Task {
                let isWell = (try? await ping()) != nil
                state.withLock { state in
                    state.isAsking = false
                    if isWell { state.lastSuccess = .now }
                }
                answer.yield(isWell)
                answer.finish()
            }
        }
        let isWell = try? await withTimeout(Self.patience) {
            for await isWell in answers { return isWell }
            throw CancellationError()
        }
        if isWell == true { return HealthCheck.Component(name: "database", isWell: true) }
        let isRecent = state.withLock { $0.lastSuccess.map { $0.duration(to: .now) < Self.memory } ?? false }
        if isWell == nil, isRecent {
            return HealthCheck.Component(name: "database", impairment: "The database is slow to answer.")
        }
        return HealthCheck.Component(name: "database", isWell: false, reason: "The database does not answer.")
    }
}

/// How much room the disk has on which a folder is.
struct DiskRoom {
    let folder: String
    /// With less than this, logs and the private database are about to fail.
    private static let least = 256 << 20

    var component: HealthCheck.Component {
        let known = FileManager.default.fileExists(atPath: folder) ? folder : "."
        guard let facts = try? FileManager.default.attributesOfFileSystem(forPath: known),
            let free = (facts[.systemFreeSize] as? NSNumber)?.intValue
        else { return HealthCheck.Component(name: "disk", unseen: "The file system does not say.") }
        return HealthCheck.Component(
            name: "disk", impairment: free < Self.least ? "Only \(free >> 20) MiB are free." : nil)
    }
}

/// What the kernel says of this process.
enum ProcessMemory {
    /// In bytes; nil where there is no `/proc`.
    static var resident: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
