public import SpotterDomain

/// What stands between the organisations and their providers, and outlives a change of keys: it remembers who fails.
public final class ProviderGuards: Sendable {
    let circuits: CircuitBoard

    /// - Parameters:
    ///   - circuits: when calls of a failing provider are refused at once.
    ///   - now: a monotonic clock.
    public init(
        circuits: CircuitBreaker.Options = CircuitBreaker.Options(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.circuits = CircuitBoard(options: circuits, now: now)
    }

    /// Each provider that is asked over a network, and whether it answers everyone.
    public var health: [(provider: String, isWell: Bool)] {
        let troubled = circuits.troubled
        return [ProviderKind.anthropic, .openai].map { ($0.rawValue, !troubled.contains($0)) }
    }

    /// The provider as the organisation may use it.
    func guarding(
        _ provider: any ModelProvider, _ kind: ProviderKind, in scope: OrganizationScope
    ) -> any ModelProvider {
        GuardedProvider(
            provider: provider, circuits: circuits,
            key: CircuitBoard.Key(kind: kind, organization: scope.organization))
    }
}
