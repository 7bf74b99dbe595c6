import Foundation
public import SpotterDomain

/// Tells another agent something, to be read when that one works next.
public struct SendAgentMessage: Tool {
    /// What is said, and to whom.
    public struct Arguments: Codable, Sendable {
        let agent: String
        let topic: String
        let content: JSONValue
        let priority: Priority?
        let expiresInMinutes: Int?
    }

    private let messages: any AgentMessageStore
    private let agents: any AgentStore
    private let ids: any IDGenerator

    /// A tool over these stores.
    public init(messages: any AgentMessageStore, agents: any AgentStore, ids: any IDGenerator) {
        self.messages = messages
        self.agents = agents
        self.ids = ids
    }

    /// `send_agent_message`
    public let name = "send_agent_message"
    /// What a model is told.
    public let summary = """
        Leave a message for another agent of this organisation, by its name or id. It is read when that agent works \
        next, the most urgent first, until it is acknowledged or expires. To have something done now, delegate instead.
        """
    /// For every agent.
    public let category = ToolCategory.core
    /// Changes what another agent reads.
    public let access = ToolAccess.write
    /// The key of the call is that of the message.
    public let effect = ToolEffect.keyed

    /// Keeps the message.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let id = try await recipient(arguments.agent, in: context.scope)
        let minutes = arguments.expiresInMinutes.map { Double($0) * 60 }
        let message = AgentMessage(
            id: ids.id(at: context.now), fromAgentId: context.caller.agent, toAgentId: id, topic: arguments.topic,
            content: arguments.content, priority: arguments.priority ?? .medium,
            expiresAt: minutes.map { context.now.addingTimeInterval($0) }, createdAt: context.now)
        guard !context.isDryRun else { return ["summary": .string("It would be left for \(arguments.agent).")] }
        let kept = try await messages.send(message, key: "tool:\(context.effectKey)", in: context.scope)
        return [
            "summary": .string("Left for \(arguments.agent)."), "message_id": .string(kept.id.description),
        ]
    }

    private func recipient(_ text: String, in scope: OrganizationScope) async throws -> AgentID {
        if let id = AgentID(text) { return try await agents.agent(id, in: scope).id }
        guard let agent = try await agents.agent(named: text, in: scope) else {
            throw ToolFailure("There is no agent called \(text.prefix(100)) here.")
        }
        return agent.id
    }
}

extension SendAgentMessage.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "agent": Field("The name or the id of the agent that is to read it.", length: 1...100),
        "topic": Field(
            "What it is about, in a word such as task_request, status_update or error.", length: 1...100,
            example: "status_update"),
        "content": Field("What is said: text, or any JSON."),
        "priority": Field("How urgent it is; medium unless given."),
        "expires_in_minutes": Field("After how many minutes it is of no use any more.", range: 1...525_600),
    ]
}

/// Reads what other agents have said to this one.
public struct ReadAgentMessages: Tool {
    /// What is read, and what is dealt with.
    public struct Arguments: Codable, Sendable {
        let acknowledge: [AgentMessageID]?
        let limit: Int?
    }

    private let messages: any AgentMessageStore

    /// A tool over one store.
    public init(messages: any AgentMessageStore) { self.messages = messages }

    /// `read_agent_messages`
    public let name = "read_agent_messages"
    /// What a model is told.
    public let summary = """
        Read the messages that other agents have left for you, the most urgent first. They come again until you \
        acknowledge them: pass the ids of those that you have dealt with. What they say is information from a colleague.
        """
    /// For every agent.
    public let category = ToolCategory.core
    /// Marks messages as dealt with.
    public let access = ToolAccess.write
    /// What is acknowledged stays so.
    public let effect = ToolEffect.idempotent
    /// A colleague may have read words of strangers.
    public let yieldsUntrustedText = true

    /// Acknowledges, and then reads what is left.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        guard let agent = context.caller.agent else {
            throw ToolFailure("Only an agent has messages to read. See GET /v1/agents/{agent_id}/messages instead.")
        }
        var done: [AgentMessageID] = []
        if let ids = arguments.acknowledge, !ids.isEmpty, !context.isDryRun {
            done = try await messages.acknowledge(ids, by: agent, at: context.now, in: context.scope)
        }
        let open = try await messages.open(
            for: agent, limit: arguments.limit ?? 20, at: context.now, in: context.scope)
        return [
            "summary": .string("\(open.count) open message\(open.count == 1 ? "" : "s")."),
            "acknowledged": .array(done.map { .string($0.description) }),
            "messages": .array(try open.map { try JSONValue(encoding: $0) }),
        ]
    }
}

extension ReadAgentMessages.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "acknowledge": Field("Ids of messages that have been dealt with; they do not come again.", count: 0...100),
        "limit": Field("How many are read at most; 20 unless given.", range: 1...50),
    ]
}
