import Foundation
public import SpotterDomain

/// How full classes are.
public struct AnalyzeClassAttendance: Tool {
    /// Which days, and how sessions are put together.
    public struct Arguments: Codable, Sendable {
        let period: ReportPeriod?
        let groupBy: AttendanceGrouping?
        let limit: Int?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `analyze_class_attendance`
    public let name = "analyze_class_attendance"
    /// What a model is told.
    public let summary = """
        Analyse class attendance over a period, by class, weekday, hour or slot (weekday and hour): sessions held, \
        places, how many attended, fill rate (attended ÷ places) and booked rate. Use it to find full and empty \
        classes or the best hours. Only sessions that have begun count; cancelled ones are counted apart.
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
        let lines = try await analytics.attendance(span, in: context.scope)
        let grouping = arguments.groupBy ?? .class
        let groups = lines.grouped(by: grouping)
        let limit = arguments.limit ?? 50
        let total = lines.held
        return [
            "summary": .string(sentence(total, groups, span, frame)), "period": frame.period(span),
            "total": .object(total.json), "cancelled_sessions": .count(lines.cancelledSessions),
            "group_by": .string(grouping.rawValue),
            "rows": .array(
                groups.prefix(limit).map { group in
                    var row = JSONObject()
                    row[grouping.rawValue] = .string(group.key)
                    for (key, value) in group.count.json { row[key] = value }
                    return .object(row)
                }),
            "has_more": .bool(groups.count > limit),
        ]
    }

    private func sentence(
        _ total: AttendanceCount, _ groups: [(key: String, count: AttendanceCount)], _ span: ReportSpan,
        _ frame: ReportFrame
    ) -> String {
        guard total.sessions > 0 else { return "No sessions were held in \(frame.name(span))." }
        let full = groups.filter { $0.count.places > 0 }.max {
            $0.count.attended * $1.count.places < $1.count.attended * $0.count.places
        }
        let best = full.map { " Fullest: \($0.key) (\($0.count.fillRate ?? "0.0") %)." } ?? ""
        return """
            \(counted(total.sessions, "session")) in \(frame.name(span)): \(total.attended) came to \(total.places) \
            places, a fill rate of \(total.fillRate ?? "0.0") %.\(best)
            """
    }
}

extension AttendanceCount {
    /// As a model reads it.
    var json: JSONObject {
        var row = JSONObject()
        row["sessions"] = .count(sessions)
        row["places"] = .count(places)
        row["attended"] = .count(attended)
        row["no_shows"] = .count(missed)
        row["not_marked"] = .count(unmarked)
        row["cancelled_bookings"] = .count(cancelled)
        row["fill_rate_percent"] = .optional(fillRate)
        row["booked_rate_percent"] = .optional(bookedRate)
        row["no_show_rate_percent"] = .optional(noShowRate)
        return row
    }
}

extension AnalyzeClassAttendance.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "period": ReportField.period("last 30 days"),
        "group_by": Field("What the rows are; slot is a weekday and hour. Classes if left out."),
        "limit": ReportField.limit("rows", 50),
    ]
}
