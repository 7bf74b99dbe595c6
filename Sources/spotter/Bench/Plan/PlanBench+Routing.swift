import SpotterCommandLine
import SpotterDomain
import SpotterPostgres
import SpotterWorkflows

extension PlanBench {
    /// How long it takes to find the best of ten thousand agents.
    func routing() async throws -> [BenchFigure] {
        let scope = try await organization("bench-routing")
        let count = 10_000
        progress("\(count) agents are registered")
        for number in 0..<count {
            let now = application.clock.now()
            let settings = AgentSettings(
                name: "Agent \(number)", systemPrompt: "Help.", model: "offline",
                capabilities: ["skill-\(number % 50)", "common", "rare-\(number % 500)"])
            try await stores.agents.create(
                Agent(id: application.ids.id(at: now), version: 1, settings: settings, createdAt: now, updatedAt: now),
                receipt: nil, in: scope)
        }
        var (narrow, wide) = (Latencies(), Latencies())
        let index = AgentIndex(store: stores.routing, lifetime: .seconds(600))
        for round in 0..<500 {
            let start = ContinuousClock.now
            let best = try await index.best(
                required: ["common", "skill-\(round % 50)"], optional: ["rare-7"], in: scope)
            let found = start.duration(to: .now)
            guard best != nil else { throw SpotterError(.internal, "No agent was found.") }
            if round >= 50 { narrow.add(found) }
            let again = ContinuousClock.now
            _ = try await index.best(required: ["common"], optional: ["rare-7"], in: scope)
            if round >= 50 { wide.add(again.duration(to: .now)) }
        }
        return [
            BenchFigure(
                PlanBenchPart.routing, "best of 10,000 agents, 200 of which can do it, p50", narrow.percentile(0.5),
                "ms",
                target: .init("below 1 ms") { $0 < 1 }),
            BenchFigure(
                PlanBenchPart.routing, "best of 10,000 agents, all of which can do it, p50", wide.percentile(0.5), "ms",
                target: .init("below 1 ms") { $0 < 1 }),
        ]
    }
}
