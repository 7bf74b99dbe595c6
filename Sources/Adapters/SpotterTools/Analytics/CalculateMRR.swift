import Foundation
public import SpotterDomain

/// Monthly recurring revenue at a day.
public struct CalculateMRR: Tool {
    /// Which day, and what it is compared with.
    public struct Arguments: Codable, Sendable {
        let asOf: String?
        let compareTo: String?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `calculate_mrr`
    public let name = "calculate_mrr"
    /// What a model is told.
    public let summary = """
        Calculate MRR (monthly recurring revenue) at the end of a day: what all active and past due memberships come \
        to in a month, weekly and yearly ones brought to a month; trials, pauses and single payments are not in it. \
        Answers it with the number of paying members and how it moved since an earlier day: new, reactivation, \
        expansion, contraction and churn, which add up.
        """
    /// Figures.
    public let category = ToolCategory.analytics
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Works it out.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let answer = try await RecurringAnswer.ask(
            analytics, asOf: arguments.asOf, since: arguments.compareTo, in: context)
        let (own, frame) = (answer.own, answer.frame)
        return [
            "summary": .string(
                """
                MRR is \(frame.money(own.end.amount)) on \(answer.span.last)\(answer.comparison), from \
                \(counted(own.end.customers, "paying member")).
                """),
            "as_of": .string(answer.span.last.description), "currency": .string(frame.currency),
            "mrr": frame.amount(own.end.amount), "customers": .count(own.end.customers),
            "average_per_customer": own.end.customers == 0
                ? .null : frame.amount(own.end.amount / Decimal(own.end.customers)),
            "compared_to": [
                "as_of": .string(answer.span.first.adding(days: -1).description),
                "mrr": frame.amount(own.start.amount), "customers": .count(own.start.customers),
                "change_percent": .optional(answer.change),
            ],
            "movements": answer.movements, "other_currencies": answer.others("mrr", times: 1), "has_more": false,
        ]
    }
}

extension CalculateMRR.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields = RecurringAnswer.fields
}
