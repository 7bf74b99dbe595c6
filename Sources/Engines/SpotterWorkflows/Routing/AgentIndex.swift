public import SpotterDomain
import Synchronization

/// The agents of organisations by what they offer, as they were lately: the choice of one among ten thousand looks at those
/// that can do it, and reads nothing.
///
/// What it says may be out of date for as long as `lifetime`, and for longer in nothing that counts: whoever is chosen is
/// looked at again, locked, when the place is taken (`RoutingStore.reserve`). Where nobody fits, it looks again before it
/// says so. It keeps at most `capacity` organisations; the one that was not asked for longest goes.
public final class AgentIndex: Sendable {
    /// The agents of one organisation at one time.
    final class Snapshot: Sendable {
        let all: [RoutingCandidate]
        private let byOffer: [String: [Int32]]
        let madeAt: ContinuousClock.Instant

        init(_ all: [RoutingCandidate], at madeAt: ContinuousClock.Instant) {
            self.all = all
            self.madeAt = madeAt
            var byOffer: [String: [Int32]] = [:]
            for (place, candidate) in all.enumerated() {
                for offer in candidate.offers { byOffer[offer, default: []].append(Int32(place)) }
            }
            self.byOffer = byOffer
        }

        /// Those that offer everything, best first, at most `limit`.
        func best(_ limit: Int, required: [String], optional: [String], onlyFree: Bool) -> [RoutingMatch] {
            let rarest = required.map { byOffer[$0] ?? [] }.min { $0.count < $1.count }
            guard let rarest else {
                return RoutingMatch.best(limit, of: all, required: [], optional: optional, onlyFree: onlyFree)
            }
            return RoutingMatch.best(
                limit, of: rarest.lazy.map { self.all[Int($0)] }, required: required, optional: optional,
                onlyFree: onlyFree)
        }

        func isKnown(_ offer: String) -> Bool { byOffer[offer] != nil }
    }

    private struct State {
        var snapshots: [OrganizationID: Snapshot] = [:]
        var usedAt: [OrganizationID: ContinuousClock.Instant] = [:]
    }

    private let store: any RoutingStore
    private let lifetime: Duration
    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter lifetime: for how long a look is good.
    public init(store: any RoutingStore, lifetime: Duration = .seconds(1), capacity: Int = 256) {
        self.store = store
        self.lifetime = lifetime
        self.capacity = capacity
    }

    /// The agents as they are, or were a moment ago.
    func snapshot(isFresh: Bool = false, in scope: OrganizationScope) async throws -> Snapshot {
        let now = ContinuousClock.now
        if !isFresh, let known = known(in: scope, at: now) { return known }
        let made = Snapshot(try await store.candidates(in: scope), at: now)
        state.withLock { state in
            state.snapshots[scope.organization] = made
            state.usedAt[scope.organization] = now
            if state.snapshots.count > capacity, let oldest = state.usedAt.min(by: { $0.value < $1.value })?.key {
                state.snapshots[oldest] = nil
                state.usedAt[oldest] = nil
            }
        }
        return made
    }

    private func known(in scope: OrganizationScope, at now: ContinuousClock.Instant) -> Snapshot? {
        state.withLock { state in
            guard let known = state.snapshots[scope.organization], now - known.madeAt < lifetime else { return nil }
            state.usedAt[scope.organization] = now
            return known
        }
    }

    /// Forgets what it knows of an organisation: its agents have changed.
    public func forget(_ scope: OrganizationScope) {
        state.withLock { state in
            state.snapshots[scope.organization] = nil
            state.usedAt[scope.organization] = nil
        }
    }

    /// The best that is free and offers everything that is required, by a look that may be `lifetime` old; nil where there
    /// is none.
    public func best(
        required: [String], optional: [String], in scope: OrganizationScope
    ) async throws -> RoutingMatch? {
        try await snapshot(in: scope).best(1, required: required, optional: optional, onlyFree: true).first
    }

    /// Those that offer everything that is required, best first, whether they can be called now or not.
    public func matches(
        required: [String], optional: [String], limit: Int, in scope: OrganizationScope
    ) async throws -> [RoutingMatch] {
        try await snapshot(isFresh: true, in: scope)
            .best(limit, required: required, optional: optional, onlyFree: false)
    }
}
