import Foundation
import SpotterDomain

/// What somebody sets a budget to.
struct BudgetSettings: Codable, Sendable, FieldsDescribed {
    var scope: Scope
    var agentId: AgentID?
    var taskId: WorkItemID?
    var executionId: ExecutionID?
    var limit: Money?
    var tokens: Int?
    var period: Budget.Period

    enum Scope: String, Codable, Sendable, CaseIterable, SchemaDescribed {
        case organization, agent, task, execution
    }

    static let fields: [String: Field] = [
        "scope": Field("Whose calls count."), "agent_id": Field("The agent, where `scope` is `agent`."),
        "task_id": Field("The task, where `scope` is `task`."),
        "execution_id": Field(
            "The execution, where `scope` is `execution`: what it begins counts too. Such a budget goes with its end."),
        "limit": Field("How much may be billed; with `tokens` alone any amount."),
        "tokens": Field("How many tokens may be used, input and output together.", range: 0...1_000_000_000_000_000),
        "period": Field("For how long what was spent counts; days and months are those of UTC."),
    ]

    /// - Throws: `SpotterError` at the field that does not fit.
    func order() throws -> BudgetOrder {
        let order = BudgetOrder(try subject(), period: period, limit: limit, tokens: tokens)
        let issues = order.issues
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return order
    }

    private func subject() throws -> Budget.Subject {
        let subjects = [
            ("agent_id", agentId != nil, Scope.agent), ("task_id", taskId != nil, .task),
            ("execution_id", executionId != nil, .execution),
        ]
        for (name, isGiven, owner) in subjects {
            if isGiven, scope != owner {
                throw SpotterError.invalid("/\(name)", "must not be given where scope is \(scope.rawValue)")
            }
            if !isGiven, scope == owner {
                throw SpotterError.invalid("/\(name)", "must be given where scope is \(scope.rawValue)")
            }
        }
        if let agentId { return .agent(agentId) }
        if let executionId { return .execution(executionId) }
        return taskId.map { .task($0) } ?? .organization
    }
}

/// A budget as the API shows it.
struct BudgetResource: Codable, Sendable {
    let id: BudgetID
    let scope: BudgetSettings.Scope
    let agentId: AgentID?
    let taskId: WorkItemID?
    let executionId: ExecutionID?
    let limit: Money?
    let tokens: Int?
    let period: Budget.Period
    let source: Budget.Source
    let periodStart: Date
    let spent: Money
    let spentTokens: Int
    let reserved: Money
    let reservedTokens: Int
    let state: State
    let createdAt: Date
    let updatedAt: Date

    /// How much of it is spent.
    enum State: String, Codable, Sendable, CaseIterable, SchemaDescribed {
        case ok
        /// Four fifths, or more.
        case warning
        /// All; or a call was refused in this period.
        case reached
    }

    init(_ budget: Budget) {
        id = budget.id
        switch budget.subject {
        case .organization: (scope, agentId, taskId, executionId) = (.organization, nil, nil, nil)
        case .agent(let id): (scope, agentId, taskId, executionId) = (.agent, id, nil, nil)
        case .task(let id): (scope, agentId, taskId, executionId) = (.task, nil, id, nil)
        case .execution(let id): (scope, agentId, taskId, executionId) = (.execution, nil, nil, id)
        }
        limit = budget.limit
        tokens = budget.tokens
        period = budget.period
        source = budget.source
        periodStart = budget.periodStart
        spent = budget.spent
        spentTokens = budget.spentTokens
        reserved = budget.reserved
        reservedTokens = budget.reservedTokens
        let isReached = budget.isReached || budget.isSpent(percent: 100)
        state = isReached ? .reached : budget.isSpent(percent: Budget.warningPercent) ? .warning : .ok
        createdAt = budget.createdAt
        updatedAt = budget.updatedAt
    }
}
