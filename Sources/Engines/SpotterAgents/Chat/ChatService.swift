import Foundation
public import SpotterDomain
public import SpotterEngine
import Synchronization

/// Turns a message into an execution and sets it running, or puts it in line behind the turns before it.
public final class ChatService: Sendable {
    private let conversations: any ConversationStore
    private let executions: any ExecutionStore
    private let pool: WorkerPool
    private let heart: Heart
    private let environment: ExecutionRun.Environment
    private let source: ChatSource
    private let clock: any WallClock
    private let ids: any IDGenerator
    /// Those who wait for turns that run elsewhere or have not begun.
    private let waiting = Atomic<Int>(0)

    /// A service whose turns `workforce` runs, and that keeps them in the stores given.
    public init(
        conversations: any ConversationStore, agents: any AgentStore, executions: any ExecutionStore,
        workforce: Workforce, tools: ToolCaller, models: any ModelCatalog, clock: any WallClock, ids: any IDGenerator
    ) {
        self.conversations = conversations
        self.executions = executions
        pool = workforce.pool
        heart = workforce.heart
        environment = workforce.environment
        self.source = ChatSource(conversations: conversations, agents: agents, tools: tools, models: models)
        self.clock = clock
        self.ids = ids
    }

    /// A turn under way, or in line.
    ///
    /// A class, because whoever waits for the end holds it.
    public final class Started: Sendable {
        /// As it was when the turn was accepted.
        public let execution: Execution
        /// The place in the log before the turn's first event.
        public let position: Int64
        /// For those who wait for the end; nil for a turn that waits for those before it.
        let handle: RunHandle?

        fileprivate init(_ execution: Execution, position: Int64, handle: RunHandle?) {
            self.execution = execution
            self.position = position
            self.handle = handle
        }
    }

    /// Saves the message and starts the answer, or puts it in line while another turn is under way.
    ///
    /// - Throws: `notFound`, `conflict` for a disabled agent or an answer that cannot be given anew, `rateLimited` for a
    ///   line that is full, `unavailable` for a full pool, `ReceiptExists`.
    public func start(_ turn: ChatTurn, in scope: OrganizationScope) async throws -> Started {
        try pool.reserve()
        var isPlaceTaken = false
        defer { if !isPlaceTaken { pool.release() } }
        let worker = try heart.requireWorker()
        let context = try await conversations.turnContext(
            of: turn.conversation, limit: ChatSource.messagesRead, in: scope)
        guard context.agent.settings.enabled ?? true else {
            throw SpotterError(.conflict, "The agent \(context.agent.settings.name) is disabled. Enable it first.")
        }
        var (opening, past) = try await open(turn, context, in: scope)
        let journal = Journal(execution: opening.execution)
        let assignment = source.assignment(for: journal, context.agent, context.organization, past, in: scope)
        opening.reservation = environment.foretell(assignment)
        let foretelling = assignment.foretelling(opening.reservation)
        let start: TurnStart
        do {
            start = try await executions.begin(opening, worker: worker, in: scope)
        } catch  where error.leavesOutcomeOpen {
            // If it is stored after all, it is this process's, and nobody else would run it.
            isPlaceTaken = true
            pool.start(foretelling, in: environment, isBeginInDoubt: true)
            throw error
        }
        environment.announce(start.events, in: scope)
        let position = (start.events.first?.position ?? 1) - 1
        if start.isInLine {
            return Started(opening.execution.putInLine, position: position, handle: nil)
        }
        isPlaceTaken = true
        let begun = assignment.foretelling(opening.reservation, isBudgeted: start.isBudgeted)
        let handle = pool.start(begun, in: environment)
        return Started(opening.execution, position: position, handle: handle)
    }

    /// What begins, and what it looks back on if it begins at once.
    private func open(
        _ turn: ChatTurn, _ context: TurnContext, in scope: OrganizationScope
    ) async throws -> (TurnOpening, TurnPast) {
        let now = clock.now()
        switch turn.wish {
        case .say(let content):
            let execution = try execution(of: turn, context, ["content": .string(content)], at: now)
            let message = Message(
                id: ids.id(at: now), conversationId: turn.conversation, role: .user, content: content,
                transcript: [.user(content)], executionId: execution.id, createdAt: now)
            let opening = TurnOpening(
                execution, message: message, events: [execution.turnStarted],
                receipt: turn.receipt(for: execution.id, at: now))
            return (opening, context.past(context.messages + [message]))
        case .answerAnew(let answer):
            let question = try await question(of: answer, in: context, scope)
            let input: JSONValue = [
                "content": .string(question.content), "question": .string(question.id.description),
                "replaces": .string(answer.description),
            ]
            let execution = try execution(of: turn, context, input, at: now)
            let opening = TurnOpening(
                execution, replacing: answer, events: [execution.turnStarted],
                receipt: turn.receipt(for: execution.id, at: now))
            let read = context.messages.prefix { $0.id != question.id }
            return (opening, context.past(Array(read) + [question]))
        }
    }

