import SpotterDomain

/// Agents in memory.
struct MemoryAgentStore: AgentStore {
    let database: MemoryDatabase

    func create(_ agent: Agent, receipt: Receipt?, in scope: OrganizationScope) async throws {
        let agent = agent.resolved
        try database.write(scope) { records in
            try records.insert(receipt)
            if let limit = records.organization?.maxAgents, records.liveAgents.count >= limit {
                throw SpotterError.tooManyAgents(limit: limit)
            }
            guard records.agents[agent.id] == nil else {
                throw SpotterError(.conflict, "There is already an agent with this id.")
            }
            try records.requireFreeName(for: agent)
            records.agents[agent.id] = .init(agent: agent, versions: [agent.asVersion])
        }
    }

    func agent(_ id: AgentID, in scope: OrganizationScope) async throws -> Agent {
        try database.read(scope) { try $0.agent(id) }
    }

    func agent(named name: String, in scope: OrganizationScope) async throws -> Agent? {
        let key = FoldedText.fold(name)
        return database.read(scope) { records in
            records.liveAgents.first { FoldedText.fold($0.settings.name) == key }
        }
    }

    func list(
        _ filter: AgentFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Agent> {
        let words = FoldedText.words(filter.search ?? "")
        return database.read(scope) { records in
            let matches = records.liveAgents.filter { agent in
                let settings = agent.settings
                let text = FoldedText.searchKey(settings.name, settings.description, settings.role)
                return words.allSatisfy(text.contains) && filter.role.map { $0 == settings.role } ?? true
                    && filter.enabled.map { $0 == settings.enabled } ?? true
            }
            return newestFirst(matches, page, id: \.id)
        }
    }

    func update(_ agent: Agent, in scope: OrganizationScope) async throws {
        let agent = agent.resolved
        _ = try database.read(scope) { try $0.agent(agent.id) }
        try database.write(scope) { records in
            guard try records.agent(agent.id).version == agent.version - 1 else { throw SpotterError.stale("agent") }
            try records.requireFreeName(for: agent)
            records.agents[agent.id]?.agent = agent
            records.agents[agent.id]?.versions.append(agent.asVersion)
        }
    }

    func delete(_ id: AgentID, version: Int?, in scope: OrganizationScope) async throws {
        _ = try database.read(scope) { try $0.agent(id) }
        try database.write(scope) { records in
            let current = try records.agent(id).version
            guard version == nil || version == current else { throw SpotterError.stale("agent") }
            records.agents[id]?.isDeleted = true
        }
    }

    func versions(
        of id: AgentID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> [AgentVersion] {
        try database.read(scope) { records in
            _ = try records.agent(id)
            let end = page.after?.version ?? .max
            let versions = (records.agents[id]?.versions ?? []).filter { $0.version < end }
            return Array(versions.reversed().prefix(page.limit))
        }
    }

    func version(_ version: Int, of id: AgentID, in scope: OrganizationScope) async throws -> AgentVersion {
        try database.read(scope) { records in
            guard try records.agent(id).version >= version,
                let found = records.agents[id]?.versions.first(where: { $0.version == version })
            else { throw SpotterError.notFound("agent version") }
            return found
        }
    }

    func count(in scope: OrganizationScope) async throws -> Int {
        database.read(scope) { $0.liveAgents.count }
    }

    func seeded(in scope: OrganizationScope) async throws -> [Agent] {
        database.read(scope) { records in
            records.liveAgents.filter { $0.template != nil }.sorted { $0.id < $1.id }
        }
    }
}

extension OrganizationRecords {
    fileprivate var liveAgents: [Agent] { agents.values.filter { !$0.isDeleted }.map(\.agent) }

    fileprivate func requireFreeName(for agent: Agent) throws {
        let key = FoldedText.fold(agent.settings.name)
        guard !liveAgents.contains(where: { $0.id != agent.id && FoldedText.fold($0.settings.name) == key }) else {
            throw SpotterError(
                .conflict, "Another agent of this organisation has this name.",
                issues: [FieldIssue(pointer: "/name", message: "is the name of another agent")])
        }
    }
}

extension Agent {
    /// With every default spelled out, as agents are stored.
    fileprivate var resolved: Agent {
        var agent = self
        agent.settings = settings.resolved
        return agent
    }

    fileprivate var asVersion: AgentVersion {
        AgentVersion(agentId: id, version: version, settings: settings, createdAt: updatedAt)
    }
}

extension SpotterError {
    /// The version that was named is not the current one.
    static func stale(_ noun: String) -> SpotterError {
        SpotterError(.preconditionFailed, "The \(noun) has been changed since this version was read.")
    }
}
