import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterProviders

extension AgentBench {
    /// Many conversations at once, of three calls and two tools each: how long they take beside their calls alone, and
    /// what a call takes of the processor.
    func conversations() async throws -> [BenchFigure] {
        try await with(PacedProvider.Pace(latency: options.latency)) { provider in
            let count = options.conversations
            progress("warming up")
            try await talk(in: try await conversations(min(count, 200)))
            let open = try await conversations(count)
            progress("\(count) times three calls alone")
            let alone = try await measured(provider) { try await callAlone(count, provider) }
            progress("\(count) conversations at once")
            let whole = try await measured(provider) { try await talk(in: open) }
            guard whole.calls == 3 * count else {
                throw SpotterError(.internal, "\(count) conversations made \(whole.calls) calls of the model.")
            }
            return [
                BenchFigure(
                    AgentBenchPart.conversations, "\(count) conversations of 3 calls and 2 tools", whole.seconds, "s",
                    beside: alone.seconds, "the calls alone", target: .init("at most 1.5 x") { $0 <= 1.5 }),
                BenchFigure(
                    AgentBenchPart.conversations, "processor time of a call, tools and records included",
                    whole.processorPerCall, "ms", target: .init("below 1 ms") { $0 < 1 }),
                BenchFigure(
                    AgentBenchPart.conversations, "processor time of a call alone", alone.processorPerCall, "ms"),
            ]
        }
    }

    private struct Measurement {
        let seconds: Double
        let calls: Int
        /// In milliseconds, the model's own thread not counted.
        let processorPerCall: Double
    }

    private func measured(_ provider: PacedProvider, _ work: () async throws -> Void) async throws -> Measurement {
        let (calls, ownBefore) = (provider.calls, await provider.processorTime())
        let (processor, start) = (ProcessLimits.processorTime, ContinuousClock.now)
        try await work()
        let seconds = start.duration(to: .now) / .seconds(1)
        let used = ProcessLimits.processorTime - processor
        let own = await provider.processorTime() - ownBefore
        let made = max(1, provider.calls - calls)
        return Measurement(
            seconds: seconds, calls: provider.calls - calls,
            processorPerCall: (used - own) / .milliseconds(1) / Double(made))
    }

    /// As many calls, three of them after another each time, by the client that the product uses.
    private func callAlone(_ count: Int, _ provider: PacedProvider) async throws {
        guard let access = ProviderAccess(.openai, apiKey: nil, baseURL: provider.url) else { return }
        let model = OpenAIProvider(client: application.client, access: access)
        let request = ModelRequest(
            model: "bench", system: "You help the members of a gym.", messages: [.user("When are you open?")],
            timeout: .seconds(120))
        _ = try await atOnce(Array(0..<count), limit: .max) { _ in
            for _ in 0..<3 { _ = try await model.complete(request) { _ in } }
            return true
        }
    }

    /// What a conversation costs while it waits for the last of its three calls.
    func memory() async throws -> [BenchFigure] {
        // So slow that all wait for their last call before the first of them has its answer.
        let slow = max(options.latency, .seconds(8))
        let count = options.conversations
        return try await with(PacedProvider.Pace(latency: slow)) { provider in
            progress("\(count) conversations wait for their model")
            var sizes: [Int] = []
            for level in [count / 2, count] {
                let open = try await conversations(level)
                let before = provider.calls
                let size = try await withThrowingTaskGroup(of: Int?.self) { group in
                    group.addTask {
                        try await talk(in: open)
                        return nil
                    }
                    group.addTask {
                        while provider.calls - before < 3 * level { try await Task.sleep(for: .milliseconds(20)) }
                        return ProcessLimits.residentBytes
                    }
                    defer { group.cancelAll() }
                    guard let size = try await group.next() ?? nil else { return nil as Int? }
                    _ = try await group.next()
                    return size
                }
                guard let size else { throw SpotterError(.internal, "The conversations ended too soon.") }
                sizes.append(size)
            }
            let each = max(0, Double(sizes[1] - sizes[0]) / Double(count - count / 2)) / 1_024
            return [
                BenchFigure(
                    AgentBenchPart.memory, "each of \(count) conversations in its third call", each, "KB",
                    target: .init("below 60 KB") { $0 < 60 })
            ]
        }
    }
}
