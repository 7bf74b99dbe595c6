import Foundation
import PostgresKit
import SpotterDomain

/// Documents in PostgreSQL.
struct PostgresDocumentStore: DocumentStore {
    let door: StoreDoor

    func keep(_ document: Document, key: String, in scope: OrganizationScope) async throws -> DocumentID {
        let clear = Statement("DELETE FROM spotter.documents WHERE expires_at <= $1", document.createdAt)
        let insert = Statement(
            """
            INSERT INTO spotter.documents (
                organization_id, id, name, content_type, content, created_by, idempotency_key, created_at, expires_at)
            SELECT (SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8
            WHERE (SELECT count(*) FROM spotter.documents) < $9
            ON CONFLICT (organization_id, idempotency_key) DO NOTHING
            """, document.id.uuid, document.name, document.contentType, document.content, document.by, key,
            document.createdAt, document.expiresAt, Document.most)
        let kept = Statement("SELECT id FROM spotter.documents WHERE idempotency_key = $1", key)
        // Whatever another call with the key has kept, a later statement sees.
        return try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch([clear, insert, kept])
            guard let id: DocumentID = try rows[2].firstDecoded({ try $0.id(0) }) else {
                throw SpotterError(
                    .limitReached,
                    "There are \(Document.most) documents already, the most that are kept. The oldest are forgotten a "
                        + "week after they were made.")
            }
            return id
        }
    }

    func document(_ id: DocumentID, at now: Date, in scope: OrganizationScope) async throws -> Document {
        let statement = Statement(
            """
            SELECT name, content_type, content, created_by, created_at, expires_at FROM spotter.documents
            WHERE id = $1 AND expires_at > $2
            """, id.uuid, now)
        let found = try await door.read(scope, statement).firstDecoded { row in
            Document(
                id: id, name: try row.get(0), contentType: try row.get(1), content: try row.get(2), by: try row.get(3),
                createdAt: try row.get(4), expiresAt: try row.get(5))
        }
        guard let found else { throw SpotterError.notFound("document") }
        return found
    }
}

/// Rows for spreadsheets, in PostgreSQL.
struct PostgresExportStore: ExportStore {
    let door: StoreDoor

    func rows(
        of kind: ExportKind, _ query: ExportQuery, timezone: String, limit: Int, in scope: OrganizationScope
    ) async throws -> [ExportRow] {
        let parameters: [PostgresValue] = [
            .timestamp(query.range.first), .timestamp(query.range.last), .text(query.status),
            .text(timezone), .int(Int64(limit)),
        ]
        let statement =
            switch kind {
            case .clients: Statement(ExportSQL.clients, parameters: parameters + [.text(query.tag)])
            case .leads: Statement(ExportSQL.leads, parameters: parameters + [.text(query.tag)])
            case .bookings: Statement(ExportSQL.bookings, parameters: parameters)
            case .payments: Statement(ExportSQL.payments, parameters: parameters)
            case .subscriptions: Statement(ExportSQL.subscriptions, parameters: parameters)
            }
        return try await door.read(scope, statement).views()
    }
}
