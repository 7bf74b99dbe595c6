import Foundation
public import SpotterDomain

/// Members who came and went, month by month, with the takings.
public struct GenerateMonthlyTurnoverReport: Tool {
    /// Which months.
    public struct Arguments: Codable, Sendable {
        let period: ReportPeriod?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `generate_monthly_turnover_report`
    public let name = "generate_monthly_turnover_report"
    /// What a model is told.
    public let summary = """
        Report turnover month by month: members at the start, who joined, who left, members at the end, the share that \
        left (member turnover), and the month's takings (gross, refunds, net). Use it for growth and for one month in \
        detail; who left and why is told by generate_churn_report.
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
        let span = try frame.span(arguments.period, or: "last 6 months", by: .month)
        let lines = try await analytics.turnover(span, in: context.scope)
        let revenue = try await analytics.revenue(span, in: context.scope)
        let own = Dictionary(grouping: revenue.filter { $0.currency == frame.currency }, by: \.part)
        let whole = TurnoverLine(
            part: 0, start: lines.first?.start ?? 0, joined: lines.reduce(0) { $0 + $1.joined },
            left: lines.reduce(0) { $0 + $1.left })
        return [
            "summary": .string(
                """
                \(frame.name(span)): \(whole.joined) joined and \(whole.left) left, from \(whole.start) to \
                \(counted(whole.end, "member")); net takings \(frame.money(RevenueSum(own.flatMap(\.value)).net)).
                """),
            "period": frame.period(span), "currency": .string(frame.currency),
            "total": .object(Self.json(whole, own.flatMap(\.value), frame)),
            "rows": .array(
                lines.map { line in
                    var row = frame.part(span, line.part)
                    for (key, value) in Self.json(line, own[line.part] ?? [], frame) { row[key] = value }
                    return .object(row)
                }),
            "other_currencies": .array(GenerateRevenueReport.others(revenue, than: frame.currency)),
            "has_more": false,
        ]
    }

    private static func json(_ line: TurnoverLine, _ revenue: [RevenueLine], _ frame: ReportFrame) -> JSONObject {
        let sum = RevenueSum(revenue)
        var row = JSONObject()
        row["members_at_start"] = .count(line.start)
        row["joined"] = .count(line.joined)
        row["left"] = .count(line.left)
        row["members_at_end"] = .count(line.end)
        row["turnover_percent"] = .optional(MinorUnit.percent(Decimal(line.left), of: Decimal(line.start)))
        row["gross"] = frame.amount(sum.gross)
        row["refunds"] = frame.amount(sum.refunded)
        row["net"] = frame.amount(sum.net)
        return row
    }
}

extension GenerateMonthlyTurnoverReport.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = ["period": ReportField.period("last 6 months")]
}
