import SpotterDomain

/// What a journal says of a chat turn so far.
struct Turn {
    /// The model's messages and the tools' answers, in order.
    private(set) var transcript: [ModelMessage] = []
    private(set) var lastResponse: ModelResponse?
    /// Calls of the last response that have no result yet.
    private(set) var pendingCalls: [ToolCall] = []
    private(set) var modelCalls = 0
    private(set) var failure: ExecutionError?

    init(_ journal: Journal) {
        for step in journal.steps { read(step) }
    }

    /// Whether the model has more to say: its tools have answered, or its provider paused the turn.
    var wantsModel: Bool {
        guard let lastResponse else { return true }
        return !lastResponse.message.toolCalls.isEmpty || lastResponse.stopReason == .pauseTurn
    }

    /// What the model says at the end of the turn: its last message, with those before it that its provider broke off
    /// to pause.
    var answer: String {
        let last = transcript.reversed().prefix { $0.role == .assistant }
        return last.reversed().map(\.text).joined()
    }

    private mutating func read(_ step: Step) {
        switch (step.kind, step.state) {
        case (.model, .failed):
            failure = step.error ?? ExecutionError(code: "provider_failed", message: "The model failed.")
        case (.model, .completed):
            modelCalls += 1
            guard let response = try? step.output?.decodedUnchecked(as: ModelResponse.self) else {
                failure = ExecutionError(
                    code: "journal_unreadable", message: "The journal holds an answer that cannot be read.")
                return
            }
            transcript.append(response.message)
            lastResponse = response
            pendingCalls = response.message.toolCalls
        case (.tool, .completed): readResult(of: step)
        // Begun before a crash, in doubt, or done again by a later step; and what is neither a model nor a tool.
        case (_, .started), (_, .waiting), (_, .needsReview), (_, .superseded), (.tool, .failed), (.child, _),
            (.timer, _), (.input, _):
            break
        }
    }

    private mutating func readResult(of step: Step) {
        guard let result = try? step.output?.decodedUnchecked(as: ToolResult.self) else { return }
        pendingCalls.removeAll { $0.id == result.callId }
        // The results of one message's calls form one message, in the order of the calls.
        if transcript.last?.role == .tool {
            transcript[transcript.count - 1].parts.append(.toolResult(result))
        } else {
            transcript.append(ModelMessage(role: .tool, parts: [.toolResult(result)]))
        }
    }
}
