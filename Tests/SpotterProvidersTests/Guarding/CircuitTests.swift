import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterProviders

/// A catalogue whose provider fails, and then recovers; each organisation has a breaker of its own.
@Suite(.timeLimit(.minutes(5))) struct CircuitTests {
    /// A monotonic clock that moves when it is told to.
    final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 += duration } }
    }

    private let clock = Clock()
    private let ours = OrganizationScope(OrganizationID(UUID()))
    private let theirs = OrganizationScope(OrganizationID(UUID()))

    private func catalog(_ double: ProviderDouble) -> ProviderCatalog {
        var timing = CallTiming()
        timing.maximumRetries = 0
        let guards = ProviderGuards(now: { [clock] in clock.now })
        return ProviderCatalog(client: sharedClient, offline: nil, timing: timing, guards: guards) { kind, _ in
            ProviderAccess(kind, apiKey: "k", baseURL: kind == .anthropic ? double.anthropicURL : double.openAIURL)
        }
    }

    private func failure(_ catalog: ProviderCatalog, _ model: String, _ scope: OrganizationScope) async -> ModelError? {
        do {
            let (provider, name) = try catalog.provider(forModel: model, fallback: nil, in: scope)
            _ = try await provider.complete(.sample(model: name)) { _ in }
            return nil
        } catch {
            return error as? ModelError
        }
    }

    @Test func `after five failures the provider is left alone, by that organisation, until it recovers`() async throws
    {
        let isWell = Mutex(false)
        let double = try ProviderDouble { _ in
            isWell.withLock { $0 } ? .text("ok") : .failure(status: 503, body: "{}")
        }
        defer { double.stop() }
        let catalog = catalog(double)
        for _ in 0..<5 { #expect(await failure(catalog, "claude-x", ours)?.kind == .overloaded) }
        #expect(catalog.guards.health.map(\.isWell) == [false, true])
        let refused = await failure(catalog, "claude-x", ours)
        #expect(refused?.kind == .circuitOpen)
        #expect(refused?.isTransient ?? false)
        #expect(refused?.retryAfter == .seconds(10))
        #expect(double.calls.count == 5)
        // Others, and other providers, are asked all the same.
        #expect(await failure(catalog, "claude-x", theirs)?.kind == .overloaded)
        #expect(await failure(catalog, "gpt-4o", ours)?.kind == .overloaded)
        isWell.withLock { $0 = true }
        clock.advance(by: .seconds(10))
        #expect(await failure(catalog, "claude-x", ours) == nil)
        #expect(await failure(catalog, "claude-x", ours) == nil)
        #expect(catalog.guards.health.map(\.isWell) == [true, true])
    }

    @Test(arguments: [400, 401, 403, 404, 413, 429])
    func `an answer is an answer: what refuses a call does not count as broken`(status: Int) async throws {
        let double = try ProviderDouble { _ in .failure(status: status, body: "{}") }
        defer { double.stop() }
        let catalog = catalog(double)
        for _ in 0..<8 { #expect(await failure(catalog, "claude-x", ours)?.kind != .circuitOpen) }
        #expect(double.calls.count == 8)
        #expect(catalog.guards.circuits.count == 0)
    }

    @Test func `breakers survive a change of keys`() async throws {
        let double = try ProviderDouble { _ in .failure(status: 503, body: "{}") }
        defer { double.stop() }
        let old = catalog(double)
        for _ in 0..<5 { _ = await failure(old, "claude-x", ours) }
        let new = catalog(double).guarded(by: old.guards)
        #expect(await failure(new, "claude-x", ours)?.kind == .circuitOpen)
    }

    @Test func `a call that was given little time says nothing of its provider`() {
        let error = ModelError(.timedOut, provider: "p", message: "")
        let short = ModelRequest.sample(timeout: .seconds(5))
        #expect(GuardedProvider.outcome(of: error, short) == .neither)
        #expect(GuardedProvider.outcome(of: error, .sample(timeout: .seconds(60))) == .failure)
    }

    @Test func `a board keeps no more breakers than it may, and none for those who are well`() {
        let board = CircuitBoard(capacity: 3, now: { [clock] in clock.now })
        for _ in 0..<10 {
            let key = CircuitBoard.Key(kind: .openai, organization: OrganizationID(UUID()))
            guard case .admitted(let ticket) = board.admit(key) else { continue }
            board.receive(.failure, of: ticket, for: key)
            clock.advance(by: .seconds(1))
        }
        #expect(board.count == 3)
        let key = CircuitBoard.Key(kind: .openai, organization: ours.organization)
        for outcome in [CircuitBreaker.Outcome.success, .neither, .failure, .success] {
            guard case .admitted(let ticket) = board.admit(key) else { continue }
            board.receive(outcome, of: ticket, for: key)
        }
        #expect(board.count <= 3)
    }
}
