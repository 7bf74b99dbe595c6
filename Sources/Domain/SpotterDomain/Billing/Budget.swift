public import Foundation

/// Marks the ids of budgets.
public enum BudgetKind: IdentifierKind {
    /// Ids begin with `budget_`.
    public static let prefix = "budget"
}

/// The id of a budget, such as `budget_01h…`.
public typealias BudgetID = Identifier<BudgetKind>

/// A cap on what calls of models may cost: in billed money, in tokens, or in both, for a day, a month, or ever.
///
/// It is never passed: before a call, what the call may cost at most is reserved in every budget that it counts for, and
/// a call for which there is no room is not made. Days and months are those of UTC.
public struct Budget: Sendable, Hashable {
    /// Whose calls count.
    public enum Subject: Sendable, Hashable {
        /// All of the organisation.
        case organization
        /// Those of one agent.
        case agent(AgentID)
        /// Those of one task's runs.
        case task(WorkItemID)
        /// Those of one execution, and of what it began.
        case execution(ExecutionID)
    }

    /// For how long what was spent counts.
    public enum Period: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case day, month
        /// For ever.
        case total
    }

    /// Who has set it.
    public enum Source: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Somebody, by a request.
        case api
        /// The organisation's file in `tenants/`.
        case file
        /// The run itself, from the limits of its agent; such a budget goes with the run.
        case run
    }

    /// Never changes.
    public let id: BudgetID
    /// Whose calls count.
    public let subject: Subject
    /// For how long what was spent counts.
    public let period: Period
    /// How much may be billed; nil for any amount.
    public var limit: Money?
    /// How many tokens may be used, input and output together; nil for any number.
    public var tokens: Int?
    /// Who has set it last.
    public var source: Source
    /// When the present period began.
    public var periodStart: Date
    /// What was billed in the present period.
    public var spent: Money
    /// The tokens used in the present period.
    public var spentTokens: Int
    /// What the calls that are under way may cost at most.
    public var reserved: Money
    /// The tokens that the calls that are under way may use at most.
    public var reservedTokens: Int
    /// Whether it was told in this period that most of it is spent.
    public var isWarned: Bool
    /// Whether it was told in this period that it is used up.
    public var isReached: Bool
    /// When it was first set.
    public let createdAt: Date
    /// When it was last set.
    public var updatedAt: Date

    /// A budget; by default one of which nothing is spent yet.
    public init(
        id: BudgetID, subject: Subject, period: Period, limit: Money?, tokens: Int?, source: Source = .api,
        periodStart: Date, spent: Money = Cost.zero.billed, spentTokens: Int = 0, reserved: Money = Cost.zero.billed,
        reservedTokens: Int = 0, isWarned: Bool = false, isReached: Bool = false, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.subject = subject
        self.period = period
        self.limit = limit
        self.tokens = tokens
        self.source = source
        self.periodStart = periodStart
        self.spent = spent
        self.spentTokens = spentTokens
        self.reserved = reserved
        self.reservedTokens = reservedTokens
        self.isWarned = isWarned
        self.isReached = isReached
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

extension Budget.Subject {
    /// The name of the kind of subject in the API.
    public var scope: String {
        switch self {
        case .organization: "organization"
        case .agent: "agent"
        case .task: "task"
        case .execution: "execution"
        }
    }

    /// Whose id it is; that of the organisation itself for all of it.
    public func uuid(in scope: OrganizationScope) -> UUID {
        switch self {
        case .organization: scope.organization.uuid
        case .agent(let id): id.uuid
        case .task(let id): id.uuid
        case .execution(let id): id.uuid
        }
    }

    /// The place in the order in which budgets are looked at and locked: from the whole to the part.
    public var rank: Int {
        switch self {
        case .organization: 0
        case .agent: 1
        case .task: 2
        case .execution: 3
        }
    }

    /// Whether a call of that agent for that task counts.
    ///
    /// - Parameter lineage: the execution that it is made for, and those that began it.
    public func counts(agent: AgentID?, task: WorkItemID?, lineage: [ExecutionID] = []) -> Bool {
        switch self {
        case .organization: true
        case .agent(let id): id == agent
        case .task(let id): id == task
        case .execution(let id): lineage.contains(id)
        }
    }
}

extension Budget.Period {
    /// When the period began in which a moment is.
    public func start(of moment: Date) -> Date {
        let day = CivilDate(days: Int((moment.timeIntervalSince1970 / 86_400).rounded(.down)))
        return switch self {
        case .day: day.midnight
        case .month: CivilDate(year: day.year, month: day.month, day: 1).midnight
        case .total: Date(timeIntervalSince1970: 0)
        }
    }
}

extension CivilDate {
    fileprivate var midnight: Date { Date(timeIntervalSince1970: Double(days) * 86_400) }
}

extension Budget {
    /// From which part of it on somebody is warned: four fifths.
    public static let warningPercent = 80

    /// The same budget at a later moment: when its period is over, nothing is spent of the next one yet.
    public func rolled(to moment: Date) -> Budget {
        let start = period.start(of: moment)
        guard start > periodStart else { return self }
        var next = self
        next.periodStart = start
        next.spent = Cost.zero.billed
        next.spentTokens = 0
        next.isWarned = false
        next.isReached = false
        return next
    }

    /// Whether that much of a hundred parts of it is spent.
    public func isSpent(percent: Int) -> Bool {
        let amount = limit.map { spent.amount * 100 >= $0.amount * Decimal(percent) } ?? false
        let count = tokens.map { Decimal(spentTokens) * 100 >= Decimal($0) * Decimal(percent) } ?? false
        return amount || count
    }

    /// What there is to tell of it that does not change while it is spent, as the data of its events begins.
    public var about: JSONValue {
        var about = JSONObject()
        about["budget_id"] = .string(id.description)
        about["scope"] = .string(subject.scope)
        switch subject {
        case .organization: break
        case .agent(let id): about["agent_id"] = .string(id.description)
        case .task(let id): about["task_id"] = .string(id.description)
        case .execution(let id): about["execution_id"] = .string(id.description)
        }
        about["period"] = .string(period.rawValue)
        if let limit {
            about["limit"] = ["amount": .string("\(limit.amount)"), "currency": .string(limit.currency)]
        }
        if let tokens { about["tokens"] = .int(Int64(tokens)) }
        return .object(about)
    }
}
