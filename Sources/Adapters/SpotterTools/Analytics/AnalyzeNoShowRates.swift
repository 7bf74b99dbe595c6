import Foundation
public import SpotterDomain

/// Who books and does not come.
public struct AnalyzeNoShowRates: Tool {
    /// Which days, how sessions are put together, and how many members are named.
    public struct Arguments: Codable, Sendable {
        let period: ReportPeriod?
        let groupBy: AttendanceGrouping?
        let limit: Int?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `analyze_no_show_rates`
    public let name = "analyze_no_show_rates"
    /// What a model is told.
    public let summary = """
        Analyse no-shows over a period: the no-show rate (no-shows ÷ (attended + no-shows)) in all and by class, \
        weekday, hour or slot, the highest first, and the members who missed most bookings. Bookings that nobody has \
        marked count in neither.
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
        let span = try frame.span(arguments.period, or: "last 30 days")
        let limit = arguments.limit ?? 10
        let lines = try await analytics.attendance(span, in: context.scope)
        let missing = try await analytics.missing(span, limit: limit + 1, in: context.scope)
        let grouping = arguments.groupBy ?? .class
        let groups = lines.grouped(by: grouping).filter { $0.count.attended + $0.count.missed > 0 }.sorted {
            $0.count.missed * ($1.count.attended + $1.count.missed)
                > $1.count.missed * ($0.count.attended + $0.count.missed)
        }
        let total = lines.held
        let rate = total.noShowRate.map { "\($0) %" } ?? "not known"
        return [
            "summary": .string(
                """
                No-show rate in \(frame.name(span)): \(rate), \(total.missed) of \(total.attended + total.missed) marked \
                bookings.\(groups.first.map { " Highest: \($0.key) (\($0.count.noShowRate ?? "0.0") %)." } ?? "")
                """),
            "period": frame.period(span), "no_show_rate_percent": .optional(total.noShowRate),
            "no_shows": .count(total.missed), "attended": .count(total.attended),
            "not_marked": .count(total.unmarked), "group_by": .string(grouping.rawValue),
            "rows": .array(
                groups.prefix(50).map { group in
                    var row = JSONObject()
                    row[grouping.rawValue] = .string(group.key)
                    row["no_shows"] = .count(group.count.missed)
                    row["attended"] = .count(group.count.attended)
                    row["no_show_rate_percent"] = .optional(group.count.noShowRate)
                    return .object(row)
                }),
            "members": .array(
                missing.prefix(limit).map { member in
                    [
                        "id": .string(member.id.description), "name": .string(member.name),
                        "no_shows": .count(member.missed), "attended": .count(member.attended),
                    ]
                }),
            "has_more": .bool(groups.count > 50 || missing.count > limit),
        ]
    }
}

extension AnalyzeNoShowRates.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "period": ReportField.period("last 30 days"),
        "group_by": Field("What the rows are; slot is a weekday and hour. Classes if left out."),
        "limit": ReportField.limit("members", 10),
    ]
}
