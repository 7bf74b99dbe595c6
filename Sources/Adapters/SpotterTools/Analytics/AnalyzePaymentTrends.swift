import Foundation
public import SpotterDomain

/// How paying goes: what fails, how people pay, and when.
public struct AnalyzePaymentTrends: Tool {
    /// Which days, and how they are cut.
    public struct Arguments: Codable, Sendable {
        let period: ReportPeriod?
        let groupBy: ReportStep?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `analyze_payment_trends`
    public let name = "analyze_payment_trends"
    /// What a model is told.
    public let summary = """
        Analyse payment patterns over a period: how many payments succeeded, failed or are pending in each week or \
        month, the failure rate, why payments failed, and how people pay (card, direct debit, cash). Use it to find \
        waves of failed payments or a shift between methods; for money totals use generate_revenue_report.
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
        let span = try frame.span(arguments.period, or: "last 3 months", by: arguments.groupBy ?? .month)
        let trends = try await analytics.payments(span, in: context.scope)
        let own = trends.lines.filter { $0.currency == frame.currency }
        let reasons = trends.failures.filter { $0.currency == frame.currency }
        let total = PaymentSum(own)
        let parts = Dictionary(grouping: own, by: \.part)
        return [
            "summary": .string(sentence(span, total, reasons, frame)), "period": frame.period(span),
            "total": .object(total.json(frame.currency)),
            "rows": .array(
                (0..<span.count).map { part in
                    var row = frame.part(span, part)
                    for (key, value) in PaymentSum(parts[part] ?? []).json(frame.currency) { row[key] = value }
                    return .object(row)
                }),
            "by_method": .array(groups(own, "method", frame.currency) { $0.method }),
            "failure_reasons": .array(
                reasons.prefix(20).map { line in
                    [
                        "reason": .string(line.reason.isEmpty ? "not recorded" : line.reason),
                        "payments": .count(line.payments), "amount": frame.amount(line.amount),
                    ]
                }),
            "other_currencies": .array(
                groups(trends.lines.filter { $0.currency != frame.currency }, "currency", nil) { $0.currency }),
            "has_more": .bool(reasons.count > 20),
        ]
    }

    private func sentence(
        _ span: ReportSpan, _ total: PaymentSum, _ reasons: [FailureLine], _ frame: ReportFrame
    ) -> String {
        guard total.all > 0 else { return "No payments in \(frame.name(span))." }
        let reason = reasons.first { !$0.reason.isEmpty }.map { " Most often: \($0.reason)." } ?? ""
        return """
            \(counted(total.all, "payment")) in \(frame.name(span)): \(total.succeeded) succeeded with \
            \(frame.money(total.amount)), \(total.failed) failed (\(total.failureRate ?? "0.0") %) with \
            \(frame.money(total.failedAmount)).\(reason)
            """
    }

    private func groups(
        _ lines: [PaymentLine], _ name: String, _ currency: String?, _ key: (PaymentLine) -> String
    ) -> [JSONValue] {
        Dictionary(grouping: lines, by: key).map { (name: $0.key, sum: PaymentSum($0.value)) }
            .sorted { ($1.sum.all, $0.name) < ($0.sum.all, $1.name) }.map { group in
                var row = JSONObject()
                row[name] = .string(group.name)
                for (key, value) in group.sum.json(currency ?? group.name) { row[key] = value }
                return .object(row)
            }
    }
}

/// What tries of one currency come to.
private struct PaymentSum {
    var succeeded = 0
    var failed = 0
    var pending = 0
    var amount: Decimal = 0
    var failedAmount: Decimal = 0
    var all: Int { succeeded + failed + pending }
    /// Failed of those that are decided, in percent.
    var failureRate: String? { MinorUnit.percent(Decimal(failed), of: Decimal(succeeded + failed)) }

    init(_ lines: [PaymentLine]) {
        for line in lines {
            switch line.status {
            case "succeeded":
                succeeded += line.payments
                amount += line.amount
            case "failed":
                failed += line.payments
                failedAmount += line.amount
            default: pending += line.payments
            }
        }
    }

    func json(_ currency: String) -> JSONObject {
        var row = JSONObject()
        row["succeeded"] = .count(succeeded)
        row["succeeded_amount"] = .string(MinorUnit.text(amount, currency))
        row["average_amount"] = succeeded == 0 ? .null : .string(MinorUnit.text(amount / Decimal(succeeded), currency))
        row["failed"] = .count(failed)
        row["failed_amount"] = .string(MinorUnit.text(failedAmount, currency))
        row["failure_rate_percent"] = .optional(failureRate)
        row["pending"] = .count(pending)
        return row
    }
}

extension AnalyzePaymentTrends.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "period": ReportField.period("last 3 months"),
        "group_by": Field("What the period is cut into. Months if left out."),
    ]
}
