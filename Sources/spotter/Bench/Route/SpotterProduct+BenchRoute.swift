import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterWorkflows

private enum Part: String { case choice }

extension SpotterProduct {
    /// Choosing alone, without the round trip that takes the place: ten thousand agents in memory, and once with all of
    /// them able to do it.
    func benchRoute(agents: Int, rounds: Int) async throws -> [BenchFigure] {
        var figures: [BenchFigure] = []
        for (name, kinds) in [("1 of 100 can do it", 100), ("all can do it", 1)] {
            let index = AgentIndex(store: InventedAgents(count: agents, kinds: kinds), lifetime: .seconds(3_600))
            let scope = OrganizationScope(RandomIDGenerator().id(at: Date()))
            var times: [Double] = []
            for round in -10..<rounds {
                let wanted = "skill-\(abs(round) % kinds)"
                let started = ContinuousClock.now
                let best = try await index.best(required: [wanted], optional: ["extra-1", "extra-2"], in: scope)
                let time = started.duration(to: .now) / .milliseconds(1)
                guard best != nil else { throw SpotterError(.internal, "Nobody was found.") }
                if round >= 0 { times.append(time) }
            }
            times.sort()
            let percentile = { (share: Double) in times[min(times.count - 1, Int(Double(times.count) * share))] }
            figures.append(
                BenchFigure(
                    Part.choice, "best of \(agents) agents, \(name), p50", percentile(0.5), "ms",
                    target: .init("below 1 ms") { $0 < 1 }))
            figures.append(
                BenchFigure(
                    Part.choice, "best of \(agents) agents, \(name), p99", percentile(0.99), "ms",
                    target: .init("below 1 ms") { $0 < 1 }))
        }
        return figures
    }
}

/// Agents that nobody has registered.
private struct InventedAgents: RoutingStore {
    let count: Int
    let kinds: Int

    func candidates(in scope: OrganizationScope) async throws -> [RoutingCandidate] {
        let ids = RandomIDGenerator()
        return (0..<count).map { number in
            RoutingCandidate(
                id: ids.id(at: Date()), name: "Agent \(number)",
                offers: ["skill-\(number % kinds)", "extra-\(number % 7)", "other-\(number % 31)"],
                priority: Priority.allCases[number % 4], maxConcurrent: 10, active: number % 9,
                figures: AgentFigures(
                    calls: 100, failures: number % 13, recentSuccess: 1 - Double(number % 13) / 100,
                    recentMs: Double(200 + number % 5_000)))
        }
    }

    func candidate(_ id: AgentID, in scope: OrganizationScope) async throws -> RoutingCandidate {
        throw SpotterError.notFound("agent")
    }
    func reserve(_ wish: CallReservation, in scope: OrganizationScope) async throws -> ReservedCall? { nil }
    func reservation(of call: ExecutionID, in scope: OrganizationScope) async throws -> ReservedCall? { nil }
    func setStatus(
        _ status: AgentStatus, note: String?, of agent: AgentID, at now: Date, in scope: OrganizationScope
    ) async throws -> AgentPresence { throw SpotterError.notFound("agent") }
    func heartbeat(of agent: AgentID, at now: Date, in scope: OrganizationScope) async throws -> AgentPresence {
        throw SpotterError.notFound("agent")
    }
    func organizationsWithSilentAgents() async throws -> [OrganizationID] { [] }
    func expirePresence(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int { 0 }
}
