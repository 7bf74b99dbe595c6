import Foundation
public import SpotterDomain

/// Members who may leave.
public struct IdentifyAtRiskMembers: Tool {
    /// From which risk on, and how many.
    public struct Arguments: Codable, Sendable {
        let minimumRisk: Int?
        let limit: Int?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `identify_at_risk_members`
    public let name = "identify_at_risk_members"
    /// What a model is told.
    public let summary = """
        List the members most likely to leave (churn risk, retention), the highest risk first, each with a risk score \
        (0–100) and the reasons: long gap since the last visit, falling visits, a weak start, missed classes, payments \
        owed. Answers how many there are and names up to the limit. Looks at members whose membership lasts.
        """
    /// Figures.
    public let category = ToolCategory.analytics
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Works the list out.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let frame = try ReportFrame(context)
        let span = ReportSpan.engagement(timezone: frame.timezone, until: frame.now, today: frame.today)
        let least = arguments.minimumRisk ?? RiskRules.atRisk
        let limit = arguments.limit ?? 20
        let found = try await analytics.atRisk(span, least: least, limit: limit, in: context.scope)
        return [
            "summary": .string(
                found.count == 0
                    ? "No member has a risk of \(least) or more."
                    : """
                    \(counted(found.count, "member")) with a risk of \(least) or more\
                    \(found.members.first.map { "; first: \($0.name) (\($0.risk.score))" } ?? "").
                    """),
            "as_of": .string(frame.today.description), "minimum_risk": .count(least), "count": .count(found.count),
            "members": .array(found.members.map { .object(Self.row($0)) }),
            "has_more": .bool(found.count > found.members.count),
        ]
    }

    private static func row(_ member: MemberStanding) -> JSONObject {
        let risk = member.risk
        var row = JSONObject()
        row["id"] = .string(member.id.description)
        row["name"] = .string(member.name)
        row["risk"] = .count(risk.score)
        row["level"] = .string(risk.level)
        row["reasons"] = .array(risk.reasons.map { .string($0.rawValue) })
        row["last_visit"] = .optional(member.lastVisit?.description)
        row["visits_last_28_days"] = .count(member.visits.visits(last: 28))
        row["visits_28_days_before"] = .count(member.visits.visits(last: 28, endingAgo: 28))
        row["engagement_score"] = .count(member.engagement.value)
        row["member_for_days"] = .count(member.memberDays)
        return row
    }
}

extension IdentifyAtRiskMembers.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "minimum_risk": Field(
            "Only members with this risk or more; 35 if left out. 60 and more is high.", range: 1...100, example: 35),
        "limit": ReportField.limit("members", 20),
    ]
}
