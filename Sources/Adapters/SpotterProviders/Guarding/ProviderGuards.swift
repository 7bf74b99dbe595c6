public import SpotterDomain

/// What stands between the organisations and their providers, and outlives a change of keys: it remembers who fails, and
/// whose turn it is.
public final class ProviderGuards: Sendable {
    let circuits: CircuitBoard
    let gates: GateBoard

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
    }

    /// Each provider that is asked over a network, and whether it answers everyone.
    public var health: [(provider: String, isWell: Bool)] {
        let troubled = circuits.troubled
        return [ProviderKind.anthropic, .openai].map { ($0.rawValue, !troubled.contains($0)) }
    }

    /// The provider as the organisation may use it.
    func guarding(
        _ provider: any ModelProvider, _ kind: ProviderKind, _ gate: ProviderGate, in scope: OrganizationScope
    ) -> any ModelProvider {
        GuardedProvider(
            provider: provider, gate: gate, circuits: circuits,
            key: CircuitBoard.Key(kind: kind, organization: scope.organization))
    }
}
