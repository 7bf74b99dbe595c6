public import Foundation

/// What came of working a month out again.
public struct StatementReport: Sendable, Hashable {
    /// Which month.
    public let month: BillingMonth
    /// When it was closed; nil while it is open.
    public var closedAt: Date?
    /// How many lines it has.
    public var lines = 0
    /// What they add up to.
    public var cost = Cost.zero
    /// What is wrong, the first hundred of it.
    public private(set) var problems: [String] = []
    /// How much is wrong.
    public private(set) var problemsCount = 0

    /// A report of which nothing is known yet.
    public init(month: BillingMonth) { self.month = month }

    /// Notes something that is wrong.
    public mutating func note(_ problem: String) {
        problemsCount += 1
        if problems.count < 100 { problems.append(problem) }
    }
}
