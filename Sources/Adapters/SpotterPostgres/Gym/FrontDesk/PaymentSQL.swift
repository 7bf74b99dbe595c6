import Foundation
import PostgresKit
import SpotterDomain

/// What is read of payments.
enum PaymentSQL {
    static func statements(_ query: PaymentQuery) -> [Statement] {
        let filter: [PostgresValue] = [
            .timestamp(query.range.first), .timestamp(query.range.last), .id(query.client),
            .text(query.status), .text(query.method), .text(query.kind), .numeric(query.least), .numeric(query.most),
        ]
        // The plan for one member's payments is another than that for a time's.
        if query.client != nil {
            return [
                Statement(ofClient, parameters: filter + [.int(Int64(query.limit))]),
                Statement(sumsOfClient, parameters: filter),
            ]
        }
        return [Statement(rows, parameters: filter + [.int(Int64(query.limit))]), Statement(sums, parameters: filter)]
    }

    private static let rows: StaticString = """
        SELECT p.id, p.client_id, c.name AS client, p.amount, p.currency, p.status, p.kind, p.method,
            p.failure_reason, p.description, p.paid_at,
            coalesce((
                SELECT sum(r.amount) FROM spotter.refunds r
                WHERE r.organization_id = p.organization_id AND r.payment_id = p.id), 0) AS refunded
        FROM (
            SELECT * FROM spotter.payments
            WHERE paid_at >= $1 AND paid_at < $2
                AND $3::uuid IS NULL AND ($4::text IS NULL OR status = $4) AND ($5::text IS NULL OR method = $5)
                AND ($6::text IS NULL OR kind = $6) AND ($7::numeric IS NULL OR amount >= $7)
                AND ($8::numeric IS NULL OR amount <= $8)
            ORDER BY organization_id DESC, paid_at DESC, id DESC LIMIT $9) p
        LEFT JOIN spotter.clients c ON c.organization_id = p.organization_id AND c.id = p.client_id
        ORDER BY p.paid_at DESC, p.id DESC
        """

    private static let sums: StaticString = """
        SELECT p.currency, p.status, count(*) AS count, sum(p.amount) AS amount,
            coalesce(sum(r.amount), 0) AS refunded
        FROM spotter.payments p
        LEFT JOIN (
            SELECT payment_id, sum(amount) AS amount FROM spotter.refunds
            WHERE refunded_at >= $1 GROUP BY payment_id) r ON r.payment_id = p.id
        WHERE p.paid_at >= $1
            AND p.paid_at < $2
            AND $3::uuid IS NULL AND ($4::text IS NULL OR p.status = $4) AND ($5::text IS NULL OR p.method = $5)
            AND ($6::text IS NULL OR p.kind = $6) AND ($7::numeric IS NULL OR p.amount >= $7)
            AND ($8::numeric IS NULL OR p.amount <= $8)
        GROUP BY p.currency, p.status ORDER BY p.currency, p.status
        """

    private static let ofClient: StaticString = """
        SELECT p.id, p.client_id, c.name AS client, p.amount, p.currency, p.status, p.kind, p.method,
            p.failure_reason, p.description, p.paid_at,
            coalesce((
                SELECT sum(r.amount) FROM spotter.refunds r
                WHERE r.organization_id = p.organization_id AND r.payment_id = p.id), 0) AS refunded
        FROM spotter.payments p
        JOIN spotter.clients c ON c.organization_id = p.organization_id AND c.id = p.client_id
        WHERE p.client_id = $3 AND p.paid_at >= $1
            AND p.paid_at < $2
            AND ($4::text IS NULL OR p.status = $4) AND ($5::text IS NULL OR p.method = $5)
            AND ($6::text IS NULL OR p.kind = $6) AND ($7::numeric IS NULL OR p.amount >= $7)
            AND ($8::numeric IS NULL OR p.amount <= $8)
        ORDER BY p.paid_at DESC, p.id DESC LIMIT $9
        """

