import Foundation
public import SpotterDomain

/// How active members are.
public struct AnalyzeMemberEngagement: Tool {
    /// Who is listed, and how many.
    public struct Arguments: Codable, Sendable {
        let list: List?
        let limit: Int?
    }

    /// Which members are listed.
    public enum List: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case none, highest, lowest
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `analyze_member_engagement`
    public let name = "analyze_member_engagement"
    /// What a model is told.
    public let summary = """
        Analyse how engaged the members are now, from the visits of the last eight weeks: how many members are in each \
        level (high, medium, low, none), the average score (0–100), and visits of the last 28 days beside the 28 \
        before. Can list the members with the highest or lowest scores. For one member use calculate_engagement_score; \
        for those who may leave use identify_at_risk_members.
        """
    /// Figures.
    public let category = ToolCategory.analytics
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Works the report out.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let frame = try ReportFrame(context)
        let span = ReportSpan.engagement(timezone: frame.timezone, until: frame.now, today: frame.today)
        let lines = try await analytics.engagement(span, in: context.scope)
        let limit = arguments.limit ?? 10
        let list = arguments.list ?? .none
        let listed =
            list == .none
            ? []
            : try await analytics.mostEngaged(
                span, lowestFirst: list == .lowest, limit: limit + 1, in: context.scope)
        let members = lines.reduce(0) { $0 + $1.members }
        let average =
            members == 0
            ? nil : MinorUnit.text(Decimal(lines.reduce(0) { $0 + $1.scores }) / Decimal(members), digits: 1)
        let recent = lines.reduce(0) { $0 + $1.recentVisits }
        let earlier = lines.reduce(0) { $0 + $1.earlierVisits }
        let high = lines.first { $0.level == .high }?.members ?? 0
        return [
            "summary": .string(
                members == 0
                    ? "The gym has no members whose membership lasts."
                    : """
                    \(counted(members, "member")), average engagement \(average ?? "0.0") of 100; \(high) highly engaged, \
                    \(lines.first { $0.level == .none }?.members ?? 0) not seen in eight weeks. \(recent) days with a \
                    visit in the last 28 days, \(earlier) in the 28 before.
                    """),
            "as_of": .string(frame.today.description), "members": .count(members), "average_score": .optional(average),
            "levels": .array(EngagementLevel.allCases.map { level in Self.json(level, lines, members) }),
            "visits_last_28_days": .count(recent), "visits_28_days_before": .count(earlier),
            "visits_change_percent": .optional(MinorUnit.percent(Decimal(recent - earlier), of: Decimal(earlier))),
            "members_seen_last_28_days": .count(lines.reduce(0) { $0 + $1.recentlySeen }),
            "members_seen_28_days_before": .count(lines.reduce(0) { $0 + $1.earlierSeen }),
            "listed": .array(listed.prefix(limit).map { .object($0.engagementRow) }),
            "has_more": .bool(listed.count > limit),
        ]
    }

    private static func json(_ level: EngagementLevel, _ lines: [EngagementLine], _ members: Int) -> JSONValue {
        let count = lines.first { $0.level == level }?.members ?? 0
        return [
            "level": .string(level.rawValue), "members": .count(count),
            "share_percent": .optional(MinorUnit.percent(Decimal(count), of: Decimal(members))),
        ]
    }
}

extension MemberStanding {
    /// How they come, as a model reads it.
    var engagementRow: JSONObject {
        var row = JSONObject()
        row["id"] = .string(id.description)
        row["name"] = .string(name)
        row["score"] = .count(engagement.value)
        row["level"] = .string(engagement.level.rawValue)
        row["visits_last_30_days"] = .count(visits.visits(last: 30))
        row["days_since_last_visit"] = visits.daysSinceVisit.map(JSONValue.count) ?? .null
        return row
    }
}

extension AnalyzeMemberEngagement.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "list": Field("Which members to list by name: highest or lowest scores. None if left out."),
        "limit": ReportField.limit("members", 10),
    ]
}
