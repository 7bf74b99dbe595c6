public import Foundation

/// Which agents a list shows.
public struct AgentFilter: Sendable, Hashable {
    /// Words to find in name, description or role.
    public var search: String?
    /// Only agents that are enabled, or only disabled ones; nil means both.
    public var enabled: Bool?
    /// Only agents of this role; nil means of any.
    public var role: String?

    /// A filter; what is nil lets everything pass.
    public init(search: String? = nil, enabled: Bool? = nil, role: String? = nil) {
        self.search = search
        self.enabled = enabled
        self.role = role
    }
}

/// Where agents and their versions are kept.
///
/// Names are unique in an organisation, compared after Unicode NFC and case folding: a second agent of that name is a
/// `conflict`.
public protocol AgentStore: Sendable {
    /// Creates version 1. Throws `limitReached` where the organisation has as many agents as it may have; also of many
    /// at once only as many are created as there is room for.
    func create(_ agent: Agent, receipt: Receipt?, in scope: OrganizationScope) async throws
    /// Throws `notFound`.
    func agent(_ id: AgentID, in scope: OrganizationScope) async throws -> Agent
    func agent(named name: String, in scope: OrganizationScope) async throws -> Agent?
    /// Newest first.
    func list(_ filter: AgentFilter, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Agent>
    /// Makes `agent` (with its version already raised) the current version if the stored one is `agent.version - 1`;
    /// otherwise throws `preconditionFailed`, or `notFound`.
    func update(_ agent: Agent, in scope: OrganizationScope) async throws
    /// Deletes the agent; conversations keep what was said. With `version`, only if that is the current one.
    func delete(_ id: AgentID, version: Int?, in scope: OrganizationScope) async throws
    /// Newest first; `page.after` is a `Cursor(version:)` and gives those before it. Throws `notFound` for an unknown
    /// agent.
    func versions(of id: AgentID, _ page: PageRequest, in scope: OrganizationScope) async throws -> [AgentVersion]
    /// One version. Throws `notFound`.
    func version(_ version: Int, of id: AgentID, in scope: OrganizationScope) async throws -> AgentVersion
    func count(in scope: OrganizationScope) async throws -> Int
    /// Agents that were seeded from a template, deleted ones not among them.
    func seeded(in scope: OrganizationScope) async throws -> [Agent]
}

/// What an agent was at one time. Never changes.
public struct AgentVersion: Sendable, Codable, Hashable {
    /// The agent it is a version of.
    public let agentId: AgentID
    /// 1 for the first, one more with each change.
    public let version: Int
    /// What people had set.
    public let settings: AgentSettings
    /// When the version was made.
    public let createdAt: Date

    /// A version as it was kept.
    public init(agentId: AgentID, version: Int, settings: AgentSettings, createdAt: Date) {
        self.agentId = agentId
        self.version = version
        self.settings = settings
        self.createdAt = createdAt
    }
}

extension SpotterError {
    /// There is no room for another agent.
    public static func tooManyAgents(limit: Int) -> SpotterError {
        SpotterError(
            .limitReached,
            "This organisation may have \(limit) agent\(limit == 1 ? "" : "s") and has as many. Delete one, or have the "
                + "operator raise `limits.max_agents`.")
    }
}
