import Foundation
import SpotterDomain

/// A conversation as the API shows it.
struct ConversationResource: Codable, Sendable {
    let id: ConversationID
    let agentId: AgentID
    let title: String
    let metadata: [String: String]
    let version: Int
    let createdAt: Date
    let updatedAt: Date
    let lastMessageAt: Date?

    init(_ conversation: Conversation) {
        id = conversation.id
        agentId = conversation.agentId
        title = conversation.title
        metadata = conversation.metadata
        version = conversation.version
        createdAt = conversation.createdAt
        updatedAt = conversation.updatedAt
        lastMessageAt = conversation.lastMessageAt
    }
}

extension ConversationResource: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("agent_id", agentId)
            json.member("title", title)
            json.member("metadata", metadata)
            json.member("version", version)
            json.member("created_at", createdAt)
            json.member("updated_at", updatedAt)
            json.member("last_message_at", lastMessageAt)
        }
    }
}

/// What starts a conversation.
struct ConversationRequest: Codable, Sendable, FieldsDescribed {
    let agentId: AgentID
    let title: String?
    let metadata: [String: String]?

    static let fields: [String: Field] = [
        "agent_id": Field("Whom to talk to."),
        "title": Field("What it is about; `New conversation` unless given.", length: 1...200),
        "metadata": Field("Your own labels."),
    ]
}

/// What people may change of a conversation.
struct ConversationChange: Codable, Sendable, FieldsDescribed {
    let title: String
    let metadata: [String: String]?

    static let fields: [String: Field] = [
        "title": Field("What it is about.", length: 1...200), "metadata": Field("Your own labels."),
    ]
}

/// A message as the API shows it.
struct MessageResource: Codable, Sendable {
    let id: MessageID
    let conversationId: ConversationID
    let role: Message.Role
    let content: String
    let toolCalls: [ToolCallRecord]
    let usage: TokenUsage?
    let cost: Cost?
    let latencyMs: Int?
    let executionId: ExecutionID?
    let isPartial: Bool
    let replacedBy: MessageID?
    let createdAt: Date

    init(_ message: Message) {
        id = message.id
        conversationId = message.conversationId
        role = message.role
        content = message.content
        toolCalls = message.toolCalls
        usage = message.usage
        cost = message.cost
        latencyMs = message.latencyMs
        executionId = message.executionId
        isPartial = message.isPartial
        replacedBy = message.replacedBy
        createdAt = message.createdAt
    }
}

extension MessageResource: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
            json.member("conversation_id", conversationId)
            json.member("role", role)
            json.member("content", content)
            json.member("tool_calls", toolCalls)
            json.member("usage", usage)
            json.member("cost", cost)
            json.member("latency_ms", latencyMs)
            json.member("execution_id", executionId)
            json.member("is_partial", isPartial)
            json.member("replaced_by", replacedBy)
            json.member("created_at", createdAt)
        }
    }
}

/// How an answer is given anew.
struct RegenerateRequest: Codable, Sendable, FieldsDescribed {
    let stream: Bool?

    static let fields: [String: Field] = [
        "stream": Field("Answer as an event stream while the agent works.")
    ]
}

/// What somebody says to an agent.
struct MessageRequest: Codable, Sendable, FieldsDescribed {
    let content: String
    let stream: Bool?

    static let fields: [String: Field] = [
        "content": Field("What you say.", length: 1...100_000, example: "Which classes are on tomorrow?"),
        "stream": Field("Answer as an event stream while the agent works."),
    ]
}

/// The answer to a message.
struct TurnResource: Codable, Sendable {
    let message: MessageResource
    let executionId: ExecutionID
    let usage: TokenUsage
    let cost: Cost

    init(message: Message, execution: Execution) {
        self.message = MessageResource(message)
        executionId = execution.id
        usage = execution.usage
        cost = execution.cost
    }
}

extension TurnResource: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("message", message)
            json.member("execution_id", executionId)
            json.member("usage", usage)
            json.member("cost", cost)
        }
    }
}
