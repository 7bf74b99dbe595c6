public import Foundation

public enum MessageKind: IdentifierKind { public static let prefix = "msg" }
public typealias MessageID = Identifier<MessageKind>

/// What somebody said in a conversation. An answer holds its whole turn: every model message and tool result of it.
public struct Message: Sendable, Codable, Hashable {
    public enum Role: String, Sendable, Codable, CaseIterable, SchemaDescribed { case user, assistant, tool }

    public let id: MessageID
    public let conversationId: ConversationID
    public let role: Role
    /// What people read.
    public var content: String
    /// The turn in the neutral form that goes back to models; for a user's message, that message.
    public var transcript: [ModelMessage]
    public var usage: TokenUsage?
    public var cost: Cost?
    public var latencyMs: Int?
    public var executionId: ExecutionID?
    public let createdAt: Date

    public init(
        id: MessageID, conversationId: ConversationID, role: Role, content: String, transcript: [ModelMessage],
        usage: TokenUsage? = nil, cost: Cost? = nil, latencyMs: Int? = nil, executionId: ExecutionID? = nil,
        createdAt: Date
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
        self.createdAt = createdAt
    }
}

/// A tool call of a turn with what came of it, as the API shows it.
public struct ToolCallRecord: Sendable, Codable, Hashable {
    public let id: String
    public let name: String
    public let arguments: JSONValue
    public let result: JSONValue?
    public let isError: Bool
    public let durationMs: Int

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
