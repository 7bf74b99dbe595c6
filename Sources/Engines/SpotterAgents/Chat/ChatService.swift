import Foundation
public import SpotterDomain
public import SpotterEngine

/// Turns a message into an execution and sets it running.
public struct ChatService: Sendable {
    private let conversations: any ConversationStore
    private let executions: any ExecutionStore
    private let events: any EventStore
    private let pool: WorkerPool
    private let heart: Heart
    private let environment: ExecutionRun.Environment
    private let source: ChatSource
    private let clock: any WallClock
    private let ids: any IDGenerator

    /// A service whose turns `workforce` runs, and that keeps them in the stores given.
    public init(
        conversations: any ConversationStore, agents: any AgentStore, executions: any ExecutionStore,
        events: any EventStore, workforce: Workforce, tools: ToolCaller, models: any ModelCatalog,
        clock: any WallClock, ids: any IDGenerator
    ) {
        self.conversations = conversations
        self.executions = executions
        self.events = events
        pool = workforce.pool
        heart = workforce.heart
        environment = workforce.environment
        self.source = ChatSource(conversations: conversations, agents: agents, tools: tools, models: models)
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

            /// The key and the request's fingerprint.
            public init(key: String, fingerprint: [UInt8]) {
                self.key = key
                self.fingerprint = fingerprint
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
        var isPlaceTaken = false
        do {
            let worker = try heart.requireWorker()
            let context = try await conversations.turnContext(
                of: turn.conversation, limit: ChatSource.messagesRead, in: scope)
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
            let assignment = source.assignment(
                for: Journal(execution: execution), context.agent, context.organization,
                TurnPast(
                    context.messages + [message], block: context.block, unread: context.unread,
                    memory: context.memory), in: scope)
            let reservation = environment.foretell(assignment)
            let events: [Event]
            do {
                events = try await executions.begin(
                    execution, message: message,
                    events: [EventDraft(.executionStarted, execution: execution.id, data: data)],
                    receipt: receipt, worker: worker, reserving: reservation, in: scope)
            } catch  where error.leavesOutcomeOpen {
                // If it is stored after all, it is this process's, and nobody else would run it.
                isPlaceTaken = true
                pool.start(
                    assignment.foretelling(reservation), in: environment, isBeginInDoubt: true)
                throw error
            }
            environment.announce(events, in: scope)
            let handle = pool.start(assignment.foretelling(reservation), in: environment)
            return Started(execution: execution, position: (events.first?.position ?? 1) - 1, handle: handle)
        } catch {
            if !isPlaceTaken { pool.release() }
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
}

extension Error {
    /// Whether what was being written may have been written all the same: the store did not answer, or nobody waited
    /// for its answer.
    fileprivate var leavesOutcomeOpen: Bool {
        self is CancellationError || (self as? SpotterError)?.code == .unavailable
    }
}
