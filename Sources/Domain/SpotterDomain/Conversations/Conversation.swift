public import Foundation

/// Marks the ids of conversations.
public enum ConversationKind: IdentifierKind {
    /// Ids begin with `conv_`.
    public static let prefix = "conv"
}

/// The id of a conversation, such as `conv_01h…`.
public typealias ConversationID = Identifier<ConversationKind>

/// A chat session with one agent.
public struct Conversation: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: ConversationID
    /// The agent that answers.
    public let agentId: AgentID
    /// Shown in lists.
    public var title: String
    /// The organisation's own labels.
    public var metadata: [String: String]
    /// Raised by every change, for ETags.
    public var version: Int
    /// When it was opened.
    public let createdAt: Date
    /// When title or metadata last changed.
    public var updatedAt: Date
    /// When something was last said; nil before the first message.
    public var lastMessageAt: Date?

    /// A conversation; with the defaults, a new one.
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

/// Which conversations a list shows.
public struct ConversationFilter: Sendable, Hashable {
    /// Only those with this agent; nil means with any.
    public var agent: AgentID?
    /// Words of the title, or of something that was said: those that begin with these. Each of `SearchWords.wanted`
    /// must be in the one place.
    public var search: String?

    /// A filter; what is nil lets everything pass.
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
    /// Deletes it with its messages; turns that wait are cancelled. With `version`, only if that is the current one.
    func delete(_ id: ConversationID, version: Int?, in scope: OrganizationScope) async throws
    /// Oldest first; `page.after` goes towards newer ones. What waits for its turn is not among them. Throws `notFound`
    /// for an unknown conversation.
    ///
    /// - Parameter includesReplaced: whether answers are among them in whose place there is another.
    func messages(
        of id: ConversationID, includesReplaced: Bool, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Message>
    /// One of a conversation's messages. Throws `notFound`.
    func message(_ id: MessageID, in conversation: ConversationID, _ scope: OrganizationScope) async throws -> Message
    /// What the execution answered in the conversation; nil if it has not, or never will.
    func answer(
        of execution: ExecutionID, in conversation: ConversationID, _ scope: OrganizationScope
    ) async throws -> Message?
    /// What a turn needs, in one round trip: the conversation, its agent as it is now, its newest memory block, the last
    /// `limit` messages that the block does not cover, oldest first, and what memory holds for it, 20 entries of each
    /// scope. Throws `notFound`.
    func turnContext(
        of id: ConversationID, limit: Int, in scope: OrganizationScope
    ) async throws -> TurnContext
}

extension ConversationStore {
    /// The same without answers in whose place there is another.
    public func messages(
        of id: ConversationID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Message> {
        try await messages(of: id, includesReplaced: false, page, in: scope)
    }
}

/// What a chat turn starts from.
public struct TurnContext: Sendable, Hashable {
    /// The organisation that the conversation belongs to.
    public let organization: Organization
    /// The conversation as it is now.
    public let conversation: Conversation
    /// The agent as it is now.
    public let agent: Agent
    /// The last messages after those that `block` covers, oldest first.
    public let messages: [Message]
    /// What was said before, in short; nil where nothing was summarised.
    public let block: MemoryBlock?
    /// How many messages neither `messages` nor `block` has, because they were more than were asked for.
    public let unread: Int
    /// Of the conversation, of the agent and of the organisation, in this order.
    public let memory: [MemoryEntry]

    /// How many entries of each scope of memory a turn is told of.
    public static let entriesRecalled = 20

    /// What was read for one turn.
    public init(
        organization: Organization, conversation: Conversation, agent: Agent, messages: [Message],
        block: MemoryBlock? = nil, unread: Int = 0, memory: [MemoryEntry] = []
    ) {
        self.organization = organization
        self.conversation = conversation
        self.agent = agent
        self.messages = messages
        self.block = block
        self.unread = unread
        self.memory = memory
    }
}
