import Foundation
public import ServiceKit
public import SpotterDomain

/// One execution on its way: decide → perform → record, until it ends.
///
/// A value of this type is used by one task at a time. What it cannot record (the lease was lost) it discards.
public struct ExecutionRun: Sendable {
    /// What a run works with; the same for all of them.
    public struct Environment: Sendable {
        let store: any ExecutionStore
        let models: ModelCaller
        let tools: ToolCaller
        let bus: EventBus
        let clock: any WallClock
        let ids: any IDGenerator
        let log: Log

        /// What runs work with: stores, callers, bus, clock, ids and log.
        public init(
            store: any ExecutionStore, models: ModelCaller, tools: ToolCaller, bus: EventBus,
            clock: any WallClock, ids: any IDGenerator, log: Log
        ) {
            self.store = store
            self.models = models
            self.tools = tools
            self.bus = bus
            self.clock = clock
            self.ids = ids
            self.log = log
        }
    }

    /// What a run is told at its start.
    public struct Assignment: Sendable {
        /// What is recorded of the execution so far.
        public var journal: Journal
        /// Decides what comes next.
        public let program: any Program
        /// The organisation the run is for.
        public let organization: Organization
        /// The agent in the version that the execution began with.
        public let agent: Agent
        /// The end of the whole run.
        public let timeout: Duration
        /// Makes the stored answer to a request that came with an idempotency key.
        public let receipt: ReceiptMaker?

        /// An assignment; without `receipt` nobody waits under an idempotency key.
        public init(
            journal: Journal, program: any Program, organization: Organization, agent: Agent, timeout: Duration,
            receipt: ReceiptMaker?
        ) {
            self.journal = journal
            self.program = program
            self.organization = organization
            self.agent = agent
            self.timeout = timeout
            self.receipt = receipt
        }
    }

    /// The key of a waiting receipt and how its response is made from the outcome.
    public struct ReceiptMaker: Sendable {
        /// The key as the caller sent it.
        public let key: String
        /// Makes the response from the outcome.
        public let response: @Sendable (RunOutcome) -> Receipt.Response

        /// Fills the receipt of `key` when the run has ended.
        public init(key: String, response: @escaping @Sendable (RunOutcome) -> Receipt.Response) {
            self.key = key
            self.response = response
        }
    }

    let environment: Environment
    let assignment: Assignment
    var journal: Journal
    private let started = ContinuousClock.now

    var execution: Execution { journal.execution }
    var scope: OrganizationScope { OrganizationScope(assignment.organization.id) }

    /// A run that starts from where the assignment's journal ends.
    public init(_ assignment: Assignment, in environment: Environment) {
        self.environment = environment
        self.assignment = assignment
        journal = assignment.journal
    }

    /// Runs to the end and says how it ended.
    ///
    /// - Throws: `LeaseLost`, `CancellationError`, or the store's error: the execution then stays as recorded, and goes
    ///   on elsewhere when its lease is over.
    public mutating func run() async throws -> RunOutcome {
        while true {
            let remaining = assignment.timeout - started.duration(to: .now)
            guard remaining > .zero else {
                return try await fail(.init(code: "timed_out", message: "The run took longer than its limit."))
            }
            for command in assignment.program.decide(journal) {
                if let outcome = try await perform(command, within: remaining) { return outcome }
            }
        }
    }

    private mutating func perform(_ command: Command, within remaining: Duration) async throws -> RunOutcome? {
        switch command {
        case .callModel(var request, let name):
            request.timeout = min(request.timeout, remaining)
            try await callModel(request, name: name)
        case .callTools(let calls): try await callTools(calls)
        case .finish(let output, let answer): return try await finish(output: output, answer: answer)
        case .fail(let error): return try await fail(error)
        }
        return nil
    }

    // MARK: Ends

    private mutating func finish(output: JSONValue, answer: Answer?) async throws -> RunOutcome {
        let now = environment.clock.now()
        journal.execution.state = .completed
        journal.execution.output = output
        journal.execution.completedAt = now
        journal.execution.currentStep = nil
        let message = answer.flatMap { reply($0, at: now) }
        var events: [EventDraft] = []
        if let message {
            let data: JSONValue = [
                "message_id": .string(message.id.description), "content": .string(message.content),
                "conversation_id": .string(message.conversationId.description),
            ]
            events.append(EventDraft(.messageCompleted, execution: execution.id, data: data))
        }
        events.append(EventDraft(.executionCompleted, execution: execution.id, data: summary))
        return try await end(.init(execution: execution, message: message), events: events)
    }

    private mutating func fail(_ error: ExecutionError) async throws -> RunOutcome {
        journal.execution.state = .failed
        journal.execution.error = error
        journal.execution.completedAt = environment.clock.now()
        journal.execution.currentStep = nil
        let data: JSONValue = ["code": .string(error.code), "message": .string(error.message)]
        return try await end(
            .init(execution: execution, message: nil),
            events: [EventDraft(.executionFailed, execution: execution.id, data: data)])
    }

    private mutating func end(_ outcome: RunOutcome, events: [EventDraft]) async throws -> RunOutcome {
        var record = ExecutionRecord(execution: outcome.execution, events: events, message: outcome.message)
        if let receipt = assignment.receipt { record.receipt = (receipt.key, receipt.response(outcome)) }
        // The work is done and paid for: a cancellation now must not lose it.
        let (environment, scope, final) = (environment, scope, record)
        try await withoutCancellation { try await Self.write(final, in: environment, scope: scope) }
        return outcome
    }

    private func reply(_ answer: Answer, at now: Date) -> Message? {
        guard let conversation = execution.conversationId else { return nil }
        let latency = execution.startedAt.map { Int(now.timeIntervalSince($0) * 1000) } ?? 0
        return Message(
            id: environment.ids.id(at: now), conversationId: conversation, role: .assistant, content: answer.content,
            transcript: answer.transcript, usage: execution.usage, cost: execution.cost, latencyMs: max(0, latency),
            executionId: execution.id, createdAt: now)
    }

    private var summary: JSONValue {
        let usage = execution.usage
        return [
            "steps_completed": .int(Int64(execution.stepsCompleted)),
            "input_tokens": .int(Int64(usage.inputTokens)), "output_tokens": .int(Int64(usage.outputTokens)),
            "cost": .string("\(execution.cost.billed.amount)"),
        ]
    }

    // MARK: Recording

    /// Writes what happened since the last record and wakes the readers.
    func record(steps: [Step] = [], events: [EventDraft]) async throws {
        try await Self.write(
            ExecutionRecord(execution: execution, steps: steps, events: events), in: environment, scope: scope)
    }

    private static func write(
        _ record: ExecutionRecord, in environment: Environment, scope: OrganizationScope
    ) async throws {
        _ = try await environment.store.record(record, at: environment.clock.now(), in: scope)
        environment.bus.wake(scope.organization)
    }

    /// A new step at the end of the journal.
    func step(_ name: String, kind: Step.Kind, offset: Int = 0, input: JSONValue) -> Step {
        let now = environment.clock.now()
        return Step(
            id: environment.ids.id(at: now), index: journal.steps.count + offset, name: name, kind: kind,
            state: .started, attempt: execution.attempt, input: input, startedAt: now)
    }
}

/// How a run ended.
public struct RunOutcome: Sendable, Hashable {
    /// In a terminal state.
    public let execution: Execution
    /// The answer, if the run was a chat turn that ended well.
    public let message: Message?

    /// The outcome of a run that has ended.
    public init(execution: Execution, message: Message?) {
        self.execution = execution
        self.message = message
    }
}
