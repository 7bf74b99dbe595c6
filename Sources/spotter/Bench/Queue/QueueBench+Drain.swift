import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

extension QueueBench {
    /// How many probes a second go through the queue, beside the barest SQL that could do it.
    func drain() async throws -> [QueueBenchResult] {
        let count = scaled(60_000, atLeast: 800)
        let baseline = try await bareRate(count)
        let drained = try await drainRate(count)
        let whole = try await wholeRate(count)
        return [
            QueueBenchResult(
                .drain, "enqueue, run, complete", whole, "/s", beside: baseline, "pgbench, claim and complete",
                target: .init("at least 0.40 of it") { $0 >= 0.4 }),
            QueueBenchResult(
                .drain, "run, complete (queue filled before)", drained, "/s", beside: baseline,
                "pgbench, claim and complete", target: .init("at least 0.40 of it") { $0 >= 0.4 }),
            QueueBenchResult(.drain, "the same, for a machine that allows it", drained, "/s", target: .init("above 12,000") { $0 > 12_000 }),
        ]
    }

    private func bareRate(_ count: Int) async throws -> Double {
        let scope = try await organization("bench-bare")
        // As many connections as the product has, whose last batches may find less than they could take.
        let clients = 4
        let transactions = max(1, count / Dispatcher.batch / clients)
        try await QueueBenchScripts.fillQueue(
            (transactions + 1) * Dispatcher.batch * clients, of: scope.organization, as: administrator)
        try await QueueBenchScripts.analyze(as: administrator)
        progress("pgbench claims and completes \(transactions * clients) batches of \(Dispatcher.batch)")
        let script = QueueBenchScripts.claimAndComplete(Dispatcher.batch, of: scope.organization)
        // Nobody else may take them meanwhile.
        try await stores.queue.setPaused(true, at: application.clock.now(), in: scope)
        let rate = try await yardstick.run(script, clients: clients, transactions: transactions)
        try await QueueBenchScripts.clear(as: administrator)
        return rate * Double(Dispatcher.batch)
    }

    private func drainRate(_ count: Int) async throws -> Double {
        let scope = try await organization("bench-drain")
        try await stores.queue.setPaused(true, at: application.clock.now(), in: scope)
        try await QueueBenchScripts.fillQueue(count, of: scope.organization, as: administrator)
        try await QueueBenchScripts.analyze(as: administrator)
        progress("the workers drain a queue of \(count)")
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
        progress("\(count) go through the queue while two producers fill it")
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
}
