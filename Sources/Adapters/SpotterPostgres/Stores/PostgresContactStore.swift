import Foundation
import PostgresKit
import SpotterDomain

/// Members, leads and staff as people who can be written to, in PostgreSQL.
struct PostgresContactStore: ContactStore {
    let door: StoreDoor

    func contact(_ person: MessagePerson, in scope: OrganizationScope) async throws -> Contact? {
        let statement = Statement(
            """
            SELECT id, NULL::uuid, NULL::uuid, name, email, phone, timezone FROM spotter.clients WHERE id = $1
            UNION ALL SELECT NULL, id, NULL, name, email, phone, timezone FROM spotter.leads WHERE id = $2
            UNION ALL SELECT NULL, NULL, id, name, email, phone, NULL FROM spotter.staff WHERE id = $3
            """, person.clientID?.uuid, person.leadID?.uuid, person.staffID?.uuid)
        return try await contacts(statement, in: scope).first
    }

    func contacts(
        at address: String, _ channel: MessageChannel, in scope: OrganizationScope
    ) async throws -> [Contact] {
        switch channel {
        case .email: try await contacts(Self.byEmail(address), in: scope)
        case .sms:
            // The end of a number is the same however its country is written.
            switch String(FoldedText.digits(address).suffix(9)) {
            case let digits where digits.count >= 5: try await contacts(Self.byPhone(digits), in: scope)
            default: []
            }
        }
    }

    private static func byEmail(_ address: String) -> Statement {
        Statement(
            """
            (SELECT id, NULL::uuid, NULL::uuid, name, email, phone, timezone FROM spotter.clients
                WHERE lower(email) = lower($1) ORDER BY id LIMIT 10)
            UNION ALL (SELECT NULL, id, NULL, name, email, phone, timezone FROM spotter.leads
                WHERE lower(email) = lower($1) ORDER BY id LIMIT 10)
            UNION ALL (SELECT NULL, NULL, id, name, email, phone, NULL FROM spotter.staff
                WHERE lower(email) = lower($1) ORDER BY id LIMIT 10)
            LIMIT 10
            """, StorableText.text(of: address))
    }

    private static func byPhone(_ digits: String) -> Statement {
        Statement(
            """
            (SELECT id, NULL::uuid, NULL::uuid, name, email, phone, timezone FROM spotter.clients
                WHERE phone_digits <> '' AND right(phone_digits, 9) = $1 ORDER BY id LIMIT 10)
            UNION ALL (SELECT NULL, id, NULL, name, email, phone, timezone FROM spotter.leads
                WHERE phone_digits <> '' AND right(phone_digits, 9) = $1 ORDER BY id LIMIT 10)
            UNION ALL (SELECT NULL, NULL, id, name, email, phone, NULL FROM spotter.staff
                WHERE right(regexp_replace(phone, '[^0-9]', '', 'g'), 9) = $1 ORDER BY id LIMIT 10)
            LIMIT 10
            """, digits)
    }

    func staff(role: String?, in scope: OrganizationScope) async throws -> [Contact] {
        let statement = Statement(
            """
            SELECT NULL::uuid, NULL::uuid, id, name, email, phone, NULL::text FROM spotter.staff
            WHERE is_active AND ($1::text IS NULL OR role = $1) ORDER BY name_key, id LIMIT 200
            """, role.map(StorableText.text))
        return try await contacts(statement, in: scope)
    }

    func audience(_ audience: Audience, limit: Int, in scope: OrganizationScope) async throws -> [Contact] {
        let (statuses, tags) = (audience.statuses, audience.tags)
        switch audience.kind {
        case .clients:
            return try await contacts(
                Statement(
                    """
                    SELECT c.id, NULL::uuid, NULL::uuid, name, email, phone, timezone FROM spotter.clients c
                    WHERE (cardinality($1::text[]) = 0 OR status = ANY ($1))
                        AND (cardinality($2::text[]) = 0 OR tags && $2)
                        AND ($3::timestamptz IS NULL OR NOT EXISTS (
                            SELECT FROM spotter.check_ins v WHERE v.client_id = c.id AND v.checked_in_at >= $3))
                    ORDER BY c.id LIMIT $4
                    """, statuses, tags, audience.absentSince, limit), in: scope)
        case .leads:
            return try await contacts(
                Statement(
                    """
                    SELECT NULL::uuid, id, NULL::uuid, name, email, phone, timezone FROM spotter.leads
                    WHERE (cardinality($1::text[]) = 0 OR status = ANY ($1))
                        AND (cardinality($2::text[]) = 0 OR tags && $2)
                    ORDER BY id LIMIT $3
                    """, statuses, tags, limit), in: scope)
        }
    }

