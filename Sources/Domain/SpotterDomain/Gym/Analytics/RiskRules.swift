/// What speaks for a member's leaving: 0 to 100, the sum of the points of the reasons that hold, 100 at most.
///
/// Days are the gym's, today the first; `last` and `before` are the last 28 days and the 28 before those.
///
/// | reason | holds when | points |
/// |---|---|---|
/// | long gap | no visit for 28 days, and a member for 28 | 40 |
/// | gap | no visit for 14 days, and a member for 14 | 25 |
/// | falling trend | four visits or more before, and half of them or fewer in the last | 25 |
/// | weak start | joined 14 to 90 days ago, and fewer than four visits in the last | 15 |
/// | missed classes | two or more in 56 days, a quarter or more of those that were marked | 10 |
/// | payment owed | a subscription past due, or a failed payment of the last 30 days not made good | 25 |
///
/// Of the two gaps only the longer counts. 60 and more is a high risk, 35 to 59 a medium one.
public struct RiskRules: Sendable, Hashable {
    /// Why somebody may leave.
    public enum Reason: String, Sendable, CaseIterable {
        case longGap = "long_gap"
        case gap
        case fallingTrend = "falling_trend"
        case weakStart = "weak_start"
        case missedClasses = "missed_classes"
        case paymentOwed = "payment_owed"

        /// What it adds to the risk.
        public var points: Int {
            switch self {
            case .longGap: 40
            case .gap, .fallingTrend, .paymentOwed: 25
            case .weakStart: 15
            case .missedClasses: 10
            }
        }
    }

    /// Those that hold, in the order of the table.
    public let reasons: [Reason]
    /// From here on a member is at risk, unless somebody says otherwise.
    public static let atRisk = 35

    /// Judges one member.
    public init(visits: VisitPattern, memberDays: Int, owes: Bool) {
        let gap = visits.daysSinceVisit ?? VisitPattern.days
        let last = visits.visits(last: 28)
        let before = visits.visits(last: 28, endingAgo: 28)
        var reasons: [Reason] = []
        if gap >= 28, memberDays >= 28 {
            reasons.append(.longGap)
        } else if gap >= 14, memberDays >= 14 {
            reasons.append(.gap)
        }
        if before >= 4, 2 * last <= before { reasons.append(.fallingTrend) }
        if (14...90).contains(memberDays), last < 4 { reasons.append(.weakStart) }
        if visits.missed >= 2, 4 * visits.missed >= visits.attended + visits.missed { reasons.append(.missedClasses) }
        if owes { reasons.append(.paymentOwed) }
        self.reasons = reasons
    }

    /// 0 to 100.
    public var score: Int { min(100, reasons.reduce(0) { $0 + $1.points }) }
    /// `high`, `medium` or `low`.
    public var level: String { score >= 60 ? "high" : score >= 35 ? "medium" : "low" }
}
