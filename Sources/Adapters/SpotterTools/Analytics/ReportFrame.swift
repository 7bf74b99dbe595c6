import Foundation
import SpotterDomain

/// What every report needs of its call: the gym's day, its currency, and how figures are written.
struct ReportFrame {
    let today: Day
    let timezone: String
    let currency: String
    let now: Date

    /// - Throws: `SpotterError` when this system does not know the organisation's time zone.
    init(_ context: ToolContext) throws {
        timezone = try GymCalendar(context.organization, now: context.now).timezone
        today = Day(context.now, in: TimeZone(identifier: timezone) ?? .gmt)
        currency = context.organization.currency
        now = context.now
    }

    /// The most rows in one answer.
    static let mostRows = 100

    /// The days that were asked for, cut into parts.
    ///
    /// - Throws: `ToolFailure` where it is no period, or has too many parts for one answer.
    func span(_ period: ReportPeriod?, or usual: String, by step: ReportStep = .whole) throws -> ReportSpan {
        let days = try (period ?? ReportPeriod(usual)).days(today: today)
        let edges = step.edges(from: days.lowerBound, through: days.upperBound)
        guard edges.count - 1 <= Self.mostRows else {
            throw ToolFailure(
                """
                \(days.lowerBound) to \(days.upperBound) by \(step.rawValue) has \(edges.count - 1) rows; the most is \
                \(Self.mostRows). Group by month, or ask for a shorter period.
                """)
        }
        return ReportSpan(edges: edges, timezone: timezone, until: now, today: today)
    }

    /// `1234.50`
    func amount(_ amount: Decimal) -> JSONValue { .string(MinorUnit.text(amount, currency)) }
    /// `GBP 1234.50`
    func money(_ amount: Decimal) -> String { "\(currency) \(MinorUnit.text(amount, currency))" }

    /// The days of a report, and in which time zone they are days.
    func period(_ span: ReportSpan) -> JSONValue {
        [
            "from": .string(span.first.description), "to": .string(span.last.description),
            "timezone": .string(timezone), "is_unfinished": .bool(span.isUnfinished),
        ]
    }

    /// `2026-05-01 to 2026-05-31`, and whether that is all of it.
    func name(_ span: ReportSpan) -> String {
        let days = span.days == 1 ? "\(span.first)" : "\(span.first) to \(span.last)"
        return days + (span.isUnfinished ? " (not over)" : "")
    }

    /// The days of one part.
    func part(_ span: ReportSpan, _ part: Int) -> JSONObject {
        var row = JSONObject()
        row["from"] = .string(span.edges[part].description)
        row["to"] = .string(span.edges[part + 1].adding(days: -1).description)
        return row
    }
}

extension JSONValue {
    /// A number of things.
    static func count(_ count: Int) -> JSONValue { .int(Int64(count)) }
    /// A text, or null.
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}

/// `1 member`, `2 members`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// The fields that several reports share.
enum ReportField {
    static func period(_ usual: String) -> Field {
        Field("The period: \(ReportPeriod.accepted). \"\(usual)\" if left out. At most 366 days.")
    }

    static func limit(_ noun: String, _ usual: Int) -> Field {
        Field("The most \(noun) to list; \(usual) if left out.", range: 1...100, example: .int(Int64(usual)))
    }
}
