import Foundation

/// What a wall-clock time is in a zone: one moment, two, or none.
struct ZoneOffsets {
    /// A wall-clock time, placed on the line of real time. All numbers are seconds since 1970.
    enum Place: Equatable {
        case once(Int)
        /// Clocks went back over it: it comes before and after `change`.
        case twice(Int, Int, change: Change)
        /// Clocks were put forward over it.
        case never(Change)
    }

    /// A moment at which a zone's clocks are changed.
    struct Change: Equatable {
        /// The first moment with the new offset.
        let moment: Int
        let before: Int
        let after: Int
        /// What the old clock would have shown at that moment, and what the new one does.
        var oldLocal: Int { moment + before }
        var newLocal: Int { moment + after }
    }

    let zone: TimeZone

    /// Seconds east of Greenwich at a moment.
    func offset(at moment: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment)))
    }

    /// Offsets are less than a day, so the moment lies within a day of the same number read as UTC; and no zone's clocks
    /// are changed twice in two days, so one change at most lies between.
    func place(_ local: Int) -> Place {
        let (low, high) = (local - 93_600, local + 93_600)
        let (before, after) = (offset(at: low), offset(at: high))
        guard before != after else { return .once(local - before) }
        let change = Change(moment: moment(from: low, to: high, before: before), before: before, after: after)
        let (first, second) = (local - before, local - after)
        switch (first < change.moment, second >= change.moment) {
        case (true, true): return .twice(first, second, change: change)
        case (true, false): return .once(first)
        case (false, true): return .once(second)
        case (false, false): return .never(change)
        }
    }

    private func moment(from low: Int, to high: Int, before: Int) -> Int {
        var (low, high) = (low, high)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }
}
