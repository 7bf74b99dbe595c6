import Foundation
import PostgresKit
import SpotterDomain

/// Sessions of agents in PostgreSQL.
struct PostgresAgentSessionStore: AgentSessionStore {
    let door: StoreDoor

    func create(
        _ session: AgentSession, opening: Execution, receipt: Receipt?, in scope: OrganizationScope
    ) async throws {
        let insert = Statement(
            """
            INSERT INTO spotter.sessions (
                organization_id, id, template, subject, data, agents, execution_id, idle_minutes, idle_at, created_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, session.id.uuid, session.template, session.subject, PostgresValue.document(session.data),
            try PostgresValue.document(session.agents), session.execution.uuid, session.idleMinutes, session.idleAt,
            session.createdAt)
        var statements = PostgresReceiptStore.insert(receipt)
        statements.append(try ExecutionSQL.insert([opening]))
        statements.append(insert)
        statements += PostgresEventStore.append([opening.queuedEvent], at: session.createdAt)
        _ = try await door.write(scope, statements)
    }

    func session(_ id: AgentSessionID, in scope: OrganizationScope) async throws -> AgentSession {
        let statement = Statement(
            """
            SELECT id, template, subject, data, agents, execution_id, idle_minutes, idle_at, created_at, ended_at
            FROM spotter.sessions WHERE id = $1
            """, id.uuid)
        guard let session = try await door.read(scope, statement).firstDecoded(AgentSession.init) else {
            throw SpotterError.notFound("session")
        }
        return session
    }

    func session(openedBy execution: ExecutionID, in scope: OrganizationScope) async throws -> AgentSession? {
        let statement = Statement(
            """
            SELECT id, template, subject, data, agents, execution_id, idle_minutes, idle_at, created_at, ended_at
            FROM spotter.sessions WHERE execution_id = $1
            """, execution.uuid)
        return try await door.read(scope, statement).firstDecoded(AgentSession.init)
    }

    func hear(_ id: AgentSessionID, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        let statement = Statement(
            """
            UPDATE spotter.sessions
            SET idle_at = greatest(idle_at, $2::timestamptz + idle_minutes * interval '1 minute')
            WHERE id = $1 AND ended_at IS NULL AND idle_at > $2
            """, id.uuid, now)
        return try await door.write(scope, statement).affected > 0
    }

    func end(_ id: AgentSessionID, at now: Date, in scope: OrganizationScope) async throws {
        let statement = Statement(
            "UPDATE spotter.sessions SET ended_at = coalesce(ended_at, least(idle_at, $2)) WHERE id = $1", id.uuid, now)
        guard try await door.write(scope, statement).affected > 0 else { throw SpotterError.notFound("session") }
    }

    func endIdle(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        // Another process may be at it, too: each takes what the other has not locked.
        let statement = Statement(
            """
            UPDATE spotter.sessions s SET ended_at = s.idle_at FROM (
                SELECT organization_id, id FROM spotter.sessions WHERE ended_at IS NULL AND idle_at <= $1
                ORDER BY idle_at LIMIT $2 FOR UPDATE SKIP LOCKED) idle
            WHERE s.organization_id = idle.organization_id AND s.id = idle.id
            """, now, limit)
        return try await door.write(scope, statement).affected
    }
}

extension AgentSession {
    /// Reads id, template, subject, data, agents, execution, minutes, and the times of idleness, creation and end.
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), template: try row.get(1), subject: try row.get(2), data: try row.json(3),
            agents: try row.document(4), execution: try row.id(5), idleMinutes: try row.get(6),
            idleAt: try row.get(7, as: Date.self), createdAt: try row.get(8), endedAt: try row.get(9))
    }
}
