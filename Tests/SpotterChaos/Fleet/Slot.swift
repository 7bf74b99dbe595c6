import Foundation

/// A place for one process: while it is open, a process that has ended is replaced, as systemd would.
actor Slot {
    let name: String
    private let launch: @Sendable (_ name: String, _ crash: String?) throws -> SpotterProcess
    private(set) var current: SpotterProcess?
    private(set) var ends: [ProcessEnd] = []
    /// The fault points that a process is still to die at.
    private var crashes: [String] = []
    private var starts = 0
    private var isOpen = true

    init(_ name: String, launch: @escaping @Sendable (_ name: String, _ crash: String?) throws -> SpotterProcess) {
        self.name = name
        self.launch = launch
    }

    /// Keeps a process in the place until it is closed.
    func run() async throws {
        while isOpen {
            starts += 1
            let crash = crashes.first
            let process = try launch("\(name)-\(starts)", crash)
            current = process
            let end = await process.end()
            ends.append(end)
            // One that was ended by something else leaves its point to the next.
            if let crash, end.order == .crash(at: crash), end.status == .signalled(SIGKILL) { crashes.removeFirst() }
            // It is tried again a little later, like everything that cannot start.
            if !end.wasReady, isOpen { try await Task.sleep(for: .milliseconds(300)) }
        }
    }

    /// Ends the process; the next one dies when it comes by this fault point.
    func crashNext(at point: String) {
        crashes.append(point)
        current?.kill()
    }

    /// Opens no more and ends the process well; by force if that takes longer than any stop may.
    func close(within limit: Duration) async {
        isOpen = false
        guard let process = current else { return }
        process.drain()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await process.end() }
            group.addTask {
                // Cancelled when it has ended in time.
                if (try? await Task.sleep(for: limit)) != nil { process.abort() }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
