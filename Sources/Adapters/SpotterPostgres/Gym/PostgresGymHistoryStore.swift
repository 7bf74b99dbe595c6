import Foundation
import PostgresKit
import SpotterDomain

/// Loads a gym's past into PostgreSQL, a table at a time.
struct PostgresGymHistoryStore: GymHistoryStore {
    let door: StoreDoor

    func load(_ batch: GymHistoryBatch, in scope: OrganizationScope) async throws -> Int {
        let organization = JSONValue.string(scope.organization.uuid.uuidString)
        var statements: [Statement] = []
        for table in GymTable.allCases {
            guard let rows = batch.rows[table], !rows.isEmpty else { continue }
            let whole = rows.map { row -> JSONValue in
                var row = row.object ?? JSONObject()
                row["organization_id"] = organization
                return .object(row)
            }
            statements.append(Statement(Self.insert(into: table), PostgresValue.document(.array(whole))))
        }
        if !batch.words.isEmpty { statements.append(words(batch.words)) }
        guard !statements.isEmpty else { return 0 }
        let answers = try await door.write(scope, statements)
        return try answers.dropLast(batch.words.isEmpty ? 0 : 1).reduce(0) { sum, rows in
            sum + (try rows.firstDecoded { try $0.get(0, as: Int.self) } ?? 0)
        }
    }

    func staffEntered(_ id: UUID, in scope: OrganizationScope) async throws -> Date? {
        let statement = Statement("SELECT created_at FROM spotter.staff WHERE id = $1", id)
        return try await door.read(scope, statement).firstDecoded { try $0.get(0) }
    }

    private func words(_ words: [GymHistoryBatch.Words]) -> Statement {
        let rows = words.map { entry -> JSONValue in
            ["kind": .string(entry.kind), "id": entry.record, "words": .array(entry.words.map(JSONValue.string))]
        }
        return Statement(
            """
            INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
            SELECT (SELECT app.organization()), kind, id, app.kept_words(words)
            FROM json_to_recordset($1::json) AS entry (kind text, id uuid, words text[])
            ON CONFLICT DO NOTHING
            """, PostgresValue.document(.array(rows)))
    }

    private static func insert(into table: GymTable) -> StaticString {
        switch table {
        case .staff: staff
        case .plans: plans
        case .classes: classes
        case .sessions: sessions
        case .clients: clients
        case .leads: leads
        case .statusChanges: statusChanges
        case .subscriptions: subscriptions
        case .subscriptionChanges: subscriptionChanges
        case .payments: payments
        case .refunds: refunds
        case .checkIns: checkIns
        case .bookings: bookings
        case .consents: consents
        case .tickets: tickets
        }
    }
}

// MARK: Statements

// What is of somebody who was erased meanwhile is left out, and stays so.
extension PostgresGymHistoryStore {
    private static let staff: StaticString = """
        WITH added AS (
            INSERT INTO spotter.staff SELECT (json_populate_recordset(NULL::spotter.staff, $1::json)).*
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let plans: StaticString = """
        WITH added AS (
            INSERT INTO spotter.plans SELECT (json_populate_recordset(NULL::spotter.plans, $1::json)).*
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let classes: StaticString = """
        WITH added AS (
            INSERT INTO spotter.classes SELECT (json_populate_recordset(NULL::spotter.classes, $1::json)).*
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let sessions: StaticString = """
        WITH added AS (
            INSERT INTO spotter.class_sessions SELECT (json_populate_recordset(NULL::spotter.class_sessions, $1::json)).*
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let clients: StaticString = """
        WITH added AS (
            INSERT INTO spotter.clients SELECT (json_populate_recordset(NULL::spotter.clients, $1::json)).*
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let leads: StaticString = """
        WITH added AS (
            INSERT INTO spotter.leads
            SELECT new.* FROM json_populate_recordset(NULL::spotter.leads, $1::json) AS new
            WHERE new.client_id IS NULL
                OR EXISTS (SELECT FROM spotter.clients c WHERE c.id = new.client_id)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let statusChanges: StaticString = """
        WITH added AS (
            INSERT INTO spotter.status_changes
            SELECT new.* FROM json_populate_recordset(NULL::spotter.status_changes, $1::json) AS new
            WHERE (new.client_id IS NULL OR EXISTS (SELECT FROM spotter.clients c WHERE c.id = new.client_id))
                AND (new.lead_id IS NULL OR EXISTS (SELECT FROM spotter.leads l WHERE l.id = new.lead_id))
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let subscriptions: StaticString = """
        WITH added AS (
            INSERT INTO spotter.subscriptions
            SELECT new.* FROM json_populate_recordset(NULL::spotter.subscriptions, $1::json) AS new
            WHERE EXISTS (SELECT FROM spotter.clients c WHERE c.id = new.client_id)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let subscriptionChanges: StaticString = """
        WITH added AS (
            INSERT INTO spotter.subscription_changes
            SELECT new.* FROM json_populate_recordset(NULL::spotter.subscription_changes, $1::json) AS new
            WHERE EXISTS (SELECT FROM spotter.subscriptions s WHERE s.id = new.subscription_id)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let payments: StaticString = """
        WITH added AS (
            INSERT INTO spotter.payments
            SELECT new.* FROM json_populate_recordset(NULL::spotter.payments, $1::json) AS new
            WHERE new.client_id IS NULL
                OR EXISTS (SELECT FROM spotter.clients c WHERE c.id = new.client_id)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let refunds: StaticString = """
        WITH added AS (
            INSERT INTO spotter.refunds
            SELECT new.* FROM json_populate_recordset(NULL::spotter.refunds, $1::json) AS new
            WHERE EXISTS (SELECT FROM spotter.payments p WHERE p.id = new.payment_id)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let checkIns: StaticString = """
        WITH added AS (
            INSERT INTO spotter.check_ins
            SELECT new.* FROM json_populate_recordset(NULL::spotter.check_ins, $1::json) AS new
            WHERE EXISTS (SELECT FROM spotter.clients c WHERE c.id = new.client_id)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let bookings: StaticString = """
        WITH added AS (
            INSERT INTO spotter.bookings
            SELECT new.* FROM json_populate_recordset(NULL::spotter.bookings, $1::json) AS new
            WHERE EXISTS (SELECT FROM spotter.clients c WHERE c.id = new.client_id)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let consents: StaticString = """
        WITH added AS (
            INSERT INTO spotter.consents
            SELECT new.* FROM json_populate_recordset(NULL::spotter.consents, $1::json) AS new
            WHERE (new.client_id IS NULL OR EXISTS (SELECT FROM spotter.clients c WHERE c.id = new.client_id))
                AND (new.lead_id IS NULL OR EXISTS (SELECT FROM spotter.leads l WHERE l.id = new.lead_id))
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
    private static let tickets: StaticString = """
        WITH added AS (
            INSERT INTO spotter.tickets
            SELECT new.* FROM json_populate_recordset(NULL::spotter.tickets, $1::json) AS new
            WHERE new.client_id IS NULL
                OR EXISTS (SELECT FROM spotter.clients c WHERE c.id = new.client_id)
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM added
        """
}
