public import Foundation
public import SpotterDomain

// Records of every kind, with the values that tests do not care about filled in. Those that are returned by a plain
// function are not stored yet.
extension TestOrganization {
    /// A word that nobody else uses.
    public func word() -> String { String((id() as AgentID).description.dropFirst(AgentKind.prefix.count + 1)) }

    /// Stores the next version of `agent` and returns it.
    public func change(_ agent: Agent, _ edit: (inout AgentSettings) -> Void) async throws -> Agent {
        var settings = agent.settings
        edit(&settings)
        let changed = Agent(
            id: agent.id, version: agent.version + 1, settings: settings, template: agent.template,
            createdAt: agent.createdAt, updatedAt: Self.start + Double(agent.version))
        try await stores.agents.update(changed, in: scope)
        return changed
    }

    /// Stores a turn that began with `text` and has ended without an answer.
    public func say(_ text: String, in conversation: Conversation, with agent: Agent) async throws {
        var execution = turn(of: conversation, with: agent)
        _ = try await stores.executions.begin(
            execution, message: message(text, in: conversation.id, execution: execution.id), events: [],
            receipt: nil, worker: try await worker(), in: scope)
        execution.state = .failed
        execution.completedAt = Self.start
        try await record(ExecutionRecord(execution: execution))
    }

    /// Says something for `execution`, a turn of `conversation`, which begins or is put in line.
    public func ask(
        _ text: String, _ execution: Execution, in conversation: Conversation, worker: WorkerID
    ) async throws -> TurnStart {
        let message = message(text, in: conversation.id, execution: execution.id)
        let event = EventDraft(.executionStarted, execution: execution.id)
        return try await stores.executions.begin(
            TurnOpening(execution, message: message, events: [event], receipt: nil), worker: worker, in: scope)
    }

    /// Ends a turn that runs, with an answer where there is one.
    @discardableResult
    public func end(
        _ execution: Execution, _ state: ExecutionState = .completed, saying text: String? = nil,
        replacing answer: MessageID? = nil
    ) async throws -> RecordReport {
        var ended = execution
        ended.state = state
        ended.completedAt = Self.start
        var reply = text.flatMap { text in
            execution.conversationId.map {
                message(text, in: $0, role: .assistant, execution: execution.id)
            }
        }
        reply?.replaces = answer
        return try await record(ExecutionRecord(execution: ended, message: reply))
    }

    /// Writes records, all or none.
    @discardableResult public func record(
        _ records: ExecutionRecord..., at now: Date = start
    ) async throws -> RecordReport {
        try await stores.executions.record(records, at: now, in: scope)
    }

    /// A run that may be put into the queue, not stored yet.
    public func work(
        priority: Priority = .medium, parent: ExecutionID? = nil, task: WorkItemID? = nil, uniqueKey: String? = nil,
        wakeAt: Date? = nil
    ) -> Execution {
        Execution(
            id: id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil, agentVersion: nil,
            input: ["n": 1], taskId: task, parentId: parent, priority: priority, uniqueKey: uniqueKey, wakeAt: wakeAt,
            createdAt: Self.start)
    }

    /// A task, not stored yet.
    public func draftTask(
        _ title: String = "Weekly report", for agent: Agent, after dependencies: [WorkItemID] = [], runAt: Date? = nil,
        schedule: ScheduleRule? = nil
    ) -> WorkItem {
        let settings = WorkItemSettings(
            title: title, description: "What \(title) is about", agentId: agent.id, input: ["week": 47],
            priority: .high, runAt: runAt, schedule: schedule, dependsOn: dependencies, metadata: ["team": "front"])
        return WorkItem(
            id: id(), version: 1, settings: settings.resolved, createdAt: Self.start, updatedAt: Self.start)
    }

    /// Stores a task.
    public func task(
        _ title: String = "Weekly report", for agent: Agent, after dependencies: [WorkItemID] = []
    ) async throws -> WorkItem {
        let item = draftTask(title, for: agent, after: dependencies)
        _ = try await stores.tasks.create(item, start: nil, receipt: { _ in nil }, in: scope)
        return item
    }

    /// A run of a task, not stored yet.
    public func draftRun(of item: WorkItem, by agent: Agent, at runAt: Date? = nil) throws -> Execution {
        try item.execution(id(), by: agent, runAt: runAt, at: Self.start)
    }

