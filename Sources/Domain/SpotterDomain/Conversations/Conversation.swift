public import Foundation

public enum ConversationKind: IdentifierKind { public static let prefix = "conv" }
public typealias ConversationID = Identifier<ConversationKind>

/// A chat session with one agent.
public struct Conversation: Sendable, Codable, Hashable {
    public let id: ConversationID
    public let agentId: AgentID
    public var title: String
    public var metadata: [String: String]
    /// Raised by every change, for ETags.
    public var version: Int
    public let createdAt: Date
    public var updatedAt: Date
    public var lastMessageAt: Date?

    public init(
        id: ConversationID, agentId: AgentID, title: String, metadata: [String: String] = [:], version: Int = 1,
        createdAt: Date, updatedAt: Date, lastMessageAt: Date? = nil
    ) {
        self.id = id
        self.agentId = agentId
        self.title = title
        self.metadata = metadata
        self.version = version
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.lastMessageAt = lastMessageAt
    }
}

public struct ConversationFilter: Sendable, Hashable {
    public var agent: AgentID?
    /// Words to find in the title.
    public var search: String?
    public init(agent: AgentID? = nil, search: String? = nil) {
        self.agent = agent
        self.search = search
    }
}

/// Where conversations and their messages are kept.
public protocol ConversationStore: Sendable {
    /// Throws `notFound` when the agent is not the organisation's.
    func create(_ conversation: Conversation, receipt: Receipt?, in scope: OrganizationScope) async throws
    func conversation(_ id: ConversationID, in scope: OrganizationScope) async throws -> Conversation
    /// Newest first.
    func list(
        _ filter: ConversationFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Conversation>
    /// Saves title and metadata; the stored version must be `conversation.version - 1`, else `preconditionFailed`.
    func update(_ conversation: Conversation, in scope: OrganizationScope) async throws
    /// Deletes it with its messages. With `version`, only if that is the current one.
    func delete(_ id: ConversationID, version: Int?, in scope: OrganizationScope) async throws
    /// Oldest first; `page.after` goes towards newer ones. Throws `notFound` for an unknown conversation.
    func messages(
        of id: ConversationID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Message>
    /// What a turn needs, in one round trip: the conversation, its agent as it is now, and the last `limit` messages,
    /// oldest first. Throws `notFound`.
    func turnContext(
        of id: ConversationID, limit: Int, in scope: OrganizationScope
    ) async throws -> TurnContext
}

/// What a chat turn starts from.
public struct TurnContext: Sendable, Hashable {
    public let organization: Organization
    public let conversation: Conversation
    public let agent: Agent
    public let messages: [Message]

    public init(organization: Organization, conversation: Conversation, agent: Agent, messages: [Message]) {
        self.organization = organization
        self.conversation = conversation
        self.agent = agent
        self.messages = messages
    }
}
