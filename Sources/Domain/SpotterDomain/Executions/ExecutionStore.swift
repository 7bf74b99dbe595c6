public import Foundation

/// Everything that one record of the engine writes, in one transaction: all of it or none.
public struct ExecutionRecord: Sendable {
    /// The execution as it is after the record. Written only if the stored attempt is the same and its state is not
    /// terminal; otherwise nothing is written and `LeaseLost` is thrown.
    public var execution: Execution
    /// Inserted, or replaced by id.
    public var steps: [Step]
    /// Appended to the log, in order.
    public var events: [EventDraft]
    /// The answer of a turn that has ended.
    public var message: Message?
    /// The answer to the request that started the execution, where it had an idempotency key.
    public var receipt: (key: String, response: Receipt.Response)?

    /// A record of the execution alone, unless there is more to write.
    public init(
        execution: Execution, steps: [Step] = [], events: [EventDraft] = [], message: Message? = nil,
        receipt: (key: String, response: Receipt.Response)? = nil
    ) {
        self.execution = execution
        self.steps = steps
        self.events = events
        self.message = message
        self.receipt = receipt
    }
}

/// Another process works on the execution now, or it has ended: what this one did is discarded.
public struct LeaseLost: Error, Sendable {
    /// The error tells no more than that: there is nothing to be done about it.
    public init() {}
}

/// Which executions a list shows.
public struct ExecutionFilter: Sendable, Hashable {
    /// Only those in this state; nil means in any.
    public var state: ExecutionState?
    /// Only those of this agent; nil means of any.
    public var agent: AgentID?
    /// Only those in this conversation; nil means in any.
    public var conversation: ConversationID?

    /// A filter; what is nil lets everything pass.
    public init(state: ExecutionState? = nil, agent: AgentID? = nil, conversation: ConversationID? = nil) {
        self.state = state
        self.agent = agent
        self.conversation = conversation
    }
}

/// Where executions, their journals and their events are kept.
public protocol ExecutionStore: Sendable {
    /// Starts a chat turn in one transaction: the user's message, the running execution with a lease of
    /// `lease`, its events and its receipt. Throws `ReceiptExists` or `notFound`.
    /// - Returns: the places of the events in the log.
    func begin(
        _ execution: Execution, message: Message, events: [EventDraft], receipt: Receipt?, lease: Duration,
        in scope: OrganizationScope
    ) async throws -> [Event]
    /// Writes a record and renews the lease. Throws `LeaseLost`.
    func record(_ record: ExecutionRecord, at now: Date, in scope: OrganizationScope) async throws -> [Event]
    /// Takes over a running execution whose lease has expired: attempt + 1 and a new lease. nil if it is not to be had.
    func takeOver(_ id: ExecutionID, lease: Duration, in scope: OrganizationScope) async throws -> Execution?
    func execution(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Execution
    func journal(of id: ExecutionID, in scope: OrganizationScope) async throws -> Journal
    /// Newest first.
    func list(
        _ filter: ExecutionFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Execution>
}
