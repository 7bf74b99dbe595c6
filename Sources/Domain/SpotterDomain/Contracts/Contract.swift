public import Foundation

/// Marks the ids of contracts.
public enum ContractKind: IdentifierKind {
    /// Ids begin with `ctr_`.
    public static let prefix = "ctr"
}

/// The id of a contract, such as `ctr_01h…`.
public typealias ContractID = Identifier<ContractKind>

/// What was asked of an agent, or what it answered. A call that is kept has one of each, which name each other by
/// `correlationId`.
public struct Contract: Sendable, Hashable {
    /// Which side.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case request = "REQUEST"
        case response = "RESPONSE"
    }

    /// What became of it.
    public enum Status: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// A request: it was given to the agent.
        case sent
        /// A response, as the call ended.
        case completed, failed, cancelled
    }

    /// Never changes.
    public let id: ContractID
    /// The session that the call belongs to; nil outside of one.
    public let sessionId: String?
    /// Which side it is.
    public let type: Kind
    /// The request's id, in both.
    public let correlationId: ContractID
    /// The call.
    public let executionId: ExecutionID
    /// What was asked for; nil where an agent was named.
    public let capability: String?
    /// What was to be done.
    public let action: String
    /// Who was asked.
    public let agentId: AgentID
    /// What was said: the parameters, or `{success, data}` or `{success, error}`.
    public let payload: JSONValue
    /// What became of it.
    public let status: Status
    /// When it was written.
    public let createdAt: Date

    /// A contract.
    public init(
        id: ContractID, sessionId: String?, type: Kind, correlationId: ContractID, executionId: ExecutionID,
        capability: String?, action: String, agentId: AgentID, payload: JSONValue, status: Status, createdAt: Date
    ) {
        self.id = id
        self.sessionId = sessionId
        self.type = type
        self.correlationId = correlationId
        self.executionId = executionId
        self.capability = capability
        self.action = action
        self.agentId = agentId
        self.payload = payload
        self.status = status
        self.createdAt = createdAt
    }
}

/// Which contracts a list shows.
public struct ContractFilter: Sendable, Hashable {
    /// Only those of this session.
    public var session: String?
    /// Only those with this agent.
    public var agent: AgentID?
    /// Only those for this capability.
    public var capability: String?
    /// Only this side.
    public var type: Contract.Kind?
    /// Only those that are so.
    public var status: Contract.Status?
    /// Only those written then or later.
    public var from: Date?
    /// Only those written before.
    public var to: Date?

    /// A filter; what is nil lets everything pass.
    public init(
        session: String? = nil, agent: AgentID? = nil, capability: String? = nil, type: Contract.Kind? = nil,
        status: Contract.Status? = nil, from: Date? = nil, to: Date? = nil
    ) {
        self.session = session
        self.agent = agent
        self.capability = capability
        self.type = type
        self.status = status
        self.from = from
        self.to = to
    }
}

/// Where contracts are kept. They are written with the choice of an agent and with the end of its call, in the same
/// transactions: see `RoutingStore`.
public protocol ContractStore: Sendable {
    /// Throws `notFound`.
    func contract(_ id: ContractID, in scope: OrganizationScope) async throws -> Contract
    /// Newest first.
    func list(
        _ filter: ContractFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Contract>
    /// Those of a session, oldest first, at most `limit` of the newest.
    func contracts(ofSession session: String, limit: Int, in scope: OrganizationScope) async throws -> [Contract]
    /// Keeps what a session came to; a block that is kept already stays as it is.
    func keep(_ block: SessionBlock, in scope: OrganizationScope) async throws
    /// The newest block of a session; nil where there is none.
    func block(ofSession session: String, in scope: OrganizationScope) async throws -> SessionBlock?
}
