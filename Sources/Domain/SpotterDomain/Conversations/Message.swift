public import Foundation

/// Marks the ids of messages.
public enum MessageKind: IdentifierKind {
    /// Ids begin with `msg_`.
    public static let prefix = "msg"
}

/// The id of a message, such as `msg_01h…`.
public typealias MessageID = Identifier<MessageKind>

/// What somebody said in a conversation. An answer holds its whole turn: every model message and tool result of it.
public struct Message: Sendable, Codable, Hashable {
    /// Who said it.
    public enum Role: String, Sendable, Codable, CaseIterable, SchemaDescribed { case user, assistant, tool }

    /// Never changes.
    public let id: MessageID
    /// The conversation it was said in.
    public let conversationId: ConversationID
    /// Who said it.
    public let role: Role
    /// What people read.
    public var content: String
    /// The turn in the neutral form that goes back to models; for a user's message, that message.
    public var transcript: [ModelMessage]
    /// Tokens of the turn; nil for a user's message.
    public var usage: TokenUsage?
    /// What the turn cost; nil for a user's message.
    public var cost: Cost?
    /// From the start of the turn to its end, in milliseconds; nil for a user's message.
    public var latencyMs: Int?
    /// The execution that made it; nil where there is none.
    public var executionId: ExecutionID?
    /// The answer that it stands in for; nil for most.
    public var replaces: MessageID?
    /// The answer that stands in for it: it is in the log, but not read by models any more; nil for most.
    public var replacedBy: MessageID?
    /// Whether somebody broke the answer off; then it is what had been said by then.
    public var isPartial: Bool
    /// When it was said.
    public let createdAt: Date

    /// A message; figures that are nil are not known or do not apply.
    public init(
        id: MessageID, conversationId: ConversationID, role: Role, content: String, transcript: [ModelMessage],
        usage: TokenUsage? = nil, cost: Cost? = nil, latencyMs: Int? = nil, executionId: ExecutionID? = nil,
        replaces: MessageID? = nil, replacedBy: MessageID? = nil, isPartial: Bool = false, createdAt: Date
    ) {
        self.id = id
        self.conversationId = conversationId
        self.role = role
        self.content = content
        self.transcript = transcript
        self.usage = usage
        self.cost = cost
        self.latencyMs = latencyMs
        self.executionId = executionId
        self.replaces = replaces
        self.replacedBy = replacedBy
        self.isPartial = isPartial
        self.createdAt = createdAt
    }
}

/// A tool call of a turn with what came of it, as the API shows it.
public struct ToolCallRecord: Sendable, Codable, Hashable {
    /// The call's id, unique within the turn.
    public let id: String
    /// The tool's name.
    public let name: String
    /// What the model passed: an object.
    public let arguments: JSONValue
    /// What the tool answered; nil if it has not answered.
    public let result: JSONValue?
    /// Whether the answer is an error.
    public let isError: Bool
    /// How long the tool took, in milliseconds; 0 if it has not answered.
    public let durationMs: Int

    /// A call with its result, if there is one.
    public init(
        id: String, name: String, arguments: JSONValue, result: JSONValue?, isError: Bool, durationMs: Int
    ) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.result = result
        self.isError = isError
        self.durationMs = durationMs
    }
}

extension ToolCallRecord: JSONWritable {
    /// The members in order.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("name", name)
            json.member("arguments", arguments)
            json.member("result", result)
            json.member("is_error", isError)
            json.member("duration_ms", durationMs)
        }
    }
}

extension Message {
    /// The turn's tool calls in order, each with its result.
    public var toolCalls: [ToolCallRecord] {
        let results = Dictionary(
            transcript.flatMap(\.toolResults).map { ($0.callId, $0) }, uniquingKeysWith: { first, _ in first })
        return transcript.flatMap(\.toolCalls).map { call in
            let result = results[call.id]
            return ToolCallRecord(
                id: call.id, name: call.name, arguments: call.arguments, result: result?.output,
                isError: result?.isError ?? false, durationMs: result?.durationMs ?? 0)
        }
    }
}
