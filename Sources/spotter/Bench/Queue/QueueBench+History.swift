import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres

extension QueueBench {
    /// How long a claim takes in a young table, and in one with a million finished rows and a hundred thousand queued.
    ///
    /// Nobody else may work on the queue meanwhile.
    func history() async throws -> [BenchFigure] {
        let claims = scaled(400, atLeast: 20)
        let finished = scaled(1_000_000, atLeast: 5_000)
        let queued = scaled(100_000, atLeast: claims * Self.share)
        try await QueueBenchScripts.clear(as: administrator)
        let worker = WorkerID(UUID())
        try await stores.queue.register(worker, lease: .seconds(300))
        let young = try await organization("bench-young")
        try await QueueBenchScripts.fillQueue((claims + 20) * Self.share, of: young.organization, as: administrator)
        try await QueueBenchScripts.analyze(as: administrator)
        progress("\(claims) claims in a young table")
        _ = try await claimTimes(20, worker, in: young)
        let before = try await claimTimes(claims, worker, in: young)
        try await QueueBenchScripts.clear(as: administrator)
        let old = try await organization("bench-old")
        progress("\(finished) finished and \(queued) queued executions are added")
        try await QueueBenchScripts.addHistory(finished, of: old.organization, as: administrator)
        try await QueueBenchScripts.fillQueue(queued + 20 * Self.share, of: old.organization, as: administrator)
        try await QueueBenchScripts.analyze(as: administrator)
        progress("\(claims) claims beside them")
        _ = try await claimTimes(20, worker, in: old)
        let after = try await claimTimes(claims, worker, in: old)
        try await stores.queue.leave(worker)
        return [
            BenchFigure(
                QueueBenchPart.history, "claim beside \(finished) finished, p99", after.percentile(0.99), "ms",
                beside: before.percentile(0.99), "young table", target: .init("below 2.00 of it") { $0 < 2 }),
            BenchFigure(
                QueueBenchPart.history, "the same, p50", after.percentile(0.5), "ms", beside: before.percentile(0.5),
                "young table"),
        ]
    }

    /// How many one claim takes.
    private static let share = 20

    /// The times of claims alone; what they take is completed as the product does it.
    private func claimTimes(_ count: Int, _ worker: WorkerID, in scope: OrganizationScope) async throws -> Latencies {
        var times = Latencies()
        for _ in 0..<count {
            let start = ContinuousClock.now
            let claims = try await stores.queue.claim(Self.share, for: worker, after: nil)
            times.add(start.duration(to: .now))
            let now = application.clock.now()
            let records = try await stores.executions.journals(of: claims.map(\.execution), in: scope).map { journal in
                var execution = journal.execution
                execution.state = .completed
                execution.completedAt = now
                return ExecutionRecord(execution: execution)
            }
            _ = try await stores.executions.record(records, at: now, in: scope)
        }
        return times
    }
}
