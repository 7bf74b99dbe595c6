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
    /// How the past is looked at, each in place of the one before.
    private(set) var compactions: [Compaction] = []
    /// What came of calls for summaries, by the steps' names.
    private(set) var summaries: [String: SummaryCall] = [:]
    /// The provider said that the last request was too long for the model, and nothing was done about it yet.
    private(set) var overflow: ExecutionError?
    /// The answer of a provider that says so by giving one without words.
    private(set) var emptied: ModelResponse?
    /// What the provider counted last.
    private(set) var count: Count?
    /// How often the model was told that its answer does not follow its schema.
    private(set) var complaints = 0
    private let schema: ResponseSchema?
    /// The request that overflowed was made shorter, and no answer has come since.
    private var isSecondTry = false

    /// What came of a call for a summary.
    enum SummaryCall {
        case written(String, model: String)
        case failed(String)
    }

    /// Tokens of a request as the provider counted them, and what the request was made of.
    struct Count {
        let tokens: Int
        /// How many messages of the transcript it held.
        let transcript: Int
        let compaction: Compaction?
    }

    /// - Parameter schema: what the turn's answer must look like.
    init(_ journal: Journal, schema: ResponseSchema? = nil) {
        self.schema = schema
        for step in journal.steps { read(step) }
    }

    /// A turn in which nothing has been done yet.
    init() { schema = nil }

    /// What is wrong with the answer that the model has ended the turn with; nil where nothing is, or where it goes on.
    var mismatch: AnswerMismatch? {
        guard let schema, let lastResponse, !wantsModel, pendingCalls.isEmpty else { return nil }
        return AnswerMismatch(of: answer, to: schema, stopReason: lastResponse.stopReason)
    }

    /// Tells the model what is wrong with its answer.
    mutating func complain(of mismatch: AnswerMismatch) {
        complaints += 1
        say(mismatch.complaint)
    }

    /// Puts in what its program, or a person, says to the model.
    ///
    /// - Precondition: no call is open.
    mutating func say(_ text: String) {
        // Providers refuse a message that says nothing.
        if let last = transcript.last, last.role == .assistant, last.text.isEmpty, last.toolCalls.isEmpty {
            transcript.removeLast()
        }
        if transcript.last?.role == .user {
            transcript[transcript.count - 1].parts.append(.text("\n\n" + text))
        } else {
            transcript.append(.user(text))
        }
    }

    /// What came of an open call.
    mutating func resolve(_ result: ToolResult) {
        pendingCalls.removeAll { $0.id == result.callId }
        // The results of one message's calls form one message, in the order of the calls.
        if transcript.last?.role == .tool {
            transcript[transcript.count - 1].parts.append(.toolResult(result))
        } else {
            transcript.append(ModelMessage(role: .tool, parts: [.toolResult(result)]))
        }
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

    mutating func read(_ step: Step) {
        switch (step.kind, step.state) {
        case (.model, .failed) where step.isSummary:
            summaries[step.name] = .failed(step.error?.message ?? "The model failed.")
        case (.model, .completed) where step.isSummary: readSummary(of: step)
        case (.model, .failed):
            let error = step.error ?? ExecutionError(code: "provider_failed", message: "The model failed.")
            if error.code == "context_too_long", !isSecondTry { overflow = error } else { failure = error }
        case (.model, .completed): readAnswer(of: step)
        case (.compaction, _):
            guard let compaction = step.compaction else { return }
            compactions.append(compaction)
            if overflow != nil { isSecondTry = true }
            (overflow, emptied) = (nil, nil)
        case (.tool, .completed): readResult(of: step)
        // Begun before a crash, in doubt, or done again by a later step; and what is neither a model nor a tool.
        case (_, .started), (_, .waiting), (_, .needsReview), (_, .superseded), (.tool, .failed), (.child, _),
            (.timer, _), (.input, _), (.approval, _), (.node, _):
            break
        }
    }

    private mutating func readSummary(of step: Step) {
        let response = try? step.output?.decodedUnchecked(as: ModelResponse.self)
        // The offline model makes no summaries, only answers.
        guard let response, response.provider != "offline" else {
            summaries[step.name] = .failed("No model that could write it has a key.")
            return
        }
        summaries[step.name] = .written(response.message.text, model: response.model)
    }

    private mutating func readAnswer(of step: Step) {
        modelCalls += 1
        guard let response = try? step.output?.decodedUnchecked(as: ModelResponse.self) else {
            failure = ExecutionError(
                code: "journal_unreadable", message: "The journal holds an answer that cannot be read.")
            return
        }
        let saysNothing = response.message.text.isEmpty && response.message.toolCalls.isEmpty
        if response.stopReason == .contextExceeded, saysNothing, !isSecondTry {
            overflow = ExecutionError(code: "context_too_long", message: "The request was longer than the model reads.")
            emptied = response
            return
        }
        // It was asked again because of what it had said: see `ChatProgram`.
        if let mismatch { complain(of: mismatch) }
        if response.isCached != true {
            count = Count(
                tokens: response.usage.inputTokens, transcript: transcript.count, compaction: compactions.last)
        }
        isSecondTry = false
        transcript.append(response.message)
        lastResponse = response
        pendingCalls = response.message.toolCalls
    }

    private mutating func readResult(of step: Step) {
        guard let result = try? step.output?.decodedUnchecked(as: ToolResult.self) else { return }
        resolve(result)
    }
}

extension Step {
    /// Whether it is a call for a summary, and none that answers.
    fileprivate var isSummary: Bool { name.hasPrefix("summarize-") || name.hasPrefix("recap-") }
}
