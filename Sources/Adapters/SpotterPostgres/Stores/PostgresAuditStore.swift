import Foundation
import PostgresKit
import SpotterDomain

/// The audit log in PostgreSQL.
struct PostgresAuditStore: AuditStore, AuditChainStore {
    let door: StoreDoor

    func note(_ draft: AuditDraft, in scope: OrganizationScope) async throws {
        _ = try await door.unaudited.write(scope, AuditSQL.append(draft))
    }

    func list(
        _ filter: AuditFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<AuditEntry> {
        let statement = Statement(
            """
            SELECT e.id, e.actor_kind, e.actor, e.role, e.action, e.resource, e.request_id, e.execution_id, e.agent_id,
                e.outcome, e.fields, e.at, s.position, encode(s.hash, 'hex')
            FROM spotter.audit_entries e
            LEFT JOIN spotter.audit_seals s ON s.organization_id = e.organization_id AND s.entry_id = e.id
            WHERE e.id < $1 AND ($3::text IS NULL OR e.actor = $3 OR e.actor_kind = $3)
                AND ($4::text IS NULL OR e.action = $4) AND ($5::text IS NULL OR e.resource = $5)
                AND ($6::timestamptz IS NULL OR e.at >= $6) AND ($7::timestamptz IS NULL OR e.at < $7)
                AND ($8::text IS NULL OR strpos(lower(concat_ws(' ', e.action, e.actor, e.resource, e.request_id,
                    array_to_string(e.fields, ' '))), lower($8)) > 0)
            ORDER BY e.id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.actor, filter.action, filter.resource, filter.from,
            filter.until, filter.search)
        let entries = try await door.read(scope, statement).decoded(AuditEntry.init)
        return Page(fetched: entries, limit: page.limit) { Cursor($0.id.uuid) }
    }

    // MARK: The chain

    func organizationsToSeal() async throws -> [OrganizationID] {
        try await door.ask(Statement("SELECT app.organizations_to_seal()")).decoded { try $0.id(0) }
    }

    func seal(limit: Int, in scope: OrganizationScope) async throws -> Int {
        let statement = Statement("SELECT app.seal_audit($1)", limit)
        return try await door.unaudited.write(scope, statement).firstDecoded { try $0.get(0, as: Int.self) } ?? 0
    }

    func head(in scope: OrganizationScope) async throws -> AuditHead {
        let statement = Statement("SELECT position, encode(hash, 'hex') FROM spotter.audit_chains")
        return try await door.read(scope, statement).firstDecoded {
            AuditHead(position: try $0.get(0), hash: try $0.get(1))
        } ?? .none
    }

    func links(after position: Int64, limit: Int, in scope: OrganizationScope) async throws -> [AuditLink] {
        let statement = Statement(
            """
            SELECT s.position, encode(s.hash, 'hex'), s.entry_id, CASE WHEN e.id IS NOT NULL THEN app.audit_text(e) END
            FROM spotter.audit_seals s
            LEFT JOIN spotter.audit_entries e ON e.organization_id = s.organization_id AND e.id = s.entry_id
            WHERE s.position > $1 ORDER BY s.position LIMIT $2
            """, position, limit)
        return try await door.read(scope, statement).decoded { row in
            AuditLink(
                position: try row.get(0), hash: try row.get(1), entry: try row.id(2), text: try row.get(3))
        }
    }

    func unsealed(in scope: OrganizationScope) async throws -> [AuditEntryID] {
        let statement = Statement(
            """
            SELECT e.id FROM spotter.audit_entries e
            JOIN spotter.audit_chains c ON c.organization_id = e.organization_id
            LEFT JOIN spotter.audit_seals s ON s.organization_id = e.organization_id AND s.entry_id = e.id
            WHERE (e.xid, e.id) <= (c.last_xid, c.last_id) AND s.entry_id IS NULL ORDER BY e.id LIMIT 10
            """)
        return try await door.read(scope, statement).decoded { try $0.id(0) }
    }

    func keep(_ text: String, position: Int64, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            INSERT INTO spotter.audit_checkpoints (organization_id, position, text)
            VALUES ((SELECT app.organization()), $1, $2) ON CONFLICT DO NOTHING
            """, position, text)
        _ = try await door.unaudited.write(scope, statement)
    }

    func checkpoints(in scope: OrganizationScope) async throws -> [String] {
        let statement = Statement("SELECT text FROM spotter.audit_checkpoints ORDER BY position")
        return try await door.read(scope, statement).decoded { try $0.get(0) }
    }
}

extension AuditEntry {
    fileprivate init(_ row: Row) throws {
        let draft = AuditDraft(
            id: try row.id(0),
            actor: AuditActor(try row.named(1), id: try row.get(2), role: try row.optionallyNamed(3)),
            action: try row.get(4), resource: try row.get(5), requestId: try row.get(6),
            executionId: try row.optionalID(7), agentId: try row.optionalID(8), outcome: try row.named(9),
            fields: try row.get(10, as: [String].self))
        self.init(draft, at: try row.get(11), position: try row.get(12), hash: try row.get(13))
    }
}
