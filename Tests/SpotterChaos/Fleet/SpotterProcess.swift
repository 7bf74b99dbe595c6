import Foundation
import SpotterDomain
import Synchronization

/// One process of the real program, from its start to its end.
final class SpotterProcess: Sendable {
    private struct State {
        var order: ProcessEnd.Order
        var ready: JSONValue?
        var end: ProcessEnd?
        var waiting: [CheckedContinuation<ProcessEnd, Never>] = []
    }

    let name: String
    let identifier: Int32
    private let state: Mutex<State>
    // What the process was started with lives as long as it does.
    private let process: Mutex<Process>

    /// What a process is started with.
    struct Launch: Sendable {
        var name: String
        var arguments: [String]
        var environment: [String: String]
        /// Where what it says on stderr goes.
        var log: String
        /// The fault point that it is to die at.
        var crash: String?
    }

    init(_ binary: String, _ launch: Launch) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = launch.arguments
        process.environment = launch.environment
        if let crash = launch.crash { process.environment?["SPOTTER_CRASH_AT"] = crash }
        let output = Pipe()
        process.standardOutput = output
        guard FileManager.default.createFile(atPath: launch.log, contents: nil),
            let log = FileHandle(forWritingAtPath: launch.log)
        else {
            throw SpotterError(.unavailable, "\(launch.log) cannot be written.")
        }
        process.standardError = log
        try process.run()
        name = launch.name
        identifier = process.processIdentifier
        state = Mutex(State(order: launch.crash.map { .crash(at: $0) } ?? .none))
        let reader = output.fileHandleForReading
        self.process = Mutex(process)
        Thread.detachNewThread { [self] in watch(reader) }
    }

    /// Reads the line that says that it is ready, then waits for its end: both block.
    private func watch(_ output: FileHandle) {
        var line: [UInt8] = []
        while line.last != 10, let byte = try? output.read(upToCount: 1)?.first { line.append(byte) }
        if !line.isEmpty, let ready = try? JSONParser.parse(line.dropLast() + []) {
            state.withLock { $0.ready = ready }
        }
        let status: ProcessEnd.Status = process.withLock { process in
            process.waitUntilExit()
            return process.terminationReason == .uncaughtSignal
                ? .signalled(process.terminationStatus) : .exited(process.terminationStatus)
        }
        try? output.close()
        let (end, waiting) = state.withLock { state in
            let end = ProcessEnd(name: name, order: state.order, status: status, wasReady: state.ready != nil)
            state.end = end
            defer { state.waiting = [] }
            return (end, state.waiting)
        }
        for continuation in waiting { continuation.resume(returning: end) }
    }

    /// What it said when it was ready; nil before.
    var ready: JSONValue? { state.withLock(\.ready) }
    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// Ends it at once, as a machine that fails does.
    func kill() { send(SIGKILL, as: .kill) }
    /// The same for one that does not obey: it stays known as what it was told before.
    func abort() { send(SIGKILL, as: nil) }
    /// Asks it to end well.
    func drain() {
        // Asked twice, a process ends at once.
        if state.withLock({ $0.order != .drain }) { send(SIGTERM, as: .drain) }
    }
    /// Holds it still; it does not know.
    func freeze() { send(SIGSTOP, as: nil) }
    func thaw() { send(SIGCONT, as: nil) }

    private func send(_ signal: Int32, as order: ProcessEnd.Order?) {
        state.withLock { state in
            // Its number may be another's once it has ended.
            guard state.end == nil else { return }
            // What is dying of one order does not obey a later one.
            if let order, state.order != .kill { state.order = order }
            Glibc.kill(identifier, signal)
        }
    }

    /// Returns when it has ended.
    func end() async -> ProcessEnd {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state in
                if state.end == nil { state.waiting.append(continuation) }
                return state.end
            }
            if let end { continuation.resume(returning: end) }
        }
    }
}
