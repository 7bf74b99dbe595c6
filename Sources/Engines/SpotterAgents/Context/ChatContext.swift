public import SpotterDomain
import SpotterEngine

/// What a model is shown of the past, so that it fits into the model's window.
///
/// While everything fits, everything is shown. When it does not, or the provider says so, the oldest turns give way to a
/// summary, and if need be the oldest work of the turn itself. Prompt, memory, question and the newest round are shown
/// always; a tool call is never shown without its result, nor a message without its thinking. Nothing is deleted: the
/// journal says how the past is looked at, and the log keeps all of it.
///
/// Pure: what it wants done it says as commands of the turn's program.
public struct ChatContext: Sendable {
    /// Prompt, tools and settings; the messages are put in here.
    private let request: ModelRequest
    private let past: TurnPast
    private let settings: ContextSettings
    private let budget: ContextBudget
    /// Whether the window is known, and not only assumed.
    private let isExact: Bool
    private let fixed: Int
    /// Of each of the past's exchanges.
    private let exchangeTokens: [Int]
    private let memory: String?

    /// What a model can read of which nothing is known.
    static let assumedWindow = 64_000

    /// - Parameters:
    ///   - request: without messages.
    ///   - window: tokens that the model can take in and give out together; nil where that is not known.
    public init(request: ModelRequest, past: TurnPast, settings: ContextSettings?, window: Int?) {
        let settings = settings ?? ContextSettings()
        let known = [settings.maxTokens, window].compactMap(\.self).min()
        budget = ContextBudget(window: known ?? Self.assumedWindow, answer: request.maxOutputTokens)
        isExact = known != nil
        self.request = request
        self.past = past
        self.settings = settings
        exchangeTokens = past.exchanges.map { TokenEstimate.tokens(of: $0.messages) }
        memory = MemoryNote.text(of: past.memory, tokens: budget.memory)
        // What memory holds may change while the turn runs; what is decided must not.
        fixed =
            TokenEstimate.tokens(of: request.system) + TokenEstimate.tokens(of: request.tools) + budget.memory + 64
    }

    /// What the answer must look like; nil where it is text.
    var responseSchema: ResponseSchema? { request.responseSchema }

    /// Where what is shown comes from. Of a summary and of what memory holds nobody can tell any more. The question is
    /// the execution's own input, which says itself whether it is a stranger's.
    var origins: RunPast {
        RunPast(
            messages: past.exchanges.messages,
            isOfUnknownOrigin: past.block != nil || !past.memory.isEmpty)
    }

    /// What comes next on the way to an answer.
    enum Next {
        /// The past fits: this is to be sent.
        case send(ModelRequest)
        /// Something is to be done first.
        case perform(Command)
        /// It cannot be made to fit.
        case impossible(ExecutionError)
    }

    func next(after turn: Turn) -> Next {
        let view = ContextView(past, turn.compactions.last, transcript: turn.transcript)
        let factor = factor(turn)
        let sizes = sizes(of: view, factor)
        var budget = budget
        if turn.overflow != nil {
            // Too much for the provider, whatever the estimate says: a third of it has to go at least.
            budget = ContextBudget(limit: min(budget.limit, sizes.total) * 2 / 3)
        } else if sizes.total <= budget.limit, sizes.counts.reduce(0, +) <= ContextBudget.mostMessages {
            return .send(request(with: view))
        }
        guard let plan = ContextPlan(sizes, budget), plan.tokens < sizes.total || turn.overflow == nil else {
            return outOfMeans(view, sizes.total, turn)
        }
        let draft = Draft(plan, view, sizes, budget, turn.overflow == nil ? .budget : .overflow)
        if let command = compact(draft, turn) { return .perform(command) }
        return outOfMeans(view, sizes.total, turn)
    }

    private func request(with view: ContextView) -> ModelRequest {
        var request = request
        request.messages = view.messages(memory: memory, unread: past.unread)
        return request
    }

