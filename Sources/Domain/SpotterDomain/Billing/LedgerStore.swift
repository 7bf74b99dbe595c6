public import Foundation

/// Which lines of the ledger are meant.
public struct LedgerFilter: Sendable, Hashable {
    /// The first moment; nil for as long ago as there are lines.
    public var from: Date?
    /// The first moment that does not belong to it any more; nil for until now.
    public var until: Date?
    /// Only those of this agent; nil means of any.
    public var agent: AgentID?
    /// Only those in this conversation; nil means in any.
    public var conversation: ConversationID?
    /// Only those of this task; nil means of any.
    public var task: WorkItemID?
    /// Only those of this execution; nil means of any.
    public var execution: ExecutionID?
    /// Only those of this workflow; nil means of any.
    public var workflow: UUID?
    /// Only those of this model; nil means of any.
    public var model: String?

    /// A filter; what is nil lets everything pass.
    public init(
        from: Date? = nil, until: Date? = nil, agent: AgentID? = nil, conversation: ConversationID? = nil,
        task: WorkItemID? = nil, execution: ExecutionID? = nil, model: String? = nil,
        workflow: UUID? = nil
    ) {
        self.workflow = workflow
        self.from = from
        self.until = until
        self.agent = agent
        self.conversation = conversation
        self.task = task
        self.execution = execution
        self.model = model
    }

    /// Whether the line passes.
    public func shows(_ line: LedgerLine) -> Bool {
        from.map { line.at >= $0 } ?? true && until.map { line.at < $0 } ?? true
            && agent.map { line.agentId == $0 } ?? true
            && conversation.map { line.conversationId == $0 } ?? true
            && task.map { line.taskId == $0 } ?? true
            && execution.map { line.execution == $0 } ?? true
            && workflow.map { line.workflow == $0 } ?? true
            && model.map { line.model == $0 } ?? true
    }
}

/// Where what calls cost is kept. The lines of calls are written by `ExecutionStore.record`, together with their steps;
/// nothing changes a line or takes one away.
public protocol LedgerStore: Sendable {
    /// Keeps versions of prices and markups, so that every line can be worked out again. Known ones stay as they are.
    func publish(_ prices: [ModelPrice], _ markups: [Markup]) async throws
    /// Every version of a price that was ever published, by provider, model and time.
    func prices() async throws -> [ModelPrice]
    /// Every version of a markup that was ever published, by plan and time.
    func markups() async throws -> [Markup]
    /// Lines in the order of their ids, which is that of their making: at most `limit` from the first behind `after` on.
    func lines(
        _ filter: LedgerFilter, after: LedgerLineID?, limit: Int, in scope: OrganizationScope
    ) async throws -> [LedgerLine]
    /// What lines add up to, in all and put together by something they have in common.
    func usage(
        _ filter: LedgerFilter, by grouping: UsageGrouping?, in scope: OrganizationScope
    ) async throws -> UsageSummary
    /// Closes a month with all before it. One that is closed already is returned as it is.
    ///
    /// Throws `conflict` when the month is not over, or a later one is closed.
    func close(_ month: BillingMonth, at now: Date, in scope: OrganizationScope) async throws -> ClosedMonth
    /// The months that were closed by name, the latest first.
    func closedMonths(in scope: OrganizationScope) async throws -> [ClosedMonth]
    /// Adds a correction. Throws `notFound` when the organisation has no line that it corrects.
    func correct(_ line: LedgerLine, in scope: OrganizationScope) async throws
    /// Adds what a correction comes to, given the line that it corrects and what has corrected that before; nobody else
    /// corrects it meanwhile. It counts for the time of `now`, or from the end of the last closed month on.
    ///
    /// - Parameter id: of the new line.
    /// - Returns: the new line.
    /// - Throws: `notFound` when the organisation has no such line, and what `Correction.line` throws.
    func apply(
        _ correction: Correction, id: LedgerLineID, at now: Date, in scope: OrganizationScope
    ) async throws -> LedgerLine
}
