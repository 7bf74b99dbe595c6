import Foundation
import PostgresKit
import SpotterDomain

/// Who can be called, and who is called, in PostgreSQL.
struct PostgresRoutingStore: RoutingStore {
    let door: StoreDoor

    func candidates(in scope: OrganizationScope) async throws -> [RoutingCandidate] {
        try await door.read(scope, Self.candidates(nil)).decoded(RoutingCandidate.init)
    }

    func candidate(_ id: AgentID, in scope: OrganizationScope) async throws -> RoutingCandidate {
        guard let found = try await door.read(scope, Self.candidates(id)).firstDecoded(RoutingCandidate.init) else {
            throw SpotterError.notFound("agent")
        }
        return found
    }

    private static func candidates(_ id: AgentID?) -> Statement {
        Statement(
            """
            SELECT a.id, a.name, a.capabilities || ARRAY(
                    SELECT action ->> 'name' FROM json_array_elements(coalesce(a.actions, '[]'::json)) AS action),
                a.priority, a.enabled, a.external IS NOT NULL,
                coalesce(a.max_concurrent, CASE WHEN a.external IS NOT NULL THEN 10 END),
                app.presence_status(p.status, p.heard_at, (a.external ->> 'heartbeat_seconds')::integer),
                coalesce(under_way.calls, 0), coalesce(f.calls, 0), coalesce(f.failures, 0), f.recent_success,
                f.recent_ms, f.last_active_at,
                coalesce(f.last_active_at > now() - $2::integer * interval '1 second', false)
            FROM spotter.agents a
                LEFT JOIN spotter.agent_presence p ON p.organization_id = a.organization_id AND p.agent_id = a.id
                LEFT JOIN spotter.agent_figures f ON f.organization_id = a.organization_id AND f.agent_id = a.id
                LEFT JOIN (
                    SELECT c.organization_id, c.agent_id, count(*) AS calls
                    FROM spotter.agent_calls c
                        JOIN spotter.executions e ON e.organization_id = c.organization_id AND e.id = c.execution_id
                    WHERE e.state NOT IN ('completed', 'failed', 'cancelled')
                    GROUP BY c.organization_id, c.agent_id) AS under_way
                    ON under_way.organization_id = a.organization_id AND under_way.agent_id = a.id
            WHERE a.deleted_at IS NULL AND ($1::uuid IS NULL OR a.id = $1)
            ORDER BY a.id
            """, id?.uuid, RoutingCandidate.breakerSeconds)
    }

    // MARK: Calls

