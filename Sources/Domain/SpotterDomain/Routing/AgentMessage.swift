public import Foundation

/// Marks the ids of messages between agents.
public enum AgentMessageKind: IdentifierKind {
    /// Ids begin with `amsg_`.
    public static let prefix = "amsg"
}

/// The id of a message between agents, such as `amsg_01h…`.
public typealias AgentMessageID = Identifier<AgentMessageKind>

/// What one agent tells another, to be read when that one works next.
public struct AgentMessage: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: AgentMessageID
    /// Who says it; nil for a person or a program.
    public let fromAgentId: AgentID?
    /// To whom.
    public let toAgentId: AgentID
    /// What it is about, in a word such as `task_request`.
    public let topic: String
    /// What is said.
    public let content: JSONValue
    /// Which is read first.
    public let priority: Priority
    /// When it is of no use any more; nil for never.
    public let expiresAt: Date?
    /// When its reader has said that it is dealt with; nil if that has not happened.
    public var acknowledgedAt: Date?
    /// When it was said.
    public let createdAt: Date

    /// A message; by default one that does not expire.
    public init(
        id: AgentMessageID, fromAgentId: AgentID?, toAgentId: AgentID, topic: String, content: JSONValue,
        priority: Priority = .medium, expiresAt: Date? = nil, acknowledgedAt: Date? = nil, createdAt: Date
    ) {
        self.id = id
        self.fromAgentId = fromAgentId
        self.toAgentId = toAgentId
        self.topic = topic
        self.content = content
        self.priority = priority
        self.expiresAt = expiresAt
        self.acknowledgedAt = acknowledgedAt
        self.createdAt = createdAt
    }

    /// Whether it is of no use any more.
    public func isExpired(at now: Date) -> Bool { expiresAt.map { $0 <= now } ?? false }
}

/// Where messages between agents are kept.
public protocol AgentMessageStore: Sendable {
    /// Keeps a message, once for each key: the message that was kept first is returned. Throws `notFound` for an agent
    /// that is not there.
    func send(_ message: AgentMessage, key: String, in scope: OrganizationScope) async throws -> AgentMessage
    /// Throws `notFound`.
    func message(_ id: AgentMessageID, in scope: OrganizationScope) async throws -> AgentMessage
    /// Those of an agent that are neither acknowledged nor expired: the most urgent first, of those the oldest.
    func open(for agent: AgentID, limit: Int, at now: Date, in scope: OrganizationScope) async throws -> [AgentMessage]
    /// Marks those of `ids` that are the agent's as dealt with; returns those that were not before. What has expired is
    /// left as it is.
    func acknowledge(
        _ ids: [AgentMessageID], by agent: AgentID, at now: Date, in scope: OrganizationScope
    ) async throws -> [AgentMessageID]
    /// Every message to an agent, newest first. Throws `notFound` for an agent that is not there.
    func list(
        to agent: AgentID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<AgentMessage>
}
