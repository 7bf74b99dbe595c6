import Foundation
import PostgresKit
import SpotterDomain

/// Working memory in PostgreSQL.
struct PostgresWorkingMemoryStore: WorkingMemoryStore {
    let door: StoreDoor

    func entry(_ key: String, of owner: MemoryScope, in scope: OrganizationScope) async throws -> MemoryEntry {
        let statement = Statement(
            """
            SELECT id, agent_id, conversation_id, key, value, version, created_at, updated_at
            FROM spotter.memory_entries WHERE owner_id = $1 AND key = $2
            """, owner.ownerID(in: scope), StorableText.text(of: key))
        guard let entry = try await door.read(scope, statement).firstDecoded(MemoryEntry.init) else {
            throw SpotterError.notFound("memory entry")
        }
        return entry
    }

    func list(
        _ filter: MemoryFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<MemoryEntry> {
        let statement = Statement(
            """
            SELECT id, agent_id, conversation_id, key, value, version, created_at, updated_at
            FROM spotter.memory_entries
            WHERE id < $1 AND ($2::uuid IS NULL OR owner_id = $2) AND lower(key) LIKE ALL ($3::text[])
            ORDER BY id DESC LIMIT $4
            """, page.before, filter.scope?.ownerID(in: scope), LikePattern.words(of: filter.search), page.fetchLimit)
        let entries = try await door.read(scope, statement).decoded(MemoryEntry.init)
        return Page(fetched: entries, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func recall(
        _ owners: [MemoryScope], limit: Int, in scope: OrganizationScope
    ) async throws -> [MemoryEntry] {
        let statement = Statement(
            """
            SELECT e.id, e.agent_id, e.conversation_id, e.key, e.value, e.version, e.created_at, e.updated_at
            FROM unnest($1::uuid[]) WITH ORDINALITY AS owner (id, place)
            CROSS JOIN LATERAL (
                SELECT * FROM spotter.memory_entries WHERE owner_id = owner.id
                ORDER BY updated_at DESC, id DESC LIMIT $2) e
            ORDER BY owner.place, e.updated_at DESC, e.id DESC
            """, owners.map { $0.ownerID(in: scope) }, limit)
        return try await door.read(scope, statement).decoded(MemoryEntry.init)
    }
}

// MARK: Changing

extension PostgresWorkingMemoryStore {
    func put(_ entry: MemoryEntry, version: Int?, in scope: OrganizationScope) async throws -> MemoryEntry {
        let owner = entry.scope.ownerID(in: scope)
        return try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch([
                Self.requireOwner(of: entry.scope),
                Statement(
                    "SELECT version FROM spotter.memory_entries WHERE owner_id = $1 AND key = $2 FOR UPDATE", owner,
                    entry.key),
                Statement("SELECT count(*) FROM spotter.memory_entries WHERE owner_id = $1", owner),
            ])
            let current = try rows[1].firstDecoded { try $0.get(0, as: Int.self) }
            let count = try rows[2].firstDecoded { try $0.get(0, as: Int.self) } ?? 0
            if let version, version != current { throw SpotterError.stale("memory entry") }
            if current == nil, count >= MemoryEntry.mostEntries { throw SpotterError.tooManyEntries }
            let saved = try await transaction.batch([Self.save(entry)])
            return try saved[0].firstDecoded(MemoryEntry.init) ?? entry
        }
    }

    private static func save(_ entry: MemoryEntry) -> Statement {
        Statement(
            """
            INSERT INTO spotter.memory_entries AS stored (
                organization_id, id, agent_id, conversation_id, key, value, version, created_at, updated_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, 1, $6, $7)
            ON CONFLICT (organization_id, owner_id, key) DO UPDATE SET
                value = excluded.value, version = stored.version + 1, updated_at = excluded.updated_at
            RETURNING id, agent_id, conversation_id, key, value, version, created_at, updated_at
            """, entry.id.uuid, entry.scope.agentID, entry.scope.conversationID, entry.key,
            PostgresValue.document(entry.value), entry.createdAt, entry.updatedAt)
    }

    private static func requireOwner(of scope: MemoryScope) -> Statement {
        switch scope {
        case .organization: Statement("SELECT true")
        case .agent(let id):
            Statement(
                """
                SELECT app.require(
                    EXISTS (SELECT FROM spotter.agents WHERE id = $1 AND deleted_at IS NULL), 'SP404', 'agent')
                """, id.uuid)
        case .conversation(let id):
            Statement(
                """
                SELECT app.require(
                    EXISTS (SELECT FROM spotter.conversations WHERE id = $1), 'SP404', 'conversation')
                """, id.uuid)
        }
    }

    func delete(
        _ key: String, of owner: MemoryScope, version: Int?, in scope: OrganizationScope
    ) async throws {
        let statement = Statement(
            """
            WITH changed AS (
                DELETE FROM spotter.memory_entries
                WHERE owner_id = $1 AND key = $2 AND ($3::integer IS NULL OR version = $3)
                RETURNING id)
            SELECT EXISTS (SELECT FROM changed),
                EXISTS (SELECT FROM spotter.memory_entries WHERE owner_id = $1 AND key = $2)
            """, owner.ownerID(in: scope), StorableText.text(of: key), version)
        try await door.write(scope, statement).requireChange(of: "memory entry")
    }
}
