public import SpotterDomain
public import SpotterEngine

/// A chat turn: ask the model; while it wants tools, run them and ask again; then answer. Where the answer must follow a
/// schema and does not, the model is told and asked again, a few times; then the run fails.
public struct ChatProgram: Program {
    private let context: ChatContext
    private let limits: AgentLimits

    /// - Parameter context: system prompt, tools, and the conversation up to and with the user's new message.
    public init(context: ChatContext, limits: AgentLimits) {
        self.context = context
        self.limits = limits.resolved
    }

    /// What was said in the conversation, and what memory holds.
    public var past: RunPast { context.origins }

    /// Looks at the steps so far and says what comes next: call the model, call tools, finish or fail.
    public func decide(_ journal: Journal) -> [Command] {
        var turn = Turn(journal, schema: context.responseSchema)
        if let failure = turn.failure { return [.fail(failure)] }
        guard let last = turn.lastResponse else { return callModel(after: turn) }
        if !turn.pendingCalls.isEmpty { return [.callTools(turn.pendingCalls)] }
        if let mismatch = turn.mismatch {
            let isLast = turn.complaints >= AnswerMismatch.mostComplaints || turn.modelCalls >= limits.maxSteps ?? 10
            // What overflowed was allowed already, and is only made shorter.
            guard turn.overflow != nil || mismatch.canBeMended && !isLast else {
                return [.fail(mismatch.failure(after: turn.complaints))]
            }
            turn.complain(of: mismatch)
            return callModel(after: turn)
        }
        guard turn.wantsModel else { return [finish(turn, last)] }
        guard turn.modelCalls < limits.maxSteps ?? 10 else {
            let message = "The agent used all \(turn.modelCalls) model calls of a turn without coming to an answer."
            return [.fail(ExecutionError(code: "step_limit_reached", message: message))]
        }
        return callModel(after: turn)
    }

    /// The next call, or what makes the past short enough for it.
    private func callModel(after turn: Turn) -> [Command] {
        switch context.next(after: turn) {
        case .send(let request): [.callModel(request, name: "think-\(turn.modelCalls + 1)")]
        case .perform(let command): [command]
        case .impossible(let error):
            // An answer without words is none that follows a schema.
            if let response = turn.emptied, context.responseSchema == nil {
                [finish(turn, response)]
            } else {
                [.fail(error)]
            }
        }
    }

    private func finish(_ turn: Turn, _ last: ModelResponse) -> Command {
        var content = turn.answer
        if content.isEmpty, let note = Self.note(for: last.stopReason) { content = note }
        var output = JSONObject()
        output["content"] = .string(content)
        output["stop_reason"] = .string(last.stopReason.rawValue)
        // Whoever goes on with the answer may want to know that nobody has thought about it.
        if last.provider == "offline" { output["is_offline"] = true }
        return .finish(output: .object(output), answer: Answer(content: content, transcript: turn.transcript))
    }

    /// What was said by then, and all that tools have done: the next turn must know of it. Nothing where neither is.
    public func answer(brokenOff journal: Journal, heard: String) -> Answer? {
        let turn = Turn(journal)
        var transcript = turn.transcript
        // Providers refuse a call without a result.
        let unanswered = turn.pendingCalls.map { call in
            ModelPart.toolResult(
                ToolResult(
                    callId: call.id, name: call.name,
                    output: "Cancelled while it was under way: whether it took effect is not known.", isError: true,
                    durationMs: 0))
        }
        if !unanswered.isEmpty {
            if transcript.last?.role == .tool {
                transcript[transcript.count - 1].parts += unanswered
            } else {
                transcript.append(ModelMessage(role: .tool, parts: unanswered))
            }
        }
        let content = turn.answer + heard
        guard !transcript.isEmpty || !heard.isEmpty else { return nil }
        let last = heard.isEmpty && transcript.last?.role == .tool ? "(Cancelled.)" : heard
        if !last.isEmpty { transcript.append(ModelMessage(role: .assistant, parts: [.text(last)])) }
        return Answer(content: content, transcript: transcript)
    }

    /// What a person reads where the model said nothing.
    private static func note(for reason: ModelResponse.StopReason) -> String? {
        switch reason {
        case .refusal, .contentFilter: "The model declined to answer this."
        case .maxTokens: "The answer was longer than this agent may write, and nothing of it could be kept."
        case .contextExceeded: "This conversation has become longer than the model can read. Start a new one."
        default: nil
        }
    }
}