    func reserve(_ wish: CallReservation, in scope: OrganizationScope) async throws -> ReservedCall? {
        let order = wish.order
        let statement = Statement(
            """
            SELECT agent_id, agent_version, score, reasons, request_id, response_id
            FROM app.reserve_agent($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            parameters: [
                .id(wish.call), .id(wish.agent), .textArray(order.required), .double(wish.score),
                try .document(wish.reasons), .text(order.sessionId), .text(order.capability), .text(order.action),
                .document(order.parameters), .id(wish.contracts?.request), .id(wish.contracts?.response),
                .timestamp(wish.at),
            ])
        return try await door.write(scope, statement).firstDecoded { try ReservedCall($0, of: wish.call) }
    }

    func reservation(of call: ExecutionID, in scope: OrganizationScope) async throws -> ReservedCall? {
        let statement = Statement(
            """
            SELECT agent_id, agent_version, score, reasons, request_id, response_id
            FROM spotter.agent_calls WHERE execution_id = $1
            """, call.uuid)
        return try await door.read(scope, statement).firstDecoded { try ReservedCall($0, of: call) }
    }

    // MARK: Presence

    func setStatus(
        _ status: AgentStatus, note: String?, of agent: AgentID, at now: Date, in scope: OrganizationScope
    ) async throws -> AgentPresence {
        try await hear(agent, at: now, in: scope) { _ in (status, note.map { StorableText.text(of: $0) }) }
    }

    func heartbeat(of agent: AgentID, at now: Date, in scope: OrganizationScope) async throws -> AgentPresence {
        try await hear(agent, at: now, in: scope) { said in said ?? (.available, nil) }
    }

    private typealias Said = (status: AgentStatus, note: String?)

    private func hear(
        _ agent: AgentID, at now: Date, in scope: OrganizationScope, _ say: @Sendable (Said?) -> Said
    ) async throws -> AgentPresence {
        try await door.transaction(scope) { transaction in
            let known = try await transaction.query(Self.lockPresence(of: agent)).firstDecoded { row in
                (
                    heartbeat: try row.get(0, as: Int?.self), status: try row.optionallyNamed(1) as AgentStatus?,
                    note: try row.get(2, as: String?.self), told: try row.optionallyNamed(3) as AgentStatus?
                )
            }
            guard let known else { throw SpotterError.notFound("agent") }
            let (status, note) = say(known.status.map { ($0, known.note) })
            let written = try await transaction.query(Self.writePresence(of: agent, status, note, known.heartbeat))
            let heard = try written.firstDecoded { try $0.get(0, as: Date.self) }
            let presence = AgentPresence(
                agentId: agent, status: status, note: note, heardAt: heard,
                expiresAt: known.heartbeat.flatMap { seconds in
                    heard?.addingTimeInterval(Double(seconds * ExternalAgent.heartbeatsMissed))
                })
            let before = known.told ?? (known.heartbeat == nil ? .available : .offline)
            if status != before {
                _ = try await transaction.batch(PostgresEventStore.append([presence.event], at: now))
            }
            return presence
        }
    }

    private static func lockPresence(of agent: AgentID) -> Statement {
        Statement(
            """
            SELECT (a.external ->> 'heartbeat_seconds')::integer, p.status, p.note, p.told
            FROM spotter.agents a
                LEFT JOIN spotter.agent_presence p ON p.organization_id = a.organization_id AND p.agent_id = a.id
            WHERE a.id = $1 AND a.deleted_at IS NULL
            FOR NO KEY UPDATE OF a
            """, agent.uuid)
    }

    private static func writePresence(
        of agent: AgentID, _ status: AgentStatus, _ note: String?, _ heartbeat: Int?
    ) -> Statement {
        Statement(
            """
            INSERT INTO spotter.agent_presence (
                organization_id, agent_id, status, note, heard_at, expires_at, told)
            VALUES ((SELECT app.organization()), $1, $2, $3, now(), now() + $4::integer * interval '3 seconds', $2)
            ON CONFLICT (organization_id, agent_id) DO UPDATE SET
                status = excluded.status, note = excluded.note, heard_at = excluded.heard_at,
                expires_at = excluded.expires_at, told = excluded.told
            RETURNING heard_at
            """, agent.uuid, status.rawValue, note, heartbeat)
    }

    func organizationsWithSilentAgents() async throws -> [OrganizationID] {
        try await door.ask(Statement("SELECT app.organizations_with_silent_agents()")).decoded { try $0.id(0) }
    }

    func expirePresence(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        try await door.transaction(scope) { transaction in
            let statement = Statement(
                """
                UPDATE spotter.agent_presence AS stored SET told = 'offline' FROM (
                    SELECT p.organization_id, p.agent_id FROM spotter.agent_presence p
                        JOIN spotter.agents a ON a.organization_id = p.organization_id AND a.id = p.agent_id
                    WHERE p.told <> 'offline' AND a.deleted_at IS NULL AND app.presence_status(
                        p.status, p.heard_at, (a.external ->> 'heartbeat_seconds')::integer) = 'offline'
                    ORDER BY p.agent_id LIMIT $1 FOR NO KEY UPDATE OF p SKIP LOCKED) AS silent
                WHERE stored.organization_id = silent.organization_id AND stored.agent_id = silent.agent_id
                RETURNING stored.agent_id, stored.heard_at
                """, limit)
            let silent = try await transaction.query(statement).decoded { row in
                AgentPresence(
                    agentId: try row.id(0), status: .offline, note: nil, heardAt: try row.get(1, as: Date.self),
                    expiresAt: nil)
            }
            if !silent.isEmpty {
                _ = try await transaction.batch(PostgresEventStore.append(silent.map(\.event), at: now))
            }
            return silent.count
        }
    }
}

extension RoutingCandidate {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), name: try row.get(1), offers: Set(try row.get(2, as: [String].self)),
            priority: try row.named(3), isEnabled: try row.get(4), isExternal: try row.get(5),
            maxConcurrent: try row.get(6), status: try row.named(7), active: try row.get(8),
            figures: AgentFigures(
                calls: try row.get(9), failures: try row.get(10), recentSuccess: try row.get(11),
                recentMs: try row.get(12), lastActiveAt: try row.get(13)), wasActiveJustNow: try row.get(14))
    }
}

extension ReservedCall {
    fileprivate init(_ row: Row, of call: ExecutionID) throws {
        let request: ContractID? = try row.optionalID(4)
        let response: ContractID? = try row.optionalID(5)
        self.init(
            call: call, agent: try row.id(0), version: try row.get(1), score: try row.get(2),
            reasons: try row.document(3),
            contracts: request.flatMap { request in response.map { .init(request: request, response: $0) } })
    }
}
