import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

extension QueueBench {
    /// How many a second pgbench takes and ends, in batches as large as the product's.
    struct Yardsticks: Sendable {
        /// With the product's own SQL, in its transactions.
        let same: Double
        /// With the least SQL that any queue on the table must send.
        let least: Double

        /// The machine is another one before than after, and neither is what it is in between.
        static func mean(_ one: Yardsticks, _ other: Yardsticks) -> Yardsticks {
            Yardsticks(same: (one.same + other.same) / 2, least: (one.least + other.least) / 2)
        }
    }

    /// How many probes a second go through the queue.
    struct DrainRates: Sendable {
        /// Out of a queue that was filled before.
        let drained: Double
        /// While it is filled.
        let whole: Double
    }

    /// Measures pgbench. The workers must not work meanwhile: they would take what it is to take.
    func yardsticks(_ name: String) async throws -> Yardsticks {
        let worker = WorkerID(UUID())
        try await stores.queue.register(worker, lease: .seconds(300))
        let same = try await rate("bench-same-" + name, "pgbench claims and records", clients: 2) {
            try QueueBenchScripts.claimAndRecord(Dispatcher.batch, of: $0, as: worker)
        }
        // As many connections as the product has.
        let least = try await rate("bench-least-" + name, "pgbench claims and completes at the least", clients: 4) {
            QueueBenchScripts.leastClaimAndComplete(Dispatcher.batch, of: $0)
        }
        try await stores.queue.leave(worker)
        return Yardsticks(same: same, least: least)
    }

    private func rate(
        _ slug: String, _ what: String, clients: Int, _ script: (OrganizationID) throws -> String
    ) async throws -> Double {
        let scope = try await organization(slug)
        let seconds = max(2, options.seconds / 20)
        try await QueueBenchScripts.fillQueue(100_000 * seconds, of: scope.organization, as: administrator)
        try await QueueBenchScripts.analyze(as: administrator)
        progress("\(what) batches of \(Dispatcher.batch) for \(seconds) s")
        let before = try await stores.queue.statistics(in: scope).ready
        let time = try await yardstick.time(try script(scope.organization), clients: clients, seconds: seconds)
        let after = try await stores.queue.statistics(in: scope)
        guard after.ready > 0, after.running == 0 else {
            throw SpotterError(.unavailable, "pgbench left \(after.running) running and \(after.ready) in the queue.")
        }
        try await QueueBenchScripts.clear(as: administrator)
        return Double(before - after.ready) / (time / .seconds(1))
    }

    /// Measures the product.
    func drain() async throws -> DrainRates {
        let count = scaled(60_000, atLeast: 800)
        progress("warming up")
        _ = try await drainedRate(2_000, "bench-warm")
        progress("the workers drain a queue of \(count)")
        let drained = try await drainedRate(count, "bench-drain")
        progress("\(count) go through the queue while two producers fill it")
        let whole = try await wholeRate(count)
        return DrainRates(drained: drained, whole: whole)
    }

    private func drainedRate(_ count: Int, _ slug: String) async throws -> Double {
        let scope = try await organization(slug)
        try await stores.queue.setPaused(true, at: application.clock.now(), in: scope)
        try await QueueBenchScripts.fillQueue(count, of: scope.organization, as: administrator)
        try await QueueBenchScripts.analyze(as: administrator)
        try await stores.queue.setPaused(false, at: application.clock.now(), in: scope)
        let start = ContinuousClock.now
        application.workforce.announce()
        try await wait(forEvents: count * 2, since: 0, in: scope)
        return Double(count) / (start.duration(to: .now) / .seconds(1))
    }

    private func wholeRate(_ count: Int) async throws -> Double {
        let scope = try await organization("bench-whole")
        let batch = 100
        let batches = count / batch
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for producer in 0..<2 {
                group.addTask {
                    for number in 0..<batches where number % 2 == producer { try await enqueue(batch, .end, in: scope) }
                }
            }
            try await group.waitForAll()
        }
        try await wait(forEvents: batches * batch * 3, since: 0, in: scope)
        return Double(batches * batch) / (start.duration(to: .now) / .seconds(1))
    }

    /// The figures beside each other.
    func results(_ rates: DrainRates, beside yardsticks: Yardsticks) -> [BenchFigure] {
        let same = "pgbench, the same claim and record"
        let least = "pgbench, the least SQL for it"
        let target = BenchFigure.Target("at least 0.40 of it") { $0 >= 0.4 }
        let whole = "enqueue, run, complete"
        let drained = "run, complete (queue filled before)"
        return [
            BenchFigure(QueueBenchPart.drain, whole, rates.whole, "/s", beside: yardsticks.same, same, target: target),
            BenchFigure(
                QueueBenchPart.drain, drained, rates.drained, "/s", beside: yardsticks.same, same, target: target),
            BenchFigure(QueueBenchPart.drain, whole, rates.whole, "/s", beside: yardsticks.least, least),
            BenchFigure(QueueBenchPart.drain, drained, rates.drained, "/s", beside: yardsticks.least, least),
            BenchFigure(
                QueueBenchPart.drain, "the same, for a machine that allows it", rates.drained, "/s",
                target: .init("above 12,000") { $0 > 12_000 }),
        ]
    }
}