    private func execution(
        of turn: ChatTurn, _ context: TurnContext, _ input: JSONValue, at now: Date
    ) throws -> Execution {
        let input = input.merging(patch: ["stream": .bool(turn.isStreaming)])
        return Execution(
            id: ids.id(at: now), kind: .message, state: .running, attempt: 1, conversationId: turn.conversation,
            agentId: context.agent.id, agentVersion: context.agent.version,
            input: try turn.origin.map { try input.with($0) } ?? input, createdAt: now, startedAt: now)
    }

    /// What the last answer of the conversation answers. The store looks again whether it is still the last.
    ///
    /// - Throws: `notFound` for a message that is not the conversation's, `conflict` for one that is not its last answer.
    private func question(
        of answer: MessageID, in context: TurnContext, _ scope: OrganizationScope
    ) async throws -> Message {
        guard let last = context.messages.last, last.id == answer, last.role == .assistant else {
            let message = try await conversations.message(answer, in: context.conversation.id, scope)
            // Nothing was said after what a block covers, and so its last message is the last of all.
            if context.messages.isEmpty, message.role == .assistant, message.id == context.block?.through {
                throw Self.isSummarisedAway
            }
            // Somebody may have asked again meanwhile, and waits for the answer.
            guard message.role == .assistant, message.replacedBy == nil, let last = context.messages.last,
                last.role == .user, let turn = last.executionId,
                try await !executions.execution(turn, in: scope).state.isTerminal
            else { throw TurnLine.isNotLast }
            throw TurnLine.isAnswering
        }
        if let question = try await question(of: last, among: context.messages, scope) { return question }
        throw Self.isSummarisedAway
    }

    /// The message that the turn of `answer` was about, which need not be the last: a turn that failed may have been
    /// tried again after later ones.
    private func question(
        of answer: Message, among messages: [Message], _ scope: OrganizationScope
    ) async throws -> Message? {
        guard let turn = answer.executionId else { return nil }
        if let own = messages.last(where: { $0.role == .user && $0.executionId == turn }) { return own }
        // The turn of an answer that was given anew said nothing itself.
        let id = try await executions.execution(turn, in: scope).question
        return messages.last { $0.role == .user && $0.id == id }
    }

    private static var isSummarisedAway: SpotterError {
        SpotterError(.conflict, "What this answers has been summarised away. Ask again instead.")
    }

    // MARK: Waiting

    /// Waits until the turn has ended, here or elsewhere, or has to wait for somebody, for at most `time`.
    public func outcome(
        of started: Started, within time: Duration, in scope: OrganizationScope
    ) async throws -> RunOutcome {
        if let handle = started.handle { return try await handle.outcome() }
        return try await look(for: started.execution.id, within: time, in: scope)
    }

    // Not inlined: those who wait for a run here need no room for what this holds.
    @inline(never)
    private func look(
        for id: ExecutionID, within time: Duration, in scope: OrganizationScope
    ) async throws -> RunOutcome {
        waiting.add(1, ordering: .relaxed)
        defer { waiting.subtract(1, ordering: .relaxed) }
        let end = ContinuousClock.now + time
        while true {
            let execution = try await executions.execution(id, in: scope)
            if execution.state.isTerminal || execution.isHeldUp || ContinuousClock.now >= end {
                return RunOutcome(execution: execution, message: try await answer(of: execution, in: scope))
            }
            // However many wait, all of them together look some hundred times a second.
            let pause = min(max(20, 5 * waiting.load(ordering: .relaxed)), 2_000)
            try await Task.sleep(for: .milliseconds(pause))
        }
    }

    private func answer(of execution: Execution, in scope: OrganizationScope) async throws -> Message? {
        guard execution.state.isTerminal, let conversation = execution.conversationId else { return nil }
        return try await conversations.answer(of: execution.id, in: conversation, scope)
    }
}

extension TurnContext {
    fileprivate func past(_ messages: [Message]) -> TurnPast {
        TurnPast(messages, block: block, unread: unread, memory: memory)
    }
}

extension Execution {
    /// Whether nobody knows for how long it waits.
    fileprivate var isHeldUp: Bool { state == .paused || (state == .waiting && !isInLine) }
}

extension Error {
    /// Whether what was being written may have been written all the same: the store did not answer, or nobody waited
    /// for its answer.
    fileprivate var leavesOutcomeOpen: Bool {
        self is CancellationError || (self as? SpotterError)?.code == .unavailable
    }
}
