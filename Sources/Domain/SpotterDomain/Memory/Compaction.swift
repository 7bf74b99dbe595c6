/// What a model is shown of a turn's past from one point on: a summary in place of what was left out. The log itself
/// stays as it is; this only says how it is looked at.
public struct Compaction: Sendable, Codable, Hashable {
    /// Why it was made.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// More was to be sent than the model can read, as far as can be told beforehand.
        case budget
        /// The provider said that it was too much.
        case overflow
        /// Somebody asked for it.
        case request
    }

    /// What earlier messages of the conversation come to; nil where none is left out.
    public var summary: String?
    /// The last message that `summary` covers; nil where it covers none, or none that has an id.
    public var through: MessageID?
    /// What the turn itself has done so far, in short; nil where all of it is shown.
    public var workSummary: String?
    /// How many messages of the turn's own transcript are left out, from its beginning.
    public var transcriptDropped: Int
    /// How the summary was made.
    public var method: SummaryMethod
    /// The model that wrote it; nil where none did.
    public var model: String?
    /// Why a summary that a model was to write was made without one; nil where that did not happen.
    public var fallbackReason: String?
    /// Why it was made.
    public var reason: Reason
    /// Stored messages that `summary` covers now and did not before.
    public var storedMessages: Int
    /// Messages that are left out now and were not before.
    public var messagesDropped: Int
    /// Messages that are still shown as they are.
    public var messagesKept: Int
    /// Tool calls, each with its result, among what is left out now and was not before.
    public var toolCallsDropped: Int
    /// Estimated tokens of the whole request before.
    public var tokensBefore: Int
    /// Estimated tokens of the whole request after.
    public var tokensAfter: Int
    /// Tokens that the request may have.
    public var budget: Int

    /// A compaction; see the members.
    public init(
        summary: String?, through: MessageID?, workSummary: String? = nil, transcriptDropped: Int = 0,
        method: SummaryMethod, model: String? = nil, fallbackReason: String? = nil, reason: Reason,
        storedMessages: Int = 0, messagesDropped: Int, messagesKept: Int, toolCallsDropped: Int, tokensBefore: Int,
        tokensAfter: Int,
        budget: Int
    ) {
        self.summary = summary
        self.through = through
        self.workSummary = workSummary
        self.transcriptDropped = transcriptDropped
        self.method = method
        self.model = model
        self.fallbackReason = fallbackReason
        self.reason = reason
        self.storedMessages = storedMessages
        self.messagesDropped = messagesDropped
        self.messagesKept = messagesKept
        self.toolCallsDropped = toolCallsDropped
        self.tokensBefore = tokensBefore
        self.tokensAfter = tokensAfter
        self.budget = budget
    }

    /// As the event tells of it: what was left out, and how much that was. The texts are in the journal.
    public var report: JSONValue {
        var data = JSONObject()
        data["reason"] = .string(reason.rawValue)
        data["method"] = .string(method.rawValue)
        data["model"] = model.map { .string($0) } ?? .null
        if let fallbackReason { data["fallback_reason"] = .string(fallbackReason) }
        data["through_message_id"] = through.map { .string($0.description) } ?? .null
        data["messages_dropped"] = .int(Int64(messagesDropped))
        data["messages_kept"] = .int(Int64(messagesKept))
        data["tool_calls_dropped"] = .int(Int64(toolCallsDropped))
        data["tokens_before"] = .int(Int64(tokensBefore))
        data["tokens_after"] = .int(Int64(tokensAfter))
        data["budget"] = .int(Int64(budget))
        return .object(data)
    }
}

extension Step {
    /// The compaction that the step has journalled; nil for any other step.
    public var compaction: Compaction? {
        guard kind == .compaction, let value = output?["compaction"] else { return nil }
        return try? value.decodedUnchecked(as: Compaction.self)
    }

    /// The memory block that came of the compaction that the step has journalled; nil if none did.
    public var memoryBlock: MemoryBlock? {
        guard kind == .compaction, let value = output?["block"] else { return nil }
        return try? value.decodedUnchecked(as: MemoryBlock.self)
    }
}
