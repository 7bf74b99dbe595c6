import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Sends the timelines of runs that have ended to a collector, by OTLP over HTTP in JSON.
///
/// Nobody waits for it: runs stand in a line of bounded length, and what comes when it is full is counted and let go. A
/// batch that the collector does not take now is tried again with growing pauses, and given up after some.
public final class TraceExporter: Service {
    /// The name in logs.
    public let serviceName = "trace-exporter"

    /// What a collector has answered.
    public struct Answer: Sendable {
        /// HTTP's.
        public let status: Int
        /// When to try again, in seconds; nil where it does not say.
        public let retryAfter: Double?

        /// An answer.
        public init(status: Int, retryAfter: Double? = nil) {
            self.status = status
            self.retryAfter = retryAfter
        }
    }

    /// Sends a document; throws where the collector cannot be reached.
    public typealias Send = @Sendable (_ document: [UInt8]) async throws -> Answer

    private struct Ended: Sendable {
        let organization: OrganizationID
        let execution: ExecutionID
    }

    private let timelines: TimelineService
    private let executions: any ExecutionStore
    private let document: OTLPDocument
    private let send: Send
    private let meters: Meters
    private let log: Log
    private let sleep: @Sendable (Duration) async throws -> Void
    private let line = Mutex<[Ended]>([])
    private let rings: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let isStopping = Atomic<Bool>(false)

    /// How many runs wait at most.
    static let longestLine = 2_000
    /// How many are sent at once.
    static let batch = 50
    /// How often a batch is tried.
    static let tries = 5

    /// - Parameters:
    ///   - resource: what is said of this process, such as `service.name`.
    ///   - version: of the build.
    ///   - sleep: waits between two tries.
    public init(
        timelines: TimelineService, executions: any ExecutionStore, resource: [String: String], version: String,
        meters: Meters, log: Log,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        send: @escaping Send
    ) {
        self.timelines = timelines
        self.executions = executions
        document = OTLPDocument(resource: resource, version: version)
        self.send = send
        self.meters = meters
        self.log = log
        self.sleep = sleep
        (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    private static let ends: Set<String> = Set(
        [EventType.executionCompleted, .executionFailed, .executionCancelled].map(\.rawValue))

    /// Notes the runs that have ended. Never waits.
    public func note(_ events: [Event], of organization: OrganizationID) {
        let ended = events.filter { Self.ends.contains($0.type) }.compactMap(\.execution)
        guard !ended.isEmpty else { return }
        let dropped = line.withLock { line in
            let room = max(0, Self.longestLine - line.count)
            line += ended.prefix(room).map { Ended(organization: organization, execution: $0) }
            return ended.count - min(room, ended.count)
        }
        if dropped > 0 { meters.noteSpans(sent: 0, dropped: dropped) }
        bell.yield()
    }

    /// Sends until `shutDown()`, and then what is left in the line, once.
    public func run() async throws {
        for await _ in rings {
            while await sendOnce() {}
            if isStopping.load(ordering: .relaxed) { break }
            // Others that end in the next moment go along.
            guard (try? await sleep(.milliseconds(200))) != nil else { break }
        }
    }

    /// Sends what is in the line, and ends.
    public func shutDown() {
        isStopping.store(true, ordering: .relaxed)
        bell.yield()
        bell.finish()
    }

    /// Sends one batch. Returns whether there may be more.
    func sendOnce() async -> Bool {
        let batch = line.withLock { line in
            let batch = Array(line.prefix(Self.batch))
            line.removeFirst(batch.count)
            return batch
        }
        guard !batch.isEmpty else { return false }
        var found: [(OrganizationID, Timeline)] = []
        for ended in batch {
            guard let timeline = await timeline(of: ended) else { continue }
            found.append((ended.organization, timeline))
        }
        let count = found.reduce(0) { $0 + $1.1.spans.count }
        guard count > 0 else { return true }
        let isSent = await deliver(document.json(found).bytes)
        meters.noteSpans(sent: isSent ? count : 0, dropped: isSent ? 0 : count)
        return true
    }

    /// What another run waits for goes with that one.
    private func timeline(of ended: Ended) async -> Timeline? {
        let scope = OrganizationScope(ended.organization)
        do {
            let journal = try await executions.journal(of: ended.execution, in: scope)
            guard journal.execution.parentId == nil, journal.execution.kind != .probe else { return nil }
            let timeline = try await timelines.timeline(of: journal, in: scope)
            return timeline.isSampled ? timeline : nil
        } catch {
            log.debug("a trace was not read", ["execution": "\(ended.execution)", "error": "\(error)"])
            return nil
        }
    }

    private func deliver(_ bytes: [UInt8]) async -> Bool {
        var pause = Duration.seconds(1)
        var reason = ""
        for attempt in 1...Self.tries {
            var wait = pause
            do {
                let answer = try await send(bytes)
                if (200..<300).contains(answer.status) { return true }
                reason = "status \(answer.status)"
                // OTLP/HTTP: only these may be sent again.
                guard [429, 502, 503, 504].contains(answer.status) else { break }
                if let seconds = answer.retryAfter { wait = .seconds(min(max(seconds, 0), 60)) }
            } catch {
                reason = "\(error)"
            }
            guard attempt < Self.tries, !isStopping.load(ordering: .relaxed) else { break }
            guard (try? await sleep(wait * Double.random(in: 0.8...1.2))) != nil else { break }
            pause = min(pause * 2, .seconds(30))
        }
        log.warning("traces were given up", ["reason": reason])
        return false
    }
}
