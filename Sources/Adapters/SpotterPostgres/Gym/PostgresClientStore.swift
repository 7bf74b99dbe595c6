import Foundation
import PostgresKit
import SpotterDomain

/// Members in PostgreSQL, as tools look for them.
struct PostgresClientStore: ClientStore {
    let door: StoreDoor

    func search(
        _ query: String, status: Client.Status?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Client] {
        let wanted = RecordWords.wanted(query)
        let isBlank = query.allSatisfy(\.isWhitespace)
        guard !wanted.isEmpty || isBlank else { return [] }
        let statement = isBlank ? Self.all(status, limit) : Self.found(query, wanted, status, limit)
        return try await door.read(scope, statement).decoded { try RecordRow.record($0, as: ClientKind.self) }
    }

    private static func all(_ status: Client.Status?, _ limit: Int) -> Statement {
        Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.clients r
            WHERE $1::text IS NULL OR status = $1
            ORDER BY name_key, id LIMIT $2
            """, status?.rawValue, max(limit, 0))
    }

    /// Those of exactly that name are looked for by it: of very many matches the index gives only some.
    private static func found(
        _ query: String, _ wanted: [String], _ status: Client.Status?, _ limit: Int
    ) -> Statement {
        Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.clients r
            WHERE ($1::text IS NULL OR status = $1) AND id = ANY (ARRAY(
                SELECT app.find_records('client', $2, $3) UNION SELECT id FROM spotter.clients WHERE name_key = $4))
            ORDER BY name_key = $4 DESC, name_key, id LIMIT $5
            """, status?.rawValue, wanted, RecordWords.mostFound, FoldedText.words(query).joined(separator: " "),
            max(limit, 0))
    }

    func add(_ clients: [Client], in scope: OrganizationScope) async throws {
        guard !clients.isEmpty else { return }
        let rows = try clients.map { client -> JSONValue in
            var row = try RecordRow.row(of: client).object ?? JSONObject()
            row["words"] = .array(RecordWords.words(of: client.fields).map { .string($0) })
            return .object(row)
        }
        _ = try await door.write(scope, Self.insert(rows))
    }

    private static func insert(_ rows: [JSONValue]) -> Statement {
        Statement(
            """
            WITH added AS (
                INSERT INTO spotter.clients (
                    organization_id, id, name, name_key, email, phone, phone_digits, status, tags, joined_on,
                    cancelled_on, birthday, timezone, source, assigned_to, notes, metadata, external_id, version,
                    created_at, updated_at)
                SELECT (SELECT app.organization()), id, name, name_key, email, phone, phone_digits, status, tags,
                    joined_on, cancelled_on, birthday, timezone, source, assigned_to, notes, metadata, external_id,
                    version, created_at, updated_at
                FROM json_populate_recordset(NULL::spotter.clients, $1)
                ON CONFLICT (organization_id, id) DO NOTHING
                RETURNING id, status, created_at),
            steps AS (
                INSERT INTO spotter.status_changes (
                    organization_id, id, client_id, to_status, changed_by, changed_at)
                SELECT (SELECT app.organization()), gen_random_uuid(), id, status, 'import', created_at FROM added)
            INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
            SELECT (SELECT app.organization()), 'client', id, app.kept_words(found.words)
            FROM added JOIN json_to_recordset($1) AS found (id uuid, words text[]) USING (id)
            """, PostgresValue.document(.array(rows)))
    }

    func count(in scope: OrganizationScope) async throws -> Int {
        let rows = try await door.read(scope, Statement("SELECT count(*) FROM spotter.clients"))
        return try rows.firstDecoded { try $0.get(0) } ?? 0
    }
}
