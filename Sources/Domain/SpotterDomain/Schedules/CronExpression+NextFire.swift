public import Foundation

/// What becomes of a time of day that a zone's clocks pass over.
public enum DaylightSavingGap: String, Sendable, Hashable, Codable, CaseIterable, SchemaDescribed {
    /// It fires at the first moment after the gap, once, however many of its times lie in the gap.
    case shift
    /// It does not fire for that time.
    case skip
}

extension CronExpression {
    /// The first moment after `date` at which the expression fires on the clocks of `zone`; nil if there is none.
    ///
    /// Where clocks are changed, two sorts of expression behave differently:
    ///
    /// | | the clock goes forward over a time (gap) | the clock shows a time twice (overlap) |
    /// |---|---|---|
    /// | **time of day**: no `*` in seconds, minutes and hours, as `30 2 * * *` | `shift`: at the first moment after the gap, once; `skip`: not at all | at the first of the two |
    /// | **interval**: `*` or `*/n` in one of them, as `*/5 * * * *` (``runsByRealTime``) | nothing: such a time does not come | at both |
    ///
    /// So an interval always keeps its distance in real time where the change is a multiple of it, and a time of day
    /// happens once a day. A shifted time that meets a regular one fires once. The rule holds for changes of any length:
    /// of half an hour (Lord Howe) or a whole day (Samoa, 30 December 2011). OCPS 1.4 (4.3.1) recommends `skip`; the default
    /// is `shift`, because a reminder that comes half an hour late is worth more than none.
    ///
    /// The search covers 400 years, a whole cycle of the calendar, so nil is the truth for the calendar; it also gives up
    /// after 64 times in a row that fell into gaps. It skips whole fields instead of walking minutes.
    ///
    /// - Parameters:
    ///   - date: fires after it, never at it. Outside of the years 1 to 9999 the answer is nil.
    ///   - zone: whose clocks and whose changes count.
    ///   - gap: for times of day in a gap.
    /// - Returns: a whole second, later than `date`.
    public func nextFire(after date: Date, in zone: TimeZone, gap: DaylightSavingGap = .shift) -> Date? {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        // In this order, because what is not a number is in no range.
        guard seconds >= -62_135_596_800, seconds < 253_402_300_800 else { return nil }
        let offsets = ZoneOffsets(zone: zone)
        let moment = Int(seconds)
        let next = runsByRealTime ? nextInterval(after: moment, offsets) : nextTimeOfDay(after: moment, offsets, gap)
        return next.flatMap { $0 < 253_402_300_800 ? Date(timeIntervalSince1970: Double($0)) : nil }
    }

    /// Up to `count` fires after `date`, in order.
    public func fires(
        after date: Date, in zone: TimeZone, gap: DaylightSavingGap = .shift, count: Int
    ) -> [Date] {
        var fires: [Date] = []
        var last = date
        while fires.count < count, let next = nextFire(after: last, in: zone, gap: gap) {
            fires.append(next)
            last = next
        }
        return fires
    }

    private static let attempts = 64

    // A later wall-clock time never has an earlier first moment (a time in a gap having the gap's end as its moment), so
    // the search starts from what the clock shows now and only has to pass over what it has shown before.
    private func nextTimeOfDay(after moment: Int, _ offsets: ZoneOffsets, _ gap: DaylightSavingGap) -> Int? {
        var local = moment + offsets.offset(at: moment) + 1
        for _ in 0..<Self.attempts {
            guard let match = nextMatch(from: local) else { return nil }
            switch offsets.place(match) {
            case .once(let first):
                if first > moment { return first }
                local = match + 1
            case .twice(let first, _, let change):
                if first > moment { return first }
                // The second time around: what is left of the overlap has been before.
                local = change.oldLocal
            case .never(let change):
                if gap == .shift, change.moment > moment { return change.moment }
                local = change.newLocal
            }
        }
        return nil
    }

    private func nextInterval(after moment: Int, _ offsets: ZoneOffsets) -> Int? {
        let shown = moment + offsets.offset(at: moment)
        var local = shown + 1
        if case .twice(let first, _, let change) = offsets.place(shown), first == moment {
            // The first time around an overlap: the rest of it, then all of it again, then what follows.
            if let match = nextMatch(from: local), match < change.oldLocal { return match - change.before }
            if let match = nextMatch(from: change.newLocal), match < change.oldLocal { return match - change.after }
            local = change.oldLocal
        }
        for _ in 0..<Self.attempts {
            guard let match = nextMatch(from: local) else { return nil }
            switch offsets.place(match) {
            case .once(let first) where first > moment: return first
            case .twice(let first, _, _) where first > moment: return first
            case .twice(_, let second, _) where second > moment: return second
            case .never(let change): local = change.newLocal
            default: local = match + 1
            }
        }
        return nil
    }
}
