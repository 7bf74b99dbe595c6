import Foundation
import SpotterDomain

/// Agents in memory under the store's rules, where a test may let somebody else act just before a write.
actor RacingAgentStore: AgentStore {
    private var agents: [AgentID: Agent] = [:]
    private var history: [AgentID: [AgentVersion]] = [:]
    private var interruption: (@Sendable (isolated RacingAgentStore) throws -> Void)?
    /// Writes that succeeded.
    private(set) var writes = 0

    /// Runs `action` once, right before the next write.
    func interruptNextWrite(with action: @escaping @Sendable (isolated RacingAgentStore) throws -> Void) {
        interruption = action
    }

    var all: [Agent] { agents.values.sorted { $0.id < $1.id } }

    /// A person's change: a new version.
    func edit(_ id: AgentID, _ change: (inout AgentSettings) -> Void) throws {
        guard var agent = agents[id] else { throw SpotterError.notFound("agent") }
        change(&agent.settings)
        try replace(
            Agent(
                id: id, version: agent.version + 1, settings: agent.settings, template: agent.template,
                createdAt: agent.createdAt, updatedAt: agent.updatedAt))
    }

    func insert(_ agent: Agent) throws {
        guard !agents.values.contains(where: { Self.isSame($0.settings.name, agent.settings.name) }) else {
            throw SpotterError(.conflict, "The name is taken.")
        }
        agents[agent.id] = agent
        history[agent.id] = [agent.asVersion]
    }

    func replace(_ agent: Agent) throws {
        guard let current = agents[agent.id] else { throw SpotterError.notFound("agent") }
        guard current.version == agent.version - 1 else { throw SpotterError(.preconditionFailed, "Stale version.") }
        let others = agents.values.filter { $0.id != agent.id }
        guard !others.contains(where: { Self.isSame($0.settings.name, agent.settings.name) }) else {
            throw SpotterError(.conflict, "The name is taken.")
        }
        agents[agent.id] = agent
        history[agent.id, default: []].insert(agent.asVersion, at: 0)
    }

    func remove(_ id: AgentID) { agents[id] = nil }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        FoldedText.fold(left) == FoldedText.fold(right)
    }

    private func interrupt() throws {
        guard let action = interruption else { return }
        interruption = nil
        try action(self)
    }

    func create(_ agent: Agent, receipt: Receipt?, in scope: OrganizationScope) async throws {
        try interrupt()
        try insert(agent)
        writes += 1
    }

    func update(_ agent: Agent, in scope: OrganizationScope) async throws {
        try interrupt()
        try replace(agent)
        writes += 1
    }

    func agent(_ id: AgentID, in scope: OrganizationScope) async throws -> Agent {
        guard let agent = agents[id] else { throw SpotterError.notFound("agent") }
        return agent
    }

    func agent(named name: String, in scope: OrganizationScope) async throws -> Agent? {
        agents.values.first { Self.isSame($0.settings.name, name) }
    }

    func list(_ filter: AgentFilter, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Agent> {
        Page(items: Array(all.reversed().prefix(page.limit)), next: nil)
    }

    func delete(_ id: AgentID, version: Int?, in scope: OrganizationScope) async throws { remove(id) }

    func versions(of id: AgentID, _ page: PageRequest, in scope: OrganizationScope) async throws -> [AgentVersion] {
        history[id] ?? []
    }

    func version(_ version: Int, of id: AgentID, in scope: OrganizationScope) async throws -> AgentVersion {
        guard let found = history[id]?.first(where: { $0.version == version }) else {
            throw SpotterError.notFound("version")
        }
        return found
    }

    func count(in scope: OrganizationScope) async throws -> Int { agents.count }

    func seeded(in scope: OrganizationScope) async throws -> [Agent] { all.filter { $0.template != nil } }
}

extension Agent {
    fileprivate var asVersion: AgentVersion {
        AgentVersion(agentId: id, version: version, settings: settings, createdAt: updatedAt)
    }
}
