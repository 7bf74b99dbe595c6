public import SpotterDomain
import Synchronization

/// The agents of organisations by what they offer, as they were lately: the choice of one among ten thousand looks at those
/// that can do it, and reads nothing.
///
/// What it says may be out of date for as long as `lifetime`, and for longer in nothing that counts: whoever is chosen is
/// looked at again, locked, when the place is taken (`RoutingStore.reserve`). Where nobody fits, it looks again before it
/// says so. It keeps at most `capacity` organisations; the one that was not asked for longest goes.
public final class AgentIndex: Sendable {
    /// The agents of one organisation at one time, by id.
    final class Snapshot: Sendable {
        let all: [RoutingCandidate]
        private let standings: [AgentScore.Standing]
        private let ranks: [Int]
        private let isFree: [Bool]
        private let byOffer: [String: [Int32]]
        let madeAt: ContinuousClock.Instant

        init(_ candidates: [RoutingCandidate], at madeAt: ContinuousClock.Instant) {
            let all = candidates.sorted { $0.id < $1.id }
            self.all = all
            self.madeAt = madeAt
            standings = all.map(AgentScore.Standing.init)
            ranks = all.map(\.priority.rank)
            isFree = all.map { $0.hindrance == nil }
            var byOffer: [String: [Int32]] = [:]
            for (place, candidate) in all.enumerated() {
                for offer in candidate.offers { byOffer[offer, default: []].append(Int32(place)) }
            }
            self.byOffer = byOffer
        }

        /// Those that offer everything, best first, at most `limit`: as `RoutingMatch.best`, without looking names up for
        /// each of them.
        func best(_ limit: Int, required: [String], optional: [String], onlyFree: Bool) -> [RoutingMatch] {
            let needed = Set(required).map { byOffer[$0] ?? [] }.sorted { $0.count < $1.count }
            let places = needed.first ?? Array(Int32(0)..<Int32(all.count))
            let hadRequired = counts(needed.dropFirst())
            let hadOptional = counts(optional.map { byOffer[$0] ?? [] }[...])
            var best: [(score: AgentScore, place: Int)] = []
            for place in places.lazy.map(Int.init) where !onlyFree || isFree[place] {
                if !hadRequired.isEmpty, hadRequired[place] < needed.count - 1 { continue }
                let score = AgentScore(
                    standings[place], required: required.count,
                    optionalHad: hadOptional.isEmpty ? 0 : Int(hadOptional[place]), optionalWanted: optional.count)
                if best.count == limit, let last = best.last, !isBetter(score, place, last) { continue }
                let position = best.firstIndex { isBetter(score, place, $0) } ?? best.endIndex
                best.insert((score, place), at: position)
                if best.count > limit { best.removeLast() }
            }
            return best.map { RoutingMatch(candidate: all[$0.place], score: $0.score) }
        }

        /// As `RoutingMatch.isBetter`: places are in the order of ids.
        private func isBetter(_ score: AgentScore, _ place: Int, _ other: (score: AgentScore, place: Int)) -> Bool {
            if score.total != other.score.total { return score.total > other.score.total }
            return (ranks[place], place) < (ranks[other.place], other.place)
        }

        /// How many of the lists each place is in; empty for no lists.
        private func counts(_ lists: ArraySlice<[Int32]>) -> [UInt8] {
            guard !lists.isEmpty else { return [] }
            var counts = [UInt8](repeating: 0, count: all.count)
            for list in lists { for place in list { counts[Int(place)] &+= 1 } }
            return counts
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

    /// The best of those that are free: the choice alone, without taking the place.
    public func best(
        required: [String], optional: [String], in scope: OrganizationScope
    ) async throws -> RoutingMatch? {
        try await snapshot(in: scope).best(CallRouter.tried, required: required, optional: optional, onlyFree: true)
            .first
    }

    /// Those that offer everything that is required, best first, whether they can be called now or not.
    public func matches(
        required: [String], optional: [String], limit: Int, in scope: OrganizationScope
    ) async throws -> [RoutingMatch] {
        try await snapshot(isFresh: true, in: scope)
            .best(limit, required: required, optional: optional, onlyFree: false)
    }
}
