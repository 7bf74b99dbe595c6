import Foundation
import PostgresKit
import SpotterDomain

/// Tokens in PostgreSQL.
struct PostgresTokenStore: TokenStore {
    let door: StoreDoor
    private static let entryIDs = RandomIDGenerator()

    func create(_ token: TokenRecord, receipt: Receipt?, in scope: OrganizationScope) async throws {
        let insert = Statement(
            """
            INSERT INTO spotter.tokens (
                organization_id, id, name, subject, role, permissions, issued_at, expires_at, revoked_at, last_used_at,
                requests_per_minute)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, token.id.uuid, token.name, token.subject, token.role.rawValue, token.permissions.map(\.rawValue),
            token.issuedAt, token.expiresAt, token.revokedAt, token.lastUsedAt, token.requestsPerMinute)
        _ = try await door.write(scope, PostgresReceiptStore.insert(receipt) + [insert])
    }

    func use(_ id: TokenID, in scope: OrganizationScope) async throws -> TokenRecord? {
        let statement = Statement(
            """
            WITH noted AS (
                UPDATE spotter.tokens SET last_used_at = now()
                WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')
                RETURNING id, last_used_at),
            first AS (
                INSERT INTO spotter.audit_entries (organization_id, id, actor_kind, actor, role, action, resource, outcome,
                    fields)
                SELECT t.organization_id, $2, 'token', $3, t.role, 'token.first_use', $3, 'done', '{}'
                FROM noted JOIN spotter.tokens t ON t.id = noted.id WHERE t.last_used_at IS NULL)
            SELECT organization_id, id, name, subject, role, permissions, issued_at, expires_at, revoked_at,
                coalesce((SELECT last_used_at FROM noted), last_used_at), requests_per_minute
            FROM spotter.tokens WHERE id = $1
            """, id.uuid, Self.entryIDs.uuid(at: Date()), id.description)
        // The pipeline asks before it knows who acts; that a token was used is told of above, the first time.
        return try await door.unaudited.write(scope, statement).firstDecoded(TokenRecord.init)
    }

    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<TokenRecord> {
        let statement = Statement(
            """
            SELECT organization_id, id, name, subject, role, permissions, issued_at, expires_at, revoked_at,
                last_used_at, requests_per_minute
            FROM spotter.tokens WHERE id < $1 ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit)
        let tokens = try await door.read(scope, statement).decoded(TokenRecord.init)
        return Page(fetched: tokens, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func revoke(_ id: TokenID, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        let statement = Statement(
            "UPDATE spotter.tokens SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1", id.uuid, now)
        return try await door.write(scope, statement).affected > 0
    }
}

extension TokenRecord {
    /// Reads the columns in the order of the statements above.
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(1), organization: try row.id(0), name: try row.get(2), subject: try row.get(3),
            role: try row.named(4),
            // A permission that this version does not know grants nothing.
            permissions: try row.get(5, as: [String].self).compactMap(Permission.init(rawValue:)),
            issuedAt: try row.get(6), expiresAt: try row.get(7), requestsPerMinute: try row.get(10),
            revokedAt: try row.get(8), lastUsedAt: try row.get(9))
    }
}
