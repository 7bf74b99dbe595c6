public import Foundation

extension Schedule {
    /// Most runs that one look starts.
    public static let maximumRuns = 100
    /// Most skipped slots that one look names one by one.
    public static let maximumSkipped = 100
    /// A slot that is seen no later than this after its release is on time, in seconds.
    public static let grace: TimeInterval = 30

    /// What a look at a schedule found.
    public struct Due: Sendable, Hashable {
        /// The slots to run now, in order.
        public var run: [Date] = []
        /// The slots that will never run, in order, the newest 100.
        public var skipped: [Skipped] = []
        /// The first and the last of the older slots that will never run, where there were too many to name.
        public var skippedBefore: ClosedRange<Date>?
        /// What to remember as `next_fire_at`: the next slot, later than everything above; nil when there is none.
        public var nextSlot: Date?
        /// When to look again: the release of `nextSlot`.
        public var nextRelease: Date?
    }

    /// A slot that will never run.
    public struct Skipped: Sendable, Hashable {
        /// When it should have run.
        public let slot: Date
        /// Why it does not.
        public let reason: Reason

        /// Why a slot does not run.
        public enum Reason: String, Sendable, Hashable, Codable, CaseIterable, SchemaDescribed {
            /// It was missed, and the rule says skip.
            case missed
            /// A newer slot runs in its place: the rule says latest.
            case superseded
            /// It was missed by more than the catch-up window.
            case tooLate = "too_late"
            /// More than ``Schedule/maximumRuns`` newer slots wait as well.
            case tooMany = "too_many"
        }
    }

    /// Which slots run now, which never will, and what comes next.
    ///
    /// A slot is due from its release on. It is **on time** if `now` is at most 30 s after the release, and runs; later
    /// it counts as **missed**, and `catch_up` decides, within the window (measured from the release, ends included):
    /// - `skip`: no missed slot runs;
    /// - `latest`: the newest missed slot runs, unless a slot is on time and runs anyway;
    /// - `all`: each missed slot runs, the newest 100 of them.
    ///
    /// The grace is fixed, and a look every few seconds is expected; looking more seldom than every 30 s makes
    /// slots late. If `slot` is no slot of the rule, because the zone's rules have been changed since it was computed,
    /// the slot nearest to it takes its place. That may be one that ran before: a unique slot per schedule keeps it from
    /// running twice.
    ///
    /// The work does not grow with the time that was missed.
    ///
    /// - Parameters:
    ///   - slot: `next_fire_at` as it was remembered.
    ///   - now: the database's time.
    public func due(_ slot: Date, now: Date) -> Due {
        let first = settled(slot)
        guard release(of: first) <= now, let newest = newestReleased(from: first, now: now) else {
            return Due(nextSlot: first, nextRelease: release(of: first))
        }
        var due = Due(nextSlot: nextSlot(after: newest))
        due.nextRelease = due.nextSlot.map(release)
        var slot: Date? = newest
        while let current = slot {
            guard due.run.count < Self.maximumRuns || due.skipped.count < Self.maximumSkipped else { break }
            let verdict = verdict(on: current, now: now, after: due.run.count)
            if verdict != nil, due.skipped.count == Self.maximumSkipped { break }
            if let reason = verdict {
                due.skipped.append(Skipped(slot: current, reason: reason))
            } else {
                due.run.append(current)
            }
            slot = lastSlot(from: first, through: current.addingTimeInterval(-1))
        }
        if let slot { due.skippedBefore = first...slot }
        due.run.reverse()
        due.skipped.reverse()
        return due
    }

    /// Why a due slot does not run; nil: it runs. Asked from the newest slot backwards.
    private func verdict(on slot: Date, now: Date, after runs: Int) -> Skipped.Reason? {
        let lateness = now.timeIntervalSince(release(of: slot))
        guard lateness > Self.grace else { return runs < Self.maximumRuns ? nil : .tooMany }
        switch catchUp {
        case .skip: return .missed
        case .latest where runs > 0: return .superseded
        case .latest, .all:
            guard lateness <= window else { return .tooLate }
            return runs < Self.maximumRuns ? nil : .tooMany
        }
    }

    /// The newest slot whose release has come. Releases keep the slots' order and stay below the next slot, so it is the
    /// last slot there is, or the one before.
    private func newestReleased(from first: Date, now: Date) -> Date? {
        guard let last = lastSlot(from: first, through: now) else { return nil }
        if release(of: last) <= now { return last }
        return lastSlot(from: first, through: last.addingTimeInterval(-1))
    }

    private func settled(_ slot: Date) -> Date {
        let next = nextSlot(after: slot.addingTimeInterval(-1))
        if next == slot { return slot }
        let before = lastSlot(from: slot.addingTimeInterval(-172_800), through: slot)
        switch (before, next) {
        case (let before?, let next?):
            return slot.timeIntervalSince(before) < next.timeIntervalSince(slot) ? before : next
        case (let only?, nil), (nil, let only?): return only
        case (nil, nil): return slot
        }
    }
}
