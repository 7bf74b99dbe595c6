import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterDomain
import Synchronization

/// One run: a system, customers, faults, and then the question whether every promise was kept.
struct ChaosRun: Sendable {
    let options: ChaosOptions
    let say: @Sendable (String) -> Void

    /// How long what is left over may take when nothing goes wrong any more.
    private static let settling: Duration = .seconds(90)

    /// What came of a run.
    struct Outcome: Sendable {
        let violations: [Rule.Violation]
        let summary: String
    }

    func run(binary: String, folder: String) async throws -> Outcome {
        let loops = EventLoopGroup(count: 1)
        let client = HTTPClient(loops: loops.loops)
        let system = try await ChaosSystem.start(binary: binary, folder: folder)
        let history = Mutex(History())
        let result: Result<Void, any Error>
        do {
            try await system.running {
                let seen = try await observe(system, client)
                history.withLock { $0 = seen }
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        let outcome: Result<Outcome, any Error>
        do {
            try result.get()
            outcome = .success(try await judge(history.withLock { $0 }, system))
        } catch {
            outcome = .failure(error)
        }
        system.stop()
        await client.shutDown()
        loops.stop()
        return try outcome.get()
    }

    /// Load and faults together; then what is left comes to its end, and the API is asked for what only it can tell.
    private func observe(_ system: ChaosSystem, _ client: HTTPClient) async throws -> History {
        let time = Duration.seconds(options.seconds)
        let end = ContinuousClock.now + time
        let patience = end + Self.settling
        let load = try await Load(system, client: client, seed: options.seed, patience: patience)
        let maker = FaultMaker(system: system, seed: options.seed, say: say) { try await load.poison() }
        let plan = Fault.plan(seed: options.seed, lasting: time)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await load.run(until: end) }
            group.addTask { try await maker.run(plan) }
            try await group.waitForAll()
        }
        say("\(time.shown) no more faults; what is left comes to its end")
        while try await openExecutions(system) > 0, ContinuousClock.now < patience {
            try await Task.sleep(for: .milliseconds(200))
        }
        return try await history(of: load, system, client)
    }

    private func openExecutions(_ system: ChaosSystem) async throws -> Int {
        // A session that a fault has cut is opened again.
        do { return try await system.database.openExecutions() } catch { return 1 }
    }

    private func history(of load: Load, _ system: ChaosSystem, _ client: HTTPClient) async throws -> History {
        var history = History()
        let patience = ContinuousClock.now + .seconds(20)
        for (index, organization) in system.organizations.enumerated() {
            let ledger = load.ledgers[organization.slug]
            let stranger = Stranger(
                api: APIClient(client: client, url: { system.url }, token: organization.token, deadline: patience),
                slug: organization.slug)
            var entry = OrganizationHistory(name: organization.slug, accepted: ledger?.accepted ?? [])
            entry.queue = try await stranger.queue()
            let other = system.organizations[(index + 1) % system.organizations.count]
            let others = load.ledgers[other.slug]?.accepted ?? []
            history.sightings += try await stranger.sightings(of: Array(others.suffix(40)))
            history.unanswered += ledger?.unanswered ?? []
            history.organizations.append(entry)
        }
        return history
    }

    /// When all processes have ended: what the tables hold.
    private func judge(_ observed: History, _ system: ChaosSystem) async throws -> Outcome {
        var history = observed
        let collector = Collector(look: system.database.look)
        for index in history.organizations.indices {
            var found = try await collector.history(of: history.organizations[index].name)
            found.accepted = history.organizations[index].accepted
            found.queue = history.organizations[index].queue
            history.organizations[index] = found
        }
        history.livingWorkers = try await collector.livingWorkers()
        history.effects = system.recorder.effects
        history.processes = await system.ends()
        history.poisonings = system.poisonings
        history.missedFaults = Self.missed(in: history)
        return Outcome(violations: Rule.check(history), summary: Summary(history).text)
    }

    /// A fault point that nobody died at was not tested, nor was poison that nobody took.
    private static func missed(in history: History) -> [String] {
        let crashes = Set(history.processes.filter { $0.status == .signalled(9) }.map(\.order))
        let missed = Fault.all.compactMap { fault -> String? in
            switch fault {
            case .crashWorker(let point), .crashServer(let point):
                crashes.contains(.crash(at: point)) ? nil : "\(fault)"
            default: nil
            }
        }
        return missed + (history.poisonings.isEmpty ? ["\(Fault.poison)"] : [])
            + (history.effects.contains(where: \.wasAmbushed) ? [] : ["an effect without an answer"])
    }
}
