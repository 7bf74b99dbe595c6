import Foundation
import SpotterDomain

/// Recurring revenue as `calculate_mrr` and `calculate_arr` answer it.
struct RecurringAnswer {
    /// Which day, and since when.
    let span: ReportSpan
    let own: Movement
    let others: [Movement]
    let frame: ReportFrame

    /// Recurring revenue at the end of `asOf`, beside what it was at the end of `since`.
    ///
    /// - Throws: `ToolFailure` where one of them is no day.
    static func ask(
        _ analytics: any AnalyticsStore, asOf: String?, since: String?, in context: ToolContext
    ) async throws -> RecurringAnswer {
        let frame = try ReportFrame(context)
        let last = try day(asOf, "as_of", frame) ?? frame.today
        let before = try day(since, "compare_to", frame) ?? last.startOfMonth.adding(days: -1)
        guard before < last else {
            throw ToolFailure("compare_to is \(before), which is not before \(last). Give an earlier day.")
        }
        let span = ReportSpan(
            edges: [before.adding(days: 1), last.adding(days: 1)], timezone: frame.timezone, until: frame.now,
            today: frame.today)
        let movements = try await analytics.recurring(span, in: context.scope)
        let own = movements.first { $0.currency == frame.currency } ?? Movement(part: 0, currency: frame.currency)
        return RecurringAnswer(
            span: span, own: own, others: movements.filter { $0.currency != frame.currency }, frame: frame)
    }

    private static func day(_ text: String?, _ name: String, _ frame: ReportFrame) throws -> Day? {
        guard let text else { return nil }
        let word = text.trimmingCharacters(in: .whitespaces).lowercased()
        let known = ["today": frame.today, "yesterday": frame.today.adding(days: -1)][word]
        guard let day = known ?? Day(word) else {
            throw ToolFailure("\(name) \"\(text.prefix(40))\" is not a day. Use YYYY-MM-DD, today or yesterday.")
        }
        guard day <= frame.today, day >= Day(days: 10_957) else {
            throw ToolFailure("\(name) \(day) is out of range: give a day from 2000-01-01 to today, \(frame.today).")
        }
        return day
    }

    /// The movements, in minor units that add up.
    var movements: JSONValue {
        let rounded = own.rounded
        let steps = zip(
            ["new", "reactivation", "expansion", "contraction", "churn"],
            zip([own.new, own.reactivation, own.expansion, own.contraction, own.churn], rounded.steps))
        var object = JSONObject()
        for (name, (step, amount)) in steps {
            object[name] = ["amount": frame.amount(amount), "customers": .count(step.customers)]
        }
        return .object(object)
    }

    /// What other currencies come to.
    func others(_ name: String, times factor: Decimal) -> JSONValue {
        .array(
            others.map { movement in
                var row = JSONObject()
                row["currency"] = .string(movement.currency)
                row[name] = .string(MinorUnit.text(movement.end.amount * factor, movement.currency))
                row["customers"] = .count(movement.end.customers)
                return .object(row)
            })
    }

    /// The change since the day compared with, in percent.
    var change: String? { MinorUnit.percent(own.end.amount - own.start.amount, of: own.start.amount) }

    /// ` (+3.1 % against 2026-10-31)`
    var comparison: String {
        let before = span.first.adding(days: -1)
        guard let change else { return " (nothing on \(before))" }
        return " (\(change.hasPrefix("-") ? "" : "+")\(change) % against \(before))"
    }

    static let fields: [String: Field] = [
        "as_of": Field("At the end of which day: YYYY-MM-DD, today or yesterday. Now if left out.", length: 1...20),
        "compare_to": Field(
            "The earlier day to compare with, YYYY-MM-DD. The last day of the month before as_of if left out.",
            length: 1...20),
    ]
}
