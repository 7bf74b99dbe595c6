public import SpotterDomain

/// What stands between the organisations and their providers, and outlives a change of keys: it remembers who fails, and
/// whose turn it is.
public final class ProviderGuards: Sendable {
    let circuits: CircuitBoard
    let gates: GateBoard
    let cache: ResponseCache

    /// - Parameters:
    ///   - circuits: when calls of a failing provider are refused at once.
    ///   - shares: how many calls of one key are under way and in line.
    ///   - now: a monotonic clock.
    ///   - sleep: waits.
    public init(
        circuits: CircuitBreaker.Options = CircuitBreaker.Options(), shares: FairShare.Options = FairShare.Options(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.circuits = CircuitBoard(options: circuits, now: now)
        gates = GateBoard(options: shares, now: now, sleep: sleep)
        cache = ResponseCache(now: now)
    }

    /// Each provider that is asked over a network, and whether it answers everyone.
    public var health: [(provider: String, isWell: Bool)] {
        let troubled = circuits.troubled
        return [ProviderKind.anthropic, .openai].map { ($0.rawValue, !troubled.contains($0)) }
    }

    /// The provider as the organisation may use it; with `cacheLife`, answers are given again for so long.
    func guarding(
        _ provider: any ModelProvider, _ kind: ProviderKind, _ gate: ProviderGate, cacheLife: Duration?,
        in scope: OrganizationScope
    ) -> any ModelProvider {
        let guarded = GuardedProvider(
            provider: provider, gate: gate, circuits: circuits,
            key: CircuitBoard.Key(kind: kind, organization: scope.organization))
        guard let cacheLife, cacheLife > .zero else { return guarded }
        return CachedProvider(
            provider: guarded, cache: cache, kind: kind, organization: scope.organization, life: cacheLife)
    }
}
