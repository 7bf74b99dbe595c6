import Foundation
import PostgresKit
import SpotterDomain

/// Sealed secrets in PostgreSQL.
struct PostgresSecretStore: SecretStore {
    let door: StoreDoor

    func put(
        _ name: SecretName, _ sealed: SealedBytes, hint: String?, at now: Date, in scope: OrganizationScope
    ) async throws -> SealedSecret {
        let statement = Statement(
            """
            INSERT INTO spotter.secrets AS stored (
                organization_id, name, sealed, key_id, hint, version, created_at, updated_at, changed_in)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, 1, $5, $5, pg_current_xact_id()::text::bigint)
            ON CONFLICT (organization_id, name) DO UPDATE SET
                sealed = excluded.sealed, key_id = excluded.key_id, hint = excluded.hint,
                version = stored.version + 1,
                created_at = CASE WHEN stored.sealed IS NULL THEN excluded.created_at ELSE stored.created_at END,
                updated_at = excluded.updated_at, changed_in = excluded.changed_in
            RETURNING name, sealed, key_id, hint, version, created_at, updated_at
            """, name.rawValue, sealed.bytes, sealed.keyID, hint, now)
        guard let secret = try await door.write(scope, statement).firstDecoded(SealedSecret.init) else {
            throw SpotterError.notFound("organization")
        }
        return secret
    }

    func secrets(in scope: OrganizationScope) async throws -> [SealedSecret] {
        let statement = Statement(
            """
            SELECT name, sealed, key_id, hint, version, created_at, updated_at
            FROM spotter.secrets WHERE sealed IS NOT NULL ORDER BY name
            """)
        return try await door.read(scope, statement).decoded(SealedSecret.init)
    }

    func delete(_ name: SecretName, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        let statement = Statement(
            """
            UPDATE spotter.secrets SET
                sealed = NULL, key_id = NULL, hint = NULL, version = version + 1, updated_at = $2,
                changed_in = pg_current_xact_id()::text::bigint
            WHERE name = $1 AND sealed IS NOT NULL
            """, name.rawValue, now)
        return try await door.write(scope, statement).affected > 0
    }

    func reseal(_ secrets: [ResealedSecret], in scope: OrganizationScope) async throws -> Int {
        guard !secrets.isEmpty else { return 0 }
        // By name, so that two who do this at one time do not wait for each other in a circle.
        let statements = secrets.sorted { $0.secret.name < $1.secret.name }.map { change in
            Statement(
                """
                UPDATE spotter.secrets SET
                    sealed = $3, key_id = $4, changed_in = pg_current_xact_id()::text::bigint
                WHERE name = $1 AND sealed = $2
                """, change.secret.name.rawValue, change.secret.sealed.bytes, change.sealed.bytes, change.sealed.keyID)
        }
        return try await door.write(scope, statements).reduce(0) { $0 + $1.affected }
    }

    func changes(since mark: SecretMark?) async throws -> SecretChanges {
        // One statement sees one snapshot: its oldest running transaction is the mark.
        let statement = Statement(
            """
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, ARRAY(SELECT app.changed_secrets($1))
            """, mark?.value)
        let changes = try await door.ask(statement).firstDecoded { row in
            let ids = try row.get(1, as: [UUID].self).map { OrganizationID($0) }
            return SecretChanges(ids.sorted(), mark: SecretMark(try row.get(0)))
        }
        guard let changes else { throw SpotterError(.internal, "The database did not say which secrets have changed.") }
        return changes
    }
}

extension SealedSecret {
    /// Reads name, sealed bytes, key, hint, version and times.
    fileprivate init(_ row: Row) throws {
        let text = try row.get(0, as: String.self)
        guard let name = SecretName(text) else {
            throw SpotterError(.internal, "A secret is stored under a name that is none.")
        }
        self.init(
            name: name, sealed: SealedBytes(try row.get(1), keyID: try row.get(2)), hint: try row.get(3),
            version: try row.get(4), createdAt: try row.get(5), updatedAt: try row.get(6))
    }
}
