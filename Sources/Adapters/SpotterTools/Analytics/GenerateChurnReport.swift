import Foundation
public import SpotterDomain

/// Who was lost, and what that costs.
public struct GenerateChurnReport: Tool {
    /// Which days, how they are cut, and how many are named.
    public struct Arguments: Codable, Sendable {
        let period: ReportPeriod?
        let groupBy: ReportStep?
        let limit: Int?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `generate_churn_report`
    public let name = "generate_churn_report"
    /// What a model is told.
    public let summary = """
        Report churn (cancellations, members lost, retention) over a period: paying members and recurring revenue at \
        the start, how many were lost, customer and revenue churn in percent, net revenue retention, and who left from \
        which plan, why, and whether payments were owed (involuntary) or not. Optionally by month or week.
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
        let step = arguments.groupBy ?? .whole
        guard step != .day else {
            throw ToolFailure("group_by day is too fine for churn. Use week, month or whole.")
        }
        let span = try frame.span(arguments.period, or: "last 3 months", by: step)
        let limit = arguments.limit ?? 20
        let report = try await analytics.churn(span, currency: frame.currency, limit: limit + 1, in: context.scope)
        let whole = report.whole
        return [
            "summary": .string(sentence(report, span, frame)), "period": frame.period(span),
            "currency": .string(frame.currency), "total": .object(Self.json(whole, frame)),
            "rows": .array(
                report.parts.map { movement in
                    var row = frame.part(span, movement.part)
                    for (key, value) in Self.json(movement, frame) { row[key] = value }
                    return .object(row)
                }),
            "lost_by": .array(report.groups.prefix(50).map { .object(Self.json($0, frame)) }),
            "lost_members": .array(
                report.members.prefix(limit).map { member in
                    var row = JSONObject()
                    row["id"] = .string(member.id.description)
                    row["name"] = .string(member.name)
                    row["left_on"] = .optional(member.leftOn?.description)
                    for (key, value) in Self.json(member.group, frame) where key != "customers" { row[key] = value }
                    return .object(row)
                }),
            "has_more": .bool(report.members.count > limit || report.groups.count > 50),
        ]
    }

    private func sentence(_ report: ChurnReport, _ span: ReportSpan, _ frame: ReportFrame) -> String {
        let whole = report.whole
        guard whole.start.customers > 0 else {
            return "Nobody was paying when \(frame.name(span)) began, so there is no churn to tell."
        }
        let owed = report.groups.reduce(0) { $0 + ($1.isInvoluntary ? $1.lost.customers : 0) }
        return """
            \(counted(whole.churn.customers, "paying member")) of \(whole.start.customers) lost in \(frame.name(span)) \
            (\(MinorUnit.percent(Decimal(whole.churn.customers), of: Decimal(whole.start.customers)) ?? "0.0") %), \
            with \(frame.money(-whole.churn.amount)) a month; \(owed) of them owed payments.
            """
    }

    private static func json(_ movement: Movement, _ frame: ReportFrame) -> JSONObject {
        let start = movement.start
        let kept = start.amount + movement.expansion.amount + movement.contraction.amount + movement.churn.amount
        var row = JSONObject()
        row["customers_at_start"] = .count(start.customers)
        row["customers_lost"] = .count(movement.churn.customers)
        row["customers_gained"] = .count(movement.new.customers + movement.reactivation.customers)
        row["customers_at_end"] = .count(movement.end.customers)
        row["customer_churn_percent"] = .optional(
            MinorUnit.percent(Decimal(movement.churn.customers), of: Decimal(start.customers)))
        row["mrr_at_start"] = frame.amount(start.amount)
        row["mrr_lost"] = frame.amount(-movement.churn.amount)
        row["mrr_contraction"] = frame.amount(-movement.contraction.amount)
        row["mrr_at_end"] = frame.amount(movement.end.amount)
        row["revenue_churn_percent"] = .optional(
            MinorUnit.percent(-(movement.churn.amount + movement.contraction.amount), of: start.amount))
        row["net_revenue_retention_percent"] = .optional(MinorUnit.percent(kept, of: start.amount))
        return row
    }

    private static func json(_ group: LostGroup, _ frame: ReportFrame) -> JSONObject {
        var row = JSONObject()
        row["plan"] = .string(group.plan.isEmpty ? "not recorded" : group.plan)
        row["reason"] = .string(group.reason.isEmpty ? "not recorded" : group.reason)
        row["is_involuntary"] = .bool(group.isInvoluntary)
        row["customers"] = .count(group.lost.customers)
        row["mrr"] = frame.amount(group.lost.amount)
        return row
    }
}

extension GenerateChurnReport.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "period": ReportField.period("last 3 months"),
        "group_by": Field("What the period is cut into: week, month or whole. Whole, that is not at all, if left out."),
        "limit": ReportField.limit("lost members", 20),
    ]
}
