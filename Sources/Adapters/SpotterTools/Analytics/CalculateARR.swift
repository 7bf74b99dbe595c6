import Foundation
public import SpotterDomain

/// Annual recurring revenue at a day.
public struct CalculateARR: Tool {
    /// Which day, and what it is compared with.
    public struct Arguments: Codable, Sendable {
        let asOf: String?
        let compareTo: String?
    }

    private let analytics: any AnalyticsStore

    /// A tool over one store of figures.
    public init(analytics: any AnalyticsStore) { self.analytics = analytics }

    /// `calculate_arr`
    public let name = "calculate_arr"
    /// What a model is told.
    public let summary = """
        Calculate ARR (annual recurring revenue) at the end of a day: twelve times MRR, which is a rate and not a \
        forecast. Answers it beside what it was at an earlier day. How it moved is told by calculate_mrr.
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
                ARR is \(frame.money(own.annual)) on \(answer.span.last)\(answer.comparison): twelve times an MRR of \
                \(frame.money(own.end.amount)).
                """),
            "as_of": .string(answer.span.last.description), "currency": .string(frame.currency),
            "arr": frame.amount(own.annual), "mrr": frame.amount(own.end.amount),
            "customers": .count(own.end.customers),
            "compared_to": [
                "as_of": .string(answer.span.first.adding(days: -1).description),
                "arr": frame.amount(own.start.amount * 12), "change_percent": .optional(answer.change),
            ],
            "other_currencies": answer.others("arr", times: 12), "has_more": false,
        ]
    }
}

extension CalculateARR.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields = RecurringAnswer.fields
}
