import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

extension AgentBench {
    /// Agents on their own: what an iteration takes beside its model, and what a run keeps in memory while it waits for it.
    func autonomous() async throws -> [BenchFigure] {
        // Memory first: what was used and is free again would hide what it needs.
        let each = try await autonomousMemory()
        return try await iterations() + each
    }

    /// Runs one after the other, so that nothing but the run itself stands between an answer and the next question.
    private func iterations() async throws -> [BenchFigure] {
        var pace = PacedProvider.Pace(latency: .milliseconds(2))
        pace.rounds = 10
        pace.words = 1
        return try await with(pace) { provider in
            progress("warming up")
            for _ in 0..<10 { try await finished(try await begin(1)) }
            _ = provider.takeGaps()
            progress("60 autonomous runs of 10 iterations with a tool each")
            for _ in 0..<60 { try await finished(try await begin(1)) }
            let gaps = provider.takeGaps()
            guard gaps.count == 600 else {
                throw SpotterError(.internal, "60 runs of 10 iterations had \(gaps.count).")
            }
            return [
                BenchFigure(
                    AgentBenchPart.autonomous, "an iteration beside its model, tool and journal included, p50",
                    gaps.percentile(0.5), "ms", target: .init("below 3 ms") { $0 < 3 }),
                BenchFigure(
                    AgentBenchPart.autonomous, "an iteration beside its model, tool and journal included, p99",
                    gaps.percentile(0.99), "ms"),
            ]
        }
    }

    private func autonomousMemory() async throws -> [BenchFigure] {
        // So slow that all wait for their last call before the first of them has its answer.
        var pace = PacedProvider.Pace(latency: max(options.latency, .seconds(10)))
        pace.words = 1
        let count = min(options.conversations, 1_000)
        return try await with(pace) { provider in
            progress("\(count) autonomous runs wait for their model")
            var sizes: [Int] = []
            for level in [count / 2, count] {
                let before = provider.calls
                let runs = try await begin(level)
                while provider.calls - before < 3 * level { try await Task.sleep(for: .milliseconds(20)) }
                sizes.append(ProcessLimits.residentBytes)
                try await finished(runs)
            }
            let each = max(0, Double(sizes[1] - sizes[0]) / Double(count - count / 2)) / 1_024
            return [
                BenchFigure(
                    AgentBenchPart.autonomous, "each of \(count) autonomous runs in its third call", each, "KB",
                    target: .init("below 100 KB") { $0 < 100 })
            ]
        }
    }

    private func begin(_ count: Int) async throws -> [ExecutionID] {
        let now = application.clock.now()
        let order = WorkItemOrder(
            title: "Look up the hours", description: nil, input: [:], timeoutSeconds: 600, limits: nil, dryRun: nil,
            requestedBy: "bench", preferences: nil)
        let input = try JSONValue(encoding: order)
        let runs = (0..<count).map { _ in
            Execution(
                id: application.ids.id(at: now), kind: .autonomous, state: .queued, attempt: 0, conversationId: nil,
                agentId: agent.id, agentVersion: agent.version, input: input, createdAt: now)
        }
        _ = try await application.stores.executions.enqueue(runs, receipt: nil, in: scope)
        application.workforce.announce()
        return runs.map(\.id)
    }

    /// Returns when all have ended well. Nobody reads along: what a reader makes of it is another measure.
    private func finished(_ runs: [ExecutionID]) async throws {
        for run in runs {
            while true {
                let execution = try await application.stores.executions.execution(run, in: scope)
                if execution.state == .completed { break }
                guard !execution.state.isTerminal else {
                    throw SpotterError(.internal, "A run failed: \(execution.error?.message ?? "no reason").")
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}
