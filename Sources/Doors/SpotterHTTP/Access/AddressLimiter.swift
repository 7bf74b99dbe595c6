import SpotterDomain
import Synchronization

/// Counts what comes from an address before it is known who asks. Each process counts for itself.
///
/// Two buckets for each address: one for requests to what is open to everybody, and a small one for failures: bad tokens,
/// bad signatures, bad links. Who has used up the second hears of no more failures, only that there were too many; what is
/// good is let in all the same, so that nobody suffers for a neighbour behind the same address.
final class AddressLimiter: Sendable {
    /// How many requests a minute an address has.
    struct Quotas: Sendable {
        /// For what is open to everybody.
        var open = 6_000
        /// That fail to say who asks.
        var failures = 120
    }

    private struct Buckets {
        var open: TokenBucket
        var failures: TokenBucket
        var usedAt: UInt64
    }

    private struct State {
        var known: [String: Buckets] = [:]
        var uses: UInt64 = 0
    }

    private let quotas: Quotas
    private let capacity: Int
    private let started = ContinuousClock.now
    private let state = Mutex(State())
    /// When a failure was counted last, in whole seconds.
    private let failedAt = Atomic<Int>(-3_600)

    /// - Parameter capacity: how many addresses are remembered.
    init(_ quotas: Quotas = Quotas(), capacity: Int = 20_000) {
        self.quotas = quotas
        self.capacity = max(4, capacity)
    }

    /// How many addresses are remembered now.
    var count: Int { state.withLock { $0.known.count } }

    private var now: Double { started.duration(to: .now) / .seconds(1) }

    /// Counts a request to what is open to everybody. An empty address, a call within the process, is never refused.
    ///
    /// - Parameter mayRefuse: false for what must always answer, such as a look at the health.
    func open(_ address: String, mayRefuse: Bool = true) -> RateStanding {
        with(address) { buckets, now in
            let isAllowed = buckets.open.spend(at: now) || !mayRefuse || address.isEmpty
            return Self.standing("address", buckets.open, now, isAllowed)
        }
    }

    /// Whether somebody who is not known may still try.
    func mayTry(_ address: String) -> RateStanding {
        with(address) { buckets, now in
            Self.standing(
                "failures", buckets.failures, now, address.isEmpty || buckets.failures.secondsUntilNext(at: now) == 0)
        }
    }

    /// Whether any address has a bucket of failures that is not full: mostly none has, and nobody need be looked up.
    var haveFailedLately: Bool { now - Double(failedAt.load(ordering: .relaxed)) < 61 }

    /// Counts a failure; refused where there were too many already.
    func fail(_ address: String) -> RateStanding {
        failedAt.store(Int(now), ordering: .relaxed)
        return with(address) { buckets, now in
            let isAllowed = buckets.failures.spend(at: now) || address.isEmpty
            return Self.standing("failures", buckets.failures, now, isAllowed)
        }
    }

    private static func standing(_ name: String, _ bucket: TokenBucket, _ now: Double, _ isAllowed: Bool)
        -> RateStanding
    {
        RateStanding(
            name, quota: bucket.quota, remaining: bucket.remaining(at: now), reset: bucket.secondsUntilFull(at: now),
            retryAfter: isAllowed ? nil : max(1, bucket.secondsUntilNext(at: now)))
    }

    private func with(_ address: String, _ body: (inout Buckets, Double) -> RateStanding) -> RateStanding {
        let now = now
        // Calls within the process have no address and share no bucket.
        guard !address.isEmpty else {
            var buckets = fresh(at: now, uses: 0)
            return body(&buckets, now)
        }
        return state.withLock { state in
            state.uses += 1
            var buckets = state.known[address] ?? fresh(at: now, uses: state.uses)
            buckets.usedAt = state.uses
            let result = body(&buckets, now)
            if state.known[address] == nil, state.known.count >= capacity { forget(&state.known) }
            state.known[address] = buckets
            return result
        }
    }

    private func fresh(at now: Double, uses: UInt64) -> Buckets {
        Buckets(
            open: TokenBucket(quota: quotas.open, at: now), failures: TokenBucket(quota: quotas.failures, at: now),
            usedAt: uses)
    }

    private func forget(_ known: inout [String: Buckets]) {
        let oldest = known.map { ($0.value.usedAt, $0.key) }.sorted { $0.0 < $1.0 }
        for (_, key) in oldest.prefix(max(1, capacity / 4)) { known[key] = nil }
    }
}