    private func outOfMeans(_ view: ContextView, _ total: Int, _ turn: Turn) -> Next {
        if let overflow = turn.overflow { return .impossible(overflow) }
        // An assumed window is no reason to refuse; the provider knows better.
        guard isExact, total > budget.limit else { return .send(request(with: view)) }
        return .impossible(
            ExecutionError(
                code: "context_too_long",
                message: "The agent's prompt, its tools, the message and the last results come to about \(total) "
                    + "tokens, and \(budget.limit) fit beside an answer of \(request.maxOutputTokens). Shorten them, or "
                    + "raise the agent's context.max_tokens, or choose a model that reads more."))
    }

    /// What makes a block of the past, whether it fits or not: of all but the newest exchange, so that what is said next
    /// has something to go on from.
    ///
    /// - Returns: nil where there is nothing to make one of.
    func compress(after turn: Turn) -> Command? {
        let view = ContextView(past, nil, transcript: [])
        let count = view.exchanges.count > 1 ? view.exchanges.count - 1 : view.exchanges.count
        // What a block left as it was stays so until more is said.
        guard count > 0, past.block == nil || view.exchanges.count > 1 else { return nil }
        let sizes = sizes(of: view, 1)
        let kept = sizes.exchanges.dropFirst(count).reduce(0, +)
        let plan = ContextPlan(exchanges: count, rounds: 0, tokens: sizes.fixed + budget.summary + kept)
        return compact(Draft(plan, view, sizes, budget, .request), turn)
    }
}

// MARK: Sizes

extension ChatContext {
    private func sizes(of view: ContextView, _ factor: Double) -> ContextPlan.Sizes {
        func scaled(_ tokens: Int) -> Int { Int((Double(tokens) * factor).rounded(.up)) }
        let summaries = [view.summary, view.workSummary].compactMap(\.self).reduce(0) {
            $0 + TokenEstimate.tokens(of: $1) + 40
        }
        return ContextPlan.Sizes(
            fixed: scaled(fixed), summaries: scaled(summaries),
            question: scaled(TokenEstimate.tokens(of: view.question)),
            // A slice keeps the places of the whole.
            exchanges: view.exchanges.indices.map { scaled(exchangeTokens[$0]) },
            counts: view.exchanges.map(\.count),
            rounds: view.rounds.map { scaled(TokenEstimate.tokens(of: $0)) })
    }

    /// By how much the estimates are off, as far as the provider's last count in this turn tells.
    private func factor(_ turn: Turn) -> Double {
        guard let count = turn.count, count.tokens >= 1_000 else { return 1 }
        let view = ContextView(past, count.compaction, transcript: Array(turn.transcript[..<count.transcript]))
        let estimated = sizes(of: view, 1).total - budget.memory
        guard estimated > 0 else { return 1 }
        // What a provider adds of its own, or a wrong count, must not lead astray.
        return min(max(Double(count.tokens) / Double(estimated), 0.8), 2)
    }
}

// MARK: Compacting

extension ChatContext {
    /// What is to be left out of a view, and what is known of it.
    struct Draft {
        let dropped: ArraySlice<TurnPast.Exchange>
        let rounds: [ModelMessage]
        let view: ContextView
        let tokensBefore: Int
        let tokensAfter: Int
        let budget: ContextBudget
        let reason: Compaction.Reason

        init(
            _ plan: ContextPlan, _ view: ContextView, _ sizes: ContextPlan.Sizes, _ budget: ContextBudget,
            _ reason: Compaction.Reason
        ) {
            dropped = view.exchanges.prefix(plan.exchanges)
            rounds = view.rounds.prefix(plan.rounds).flatMap { Array($0) }
            self.view = view
            tokensBefore = sizes.total
            tokensAfter = plan.tokens
            self.budget = budget
            self.reason = reason
        }
    }

