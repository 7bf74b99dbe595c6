public import Foundation

/// A period of a gym's days, cut into parts.
///
/// Days are the gym's: each begins at its first moment in the gym's time zone, and so may have 23 or 25 hours. A part
/// goes from the first moment of one edge to the first moment of the next, which is no longer in it. What is later than
/// `until` counts in no part, so that a period may reach into the future.
public struct ReportSpan: Sendable, Hashable {
    /// The first day of each part, and the day after the last. Two or more, rising.
    public let edges: [Day]
    /// An IANA name.
    public let timezone: String
    /// Now, for whoever asks.
    public let until: Date
    /// The day that it is now.
    public let today: Day

    /// A period. Edges that do not rise are left out; with fewer than two, the first day alone is meant.
    public init(edges: [Day], timezone: String, until: Date, today: Day) {
        var rising: [Day] = []
        for edge in edges where rising.last.map({ $0 < edge }) ?? true { rising.append(edge) }
        if rising.isEmpty { rising = [today] }
        if rising.count == 1 { rising.append(rising[0].adding(days: 1)) }
        self.edges = rising
        self.timezone = timezone
        self.until = until
        self.today = today
    }

    /// The first day.
    public var first: Day { edges[0] }
    /// The last day.
    public var last: Day { edges[edges.count - 1].adding(days: -1) }
    /// How many parts there are.
    public var count: Int { edges.count - 1 }
    /// How many days.
    public var days: Int { edges[edges.count - 1].days - first.days }
    /// Whether the last day is not over.
    public var isUnfinished: Bool { last >= today }

    /// The same days in one part.
    public var whole: ReportSpan {
        ReportSpan(edges: [edges[0], edges[edges.count - 1]], timezone: timezone, until: until, today: today)
    }

    /// The same days, cut another way.
    public func cut(by step: ReportStep) -> ReportSpan {
        ReportSpan(
            edges: step.edges(from: first, through: last), timezone: timezone, until: until, today: today)
    }

    /// As many days, just before.
    public var previous: ReportSpan {
        ReportSpan(edges: [first.adding(days: -days), first], timezone: timezone, until: until, today: today)
    }

    /// The last 56 days, today among them, each for itself: what engagement is told from.
    public static func engagement(timezone: String, until: Date, today: Day) -> ReportSpan {
        let edges = (0...VisitPattern.days).map { today.adding(days: $0 - VisitPattern.days + 1) }
        return ReportSpan(edges: edges, timezone: timezone, until: until, today: today)
    }
}

/// What a period is cut into.
public enum ReportStep: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case day
    /// Beginning on Monday.
    case week
    case month
    /// Not at all.
    case whole

    /// The first day of each part and the day after the last. The first and the last part may be shorter than others.
    public func edges(from first: Day, through last: Day) -> [Day] {
        let end = max(last, first).adding(days: 1)
        var edges = [first]
        var next = following(first)
        while next < end {
            edges.append(next)
            next = following(next)
        }
        return edges + [end]
    }

    /// Where the part ends that `day` is in.
    private func following(_ day: Day) -> Day {
        switch self {
        case .day: day.adding(days: 1)
        case .week: day.adding(days: 8 - day.isoWeekday)
        case .month: day.startOfMonth.adding(months: 1)
        case .whole: day.adding(days: 1_000_000)
        }
    }
}

extension Day {
    /// The day so many days later.
    public func adding(days: Int) -> Day { Day(days: self.days + days) }

    /// The first day of the month.
    public var startOfMonth: Day { adding(days: 1 - day) }

    /// The same day so many months later, or the last of that month.
    public func adding(months: Int) -> Day {
        let (years, month) = (year * 12 + self.month - 1 + months).quotientAndRemainder(flooringBy: 12)
        let length = CivilDate.daysIn(month: month + 1, year: years)
        return Day(days: CivilDate(year: years, month: month + 1, day: min(day, length)).days)
    }

    /// 1 is Monday, 7 is Sunday.
    public var isoWeekday: Int {
        let weekday = CivilDate.weekday(ofDays: days)
        return weekday == 0 ? 7 : weekday
    }
}
