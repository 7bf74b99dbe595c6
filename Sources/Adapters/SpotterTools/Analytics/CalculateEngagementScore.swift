import Foundation
public import SpotterDomain

/// How engaged one member is.
public struct CalculateEngagementScore: Tool {
    /// Who.
    public struct Arguments: Codable, Sendable {
        let clientId: ClientID
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `calculate_engagement_score`
    public let name = "calculate_engagement_score"
    /// What a model is told.
    public let summary = """
        Calculate one member's engagement score (0–100) from the visits and class bookings of the last eight weeks, \
        with the parts it is made of: frequency, recency, consistency and reliability. Needs the member's id, which \
        search_clients answers. Use it to see how active somebody is; it is never shown to the member.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Works the score out.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let frame = try ReportFrame(context)
        let span = ReportSpan.engagement(timezone: frame.timezone, until: frame.now, today: frame.today)
        guard let member = try await analytics.standing(of: arguments.clientId, span, in: context.scope) else {
            throw ToolFailure("There is no member \(arguments.clientId). Take ids from search_clients.")
        }
        let score = member.engagement
        var row = member.engagementRow
        row["last_visit"] = .optional(member.lastVisit?.description)
        row["classes_attended"] = .count(member.visits.attended)
        row["classes_missed"] = .count(member.visits.missed)
        row["parts"] = .array(
            score.parts.map { part in
                [
                    "part": .string(part.name), "points": .string("\(part.tenths / 10).\(part.tenths % 10)"),
                    "of": .count(part.most),
                ]
            })
        let seen = member.visits.daysSinceVisit.map { $0 == 0 ? "today" : "\(counted($0, "day")) ago" }
        let sentence = """
            \(member.name) has an engagement score of \(score.value) of 100 (\(score.level.rawValue)): \
            \(counted(member.visits.visits(last: 30), "day")) with a visit in the last 30, last seen \
            \(seen ?? member.lastVisit?.description ?? "never").
            """
        var answer = JSONObject()
        answer["summary"] = .string(sentence)
        answer["as_of"] = .string(frame.today.description)
        for (key, value) in row { answer[key] = value }
        return .object(answer)
    }
}

extension CalculateEngagementScore.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "client_id": Field("The member, by the id that search_clients answered.")
    ]
}
