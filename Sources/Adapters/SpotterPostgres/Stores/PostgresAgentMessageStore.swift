import Foundation
import PostgresKit
import SpotterDomain

/// What agents tell each other, in PostgreSQL.
struct PostgresAgentMessageStore: AgentMessageStore {
    let door: StoreDoor

    func send(_ message: AgentMessage, key: String, in scope: OrganizationScope) async throws -> AgentMessage {
        let insert = Statement(
            """
            INSERT INTO spotter.agent_messages (
                organization_id, id, from_agent_id, to_agent_id, topic, content, priority, idempotency_key, expires_at,
                created_at)
            SELECT (SELECT app.organization()), $1, $2, a.id, $4, $5, $6, $7, $8, $9
            FROM spotter.agents a WHERE a.id = $3 AND a.deleted_at IS NULL
            ON CONFLICT (organization_id, idempotency_key) DO NOTHING
            """,
            parameters: [
                .id(message.id), .id(message.fromAgentId), .id(message.toAgentId),
                .text(StorableText.text(of: message.topic)), .document(message.content),
                .text(message.priority.rawValue), .text(key), .timestamp(message.expiresAt),
                .timestamp(message.createdAt),
            ])
        let read = Statement(
            """
            SELECT id, from_agent_id, to_agent_id, topic, content, priority, expires_at, acknowledged_at, created_at
            FROM spotter.agent_messages WHERE idempotency_key = $1
            """, key)
        let rows = try await door.write(scope, [insert, read])
        guard let kept = try rows[1].firstDecoded(AgentMessage.init) else { throw SpotterError.notFound("agent") }
        return kept
    }

    func message(_ id: AgentMessageID, in scope: OrganizationScope) async throws -> AgentMessage {
        let statement = Statement(
            """
            SELECT id, from_agent_id, to_agent_id, topic, content, priority, expires_at, acknowledged_at, created_at
            FROM spotter.agent_messages WHERE id = $1
            """, id.uuid)
        guard let found = try await door.read(scope, statement).firstDecoded(AgentMessage.init) else {
            throw SpotterError.notFound("message")
        }
        return found
    }

    func open(
        for agent: AgentID, limit: Int, at now: Date, in scope: OrganizationScope
    ) async throws -> [AgentMessage] {
        let statement = Statement(
            """
            SELECT id, from_agent_id, to_agent_id, topic, content, priority, expires_at, acknowledged_at, created_at
            FROM spotter.agent_messages
            WHERE to_agent_id = $1 AND acknowledged_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
            ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], priority), id LIMIT $2
            """, agent.uuid, limit, now)
        return try await door.read(scope, statement).decoded(AgentMessage.init)
    }

    func acknowledge(
        _ ids: [AgentMessageID], by agent: AgentID, at now: Date, in scope: OrganizationScope
    ) async throws -> [AgentMessageID] {
        let statement = Statement(
            """
            UPDATE spotter.agent_messages SET acknowledged_at = $3
            WHERE id = ANY ($1::uuid[]) AND to_agent_id = $2 AND acknowledged_at IS NULL
                AND (expires_at IS NULL OR expires_at > $3)
            RETURNING id
            """, ids.map(\.uuid), agent.uuid, now)
        return try await door.write(scope, statement).decoded { try $0.id(0) as AgentMessageID }.sorted()
    }

    func list(
        to agent: AgentID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<AgentMessage> {
        let there = Statement("SELECT FROM spotter.agents WHERE id = $1 AND deleted_at IS NULL", agent.uuid)
        let statement = Statement(
            """
            SELECT id, from_agent_id, to_agent_id, topic, content, priority, expires_at, acknowledged_at, created_at
            FROM spotter.agent_messages WHERE to_agent_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """, agent.uuid, page.before, page.fetchLimit)
        let rows = try await door.read(scope, [there, statement])
        guard rows[0].first != nil else { throw SpotterError.notFound("agent") }
        return Page(fetched: try rows[1].decoded(AgentMessage.init), limit: page.limit) { Cursor($0.id.uuid) }
    }
}

extension AgentMessage {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), fromAgentId: try row.optionalID(1), toAgentId: try row.id(2), topic: try row.get(3),
            content: try row.json(4), priority: try row.named(5), expiresAt: try row.get(6),
            acknowledgedAt: try row.get(7), createdAt: try row.get(8))
    }
}
