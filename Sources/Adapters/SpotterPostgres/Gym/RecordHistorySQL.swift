import Foundation
import PostgresKit
import SpotterDomain

/// Statements about the steps of statuses and the history of subscriptions.
enum RecordHistorySQL {
    /// Keeps steps of members' or leads' statuses.
    static func steps(_ steps: [(UUID, StatusChange)], ofClients: Bool) -> Statement {
        let rows = steps.map { id, change -> JSONValue in
            var row: JSONObject = [
                "id": .string(id.uuidString), "to_status": .string(change.toStatus),
                "changed_by": .string(change.changedBy),
                "changed_at": .string(Timestamp.string(from: change.changedAt)),
            ]
            row["from_status"] = change.fromStatus.map { .string($0) }
            row["reason"] = change.reason.map { .string($0) }
            return .object(row)
        }
        return Statement(
            """
            INSERT INTO spotter.status_changes (
                organization_id, id, client_id, lead_id, from_status, to_status, reason, changed_by, changed_at)
            SELECT (SELECT app.organization()), gen_random_uuid(), CASE WHEN $2 THEN id END,
                CASE WHEN NOT $2 THEN id END, from_status, to_status, reason, changed_by, changed_at
            FROM json_to_recordset($1) AS step (
                id uuid, from_status text, to_status text, reason text, changed_by text, changed_at timestamptz)
            """, PostgresValue.document(.array(rows)), ofClients)
    }

    /// Ends what is still valid of subscriptions.
    static func end(_ ends: [(SubscriptionID, Date)]) -> Statement {
        let rows = ends.map { id, end -> JSONValue in
            ["id": .string(id.uuid.uuidString), "valid_until": .string(Timestamp.string(from: end))]
        }
        return Statement(
            """
            UPDATE spotter.subscription_changes c SET valid_until = e.valid_until
            FROM json_to_recordset($1) AS e (id uuid, valid_until timestamptz)
            WHERE c.subscription_id = e.id AND c.valid_until IS NULL
            """, PostgresValue.document(.array(rows)))
    }

    /// Goes on with the history of subscriptions, which are written already.
    static func goOn(_ changes: [SubscriptionChange]) -> Statement {
        let rows = changes.map { change -> JSONValue in
            var row: JSONObject = [
                "id": .string(change.subscriptionId.uuid.uuidString), "status": .string(change.status.rawValue),
                "valid_from": .string(Timestamp.string(from: change.validFrom)),
            ]
            row["valid_until"] = change.validUntil.map { .string(Timestamp.string(from: $0)) }
            return .object(row)
        }
        return Statement(
            """
            INSERT INTO spotter.subscription_changes (
                organization_id, id, subscription_id, client_id, plan_id, status, monthly_amount, currency, valid_from,
                valid_until)
            SELECT s.organization_id, gen_random_uuid(), s.id, s.client_id, s.plan_id, c.status,
                CASE WHEN c.status IN ('active', 'past_due')
                    THEN app.monthly(s.amount, s.period, s.period_count) ELSE 0 END,
                s.currency, c.valid_from, c.valid_until
            FROM json_to_recordset($1) AS c (
                id uuid, status text, valid_from timestamptz, valid_until timestamptz)
            JOIN spotter.subscriptions s ON s.id = c.id
            """, PostgresValue.document(.array(rows)))
    }
}

/// Statements about the words that records are found by.
enum RecordWordsSQL {
    /// Keeps the words of records, in place of those there were.
    static func keep(_ kind: String, _ words: [(UUID, [String])]) -> Statement {
        let rows = words.map { id, words -> JSONValue in
            ["id": .string(id.uuidString), "words": .array(words.map { .string($0) })]
        }
        return Statement(
            """
            INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
            SELECT (SELECT app.organization()), $1, id, app.kept_words(words)
            FROM json_to_recordset($2) AS found (id uuid, words text[])
            ON CONFLICT (organization_id, kind, record_id) DO UPDATE SET words = excluded.words
            """, kind, PostgresValue.document(.array(rows)))
    }

    static func forget(_ kind: String, _ id: UUID) -> Statement {
        Statement("DELETE FROM spotter.record_words WHERE kind = $1 AND record_id = $2", kind, id)
    }
}