    private static let sumsOfClient: StaticString = """
        SELECT p.currency, p.status, count(*) AS count, sum(p.amount) AS amount,
            sum(coalesce((
                SELECT sum(r.amount) FROM spotter.refunds r
                WHERE r.organization_id = p.organization_id AND r.payment_id = p.id), 0)) AS refunded
        FROM spotter.payments p
        WHERE p.client_id = $3 AND p.paid_at >= $1
            AND p.paid_at < $2
            AND ($4::text IS NULL OR p.status = $4) AND ($5::text IS NULL OR p.method = $5)
            AND ($6::text IS NULL OR p.kind = $6) AND ($7::numeric IS NULL OR p.amount >= $7)
            AND ($8::numeric IS NULL OR p.amount <= $8)
        GROUP BY p.currency, p.status ORDER BY p.currency, p.status
        """
}

extension Range<Date>? {
    /// Where it begins; without a range before everything. A bound that is always there is one that an index finds:
    /// under row-level security `coalesce` is not looked through.
    var first: Date { self?.lowerBound ?? Date(timeIntervalSince1970: -60_000_000_000) }
    /// Where it ends; without a range after everything.
    var last: Date { self?.upperBound ?? .distantFuture }
}

/// What is read of memberships.
enum SubscriptionSQL {
    private static func filter(_ query: SubscriptionQuery) -> [PostgresValue] {
        [
            .id(query.client), .text(query.status),
            .text(query.plan.map { LikePattern.containing(FoldedText.fold($0)) }),
            .timestamp(query.started.first), .timestamp(query.started.last), .text(query.paymentBy),
        ]
    }

    static func rows(_ query: SubscriptionQuery) -> Statement {
        Statement(list, parameters: filter(query) + [.int(Int64(query.limit))])
    }

    static func groups(_ query: SubscriptionQuery) -> Statement { Statement(sums, parameters: filter(query)) }

    private static let list: StaticString = """
        SELECT s.id, s.client_id, c.name AS client, p.name AS plan, s.status, s.amount, s.currency, s.period,
            s.period_count, coalesce(app.monthly(s.amount, s.period, s.period_count), 0) AS monthly_amount,
            s.started_at, s.cancelled_at, s.cancel_reason, s.next_payment_on::text AS next_payment_on
        FROM spotter.subscriptions s
        JOIN spotter.clients c ON c.organization_id = s.organization_id AND c.id = s.client_id
        LEFT JOIN spotter.plans p ON p.organization_id = s.organization_id AND p.id = s.plan_id
        WHERE ($1::uuid IS NULL OR s.client_id = $1) AND ($2::text IS NULL OR s.status = $2)
            AND ($3::text IS NULL OR p.name_key LIKE $3)
            AND s.started_at >= $4
            AND s.started_at < $5
            AND ($6::text IS NULL OR s.next_payment_on <= $6::date)
        ORDER BY s.started_at DESC, s.id DESC LIMIT $7
        """

    private static let sums: StaticString = """
        SELECT p.name AS plan, s.status, s.currency, sum(s.count)::bigint AS count,
            sum(s.count * coalesce(app.monthly(s.amount, s.period, s.period_count), 0)) AS monthly_amount
        FROM (
            SELECT organization_id, plan_id, status, currency, amount, period, period_count, count(*) AS count
            FROM spotter.subscriptions
            WHERE ($1::uuid IS NULL OR client_id = $1) AND ($2::text IS NULL OR status = $2)
                AND started_at >= $4
                AND started_at < $5
                AND ($6::text IS NULL OR next_payment_on <= $6::date)
            GROUP BY organization_id, plan_id, status, currency, amount, period, period_count) s
        LEFT JOIN spotter.plans p ON p.organization_id = s.organization_id AND p.id = s.plan_id
        WHERE $3::text IS NULL OR p.name_key LIKE $3
        GROUP BY p.name, s.status, s.currency ORDER BY p.name, s.status, s.currency
        """
}
