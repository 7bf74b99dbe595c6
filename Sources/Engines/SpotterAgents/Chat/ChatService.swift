import Foundation
public import SpotterDomain
public import SpotterEngine

/// Turns a message into an execution and sets it running.
public struct ChatService: Sendable {
    private let conversations: any ConversationStore
    private let executions: any ExecutionStore
    private let events: any EventStore
    private let pool: WorkerPool
    private let environment: ExecutionRun.Environment
    private let tools: ToolCaller
    private let clock: any WallClock
    private let ids: any IDGenerator

    /// How many earlier messages are read for a turn; what fits of them is shown to the model.
    private static let messagesRead = 100
    /// How long a running turn may be silent before another process may take it over.
    private static let lease = Duration.seconds(330)

    /// A service that runs turns on `pool` and keeps them in the stores given.
    public init(
        conversations: any ConversationStore, executions: any ExecutionStore, events: any EventStore, pool: WorkerPool,
        environment: ExecutionRun.Environment, tools: ToolCaller, clock: any WallClock, ids: any IDGenerator
    ) {
        self.conversations = conversations
        self.executions = executions
        self.events = events
        self.pool = pool
        self.environment = environment
        self.tools = tools
        self.clock = clock
        self.ids = ids
    }

    /// What somebody says to an agent.
    public struct Turn: Sendable {
        let conversation: ConversationID
        let content: String
        let isStreaming: Bool
        let receipt: Key?

        /// The idempotency key of the request.
        public struct Key: Sendable {
            let key: String
            let fingerprint: [UInt8]
            let response: @Sendable (RunOutcome) -> Receipt.Response

            /// The key, the request's SHA-256 and how its response is made from the outcome.
            public init(
                key: String, fingerprint: [UInt8], response: @escaping @Sendable (RunOutcome) -> Receipt.Response
            ) {
                self.key = key
                self.fingerprint = fingerprint
                self.response = response
            }
        }

        /// A turn; `receipt` only for requests with an idempotency key.
        public init(conversation: ConversationID, content: String, isStreaming: Bool, receipt: Key? = nil) {
            self.conversation = conversation
            self.content = content
            self.isStreaming = isStreaming
            self.receipt = receipt
        }
    }

    /// A turn under way.
    public struct Started: Sendable {
        /// As it was when the turn began.
        public let execution: Execution
        /// The place in the log before the turn's first event.
        public let position: Int64
        /// For those who wait for the end.
        public let handle: RunHandle
    }

    /// Saves the message and starts the answer.
    ///
    /// - Throws: `notFound`, `conflict` for a disabled agent, `unavailable` for a full pool, `ReceiptExists`.
    public func start(_ turn: Turn, in scope: OrganizationScope) async throws -> Started {
        try pool.reserve()
        do {
            let context = try await conversations.turnContext(
                of: turn.conversation, limit: Self.messagesRead, in: scope)
            guard context.agent.settings.enabled ?? true else {
                throw SpotterError(.conflict, "The agent \(context.agent.settings.name) is disabled. Enable it first.")
            }
            let now = clock.now()
            let (execution, message) = begin(turn, context, at: now)
            let receipt = turn.receipt.map {
                Receipt(key: $0.key, fingerprint: $0.fingerprint, execution: execution.id, createdAt: now)
            }
            let data: JSONValue = [
                "kind": "message", "conversation_id": .string(turn.conversation.description),
                "agent_id": .string(context.agent.id.description),
            ]
            let events = try await executions.begin(
                execution, message: message,
                events: [EventDraft(.executionStarted, execution: execution.id, data: data)],
                receipt: receipt, lease: Self.lease, in: scope)
            let assignment = assignment(
                for: Journal(execution: execution), turn, context, messages: context.messages + [message])
            let handle = pool.start(assignment, in: environment)
            return Started(execution: execution, position: (events.first?.position ?? 1) - 1, handle: handle)
        } catch {
            pool.release()
            throw error
        }
    }

    /// Goes on with a turn whose process died: the same execution, from its journal.
    ///
    /// - Returns: nil while somebody else still works on it, or when it has ended.
    public func resume(_ id: ExecutionID, _ turn: Turn, in scope: OrganizationScope) async throws -> Started? {
        try pool.reserve()
        do {
            guard let execution = try await executions.takeOver(id, lease: Self.lease, in: scope) else {
                pool.release()
                return nil
            }
            let context = try await conversations.turnContext(
                of: turn.conversation, limit: Self.messagesRead, in: scope)
            var journal = try await executions.journal(of: id, in: scope)
            journal.execution = execution
            let position = try await events.lastPosition(in: scope)
            let handle = pool.start(
                assignment(for: journal, turn, context, messages: context.messages), in: environment)
            return Started(execution: execution, position: position, handle: handle)
        } catch {
            pool.release()
            throw error
        }
    }

    private func begin(_ turn: Turn, _ context: TurnContext, at now: Date) -> (Execution, Message) {
        let execution = Execution(
            id: ids.id(at: now), kind: .message, state: .running, attempt: 1, conversationId: turn.conversation,
            agentId: context.agent.id, agentVersion: context.agent.version,
            input: ["content": .string(turn.content), "stream": .bool(turn.isStreaming)], createdAt: now,
            startedAt: now)
        let message = Message(
            id: ids.id(at: now), conversationId: turn.conversation, role: .user, content: turn.content,
            transcript: [.user(turn.content)], executionId: execution.id, createdAt: now)
        return (execution, message)
    }

    private func assignment(
        for journal: Journal, _ turn: Turn, _ context: TurnContext, messages: [Message]
    ) -> ExecutionRun.Assignment {
        let settings = context.agent.settings.resolved
        let timeout = Duration.seconds(settings.limits?.timeoutSeconds ?? 300)
        let prompt = PromptTemplate(organization: context.organization, now: journal.execution.createdAt)
        let request = ModelRequest(
            model: settings.model, system: prompt.fill(settings.systemPrompt),
            messages: ChatHistory(messages).messages, tools: tools.descriptions(of: settings.tools ?? []),
            temperature: settings.temperature, maxOutputTokens: settings.maxOutputTokens ?? 4_096,
            isStreaming: turn.isStreaming, timeout: timeout)
        return ExecutionRun.Assignment(
            journal: journal, program: ChatProgram(request: request, limits: settings.limits ?? AgentLimits()),
            organization: context.organization, agent: context.agent, timeout: timeout,
            receipt: turn.receipt.map { .init(key: $0.key, response: $0.response) })
    }
}
