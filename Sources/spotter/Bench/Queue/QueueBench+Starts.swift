import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

extension QueueBench {
    /// How soon a run begins when nothing else is to be done.
    func starts() async throws -> [BenchFigure] {
        let scope = try await organization("bench-starts")
        progress("single executions on an idle system")
        _ = try await times(in: scope, rounds: 20, of: 1)
        let times = try await times(in: scope, rounds: scaled(300, atLeast: 20), of: 1)
        return [
            BenchFigure(
                QueueBenchPart.starts, "start when idle, p50", times.percentile(0.5), "ms",
                target: .init("below 10 ms") { $0 < 10 }),
            BenchFigure(QueueBenchPart.starts, "start when idle, p99", times.percentile(0.99), "ms"),
        ]
    }

    /// How soon an organisation's runs begin while another has a hundred thousand in the queue.
    func fairness() async throws -> [BenchFigure] {
        let rounds = scaled(60, atLeast: 5)
        let flood = scaled(100_000, atLeast: 2_000)
        let scope = try await organization("bench-calm")
        _ = try await times(in: scope, rounds: 5, of: 10)
        progress("ten executions at a time of one organisation, alone")
        let alone = try await times(in: scope, rounds: rounds, of: 10)
        let capped = try await besideFlood(of: flood, "bench-flood", 100, 100, rounds, scope)
        let free = try await besideFlood(of: flood, "bench-free-flood", 100_000, nil, rounds, scope)
        let baseline = alone.percentile(0.95)
        return [
            BenchFigure(
                QueueBenchPart.fairness, "start beside \(flood) of another, p95", capped.percentile(0.95), "ms",
                beside: baseline,
                "alone", target: .init("at most 1.20 of it") { $0 <= 1.2 }),
            BenchFigure(
                QueueBenchPart.fairness, "the same, the other without limits", free.percentile(0.95), "ms",
                beside: baseline, "alone"),
        ]
    }

    private func besideFlood(
        of flood: Int, _ slug: String, _ maxRunning: Int, _ startsPerMinute: Int?, _ rounds: Int,
        _ scope: OrganizationScope
    ) async throws -> Latencies {
        let other = try await organization(slug, maxRunning: maxRunning, startsPerMinute: startsPerMinute)
        try await QueueBenchScripts.fillQueue(flood, of: other.organization, as: administrator)
        try await QueueBenchScripts.analyze(as: administrator)
        application.workforce.announce()
        progress(
            "the same beside \(flood) of another organisation, \(startsPerMinute.map { "\($0) starts a minute" } ?? "which may all run")"
        )
        var times = Latencies()
        for _ in 0..<rounds {
            // An empty queue is no flood any more.
            guard try await stores.queue.statistics(in: other).ready > 0 else { break }
            try await measureStarts(of: 10, in: scope, &times)
        }
        try await stores.queue.setPaused(true, at: application.clock.now(), in: other)
        try await wait(until: "the end of what runs") { application.workforce.pool.running == 0 }
        try await QueueBenchScripts.clear(as: administrator)
        return times
    }

    private func times(in scope: OrganizationScope, rounds: Int, of count: Int) async throws -> Latencies {
        var times = Latencies()
        for _ in 0..<rounds { try await measureStarts(of: count, in: scope, &times) }
        return times
    }

    private func measureStarts(of count: Int, in scope: OrganizationScope, _ times: inout Latencies) async throws {
        // Not in step with anything that comes round in the product.
        try await Task.sleep(for: .milliseconds(1) * Double.random(in: 5...25))
        let asked = ContinuousClock.now
        for id in try await enqueue(count, .timed, in: scope) {
            times.add(asked.duration(to: try await probes.start(of: id)))
        }
    }
}
