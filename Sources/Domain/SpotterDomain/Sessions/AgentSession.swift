public import Foundation

/// Marks the ids of sessions of agents.
public enum AgentSessionKind: IdentifierKind {
    /// Ids begin with `sess_`.
    public static let prefix = "sess"
}

/// The id of a session of agents, such as `sess_01h…`.
public typealias AgentSessionID = Identifier<AgentSessionKind>

/// Several agents that are there for one subject, opened by a plan.
public struct AgentSession: Sendable, Hashable {
    /// How far a session is.
    public enum Status: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// The plan that opens it has not ended.
        case starting
        /// It was opened.
        case ready
        /// It could not be opened.
        case failed
        /// Somebody has ended it, or nothing was heard of it for long.
        case ended
    }

    /// Never changes. Calls name it as their `session_id`.
    public let id: AgentSessionID
    /// The slug of its template.
    public let template: String
    /// Whom or what it is about.
    public let subject: String
    /// Whatever else was given.
    public let data: JSONValue
    /// The agents by their roles.
    public let agents: [String: AgentID]
    /// The run of the plan that opens it.
    public let execution: ExecutionID
    /// After how many minutes without a call it ends.
    public let idleMinutes: Int
    /// When it ends unless something is heard of it.
    public let idleAt: Date
    /// When it was asked for.
    public let createdAt: Date
    /// When it was ended; nil while it was not, even if its time is over.
    public let endedAt: Date?

    /// A session as it was kept.
    public init(
        id: AgentSessionID, template: String, subject: String, data: JSONValue, agents: [String: AgentID],
        execution: ExecutionID, idleMinutes: Int, idleAt: Date? = nil, createdAt: Date, endedAt: Date? = nil
    ) {
        self.id = id
        self.template = template
        self.subject = subject
        self.data = data
        self.agents = agents
        self.execution = execution
        self.idleMinutes = idleMinutes
        self.idleAt = idleAt ?? createdAt + Double(idleMinutes) * 60
        self.createdAt = createdAt
        self.endedAt = endedAt
    }

    /// How far it is.
    ///
    /// - Parameter opening: how far the plan is that opens it.
    public func status(opening: ExecutionState, at now: Date) -> Status {
        if endedAt != nil || idleAt <= now { return .ended }
        guard opening.isTerminal else { return .starting }
        return opening == .completed ? .ready : .failed
    }
}

/// Where sessions of agents are kept.
public protocol AgentSessionStore: Sendable {
    /// Keeps a new session and puts the plan that opens it into the queue, in one transaction. Throws `ReceiptExists`.
    func create(
        _ session: AgentSession, opening: Execution, receipt: Receipt?, in scope: OrganizationScope
    ) async throws
    /// Throws `notFound`.
    func session(_ id: AgentSessionID, in scope: OrganizationScope) async throws -> AgentSession
    /// The session that this run opens.
    func session(openedBy execution: ExecutionID, in scope: OrganizationScope) async throws -> AgentSession?
    /// Something was heard of it: its time begins anew, unless it has ended. Returns whether it has not.
    @discardableResult
    func hear(_ id: AgentSessionID, at now: Date, in scope: OrganizationScope) async throws -> Bool
    /// Ends it; one that has ended stays as it is. Throws `notFound`.
    func end(_ id: AgentSessionID, at now: Date, in scope: OrganizationScope) async throws
    /// Ends at most `limit` whose time is over, each at its time. Returns how many.
    func endIdle(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int
}