    /// The next command towards a compacted view: a call for a summary that is still missing, or the compaction.
    ///
    /// - Returns: nil where the result would not fit either.
    private func compact(_ draft: Draft, _ turn: Turn) -> Command? {
        guard draft.tokensAfter <= draft.budget.limit || !isExact || draft.reason != .budget else { return nil }
        let number = turn.compactions.count + 1
        var notes = Notes(summary: draft.view.summary, workSummary: draft.view.workSummary)
        if !draft.dropped.isEmpty {
            let task = SummaryTask(
                subject: .conversation, previous: draft.view.summary ?? unreadNote, messages: draft.dropped.messages,
                tokens: draft.budget.summary)
            switch summary(task, name: "summarize-\(number)", turn) {
            case .ask(let command): return command
            case .done(let text, let origin): notes.add(text, origin, to: \.summary)
            }
        }
        if !draft.rounds.isEmpty {
            let task = SummaryTask(
                subject: .work, previous: draft.view.workSummary, messages: draft.rounds, tokens: draft.budget.summary)
            switch summary(task, name: "recap-\(number)", turn) {
            case .ask(let command): return command
            case .done(let text, let origin): notes.add(text, origin, to: \.workSummary)
            }
        }
        return .compact(compaction(draft, notes))
    }

    /// What a first summary begins with where it does not go back to the beginning.
    private var unreadNote: String? {
        past.unread > 0 ? "(\(past.unread) messages before these are in the log and were not summarised.)" : nil
    }

    private func compaction(_ draft: Draft, _ notes: Notes) -> Compaction {
        let gone = draft.dropped.messages + draft.rounds
        let view = draft.view
        return Compaction(
            summary: notes.summary, through: draft.dropped.last?.last ?? view.through(past),
            workSummary: notes.workSummary, transcriptDropped: view.transcript.startIndex + draft.rounds.count,
            method: notes.origin.method, model: notes.origin.model, fallbackReason: notes.origin.fallbackReason,
            reason: draft.reason, storedMessages: draft.dropped.storedCount, messagesDropped: gone.count,
            messagesKept: view.exchanges.messages.count + view.question.count + view.transcript.count - gone.count,
            toolCallsDropped: gone.reduce(0) { $0 + $1.toolCalls.count }, tokensBefore: draft.tokensBefore,
            tokensAfter: draft.tokensAfter, budget: draft.budget.limit)
    }

    /// Where a summary comes from.
    struct Origin {
        var method = SummaryMethod.extractive
        var model: String?
        var fallbackReason: String?
    }

    private struct Notes {
        var summary: String?
        var workSummary: String?
        var origin = Origin()

        mutating func add(_ text: String, _ origin: Origin, to note: WritableKeyPath<Notes, String?>) {
            self[keyPath: note] = text
            self.origin = origin
        }
    }

    private enum SummaryState {
        case ask(Command)
        case done(String, Origin)
    }

    /// The summary, or the call that is made for it: once, whatever comes of it.
    private func summary(_ task: SummaryTask, name: String, _ turn: Turn) -> SummaryState {
        let model = settings.summaryModel ?? request.model
        let method = settings.summary ?? .model
        guard method == .model, !model.hasPrefix("offline") else { return .done(task.extract, Origin()) }
        switch turn.summaries[name] {
        case nil:
            let room = budget.limit - task.tokens - 400
            return .ask(.callModel(task.request(model: model, room: room, timeout: request.timeout), name: name))
        case .written(let text, let model):
            let text = task.cut(text)
            guard !text.isEmpty else {
                return .done(task.extract, Origin(fallbackReason: "The model wrote nothing."))
            }
            return .done(text, Origin(method: .model, model: model))
        case .failed(let reason):
            return .done(task.extract, Origin(fallbackReason: reason))
        }
    }
}

extension ContextView {
    /// The last message that the view's summary covers, as far as the turn's own past tells.
    fileprivate func through(_ past: TurnPast) -> MessageID? {
        guard summary != nil else { return nil }
        let place = exchanges.startIndex - 1
        return place >= past.exchanges.startIndex ? past.exchanges[place].last : past.block?.through
    }
}
