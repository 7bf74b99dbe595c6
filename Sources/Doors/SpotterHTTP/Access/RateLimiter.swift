import Foundation
import ServiceKit
import SpotterDomain
import Synchronization

/// How a bucket stands, in the words of answers' header fields (draft-ietf-httpapi-ratelimit-headers-10).
struct RateStanding: Sendable {
    /// An item of `RateLimit-Policy`.
    let policy: String
    /// An item of `RateLimit`.
    let state: String
    /// In how many seconds to come again; nil where the request may go on.
    var retryAfter: Int?
    /// Whether many have been refused lately who did not wait.
    var isFlood = false

    /// - Parameters:
    ///   - name: of the policy.
    ///   - quota: what may be used in `window` seconds.
    ///   - unit: what is counted, where it is not requests.
    init(
        _ name: String, quota: Int, window: Int = 60, unit: String? = nil, remaining: Int, reset: Int,
        retryAfter: Int? = nil
    ) {
        policy = "\"\(name)\";q=\(quota);w=\(window)" + (unit.map { ";qu=\"\($0)\"" } ?? "")
        state = "\"\(name)\";r=\(remaining);t=\(reset)"
        self.retryAfter = retryAfter
    }
}

/// Counts requests in buckets that all processes share, in slices that this process has in hand.
///
/// Nothing waits for the database but the first request of an organisation or token that this process sees, and those
/// that come when a bucket is all but empty. What was not used for longest is forgotten when there are too many.
final class RateLimiter: Sendable {
    private struct Key: Hashable {
        let organization: OrganizationID
        let bucket: RateBucket
    }

    /// A bucket and what is under way for it.
    private final class Entry: Sendable {
        struct State: Sendable {
            var bucket: LeasedBucket
            var lease: Task<Void, Never>?
            var waiting = 0
            /// How many were refused lately; each that was let through counts against two of them.
            var refusals = 0
            var cost = CostLimits()
        }

        let key: Key
        let state: Mutex<State>
        let usedAt = Atomic<UInt64>(0)

        init(_ key: Key) {
            self.key = key
            // Until the first lease has told, which the first request waits for.
            state = Mutex(State(bucket: LeasedBucket(quota: RateDefaults.requests(of: .starter))))
        }
    }

    /// So many refusals are given at once, before they are given slowly.
    private static let toleratedRefusals = 20
    private static let mostRefusals = 1_000

    private let store: any RateLimitStore
    private let log: Log
    private let capacity: Int
    private let started = ContinuousClock.now
    private let uses = Atomic<UInt64>(0)
    private let entries = Mutex<[Key: Entry]>([:])

    /// - Parameter capacity: how many buckets are remembered.
    init(store: any RateLimitStore, log: Log, capacity: Int = 20_000) {
        self.store = store
        self.log = log
        self.capacity = max(4, capacity)
    }

    /// How many buckets are remembered now.
    var count: Int { entries.withLock { $0.count } }

    /// Takes a token for a request from one bucket.
    func spend(_ bucket: RateBucket, in scope: OrganizationScope) async -> RateStanding {
        let entry = entry(Key(organization: scope.organization, bucket: bucket))
        // Each time somebody else may have been quicker; the bound is for the case that cannot be.
        for _ in 0..<50 {
            let now = now
            let (verdict, standing) = entry.state.withLock { state in
                let verdict = state.bucket.spend(at: now)
                var retryAfter: Int?
                switch verdict {
                case .allowed: state.refusals = max(0, state.refusals - 2)
                case .refused(let seconds):
                    retryAfter = seconds
                    state.refusals = min(state.refusals + 1, Self.mostRefusals)
                case .mustLease: break
                }
                var standing = Self.standing(of: state.bucket, bucket, at: now, retryAfter)
                standing.isFlood = retryAfter != nil && state.refusals > Self.toleratedRefusals
                return (verdict, standing)
            }
            switch verdict {
            case .allowed(let shouldLease):
                if shouldLease { _ = lease(entry) }
                return standing
            case .refused: return standing
            case .mustLease:
                entry.state.withLock { $0.waiting += 1 }
                await lease(entry).value
                entry.state.withLock { $0.waiting -= 1 }
            }
        }
        let now = now
        return entry.state.withLock { Self.standing(of: $0.bucket, bucket, at: now, 1) }
    }

    /// Gives back what was taken for a request that another bucket has refused.
    func giveBack(_ bucket: RateBucket, in scope: OrganizationScope) {
        let entry = entry(Key(organization: scope.organization, bucket: bucket))
        entry.state.withLock { $0.bucket.giveBack() }
    }

    /// What calls of models may cost; known once the organisation's bucket has been asked.
    func costLimits(in scope: OrganizationScope) -> CostLimits {
        let key = Key(organization: scope.organization, bucket: .organization)
        return entries.withLock { $0[key] }?.state.withLock(\.cost) ?? CostLimits()
    }

    private var now: Double { started.duration(to: .now) / .seconds(1) }

    private static func standing(
        of bucket: LeasedBucket, _ kind: RateBucket, at now: Double, _ retryAfter: Int?
    ) -> RateStanding {
        RateStanding(
            kind.name, quota: bucket.quota, remaining: retryAfter == nil ? bucket.remaining(at: now) : 0,
            reset: bucket.secondsUntilFull(at: now), retryAfter: retryAfter)
    }

    // MARK: Leases

    /// The lease under way, or a new one: everybody waits for the same.
    ///
    /// A task of its own, because whoever asked first may go away while others wait; one for each bucket at most.
    private func lease(_ entry: Entry) -> Task<Void, Never> {
        entry.state.withLock { state in
            if let task = state.lease { return task }
            let balance = state.bucket.beginLease()
            let atLeast = max(1, state.waiting)
            let task = Task { await take(entry, balance: balance, atLeast: atLeast) }
            state.lease = task
            return task
        }
    }

    private func take(_ entry: Entry, balance: Double, atLeast: Int) async {
        let scope = OrganizationScope(entry.key.organization)
        do {
            let lease = try await store.lease(entry.key.bucket, balance: balance, atLeast: atLeast, in: scope)
            let now = now
            entry.state.withLock { state in
                state.bucket.settle(lease, at: now)
                state.cost = lease.cost
                state.lease = nil
            }
        } catch {
            let now = now
            entry.state.withLock { state in
                state.bucket.fail(at: now)
                state.lease = nil
            }
            log.warning(
                "requests are counted by this process alone",
                ["organization": "\(entry.key.organization)", "bucket": entry.key.bucket.name, "error": "\(error)"])
        }
    }

    // MARK: Remembering

    private func entry(_ key: Key) -> Entry {
        let entry = entries.withLock { entries in
            if let known = entries[key] { return known }
            if entries.count >= capacity { Self.forget(&entries, capacity) }
            let entry = Entry(key)
            entries[key] = entry
            return entry
        }
        entry.usedAt.store(uses.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
        return entry
    }

    /// Forgets the quarter that was not used for longest: seldom, so that it costs little for each request.
    private static func forget(_ entries: inout [Key: Entry], _ capacity: Int) {
        let oldest = entries.values.map { ($0.usedAt.load(ordering: .relaxed), $0.key) }.sorted { $0.0 < $1.0 }
        for (_, key) in oldest.prefix(max(1, capacity / 4)) { entries[key] = nil }
    }
}
