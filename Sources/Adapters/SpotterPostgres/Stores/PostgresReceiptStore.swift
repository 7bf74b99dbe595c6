import Foundation
import PostgresKit
import SpotterDomain

/// Receipts in PostgreSQL.
struct PostgresReceiptStore: ReceiptStore {
    let door: StoreDoor

    func receipt(forKey key: String, in scope: OrganizationScope) async throws -> Receipt? {
        let statement = Statement(
            """
            SELECT key, fingerprint, response_status, response_body, execution_id, created_at
            FROM spotter.receipts WHERE key = $1
            """, key)
        return try await door.read(scope, statement).firstDecoded(Receipt.init)
    }

    func begin(_ receipt: Receipt, in scope: OrganizationScope) async throws {
        _ = try await door.write(scope, Self.insert(receipt))
    }

    func takeOver(
        key: String, begunBefore date: Date, at now: Date, in scope: OrganizationScope
    ) async throws -> Bool {
        let statement = Statement(
            """
            UPDATE spotter.receipts SET created_at = $3
            WHERE key = $1 AND created_at < $2 AND response_status IS NULL
            """, key, date, now)
        return try await door.write(scope, statement).affected > 0
    }

    func complete(key: String, with response: Receipt.Response, in scope: OrganizationScope) async throws {
        // The first answer stands: it may have been given out already.
        let statement = Statement(
            """
            UPDATE spotter.receipts
            SET response_status = coalesce(response_status, $2), response_body = coalesce(response_body, $3)
            WHERE key = $1
            """, key, response.status, response.body)
        guard try await door.write(scope, statement).affected > 0 else { throw SpotterError.notFound("receipt") }
    }

    func abandon(key: String, in scope: OrganizationScope) async throws {
        let statement = Statement("DELETE FROM spotter.receipts WHERE key = $1 AND response_status IS NULL", key)
        _ = try await door.write(scope, statement)
    }

    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        // Another process may be at it, too: each takes what the other has not locked.
        let statement = Statement(
            """
            DELETE FROM spotter.receipts r USING (
                SELECT organization_id, key FROM spotter.receipts WHERE created_at < $1
                ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED) old
            WHERE r.organization_id = old.organization_id AND r.key = old.key
            """, date, limit)
        return try await door.write(scope, statement).affected
    }

    /// Goes before every other statement of its transaction: a key that was used must stop a request before anything
    /// else about it can fail, so that it is answered from the receipt.
    static func insert(_ receipt: Receipt?) -> [Statement] {
        guard let receipt else { return [] }
        let statement = Statement(
            """
            INSERT INTO spotter.receipts (
                organization_id, key, fingerprint, response_status, response_body, execution_id, created_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6)
            """, receipt.key, receipt.fingerprint, receipt.response?.status, receipt.response?.body,
            receipt.execution?.uuid, receipt.createdAt)
        return [statement]
    }

    /// Puts the answer into a receipt of this transaction; nothing where there is none.
    static func answer(_ receipt: ExecutionReceipt?, with execution: Execution) throws -> [Statement] {
        guard let receipt else { return [] }
        return [replace(try receipt.response(execution), ofKey: receipt.receipt.key)]
    }

    /// Puts another answer into a receipt that this transaction has inserted.
    static func replace(_ response: Receipt.Response, ofKey key: String) -> Statement {
        Statement(
            "UPDATE spotter.receipts SET response_status = $2, response_body = $3 WHERE key = $1", key, response.status,
            response.body)
    }
}

extension Receipt {
    fileprivate init(_ row: Row) throws {
        var response: Response?
        if let status = try row.get(2, as: Int?.self) {
            response = Response(status: status, body: try row.get(3))
        }
        self.init(
            key: try row.get(0), fingerprint: try row.get(1), response: response, execution: try row.optionalID(4),
            createdAt: try row.get(5))
    }
}
