import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterProviders

extension QueueBench {
    /// What an execution costs that waits inside a model's call, and one that waits for a person. Goes first: memory
    /// that was used and is free again would hide what these need.
    func memory() async throws -> [BenchFigure] {
        // Two ends of a connection each, and some for everything else.
        let files = ProcessLimits.raiseOpenFiles(to: 21_000)
        let count = min(scaled(10_000, atLeast: 200), (files - 500) / 2)
        let provider = try await LateProvider()
        defer { provider.close() }
        let access = ProviderAccess(.openai, apiKey: nil, baseURL: provider.url)
        application.models.replace(ProviderCatalog(client: application.client, offline: nil) { _, _ in access })
        let scope = try await organization("bench-memory")
        progress("warming up")
        // As many at once as ever are on their way into a wait, so that what passes is not taken for what stays.
        _ = try await held(by: count, .park, in: scope, provider)
        _ = try await held(by: 100, .call, in: scope, provider)
        progress("\(count) executions wait for a person")
        let parked = try await held(by: count, .park, in: scope, provider)
        progress("\(count) executions wait inside a model's call")
        let calling = try await held(by: count, .call, in: scope, provider)
        return [
            BenchFigure(
                QueueBenchPart.memory, "each of \(count) inside a model's call", calling / 1_024, "KB",
                target: .init("below 30 KB") { $0 < 30 }),
            // A look at the whole process is not finer than that.
            BenchFigure(
                QueueBenchPart.memory, "each of \(count) that wait for a person", parked / 1_024, "KB",
                target: .init("0 (below 0.5 KB)") { $0 < 0.5 }),
        ]
    }

    /// By how many bytes the process grows for each that waits, once half of `count` do: these have used up what was
    /// free from before.
    private func held(
        by count: Int, _ behaviour: BenchProbes.Behaviour, in scope: OrganizationScope, _ provider: LateProvider
    ) async throws -> Double {
        let pool = application.workforce.pool
        let waitingBefore = try await stores.queue.statistics(in: scope).waiting
        var sizes: [Int] = []
        for level in [count / 2, count] {
            for start in stride(from: level == count ? count / 2 : 0, to: level, by: 100) {
                try await enqueue(min(100, level - start), behaviour, in: scope)
            }
            try await wait(until: "the wait of \(level)", every: .milliseconds(50)) {
                if behaviour == .call { return provider.waiting >= level }
                let waiting = try await stores.queue.statistics(in: scope).waiting - waitingBefore
                return waiting >= level && pool.running == 0
            }
            sizes.append(ProcessLimits.residentBytes)
        }
        provider.answerAll()
        try await wait(until: "the end of \(count)", every: .milliseconds(50)) { pool.running == 0 }
        return max(0, Double(sizes[1] - sizes[0]) / Double(count - count / 2))
    }
}
