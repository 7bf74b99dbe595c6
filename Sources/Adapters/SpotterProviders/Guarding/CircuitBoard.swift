import SpotterDomain
import Synchronization

/// The circuit breakers of all organisations, one for each provider that an organisation uses. Only those that have
/// something to remember are kept, and never more than a number.
final class CircuitBoard: Sendable {
    struct Key: Hashable {
        let kind: ProviderKind
        let organization: OrganizationID
    }

    private struct Entry {
        var breaker: CircuitBreaker
        var usedAt: ContinuousClock.Instant
    }

    private let options: CircuitBreaker.Options
    private let capacity: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let entries = Mutex<[Key: Entry]>([:])

    init(
        options: CircuitBreaker.Options = CircuitBreaker.Options(), capacity: Int = 10_000,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.options = options
        self.capacity = max(1, capacity)
        self.now = now
    }

    func admit(_ key: Key) -> CircuitBreaker.Admission {
        let now = now()
        return entries.withLock { entries in
            var entry = entries[key] ?? Entry(breaker: CircuitBreaker(options), usedAt: now)
            let admission = entry.breaker.admit(at: now)
            entry.usedAt = now
            if entries[key] != nil { entries[key] = entry }
            return admission
        }
    }

    func receive(_ outcome: CircuitBreaker.Outcome, of ticket: CircuitBreaker.Ticket, for key: Key) {
        let now = now()
        entries.withLock { entries in
            guard entries[key] != nil || outcome == .failure else { return }
            var entry = entries[key] ?? Entry(breaker: CircuitBreaker(options), usedAt: now)
            entry.breaker.receive(outcome, of: ticket, at: now)
            entry.usedAt = now
            guard !entry.breaker.isFresh else {
                entries[key] = nil
                return
            }
            if entries[key] == nil, entries.count >= capacity {
                entries.min { $0.value.usedAt < $1.value.usedAt }.map { entries[$0.key] = nil }
            }
            entries[key] = entry
        }
    }

    /// The providers that at least one organisation cannot use now.
    var troubled: Set<ProviderKind> {
        let now = now()
        return entries.withLock { entries in
            Set(entries.filter { $0.value.breaker.refuses(at: now) }.map(\.key.kind))
        }
    }

    /// How many breakers are kept.
    var count: Int { entries.withLock(\.count) }
}