    private func contacts(_ statement: Statement, in scope: OrganizationScope) async throws -> [Contact] {
        try await door.read(scope, statement).decoded(Contact.init).compactMap { $0 }
    }
}

// MARK: What people have said

extension PostgresContactStore {
    func facts(
        of people: [MessagePerson], _ channel: MessageChannel, since: Date, besides message: OutboxID?,
        in scope: OrganizationScope
    ) async throws -> [MessagePerson: ContactFacts] {
        guard !people.isEmpty else { return [:] }
        let statement = Statement(
            """
            SELECT p.client_id, p.lead_id, NULL::uuid,
                (SELECT is_granted FROM spotter.consents c
                    WHERE (c.client_id = p.client_id OR c.lead_id = p.lead_id) AND c.channel = $2
                        AND c.purpose = 'marketing' ORDER BY recorded_at DESC, is_granted, id DESC LIMIT 1),
                (SELECT is_granted FROM spotter.consents c
                    WHERE (c.client_id = p.client_id OR c.lead_id = p.lead_id) AND c.channel = $2
                        AND c.purpose = 'transactional' ORDER BY recorded_at DESC, is_granted, id DESC LIMIT 1),
                (SELECT count(*) FROM spotter.outbox_messages m
                    WHERE (m.client_id = p.client_id OR m.lead_id = p.lead_id) AND purpose = 'marketing'
                        AND status IN ('held', 'queued', 'sending', 'sent', 'needs_review')
                        AND coalesce(sent_at, due_at) >= $3
                        AND coalesce(sent_at, due_at) < $3 + interval '14 days'
                        AND ($4::uuid IS NULL OR status IN ('sent', 'needs_review') OR (
                            status <> 'held' AND (m.due_at, m.id) < (own.due_at, own.id))))
            FROM json_to_recordset($1::json) AS p (client_id uuid, lead_id uuid)
            LEFT JOIN spotter.outbox_messages own ON own.id = $4
            """, try PostgresValue.document(people.map(PersonRow.init)), channel.rawValue, since, message?.uuid)
        let rows = try await door.read(scope, statement).decoded { row in
            (
                try MessagePerson(row, from: 0),
                ContactFacts(
                    marketing: try row.get(3), transactional: try row.get(4), marketingInWeek: try row.get(5))
            )
        }
        let found = rows.compactMap { person, facts in person.map { ($0, facts) } }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }

    func consents(of person: MessagePerson, in scope: OrganizationScope) async throws -> [Consent] {
        let statement = Statement(
            """
            SELECT DISTINCT ON (channel, purpose) id, client_id, lead_id, channel, purpose, is_granted, source,
                recorded_at
            FROM spotter.consents WHERE client_id = $1 OR lead_id = $2
            ORDER BY channel, purpose, recorded_at DESC, is_granted, id DESC
            """, person.clientID?.uuid, person.leadID?.uuid)
        return try await door.read(scope, statement).decoded(Consent.init)
    }

    func record(_ consents: [Consent], in scope: OrganizationScope) async throws {
        guard !consents.isEmpty else { return }
        _ = try await door.write(scope, try Self.insert(consents))
    }

    /// Notes what people have said, with the events that tell of it.
    static func insert(_ consents: [Consent]) throws -> [Statement] {
        guard let first = consents.first else { return [] }
        let insert = Statement(
            """
            INSERT INTO spotter.consents (
                organization_id, id, client_id, lead_id, channel, purpose, is_granted, source, recorded_at)
            SELECT (SELECT app.organization()), id, client_id, lead_id, channel, purpose, is_granted, source, recorded_at
            FROM json_to_recordset($1::json) AS c (
                id uuid, client_id uuid, lead_id uuid, channel text, purpose text, is_granted boolean, source text,
                recorded_at timestamptz)
            """, try PostgresValue.document(consents.map(ConsentRow.init)))
        return [insert] + PostgresEventStore.append(consents.map(\.event), at: first.recordedAt)
    }
}

private struct PersonRow: Encodable {
    let clientId: String?
    let leadId: String?

    init(_ person: MessagePerson) {
        clientId = person.clientID?.uuid.uuidString
        leadId = person.leadID?.uuid.uuidString
    }
}

private struct ConsentRow: Encodable {
    let id: String
    let clientId: String?
    let leadId: String?
    let channel: MessageChannel
    let purpose: MessagePurpose
    let isGranted: Bool
    let source: Consent.Source
    let recordedAt: Date

    init(_ consent: Consent) {
        id = consent.id.uuid.uuidString
        clientId = consent.clientId?.uuid.uuidString
        leadId = consent.leadId?.uuid.uuidString
        channel = consent.channel
        purpose = consent.purpose
        isGranted = consent.isGranted
        source = consent.source
        recordedAt = consent.recordedAt
    }
}
