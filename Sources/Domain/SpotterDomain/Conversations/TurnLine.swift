/// What a chat turn begins with.
public struct TurnOpening: Sendable {
    /// Running, in the hands of whoever begins it.
    public let execution: Execution
    /// What somebody says; nil where an answer is given anew.
    public let message: Message?
    /// The answer that is given anew; nil where somebody says something.
    public let replacing: MessageID?
    /// Told when the turn begins at once.
    public let events: [EventDraft]
    /// Of the request, if it had a key.
    public let receipt: Receipt?
    /// What its first call of a model may cost, set aside if the turn begins at once.
    public var reservation: Reservation?

    /// A turn that answers `message`.
    public init(_ execution: Execution, message: Message, events: [EventDraft], receipt: Receipt?) {
        (self.execution, self.message, self.replacing) = (execution, message, nil)
        (self.events, self.receipt) = (events, receipt)
    }

    /// A turn that gives an answer anew.
    public init(_ execution: Execution, replacing: MessageID, events: [EventDraft], receipt: Receipt?) {
        (self.execution, self.message, self.replacing) = (execution, nil, replacing)
        (self.events, self.receipt) = (events, receipt)
    }
}

/// What became of a chat turn that was to begin.
public struct TurnStart: Sendable {
    /// What was told of it, with its place in the log.
    public let events: [Event]
    /// Whether it waits for the turns before it.
    public let isInLine: Bool
    /// Whether a budget has a say in the call that was to be set aside for: it may have refused, or cut the answer down.
    public let isBudgeted: Bool

    /// The outcome of a beginning.
    public init(events: [Event], isInLine: Bool, isBudgeted: Bool = false) {
        self.events = events
        self.isInLine = isInLine
        self.isBudgeted = isBudgeted
    }
}

/// The line in which messages of one conversation wait for their turns: one is answered at a time, in the order in which
/// they were accepted. Who waits costs a row.
public enum TurnLine {
    /// How many messages of one conversation may wait.
    public static let longest = 1_000

    /// More were said than may wait.
    public static var isFull: SpotterError {
        SpotterError(
            .rateLimited, "\(longest) messages wait in this conversation. Send more when some have been answered.",
            retryAfter: 5)
    }

    /// The turn before waits for a person, or is paused: nobody knows for how long.
    public static func isHeldUp(by execution: ExecutionID) -> SpotterError {
        SpotterError(
            .conflict,
            "The turn before, \(execution), is paused or waits for somebody. Resume it, decide, or cancel it first.")
    }

    /// An answer can be given anew only while nobody is answering.
    public static var isAnswering: SpotterError {
        SpotterError(.conflict, "The conversation is being answered. Try again when that has ended, or cancel it.")
    }

    /// Only what was said last can be said anew.
    public static var isNotLast: SpotterError {
        SpotterError(
            .conflict,
            "Only the last answer of a conversation can be given anew, and this is not it. A turn that failed is tried "
                + "again by POST /v1/executions/{id}/retry.")
    }
}

extension Execution {
    /// What a turn says of itself while it waits for those before it, and until it begins.
    public static let lineStep = "previous_turns"

    /// Whether it takes turns with the others of its conversation. What a turn begins itself belongs to that turn.
    public var takesTurns: Bool { kind == .message && conversationId != nil && parentId == nil }

    /// Whether it waits for the turns before it.
    public var isInLine: Bool { state == .waiting && currentStep == Self.lineStep }

    /// The same turn as one that waits for those before it.
    public var putInLine: Execution {
        var execution = self
        execution.state = .waiting
        execution.startedAt = nil
        execution.currentStep = Self.lineStep
        return execution
    }

    /// Tells that it waits for the turns before it.
    public var lineEvent: EventDraft {
        EventDraft(.executionQueued, execution: id, data: turnData.with("reason", "previous_turns"))
    }

    /// Tells that the agent begins: readers show that somebody writes.
    public var turnStarted: EventDraft {
        EventDraft(.executionStarted, execution: id, data: turnData.with("activity", "typing"))
    }

    private var turnData: JSONValue {
        var data = JSONObject()
        data["kind"] = .string(kind.rawValue)
        data["conversation_id"] = conversationId.map { .string($0.description) } ?? .null
        data["agent_id"] = agentId.map { .string($0.description) } ?? .null
        return .object(data)
    }

    /// The answer that it is to stand in for; nil for most.
    public var replacedAnswer: MessageID? { input["replaces"]?.string.flatMap { MessageID($0) } }

    /// The message that it answers, where that is not its own.
    public var question: MessageID? { input["question"]?.string.flatMap { MessageID($0) } }
}

extension JSONValue {
    fileprivate func with(_ name: String, _ value: JSONValue) -> JSONValue {
        guard var object else { return self }
        object[name] = value
        return .object(object)
    }
}
