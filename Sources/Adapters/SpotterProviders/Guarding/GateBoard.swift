import SpotterDomain
import Synchronization

/// The ways to the providers, one for each key: organisations that share a key share its limits.
final class GateBoard: Sendable {
    private struct Key: Hashable {
        let kind: ProviderKind
        let access: ProviderAccess
    }

    private let options: FairShare.Options
    private let capacity: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void
    private let gates = Mutex<[Key: ProviderGate]>([:])

    init(
        options: FairShare.Options, capacity: Int = 1_000,
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.options = options
        self.capacity = max(1, capacity)
        self.now = now
        self.sleep = sleep
    }

    /// The way to the provider with this key. Those that nobody uses are forgotten when there are too many.
    func gate(_ kind: ProviderKind, _ access: ProviderAccess) -> ProviderGate {
        let key = Key(kind: kind, access: access)
        return gates.withLock { gates in
            if let gate = gates[key] { return gate }
            if gates.count >= capacity { gates = gates.filter { !$0.value.isIdle } }
            let gate = ProviderGate(provider: kind.rawValue, options: options, now: now, sleep: sleep)
            if gates.count < capacity { gates[key] = gate }
            return gate
        }
    }

    /// How many are kept.
    var count: Int { gates.withLock(\.count) }
}
