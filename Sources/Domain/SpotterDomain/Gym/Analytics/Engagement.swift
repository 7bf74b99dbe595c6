/// On which of the last 56 of the gym's days a member was there, today among them, and what became of their bookings.
///
/// A visit is a check-in or a class that was attended. A day counts once, however often somebody came.
public struct VisitPattern: Sendable, Hashable {
    /// Bit 0 is today, bit 1 yesterday, … bit 55 the first day.
    public let seen: UInt64
    /// Classes that they came to.
    public let attended: Int
    /// Classes that they had booked and did not come to.
    public let missed: Int

    /// How many days are looked at: eight weeks.
    public static let days = 56

    /// A pattern; days beyond 56 are left out.
    public init(seen: UInt64, attended: Int, missed: Int) {
        self.seen = seen & (1 << Self.days - 1)
        self.attended = attended
        self.missed = missed
    }

    /// Days with a visit among the `count` that end `ago` days ago.
    public func visits(last count: Int, endingAgo ago: Int = 0) -> Int {
        ((seen >> ago) & ((1 << count) - 1)).nonzeroBitCount
    }

    /// How many days ago the last visit was; nil if there was none in 56 days.
    public var daysSinceVisit: Int? { seen == 0 ? nil : seen.trailingZeroBitCount }

    /// In how many of the eight times seven days, counted back from today, there was a visit.
    public var weeks: Int { (0..<8).count { visits(last: 7, endingAgo: 7 * $0) > 0 } }
}

/// How engaged a member is: 0 to 100. It ranks whom to look at first, and is no judgement.
///
/// Nothing at all in 56 days is 0. Otherwise the sum of four parts, rounded once, half up:
/// - frequency, 0 to 40: days with a visit in the last 30, of twelve; more than twelve count as twelve
/// - recency, 0 to 30: 30 less the days since the last visit
/// - consistency, 0 to 20: of the last eight weeks, those with a visit
/// - reliability, 0 to 10: of the classes that they booked in 56 days, those they came to; 10 where none was marked
///
/// 70 and more is high, 40 to 69 medium, 1 to 39 low.
public struct EngagementScore: Sendable, Hashable {
    /// Sixths of a point, before reliability: whole numbers, so that nothing is rounded on the way.
    private let frequency, recency, consistency: Int
    private let marked, attended: Int
    private let isNothing: Bool

    /// The score of a pattern.
    public init(_ pattern: VisitPattern) {
        isNothing = pattern.seen == 0
        frequency = 20 * min(12, pattern.visits(last: 30))
        recency = 6 * max(0, 30 - (pattern.daysSinceVisit ?? 30))
        consistency = 15 * pattern.weeks
        let bookings = pattern.attended + pattern.missed
        (marked, attended) = bookings == 0 ? (1, 1) : (bookings, pattern.attended)
    }

    /// 0 to 100.
    public var value: Int {
        guard !isNothing else { return 0 }
        let sum = (frequency + recency + consistency) * marked + 60 * attended
        return (2 * sum + 6 * marked) / (12 * marked)
    }

    /// The parts, each for itself in tenths of a point, rounded half up.
    public var parts: [(name: String, tenths: Int, most: Int)] {
        let reliability = isNothing ? 0 : (200 * attended + marked) / (2 * marked)
        return [
            ("frequency", Self.tenths(frequency), 40), ("recency", Self.tenths(recency), 30),
            ("consistency", Self.tenths(consistency), 20), ("reliability", reliability, 10),
        ]
    }

    private static func tenths(_ sixths: Int) -> Int { (20 * sixths + 6) / 12 }

    /// What a score stands for.
    public var level: EngagementLevel { EngagementLevel(score: value) }
}

/// Scores, put together.
public enum EngagementLevel: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case high, medium, low
    /// Not seen in 56 days.
    case none

    /// The level of a score.
    public init(score: Int) {
        self = score >= 70 ? .high : score >= 40 ? .medium : score > 0 ? .low : .none
    }
}

/// The members of one level. Members whose membership is cancelled are in none.
public struct EngagementLine: Sendable, Hashable {
    /// The level.
    public let level: EngagementLevel
    /// How many members.
    public let members: Int
    /// Their scores together.
    public let scores: Int
    /// Days with a visit in the last 28 days, of all together.
    public let recentVisits: Int
    /// Days with a visit in the 28 days before those.
    public let earlierVisits: Int
    /// Members who came in the last 28 days.
    public let recentlySeen: Int
    /// Members who came in the 28 days before those.
    public let earlierSeen: Int

    /// A line.
    public init(
        level: EngagementLevel, members: Int, scores: Int, recentVisits: Int, earlierVisits: Int, recentlySeen: Int,
        earlierSeen: Int
    ) {
        self.level = level
        self.members = members
        self.scores = scores
        self.recentVisits = recentVisits
        self.earlierVisits = earlierVisits
        self.recentlySeen = recentlySeen
        self.earlierSeen = earlierSeen
    }
}

/// One member: how they come, and whether they may leave.
public struct MemberStanding: Sendable, Hashable {
    /// Who.
    public let id: ClientID
    /// First and last name.
    public let name: String
    /// How they came.
    public let visits: VisitPattern
    /// Days since they joined.
    public let memberDays: Int
    /// Whether payments are owed: a subscription past due, or a payment that failed in the last 30 days and has not
    /// been made good by a later one.
    public let owes: Bool
    /// When they were last there, if ever; nil where that was not asked for.
    public let lastVisit: Day?
    /// As the database reckoned it, by the same rules.
    public let rankedBy: Int

    /// A member.
    public init(
        id: ClientID, name: String, visits: VisitPattern, memberDays: Int, owes: Bool, lastVisit: Day?, rankedBy: Int
    ) {
        self.id = id
        self.name = name
        self.visits = visits
        self.memberDays = memberDays
        self.owes = owes
        self.lastVisit = lastVisit
        self.rankedBy = rankedBy
    }

    /// How engaged they are.
    public var engagement: EngagementScore { EngagementScore(visits) }
    /// What speaks for their leaving.
    public var risk: RiskRules { RiskRules(visits: visits, memberDays: memberDays, owes: owes) }
}
