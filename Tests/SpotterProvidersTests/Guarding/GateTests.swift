import Foundation
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterProviders

/// The line before a provider's key, with real callers and a clock that is told to move.
@Suite(.timeLimit(.minutes(5))) struct GateTests {
    private let clock = CircuitTests.Clock()
    private let ours = OrganizationID(UUID())
    private let theirs = OrganizationID(UUID())

    /// A gate whose sleepers wake when the clock has been moved; `false` sleeps until cancelled.
    private func gate(_ options: FairShare.Options = FairShare.Options()) -> ProviderGate {
        ProviderGate(provider: "p", options: options, now: { [clock] in clock.now }) { _ in
            await ScriptedModel.untilCancelled()
            throw CancellationError()
        }
    }

    private static func empty(_ reset: Duration) -> RateLimits {
        RateLimits(windows: ["requests": RateLimits.Window(limit: 2, remaining: 0, reset: reset)])
    }

    /// Lets others run until `condition` holds.
    private func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

    @Test func `callers wait for their turn and all of them come to it`() async throws {
        let gate = gate()
        gate.learn(Self.empty(.seconds(10)))
        let order = Recorder<String>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, organization) in [("a1", ours), ("a2", ours), ("b1", theirs)] {
                let before = gate.waiting
                group.addTask {
                    try await gate.pass(organization, patience: .seconds(60)) { waited in
                        order.add(name)
                        #expect(waited >= .seconds(10))
                    }
                }
                await until { gate.waiting > before }
            }
            clock.advance(by: .seconds(10))
            gate.turn()
            try await group.waitForAll()
        }
        #expect(Set(order.values) == ["a1", "a2", "b1"])
        #expect(gate.isIdle)
    }

    @Test func `who gives up leaves the line`() async throws {
        let gate = gate()
        gate.learn(Self.empty(.seconds(10)))
        let task = Task { try await gate.pass(ours, patience: .seconds(60)) { _ in } }
        await until { gate.waiting == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(gate.isIdle)
    }

    @Test func `whose time is over is told so`() async throws {
        // Sleep is over at once, and then so is the caller's time.
        let gate = ProviderGate(provider: "p", options: FairShare.Options(), now: { [clock] in clock.now }) { [clock] in
            clock.advance(by: $0)
        }
        var options = FairShare.Options()
        options.concurrent = 1
        let busy = ProviderGate(provider: "p", options: options, now: { [clock] in clock.now }) { [clock] in
            clock.advance(by: $0)
        }
        try await busy.pass(theirs, patience: .seconds(60)) { _ in
            let error = await #expect(throws: ModelError.self) {
                try await busy.pass(ours, patience: .seconds(5)) { _ in }
            }
            #expect(error?.kind == .rateLimited)
            #expect(error?.isTransient ?? false)
        }
        #expect(busy.isIdle)
        // And where the provider will not take more within that time, nobody is made to wait for it.
        gate.learn(Self.empty(.seconds(3_600)))
        let refused = await #expect(throws: ModelError.self) {
            try await gate.pass(ours, patience: .seconds(5)) { _ in }
        }
        #expect(refused?.retryAfter == .seconds(3_600))
        #expect(gate.isIdle)
    }

    @Test func `what a call throws gives its place back`() async throws {
        struct Stop: Error {}
        let gate = gate()
        await #expect(throws: Stop.self) {
            try await gate.pass(ours, patience: .seconds(1)) { _ in throw Stop() }
        }
        #expect(gate.isIdle)
    }

    @Test func `many callers who give up and come in leave nothing behind`() async throws {
        var options = FairShare.Options()
        options.concurrent = 2
        let gate = gate(options)
        let done = Recorder<Int>()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask { [ours, theirs] in
                    let task = Task {
                        try await gate.pass(number.isMultiple(of: 2) ? ours : theirs, patience: .seconds(60)) { _ in
                            await Task.yield()
                            done.add(number)
                        }
                    }
                    if number.isMultiple(of: 3) { task.cancel() }
                    _ = try? await task.value
                }
            }
        }
        #expect(gate.isIdle)
        #expect(done.values.count >= 40)
    }

    @Test func `the headers of an answer are heeded by all who share the key`() async throws {
        let double = try ProviderDouble { call in
            .failure(
                status: 429,
                headers: [
                    "retry-after": "3600", "x-ratelimit-limit-requests": "2", "x-ratelimit-remaining-requests": "0",
                    "x-ratelimit-reset-requests": "1h",
                ], body: "{}")
        }
        defer { double.stop() }
        var timing = CallTiming()
        timing.maximumRetries = 0
        let catalog = ProviderCatalog(client: sharedClient, offline: nil, timing: timing) { kind, _ in
            ProviderAccess(kind, apiKey: "shared", baseURL: double.openAIURL)
        }
        for organization in [ours, theirs] {
            let scope = OrganizationScope(organization)
            let provider = try catalog.provider(forModel: "gpt-4o", fallback: nil, in: scope).provider
            let error = await #expect(throws: ModelError.self) { try await provider.complete(.sample()) { _ in } }
            #expect(error?.kind == .rateLimited)
            #expect((error?.retryAfter ?? .zero) > .seconds(3_590))
        }
        // The second was not sent: the first's answer speaks for the key.
        #expect(double.calls.count == 1)
        #expect(catalog.guards.gates.count == 1)
    }

    @Test func `ways that nobody uses are forgotten when there are too many`() throws {
        let board = GateBoard(options: FairShare.Options(), capacity: 3, now: { [clock] in clock.now }) { _ in }
        for number in 0..<10 {
            let access = try #require(ProviderAccess(.openai, apiKey: "key-\(number)"))
            #expect(board.gate(.openai, access) === board.gate(.openai, access))
        }
        #expect(board.count <= 3)
    }
}

extension ProviderGate {
    /// Does `work`, which is told how long was waited, when it is the organisation's turn.
    fileprivate func pass(
        _ organization: OrganizationID, patience: Duration, _ work: (Duration) async throws -> Void
    ) async throws {
        let waited = try await enter(organization, patience: patience)
        defer { leave() }
        try await work(waited)
    }
}