    /// Starts a run of a task.
    @discardableResult
    public func start(_ item: WorkItem, by agent: Agent, at runAt: Date? = nil) async throws -> Execution {
        try await stores.tasks.start(draftRun(of: item, by: agent, at: runAt), receipt: nil, in: scope)
    }

    /// Ends a run that no worker holds.
    @discardableResult
    public func end(_ run: ExecutionID, _ state: ExecutionState = .completed) async throws -> Execution {
        try await stores.executions.change(run, at: Self.start, in: scope) { journal in
            var execution = journal.execution
            execution.state = state
            execution.completedAt = Self.start
            execution.currentStep = nil
            return ExecutionChange(execution: execution)
        }
    }

    /// A step of a journal; a failed one has an error.
    public func step(_ index: Int, of execution: Execution, kind: Step.Kind, state: Step.State) -> Step {
        Step(
            id: id(), index: index, name: "\(kind.rawValue) \(index)", kind: kind, state: state,
            attempt: execution.attempt, input: ["index": .int(Int64(index))],
            error: state == .failed ? ExecutionError(code: "tool_failed", message: "No such member.") : nil,
            startedAt: Self.start)
    }

    /// A token of the front desk, valid for a day.
    public func token(requestsPerMinute: Int? = nil) -> TokenRecord {
        TokenRecord(
            id: id(), organization: scope.organization, name: "Front desk", subject: "front-desk", role: .staff,
            permissions: [.agentsRead, .crmRead], issuedAt: Self.start, expiresAt: Self.start + 86_400,
            requestsPerMinute: requestsPerMinute)
    }

    /// The receipt of a request that is still running.
    public func receipt(_ key: String, execution: ExecutionID? = nil) -> Receipt {
        Receipt(key: key, fingerprint: [0, 1, 254, 255], execution: execution, createdAt: Self.start)
    }

    /// A member.
    public func client(
        _ name: String, email: String? = nil, phone: String? = nil, status: Client.Status = .active,
        tags: [String] = []
    ) -> Client {
        Client(
            id: id(), name: name, email: email, phone: phone, status: status, tags: tags,
            joinedOn: Self.start - 86_400)
    }

    /// An e-mail to a member, not in the outbox yet.
    public func mail(
        to client: Client, status: OutboxMessage.Status = .queued, purpose: MessagePurpose = .transactional,
        body: String = "Hello", dueAt: Date = start
    ) -> OutboxMessage {
        OutboxMessage(
            id: id(), channel: .email, purpose: purpose, recipient: client.email ?? "", person: .client(client.id),
            subject: "News", body: body, html: "<p>\(body)</p>",
            attachments: [.init(name: "a.csv", type: "text/csv", content: "YQ==")], status: status, reason: nil,
            sentBy: "agent", conversationId: nil, dueAt: dueAt, attempt: 0, providerId: nil, createdAt: Self.start,
            sentAt: nil)
    }

    /// A programme of 45 minutes for 20 people.
    public func gymClass(_ name: String) -> GymClass {
        GymClass(id: id(), name: name, description: "An hour of \(name).", durationMinutes: 45, capacity: 20)
    }

    /// A date of a programme.
    public func session(
        of gymClass: GymClass, at start: Date, booked: Int = 0, isCancelled: Bool = false
    ) -> ClassSession {
        ClassSession(
            id: id(), classId: gymClass.id, className: gymClass.name, instructor: "Sam", startsAt: start,
            endsAt: start + 2_700, capacity: gymClass.capacity, booked: booked, isCancelled: isCancelled)
    }
}

extension ExecutionStore {
    /// A turn that answers `message`, and that nobody need wait for.
    ///
    /// - Returns: what was told of it.
    public func begin(
        _ execution: Execution, message: Message, events: [EventDraft], receipt: Receipt?, worker: WorkerID,
        reserving reservation: Reservation? = nil, in scope: OrganizationScope
    ) async throws -> [Event] {
        var opening = TurnOpening(execution, message: message, events: events, receipt: receipt)
        opening.reservation = reservation
        return try await begin(opening, worker: worker, in: scope).events
    }
}
