public import Foundation

/// Everything that one record of the engine writes, in one transaction: all of it or none.
public struct ExecutionRecord: Sendable {
    /// The execution as it is after the record. Written only if the stored attempt is the same and it still runs;
    /// otherwise nothing is written and `LeaseLost` is thrown. In state `running` it stays with its worker, in any
    /// other it is let go of: `queued` makes it ready, or ready at `wakeAt`; `waiting` until `wakeAt` or a signal,
    /// and not at all if there were more signals than `execution.signals`: it is then ready at once. `paused` holds only
    /// while a pause is what is asked of it: when that was taken back, or is a cancellation now, it is ready at once.
    public var execution: Execution
    /// Inserted, or replaced by id.
    public var steps: [Step]
    /// New executions that its steps wait for.
    public var children: [Execution]
    /// Appended to the log, in order.
    public var events: [EventDraft]
    /// The answer of a turn that has ended. One that it `replaces` is not read any more.
    public var message: Message?
    /// What sessions come to: kept for their later calls, unless their conversation is gone.
    public var blocks: [MemoryBlock] = []
    /// What its calls of models cost. A call that has a line already gets no other.
    public var ledger: [LedgerLine]
    /// What is set aside for calls that are about to be made, as far as the budgets have room.
    public var reservations: [Reservation]
    /// Calls that will not be made after all.
    public var releases: [LedgerLine.Call]
    /// Whether the budget that the run has made for itself goes: it has ended.
    public var dropsCap: Bool
    /// Whether there is nothing but its events to write: the execution stays as the store has it, if it is still held
    /// under its attempt.
    public var onlyTells = false

    /// A record of the execution alone, unless there is more to write.
    public init(
        execution: Execution, steps: [Step] = [], children: [Execution] = [], events: [EventDraft] = [],
        message: Message? = nil, ledger: [LedgerLine] = [], reservations: [Reservation] = [],
        releases: [LedgerLine.Call] = [], dropsCap: Bool = false
    ) {
        self.execution = execution
        self.steps = steps
        self.children = children
        self.events = events
        self.message = message
        self.ledger = ledger
        self.reservations = reservations
        self.releases = releases
        self.dropsCap = dropsCap
    }
}

/// What a store says of records it has written.
public struct RecordReport: Sendable {
    /// The events with their places, in order.
    public var events: [Event]
    /// What somebody asked of those that still run.
    public var requested: [ExecutionID: ControlRequest]
    /// What the budgets say to each reservation.
    public var verdicts: [LedgerLine.Call: ReservationVerdict]
    /// Whether a budget has a say in what the records spend or set aside.
    public var isBudgeted: Bool
    /// Turns that had waited for one that has ended, and are ready now.
    public var released: [ExecutionID]

    /// A report.
    public init(
        events: [Event] = [], requested: [ExecutionID: ControlRequest] = [:],
        verdicts: [LedgerLine.Call: ReservationVerdict] = [:], isBudgeted: Bool = false,
        released: [ExecutionID] = []
    ) {
        self.released = released
        self.events = events
        self.requested = requested
        self.verdicts = verdicts
        self.isBudgeted = isBudgeted
    }
}

/// Another process works on the execution now, or it has ended: what this one did is discarded.
public struct LeaseLost: Error, Sendable {
    /// The error tells no more than that: there is nothing to be done about it.
    public init() {}
}

/// What somebody's decision changes in an execution that no worker holds, or asks of one that does.
public struct ExecutionChange: Sendable {
    /// As it is after the change; the scheduling follows from its state as in an `ExecutionRecord`.
    public var execution: Execution
    /// Replaced by id.
    public var steps: [Step]
    /// Appended to the log.
    public var events: [EventDraft]

    /// A change of the execution alone, unless there is more to write.
    public init(execution: Execution, steps: [Step] = [], events: [EventDraft] = []) {
        self.execution = execution
        self.steps = steps
        self.events = events
    }
}

/// Which executions a list shows.
public struct ExecutionFilter: Sendable, Hashable {
    /// Only those in this state; nil means in any.
    public var state: ExecutionState?
    /// Only those of this agent; nil means of any.
    public var agent: AgentID?
    /// Only those in this conversation; nil means in any.
    public var conversation: ConversationID?
    /// Only those of this task; nil means of any.
    public var task: WorkItemID?
    /// Only those begun by this one; nil means by any.
    public var parent: ExecutionID?
    /// Only those that were given up.
    public var isDead: Bool

    /// A filter; what is nil lets everything pass.
    public init(
        state: ExecutionState? = nil, agent: AgentID? = nil, conversation: ConversationID? = nil,
        task: WorkItemID? = nil, parent: ExecutionID? = nil, isDead: Bool = false
    ) {
        self.state = state
        self.agent = agent
        self.conversation = conversation
        self.task = task
        self.parent = parent
        self.isDead = isDead
    }
}

/// Where executions, their journals and their events are kept.
public protocol ExecutionStore: Sendable {
    /// Starts a chat turn in one transaction: the user's message, the execution, running and held by `worker`, its
    /// events, its receipt, and what its first call of a model may cost.
    ///
    /// While another turn of the conversation is under way the new one is put in line instead, as
    /// `Execution.putInLine`: it becomes ready in the transaction that ends the one before it, and its message gets its
    /// place then. So one turn of a conversation is under way at a time, in the order in which they were accepted.
    ///
    /// Throws `ReceiptExists`, `notFound`, and what `TurnLine` has: for a line that is full or held up, and for an answer
    /// that cannot be given anew now.
    func begin(_ opening: TurnOpening, worker: WorkerID, in scope: OrganizationScope) async throws -> TurnStart
    /// Puts executions into the queue, in one transaction, each with its `execution.queued`. One whose `uniqueKey` is
    /// that of another that has not ended is not put there.
    /// - Returns: for each, its own id, or that of the one that is there already.
    func enqueue(
        _ executions: [Execution], receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> [ExecutionID]
    /// Writes records, all or none. Throws `LeaseLost` if any of the executions is not held any more.
    func record(_ records: [ExecutionRecord], at now: Date, in scope: OrganizationScope) async throws -> RecordReport
    /// Locks an execution, lets `decide` look at it and at its journal, and writes what it says, with one more signal.
    /// Throws `notFound`, `ReceiptExists`, and what `decide` throws; nothing is then written. Nil from `decide` changes
    /// nothing but the receipt.
    /// - Returns: the execution as it is then.
    func change(
        _ id: ExecutionID, at now: Date, receipt: ExecutionReceipt?, in scope: OrganizationScope,
        _ decide: @escaping @Sendable (Journal) throws -> ExecutionChange?
    ) async throws -> Execution
    func execution(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Execution
    func journal(of id: ExecutionID, in scope: OrganizationScope) async throws -> Journal
    /// Those there are of `ids`, in one round trip.
    func journals(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Journal]
    /// Those of `ids` that have ended, in one round trip.
    func ended(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Execution]
    /// Newest first.
    func list(
        _ filter: ExecutionFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Execution>
}

extension ExecutionStore {
    /// The same for what no request with a key has asked for.
    public func change(
        _ id: ExecutionID, at now: Date, in scope: OrganizationScope,
        _ decide: @escaping @Sendable (Journal) throws -> ExecutionChange?
    ) async throws -> Execution {
        try await change(id, at: now, receipt: nil, in: scope, decide)
    }
}
