import SpotterDomain
import Synchronization

/// Does to the system what the plan says, when it says so.
struct FaultMaker: Sendable {
    let system: ChaosSystem
    let seed: UInt64
    let say: @Sendable (String) -> Void
    /// Hands poison to somebody.
    let poison: @Sendable () async throws -> Void

    /// Makes each fault at its time, also while others last.
    func run(_ plan: [(at: Duration, fault: Fault)]) async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, (at, fault)) in plan.enumerated() {
                group.addTask {
                    try await Task.sleep(until: start + at, clock: .continuous)
                    var dice = Dice(seed: seed, for: "fault \(index)")
                    say("\(at.shown) \(fault)")
                    try await make(fault, &dice)
                }
            }
            try await group.waitForAll()
        }
    }

    private func make(_ fault: Fault, _ dice: inout Dice) async throws {
        let worker = system.workers.randomElement(using: &dice) ?? system.server
        switch fault {
        case .killWorker: await worker.current?.kill()
        case .killServer: await system.server.current?.kill()
        case .crashWorker(let point): await worker.crashNext(at: point)
        case .crashServer(let point): await system.server.crashNext(at: point)
        case .restartDatabase: try await system.database.restart()
        // The database may be on its way up again: then there is nothing to be cut.
        case .cutSessions: try? await system.database.cutSessions(Int.random(in: 1...4, using: &dice))
        case .cutHeart: try? await system.database.cutHeart()
        case .freezeWorker: try await freeze(worker)
        case .drainWorker: await worker.current?.drain()
        case .poison: try await poison()
        }
    }

    /// For long enough that its lease is over and others have taken what it held; then it is a zombie.
    private func freeze(_ worker: Slot) async throws {
        guard let process = await worker.current else { return }
        process.freeze()
        defer { process.thaw() }
        try await Task.sleep(for: .seconds(ChaosSystem.lease) + .milliseconds(3_500))
    }
}

extension Duration {
    /// In seconds, for people.
    var shown: String {
        let tenths = Int(self / .milliseconds(100))
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
