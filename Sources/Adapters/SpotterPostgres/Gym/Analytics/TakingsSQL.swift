import PostgresKit

/// Money that came and went.
///
/// In every statement of a report `$1` is the organisation. It tells the planner whose rows they are, and so how many;
/// which may be read the policies decide, as everywhere. `$2` are the days that cut the period, `$3` the time zone,
/// and `$4` the time after which nothing counts.
enum TakingsSQL {
    /// By span, currency, kind and method: what was paid and what was given back.
    static let revenue: StaticString = """
        WITH span AS MATERIALIZED (SELECT * FROM app.report_spans($2::text[]::date[], $3, $4))
        SELECT bucket, currency, kind, method, sum(taken), sum(payments)::bigint, sum(returned), sum(refunds)::bigint
        FROM (
            SELECT span.bucket, p.currency, p.kind, p.method, p.taken, p.payments, 0 AS returned, 0 AS refunds
            FROM span CROSS JOIN LATERAL (
                SELECT currency, kind, method, sum(amount) AS taken, count(*) AS payments
                FROM spotter.payments
                WHERE organization_id = $1 AND paid_at >= span.starts_at AND paid_at < span.ends_at
                    AND status = 'succeeded'
                GROUP BY currency, kind, method) p
            UNION ALL
            SELECT span.bucket, p.currency, p.kind, p.method, 0, 0, r.amount, 1
            FROM span
            JOIN spotter.refunds r
                ON r.organization_id = $1 AND r.refunded_at >= span.starts_at AND r.refunded_at < span.ends_at
            -- One look-up a refund: there are few, and the whole of the payments is not to be read for them.
            CROSS JOIN LATERAL (
                SELECT currency, kind, method FROM spotter.payments
                WHERE organization_id = $1 AND id = r.payment_id LIMIT 1) p) AS flow
        GROUP BY bucket, currency, kind, method ORDER BY bucket, currency, kind, method
        """

    /// By span, currency, status and method: tries to pay.
    static let payments: StaticString = """
        WITH span AS MATERIALIZED (SELECT * FROM app.report_spans($2::text[]::date[], $3, $4))
        SELECT span.bucket, p.currency, p.status, p.method, p.amount, p.payments
        FROM span CROSS JOIN LATERAL (
            SELECT currency, status, method, sum(amount) AS amount, count(*) AS payments
            FROM spotter.payments
            WHERE organization_id = $1 AND paid_at >= span.starts_at AND paid_at < span.ends_at
            GROUP BY currency, status, method) p
        ORDER BY span.bucket, p.currency, p.status, p.method
        """

    /// By reason and currency: tries that failed, the most frequent first.
    static let failures: StaticString = """
        WITH span AS MATERIALIZED (SELECT * FROM app.report_spans($2::text[]::date[], $3, $4))
        SELECT p.currency, coalesce(p.failure_reason, ''), sum(p.amount), count(*)
        FROM spotter.payments p
        WHERE p.organization_id = $1 AND p.status = 'failed'
            AND p.paid_at >= (SELECT min(starts_at) FROM span) AND p.paid_at < (SELECT max(ends_at) FROM span)
        GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2
        """

    /// By month of joining and currency of payment: members, those who left, the days that they were members, what
    /// they paid less what they were given back. `$2` are the first days of the months and the day after the last, `$3`
    /// is today.
    static let cohorts: StaticString = """
        WITH edge AS MATERIALIZED (SELECT $2::text[]::date[] AS days, $3::text::date AS today),
        member AS MATERIALIZED (
            SELECT id, width_bucket(joined, (SELECT days FROM edge)) AS bucket, joined,
                CASE WHEN cancelled_on <= (SELECT today FROM edge) THEN cancelled_on END AS left_on
            FROM (
                SELECT id, joined_on::date AS joined, cancelled_on FROM spotter.clients
                WHERE organization_id = $1
                    AND joined_on >= (SELECT days[1] FROM edge)
                    AND joined_on < (SELECT days[cardinality(days)] FROM edge)
                    AND joined_on <= (SELECT today FROM edge)) AS client
            WHERE cancelled_on IS NULL OR cancelled_on >= joined),
        flow AS (
            -- In the order of the index, so that nothing is gathered before it is added up.
            SELECT client_id, currency, sum(amount) AS amount
            FROM (
                SELECT client_id, currency, amount FROM spotter.payments
                WHERE organization_id = $1 AND status = 'succeeded'
                ORDER BY client_id, currency) AS payment
            GROUP BY client_id, currency
            UNION ALL
            SELECT p.client_id, p.currency, -r.amount
            FROM spotter.refunds r
            CROSS JOIN LATERAL (
                SELECT client_id, currency FROM spotter.payments
                WHERE organization_id = $1 AND id = r.payment_id LIMIT 1) p
            WHERE r.organization_id = $1)
        SELECT bucket, NULL AS currency, count(*), count(left_on),
            sum(coalesce(left_on, (SELECT today FROM edge)) - joined)::bigint, 0 AS net
        FROM member GROUP BY bucket
        UNION ALL
        SELECT m.bucket, flow.currency, 0, 0, 0, sum(flow.amount)
        FROM flow JOIN member m ON m.id = flow.client_id
        GROUP BY m.bucket, flow.currency
        ORDER BY 1, 2 NULLS FIRST
        """
}
