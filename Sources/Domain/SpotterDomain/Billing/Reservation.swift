public import Foundation

/// What is set aside for a call of a model before it is made: more than it can cost.
///
/// It ends when the call's line is written. What a dead process leaves behind becomes a line itself, because nobody
/// knows whether the call was made: an estimate, and marked as one.
public struct Reservation: Sendable, Hashable {
    /// Which call it is for.
    public let call: LedgerLine.Call
    /// The id of the line that it becomes if nobody hears of the call again.
    public let line: LedgerLineID
    /// The run that it is for.
    public let execution: ExecutionID
    /// The run's attempt: it is left behind when another has begun.
    public let attempt: Int
    /// For which agent; nil if for none.
    public let agentId: AgentID?
    /// In which conversation; nil outside of one.
    public let conversationId: ConversationID?
    /// For which task; nil outside of one.
    public let taskId: WorkItemID?
    /// The workflow that it is for; nil outside of one.
    public let workflow: UUID?
    /// The provider's name.
    public let provider: String
    /// The model as the provider knows it.
    public let model: String
    /// The versions of price and markup; nil for a model without a price.
    public let quote: Quote?
    /// The tokens that the model is given at most.
    public let inputTokens: Int
    /// All of `inputTokens` where the provider may put them into its cache, and that is dearer than to read them; else 0.
    public let cacheWriteTokens: Int
    /// The longest answer that is wanted, in tokens.
    public let outputTokens: Int
    /// The shortest answer that is of any use, in tokens.
    public let leastOutputTokens: Int

    /// What its run may spend at most; nil for anything, or what was said before.
    public let cap: RunCap?

    /// An answer is cut down to what the budgets have room for, but not below this: it would be of no use.
    public static let shortestAnswer = 256

    /// A reservation for a call of an execution that may use that much.
    public init(
        call: LedgerLine.Call, line: LedgerLineID, of execution: Execution, provider: String, model: String,
        quote: Quote?, bound: TokenUsage, cap: RunCap? = nil
    ) {
        self.call = call
        self.line = line
        self.execution = execution.id
        attempt = execution.attempt
        agentId = execution.agentId
        conversationId = execution.conversationId
        taskId = execution.taskId
        workflow = ExecutionOrigin.workflow(of: execution)
        self.provider = provider
        self.model = model
        self.quote = quote
        inputTokens = bound.inputTokens
        cacheWriteTokens = quote?.price.isDearerToCache == true ? bound.inputTokens : 0
        outputTokens = bound.outputTokens
        self.cap = cap
        leastOutputTokens = min(bound.outputTokens, Self.shortestAnswer)
    }

    /// What it comes to with an answer of so many tokens.
    public func cost(answering tokens: Int) -> Cost {
        quote?.cost(of: usage(answering: tokens)) ?? .zero
    }

    /// What is used with an answer of so many tokens.
    public func usage(answering tokens: Int) -> TokenUsage {
        TokenUsage(
            inputTokens: inputTokens, outputTokens: tokens, cacheWriteTokens: cacheWriteTokens, modelCalls: 1)
    }
}

/// What one run may spend, from the limits of its agent: a budget that is made with its first reservation and goes with
/// its end.
public struct RunCap: Sendable, Hashable {
    /// Of the budget, if it is new.
    public let id: BudgetID
    /// How much may be billed; nil for any amount.
    public let limit: Money?
    /// How many tokens may be used; nil for any number.
    public let tokens: Int?

    /// A cap; at least one of `limit` and `tokens` is given.
    public init(id: BudgetID, limit: Money?, tokens: Int?) {
        self.id = id
        self.limit = limit
        self.tokens = tokens
    }

    /// The budget of an execution.
    public func budget(of execution: ExecutionID, at now: Date) -> Budget {
        Budget(
            BudgetOrder(.execution(execution), period: .total, limit: limit, tokens: tokens, source: .run), id: id,
            at: now)
    }
}

/// What the budgets say to a reservation.
public enum ReservationVerdict: Sendable, Hashable {
    /// The call may be made, and its answer may have so many tokens.
    case granted(outputTokens: Int)
    case refused(BudgetRefusal)
}

/// Why a call may not be made.
public struct BudgetRefusal: Sendable, Hashable {
    /// What stands in the way.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// The budget has no room for it.
        case reached
        /// The budget has no room while other calls are under way that may use it up.
        case busy
        /// Nobody knows what the call costs, and the budget is in money.
        case unpriced
    }

    /// What stands in the way.
    public let reason: Reason
    /// The budget that says so.
    public let scope: String
    /// Its period.
    public let period: Budget.Period
    /// Its limit in money.
    public let limit: Money?
    /// Its limit in tokens.
    public let tokens: Int?
    /// What is spent of it.
    public let spent: Money
    /// The tokens that are used of it.
    public let spentTokens: Int

    /// A refusal.
    public init(
        reason: Reason, scope: String, period: Budget.Period, limit: Money?, tokens: Int?, spent: Money,
        spentTokens: Int
    ) {
        self.reason = reason
        self.scope = scope
        self.period = period
        self.limit = limit
        self.tokens = tokens
        self.spent = spent
        self.spentTokens = spentTokens
    }

    /// By that budget.
    public init(_ reason: Reason, by budget: Budget) {
        self.init(
            reason: reason, scope: budget.subject.scope, period: budget.period, limit: budget.limit,
            tokens: budget.tokens, spent: budget.spent, spentTokens: budget.spentTokens)
    }

    /// What the run that wanted the call fails with.
    public func error(model: String) -> ExecutionError {
        switch reason {
        case .reached:
            ExecutionError(
                code: "budget_reached",
                message: "\(name) is used up: \(standing). It lets no further call of \(model) through \(remedy).")
        case .busy:
            ExecutionError(
                code: "budget_busy",
                message: "\(name) has no room while other calls are under way: \(standing). Try again in a moment.",
                isTransient: true, retryAfter: 1)
        case .unpriced:
            ExecutionError(
                code: "model_unpriced",
                message: "\(name) is in money, and the model \(model) has no price. Give it one in "
                    + "templates/pricing.yaml, or choose another model.")
        }
    }

    private var name: String {
        let owner = scope == "organization" ? "the organisation" : "this \(scope)"
        return switch period {
        case .day: "The daily budget of \(owner)"
        case .month: "The monthly budget of \(owner)"
        case .total: "The budget of \(owner)"
        }
    }

    private var standing: String {
        let money = limit.map { "\(spent.amount) of \($0.amount) \($0.currency)" }
        let count = tokens.map { "\(spentTokens) of \($0) tokens" }
        return [money, count].compactMap { $0 }.joined(separator: " and ")
    }

    private var remedy: String {
        switch period {
        case .day: "before tomorrow (UTC), unless somebody raises it"
        case .month: "before next month (UTC), unless somebody raises it"
        case .total: "unless somebody raises it"
        }
    }
}
