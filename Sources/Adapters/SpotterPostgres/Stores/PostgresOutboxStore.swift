import Foundation
import PostgresKit
import SpotterDomain

/// The outbox in PostgreSQL. The database's clock alone decides what is due and whose lease is over.
struct PostgresOutboxStore: OutboxStore {
    let door: StoreDoor

    func message(_ id: OutboxID, in scope: OrganizationScope) async throws -> OutboxMessage {
        guard let message = try await door.read(scope, Self.find([id.uuid])).firstDecoded(OutboxMessage.init) else {
            throw SpotterError.notFound("message")
        }
        return message
    }

    func list(
        _ filter: OutboxFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<OutboxMessage> {
        let statement = Statement(
            """
            SELECT id, channel, purpose, recipient, client_id, lead_id, staff_id, subject, body, html, attachments,
                status, reason, sent_by, conversation_id, due_at, attempt, provider_id, created_at, sent_at,
                approval_id, approver_token_id
            FROM spotter.outbox_messages
            WHERE id < $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR channel = $3)
                AND ($4::text IS NULL OR purpose = $4) AND ($5::uuid IS NULL OR client_id = $5)
                AND ($6::uuid IS NULL OR lead_id = $6) AND ($7::uuid IS NULL OR staff_id = $7)
            ORDER BY id DESC LIMIT $8
            """, page.before, filter.status?.rawValue, filter.channel?.rawValue, filter.purpose?.rawValue,
            filter.person?.clientID?.uuid, filter.person?.leadID?.uuid, filter.person?.staffID?.uuid, page.fetchLimit)
        let messages = try await door.read(scope, statement).decoded(OutboxMessage.init)
        return Page(fetched: messages, limit: page.limit) { Cursor($0.id.uuid) }
    }

    private static func find(_ ids: [UUID]) -> Statement {
        Statement(
            """
            SELECT m.id, channel, purpose, recipient, client_id, lead_id, staff_id, subject, body, html, attachments,
                status, reason, sent_by, conversation_id, due_at, attempt, provider_id, created_at, sent_at,
                approval_id, approver_token_id
            FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)
            JOIN spotter.outbox_messages m ON m.id = wanted.id ORDER BY wanted.place
            """, ids)
    }
}

// MARK: Putting in

extension PostgresOutboxStore {
    func enqueue(
        _ drafts: [OutboxDraft], in scope: OrganizationScope
    ) async throws -> [(message: OutboxMessage, isNew: Bool)] {
        guard !drafts.isEmpty else { return [] }
        let rows = try PostgresValue.document(drafts.map(OutboxRow.init))
        return try await door.transaction(scope) { transaction in
            let results = try await transaction.batch([Self.insert(rows), Self.lookUp(rows)])
            let found = try results[1].decoded { row in
                (id: try row.get(0, as: UUID.self), isSame: try row.get(1, as: Bool.self))
            }
            guard found.count == drafts.count, found.allSatisfy(\.isSame) else {
                throw SpotterError(
                    .idempotencyMismatch, "Another message stands in the outbox under this key already.")
            }
            let messages = try await transaction.batch([Self.find(found.map(\.id))])[0].decoded(OutboxMessage.init)
            return zip(messages, drafts).map { ($0, $0.id == $1.message.id) }
        }
    }

    /// Puts in what is not there yet under its key; `rows` are `OutboxRow`s.
    static func insert(_ rows: PostgresValue) -> Statement {
        Statement(
            """
            INSERT INTO spotter.outbox_messages (
                organization_id, id, channel, purpose, recipient, client_id, lead_id, staff_id, subject, body, html,
                attachments, status, reason, idempotency_key, content_hash, sent_by, conversation_id, due_at,
                created_at, approval_id, approver_token_id)
            SELECT (SELECT app.organization()), id, channel, purpose, recipient, client_id, lead_id, staff_id, subject,
                body, html, attachments, status, reason, key, sha256(convert_to(content, 'UTF8')), sent_by,
                conversation_id, due_at, created_at, approval_id, approver_token_id
            FROM json_to_recordset($1::json) AS m (
                id uuid, channel text, purpose text, recipient text, client_id uuid, lead_id uuid, staff_id uuid,
                subject text, body text, html text, attachments json, status text, reason text, key text, content text,
                sent_by text, conversation_id uuid, due_at timestamptz, created_at timestamptz,
                approval_id uuid, approver_token_id uuid)
            ORDER BY key
            ON CONFLICT (organization_id, idempotency_key) DO NOTHING
            """, parameters: [rows])
    }

