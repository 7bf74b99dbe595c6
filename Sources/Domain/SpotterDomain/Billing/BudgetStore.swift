public import Foundation

/// What somebody sets a budget to.
public struct BudgetOrder: Sendable, Hashable {
    /// Whose calls count.
    public var subject: Budget.Subject
    /// For how long what was spent counts.
    public var period: Budget.Period
    /// How much may be billed; nil for any amount.
    public var limit: Money?
    /// How many tokens may be used; nil for any number.
    public var tokens: Int?
    /// Who sets it.
    public var source: Budget.Source

    /// An order; at least one of `limit` and `tokens` is given.
    public init(
        _ subject: Budget.Subject, period: Budget.Period, limit: Money? = nil, tokens: Int? = nil,
        source: Budget.Source = .api
    ) {
        self.subject = subject
        self.period = period
        self.limit = limit
        self.tokens = tokens
        self.source = source
    }
}

extension BudgetOrder {
    /// What is wrong with the order, by the fields of the API; empty when all is well.
    public var issues: [FieldIssue] {
        var issues: [FieldIssue] = []
        if limit == nil, tokens == nil {
            issues.append(FieldIssue(pointer: "/limit", message: "must be given, or `tokens`, or both"))
        }
        if case .execution = subject, period != .total {
            issues.append(FieldIssue(pointer: "/period", message: "must be total: an execution has no other"))
        }
        if let limit {
            let currency = Cost.zero.billed.currency
            if limit.currency != currency {
                let message = "must be \(currency), as all costs are"
                issues.append(FieldIssue(pointer: "/limit/currency", message: message))
            }
            if !(limit.amount >= 0 && limit.amount <= 1_000_000_000 && limit.amount.exponent >= -12) {
                let message = "must be 0 to 1000000000 with at most 12 decimals"
                issues.append(FieldIssue(pointer: "/limit/amount", message: message))
            }
        }
        return issues
    }
}

/// Where budgets are kept. What calls reserve and spend is written by `ExecutionStore.record`.
public protocol BudgetStore: Sendable {
    /// Sets the budget of a subject for a period, which there is one of. What the ledger says was spent in the present
    /// period counts from the start. Throws `notFound` for an agent or a task that there is not, and for an execution that there is not or
    /// that has ended.
    ///
    /// - Parameter id: of the budget, if it is new.
    func put(_ order: BudgetOrder, id: BudgetID, at now: Date, in scope: OrganizationScope) async throws -> Budget
    /// All budgets as they are at `now`, from the whole to the part.
    func budgets(at now: Date, in scope: OrganizationScope) async throws -> [Budget]
    /// Takes a budget away. Throws `notFound`.
    func delete(_ id: BudgetID, in scope: OrganizationScope) async throws
    /// Puts calls on the bill of which nobody will hear again, because the attempt that wanted to make them is over, and
    /// takes away the budgets of executions that have ended. At most `limit` of them; returns how many.
    func chargeLost(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int
}

extension Budget {
    /// A new budget as somebody sets it, of which nothing is spent yet.
    public init(_ order: BudgetOrder, id: BudgetID, at now: Date) {
        self.init(
            id: id, subject: order.subject, period: order.period, limit: order.limit, tokens: order.tokens,
            source: order.source, periodStart: order.period.start(of: now), createdAt: now, updatedAt: now)
    }
}

extension BudgetOrder {
    /// What a budget was set by.
    public init(_ budget: Budget) {
        self.init(
            budget.subject, period: budget.period, limit: budget.limit, tokens: budget.tokens, source: budget.source)
    }
}
