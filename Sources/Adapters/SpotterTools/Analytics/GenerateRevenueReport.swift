import Foundation
public import SpotterDomain

/// What came in and what was given back.
public struct GenerateRevenueReport: Tool {
    /// What revenue is put together by.
    public enum Grouping: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case day, week, month, kind, method
    }

    /// Which days, and how they are put together.
    public struct Arguments: Codable, Sendable {
        let period: ReportPeriod?
        let groupBy: Grouping?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `generate_revenue_report`
    public let name = "generate_revenue_report"
    /// What a model is told.
    public let summary = """
        Report the gym's revenue (income, takings, sales) over a period: gross, refunds and net, in all and by day, \
        week, month, kind (membership, drop_in, …) or payment method. Counts payments that succeeded, on the day the \
        money came; refunds count on the day they were given. Other currencies are listed apart. Use it for "how much \
        did we take"; for recurring revenue use calculate_mrr.
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
        let grouping = arguments.groupBy ?? .month
        let span = try frame.span(
            arguments.period, or: "this month", by: ReportStep(rawValue: grouping.rawValue) ?? .whole)
        let lines = try await analytics.revenue(span, in: context.scope)
        let total = RevenueSum(lines.filter { $0.currency == frame.currency })
        return [
            "summary": .string(
                """
                Revenue \(frame.name(span)): net \(frame.money(total.net)) (gross \
                \(frame.money(total.gross)) from \(counted(total.payments, "payment")), less \
                \(frame.money(total.refunded)) in \(counted(total.refunds, "refund"))).
                """),
            "period": frame.period(span), "total": .object(total.json(frame.currency)),
            "group_by": .string(grouping.rawValue),
            "rows": .array(rows(lines.filter { $0.currency == frame.currency }, span, grouping, frame)),
            "other_currencies": .array(Self.others(lines, than: frame.currency)), "has_more": false,
        ]
    }

    private func rows(
        _ lines: [RevenueLine], _ span: ReportSpan, _ grouping: Grouping, _ frame: ReportFrame
    ) -> [JSONValue] {
        switch grouping {
        case .day, .week, .month:
            let parts = Dictionary(grouping: lines, by: \.part)
            return (0..<span.count).map { part in
                var row = frame.part(span, part)
                for (key, value) in RevenueSum(parts[part] ?? []).json(nil, of: frame.currency) { row[key] = value }
                return .object(row)
            }
        case .kind, .method:
            let groups = Dictionary(grouping: lines) { grouping == .kind ? $0.kind : $0.method }
            let sums = groups.map { (name: $0.key, sum: RevenueSum($0.value)) }
            return sums.sorted { ($1.sum.net, $0.name) < ($0.sum.net, $1.name) }.map { group in
                var row = JSONObject()
                row[grouping.rawValue] = .string(group.name)
                for (key, value) in group.sum.json(nil, of: frame.currency) { row[key] = value }
                return .object(row)
            }
        }
    }

    static func others(_ lines: [RevenueLine], than currency: String) -> [JSONValue] {
        Dictionary(grouping: lines.filter { $0.currency != currency }, by: \.currency)
            .sorted { $0.key < $1.key }.map { .object(RevenueSum($0.value).json($0.key)) }
    }
}

/// What lines of one currency come to.
struct RevenueSum {
    var gross: Decimal = 0
    var payments = 0
    var refunded: Decimal = 0
    var refunds = 0
    var net: Decimal { gross - refunded }

    init(_ lines: [RevenueLine]) {
        for line in lines {
            gross += line.gross
            payments += line.payments
            refunded += line.refunded
            refunds += line.refunds
        }
    }

    /// - Parameter currency: named in the object; nil names none.
    func json(_ currency: String?, of unit: String? = nil) -> JSONObject {
        let written = currency ?? unit ?? ""
        var row = JSONObject()
        row["currency"] = currency.map(JSONValue.string)
        row["gross"] = .string(MinorUnit.text(gross, written))
        row["refunds"] = .string(MinorUnit.text(refunded, written))
        row["net"] = .string(MinorUnit.text(net, written))
        row["payments"] = .count(payments)
        row["refund_count"] = .count(refunds)
        return row
    }
}

extension GenerateRevenueReport.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "period": ReportField.period("this month"),
        "group_by": Field("What the rows are: parts of the period, kinds of payment, or methods. Months if left out."),
    ]
}