    private static func lookUp(_ rows: PostgresValue) -> Statement {
        Statement(
            """
            SELECT m.id, m.content_hash = sha256(convert_to(wanted.value ->> 'content', 'UTF8'))
            FROM json_array_elements($1::json) WITH ORDINALITY AS wanted (value, place)
            JOIN spotter.outbox_messages m ON m.idempotency_key = wanted.value ->> 'key' ORDER BY wanted.place
            """, parameters: [rows])
    }
}

// MARK: By hand

extension PostgresOutboxStore {
    func cancel(_ id: OutboxID, in scope: OrganizationScope) async throws -> OutboxMessage {
        try await change(
            id, in: scope, refusal: "Only a message that is held or queued can be cancelled",
            Statement(
                """
                UPDATE spotter.outbox_messages SET status = 'cancelled', reason = NULL
                WHERE id = $1 AND status IN ('held', 'queued') RETURNING id
                """, id.uuid))
    }

    func retry(_ id: OutboxID, at now: Date, in scope: OrganizationScope) async throws -> OutboxMessage {
        try await change(
            id, in: scope, refusal: "Only a message that failed, was cancelled or needs a review can be sent again",
            Statement(
                """
                UPDATE spotter.outbox_messages SET status = 'queued', reason = NULL, attempt = 0, due_at = $2
                WHERE id = $1 AND status IN ('failed', 'needs_review', 'cancelled') RETURNING id
                """, id.uuid, now))
    }

    private func change(
        _ id: OutboxID, in scope: OrganizationScope, refusal: String, _ statement: Statement
    ) async throws -> OutboxMessage {
        let results = try await door.write(scope, [statement, Self.find([id.uuid])])
        guard let message = try results[1].firstDecoded(OutboxMessage.init) else {
            throw SpotterError.notFound("message")
        }
        guard results[0].first != nil else {
            throw SpotterError(.conflict, "\(refusal); this one is \(message.status.rawValue).")
        }
        return message
    }

    func release(_ channels: [MessageChannel], in scope: OrganizationScope) async throws -> Int {
        let statement = Statement(
            """
            UPDATE spotter.outbox_messages SET status = 'queued', reason = NULL, due_at = greatest(due_at, now())
            WHERE status = 'held' AND channel = ANY ($1::text[]) RETURNING id
            """, channels.map(\.rawValue))
        return try await door.write(scope, statement).decoded { try $0.get(0, as: UUID.self) }.count
    }
}

// MARK: Couriers

extension PostgresOutboxStore {
    func claim(limit: Int, lease: Duration, after: OrganizationID?) async throws -> [OutboxClaim] {
        let statement = Statement(
            "SELECT organization_id, id, attempt, fence FROM app.claim_messages($1, $2, $3)", limit,
            lease.wholeMilliseconds, after?.uuid ?? Self.lowest)
        return try await door.ask(statement).decoded { row in
            OutboxClaim(
                organization: try row.id(0), id: try row.id(1), attempt: try row.get(2), fence: try row.get(3))
        }
    }

    func record(_ outcome: OutboxOutcome, of claim: OutboxClaim) async throws {
        let statement = Statement(
            """
            UPDATE spotter.outbox_messages SET status = $3, reason = $4, provider_id = coalesce($5, provider_id),
                due_at = coalesce($6, CASE WHEN $7::bigint IS NULL THEN due_at
                    ELSE now() + $7 * interval '1 millisecond' END),
                sent_at = CASE WHEN $3 = 'sent' THEN now() ELSE sent_at END,
                attempt = attempt - CASE WHEN $8 THEN 1 ELSE 0 END, lease_until = NULL
            WHERE id = $1 AND fence = $2 AND status = 'sending' RETURNING id
            """, claim.id.uuid, claim.fence, outcome.status.rawValue, outcome.reason, outcome.providerId,
            outcome.until, outcome.wait, outcome.isHandedBack)
        guard try await door.write(OrganizationScope(claim.organization), statement).first != nil else {
            throw LeaseLost()
        }
    }

    private static let lowest = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}

extension OutboxOutcome {
    fileprivate var status: OutboxMessage.Status {
        switch self {
        case .sent: .sent
        case .again, .handedBack: .queued
        case .ended(let status, _): status
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .sent: nil
        case .again(_, let reason), .ended(_, let reason): StorableText.text(of: reason)
        case .handedBack(_, let reason): reason
        }
    }

    fileprivate var providerId: String? { if case .sent(let id) = self { id.map(StorableText.text) } else { nil } }
    fileprivate var until: Date? { if case .handedBack(let until, _) = self { until } else { nil } }
    fileprivate var wait: Int64? { if case .again(let wait, _) = self { Int64(wait.wholeMilliseconds) } else { nil } }
    fileprivate var isHandedBack: Bool { if case .handedBack = self { true } else { false } }
}
