import Foundation
import PostgresKit
import SpotterDomain

/// Agents and their versions in PostgreSQL.
struct PostgresAgentStore: AgentStore {
    let door: StoreDoor

    func create(_ agent: Agent, receipt: Receipt?, in scope: OrganizationScope) async throws {
        let agent = agent.resolved
        let insert = Statement(AgentSQL.insert, parameters: try agent.parameters())
        let version = Statement(
            AgentSQL.insertVersion, agent.id.uuid, agent.version, try PostgresValue.document(agent.settings),
            agent.updatedAt)
        let room = Statement(AgentSQL.requireRoom)
        _ = try await door.write(scope, PostgresReceiptStore.insert(receipt) + [room, insert, version])
    }

    func agent(_ id: AgentID, in scope: OrganizationScope) async throws -> Agent {
        let statement = Statement(AgentSQL.read, id.uuid)
        guard let agent = try await door.read(scope, statement).firstDecoded(Agent.init) else {
            throw SpotterError.notFound("agent")
        }
        return agent
    }

    func agent(named name: String, in scope: OrganizationScope) async throws -> Agent? {
        let statement = Statement(
            """
            SELECT id, version, name, description, role, system_prompt, model, tools, capabilities, priority,
                temperature, max_output_tokens, max_steps, timeout_seconds, enabled, metadata, template, created_at,
                updated_at, context, max_cost, max_tokens, actions, max_concurrent, external
            FROM spotter.agents WHERE name_key = $1 AND deleted_at IS NULL
            """, FoldedText.fold(name))
        return try await door.read(scope, statement).firstDecoded(Agent.init)
    }

    func list(
        _ filter: AgentFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Agent> {
        let statement = Statement(
            AgentSQL.list, page.before, LikePattern.words(of: filter.search), filter.enabled, filter.role,
            page.fetchLimit)
        let agents = try await door.read(scope, statement).decoded(Agent.init)
        return Page(fetched: agents, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func count(in scope: OrganizationScope) async throws -> Int {
        let statement = Statement("SELECT count(*) FROM spotter.agents WHERE deleted_at IS NULL")
        return try await door.read(scope, statement).firstDecoded { try $0.get(0) } ?? 0
    }

    func seeded(in scope: OrganizationScope) async throws -> [Agent] {
        let statement = Statement(
            """
            SELECT id, version, name, description, role, system_prompt, model, tools, capabilities, priority,
                temperature, max_output_tokens, max_steps, timeout_seconds, enabled, metadata, template, created_at,
                updated_at, context, max_cost, max_tokens, actions, max_concurrent, external
            FROM spotter.agents WHERE template IS NOT NULL AND deleted_at IS NULL ORDER BY id
            """)
        return try await door.read(scope, statement).decoded(Agent.init)
    }
}

// MARK: Changing

extension PostgresAgentStore {
    func update(_ agent: Agent, in scope: OrganizationScope) async throws {
        let agent = agent.resolved
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.agents SET
                    version = $2, name = $3, description = $4, role = $5, system_prompt = $6, model = $7, tools = $8,
                    capabilities = $9, priority = $10, temperature = $11, max_output_tokens = $12, max_steps = $13,
                    timeout_seconds = $14, enabled = $15, metadata = $16, template = $17, created_at = $18,
                    updated_at = $19, name_key = $20, search_key = $21, context = $22,
                    max_cost = $23, max_tokens = $24, actions = $25, max_concurrent = $26, external = $27
                WHERE id = $1 AND version = $2 - 1 AND deleted_at IS NULL
                RETURNING organization_id, id),
            kept AS (
                INSERT INTO spotter.agent_versions (organization_id, agent_id, version, settings, created_at)
                SELECT organization_id, id, $2, $28, $19 FROM changed)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.agents WHERE id = $1 AND deleted_at IS NULL)
            """, parameters: try agent.parameters() + [.document(agent.settings)])
        try await door.write(scope, statement).requireChange(of: "agent")
    }

    func delete(_ id: AgentID, version: Int?, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                UPDATE spotter.agents SET deleted_at = now()
                WHERE id = $1 AND deleted_at IS NULL AND ($2::integer IS NULL OR version = $2)
                RETURNING id)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.agents WHERE id = $1 AND deleted_at IS NULL)
            """, id.uuid, version)
        try await door.write(scope, statement).requireChange(of: "agent")
    }
}

// MARK: History

extension PostgresAgentStore {
    func versions(
        of id: AgentID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> [AgentVersion] {
        let statement = Statement(
            """
            SELECT v.agent_id, v.version, v.settings, v.created_at
            FROM spotter.agents a
            JOIN spotter.agent_versions v ON v.organization_id = a.organization_id AND v.agent_id = a.id
            WHERE a.id = $1 AND a.deleted_at IS NULL AND v.version < $3::bigint ORDER BY v.version DESC LIMIT $2
            """, id.uuid, page.limit, page.after?.version ?? Int.max)
        let versions = try await door.read(scope, statement).decoded(AgentVersion.init)
        // Every agent has its first version, and nobody asks for those before it.
        guard !versions.isEmpty else { throw SpotterError.notFound("agent") }
        return versions
    }

    func version(_ version: Int, of id: AgentID, in scope: OrganizationScope) async throws -> AgentVersion {
        let statement = Statement(
            """
            SELECT v.agent_id, v.version, v.settings, v.created_at
            FROM spotter.agents a
            JOIN spotter.agent_versions v ON v.organization_id = a.organization_id AND v.agent_id = a.id
            WHERE a.id = $1 AND a.deleted_at IS NULL AND v.version = $2
            """, id.uuid, version)
        guard let found = try await door.read(scope, statement).firstDecoded(AgentVersion.init) else {
            throw SpotterError.notFound("agent version")
        }
        return found
    }
}

extension Rows {
    /// Reads whether the row was changed, and whether it was there before: a stale version is told from none at all.
    func requireChange(of noun: String) throws {
        let outcome = try firstDecoded { row in
            (changed: try row.get(0, as: Bool.self), existed: try row.get(1, as: Bool.self))
        }
        guard let outcome, outcome.existed else { throw SpotterError.notFound(noun) }
        guard outcome.changed else { throw SpotterError.stale(noun) }
    }
}
