import PostgresKit

/// Recurring revenue, and the members who bring it.
enum RecurringSQL {
    /// How recurring revenue came from what it was before the first to what it was before the last of the moments at
    /// which the period is cut: by currency, customers and amounts by kind of movement.
    static let movement: StaticString = """
        WITH span AS MATERIALIZED (
            SELECT min(starts_at) AS starts_at, max(ends_at) AS ends_at
            FROM app.report_spans($2::text[]::date[], $3, $4)),
        customer AS (
            SELECT client_id, currency,
                coalesce(sum(monthly_amount) FILTER (
                    WHERE valid_from < (SELECT starts_at FROM span)
                        AND coalesce(valid_until, 'infinity') >= (SELECT starts_at FROM span)), 0) AS before,
                coalesce(sum(monthly_amount) FILTER (
                    WHERE coalesce(valid_until, 'infinity') >= (SELECT ends_at FROM span)), 0) AS after,
                min(valid_from) AS since
            FROM spotter.subscription_changes
            WHERE organization_id = $1 AND monthly_amount > 0 AND valid_from < (SELECT ends_at FROM span)
                AND coalesce(valid_until, 'infinity') > valid_from
            GROUP BY client_id, currency)
        SELECT 1, currency,
            count(*) FILTER (WHERE before > 0), coalesce(sum(before), 0),
            count(*) FILTER (WHERE after > 0), coalesce(sum(after), 0),
            count(*) FILTER (WHERE before = 0 AND after > 0 AND since >= (SELECT starts_at FROM span)),
            coalesce(sum(after) FILTER (WHERE before = 0 AND since >= (SELECT starts_at FROM span)), 0),
            count(*) FILTER (WHERE before = 0 AND after > 0 AND since < (SELECT starts_at FROM span)),
            coalesce(sum(after) FILTER (WHERE before = 0 AND since < (SELECT starts_at FROM span)), 0),
            count(*) FILTER (WHERE before > 0 AND after > before),
            coalesce(sum(after - before) FILTER (WHERE before > 0 AND after > before), 0),
            count(*) FILTER (WHERE after > 0 AND after < before),
            coalesce(sum(after - before) FILTER (WHERE after > 0 AND after < before), 0),
            count(*) FILTER (WHERE before > 0 AND after = 0),
            coalesce(sum(after - before) FILTER (WHERE before > 0 AND after = 0), 0)
        FROM customer GROUP BY currency
        HAVING sum(before) > 0 OR sum(after) > 0
        ORDER BY currency
        """

    /// The same for each span of the period, in one currency, `$5`: of each member the changes, put together by span,
    /// and what they come to up to there.
    static let series: StaticString = """
        WITH edge AS MATERIALIZED (
            SELECT array_agg(at ORDER BY at) AS at, max(at) AS last FROM (
                SELECT starts_at AS at FROM app.report_spans($2::text[]::date[], $3, $4)
                UNION ALL SELECT max(ends_at) FROM app.report_spans($2::text[]::date[], $3, $4)) AS moment),
        state AS (
            SELECT client_id, width_bucket(valid_from, (SELECT at FROM edge)) AS first,
                width_bucket(coalesce(valid_until, 'infinity'), (SELECT at FROM edge)) AS past,
                monthly_amount AS amount
            FROM spotter.subscription_changes
            WHERE organization_id = $1 AND currency = $5 AND monthly_amount > 0
                AND valid_from < (SELECT last FROM edge) AND coalesce(valid_until, 'infinity') > valid_from),
        -- In the order of the index, so that neither the sums nor the window have to gather or sort everything.
        part AS (
            SELECT state.client_id, part.bucket, part.amount
            FROM state CROSS JOIN LATERAL (VALUES (first, amount), (past, -amount)) AS part (bucket, amount)
            WHERE part.bucket < (SELECT cardinality(at) FROM edge)
            ORDER BY state.client_id, part.bucket),
        step AS (SELECT client_id, bucket, sum(amount) AS change FROM part GROUP BY client_id, bucket),
        run AS (
            SELECT bucket, change, sum(change) OVER by_time AS after, row_number() OVER by_time AS place
            FROM step
            WINDOW by_time AS (PARTITION BY client_id ORDER BY bucket ROWS UNBOUNDED PRECEDING)),
        movement AS (
            SELECT bucket, CASE
                    WHEN after = 0 THEN 'lost' WHEN change < 0 THEN 'less' WHEN change < after THEN 'more'
                    WHEN place = 1 THEN 'new' ELSE 'back' END AS kind,
                count(*) AS customers, sum(change) AS change
            -- What came and went within one span moves nothing, but who comes after it comes back.
            FROM run WHERE change <> 0 GROUP BY 1, 2),
        total AS (
            SELECT bucket, sum(change) AS change,
                sum(CASE WHEN kind IN ('new', 'back') THEN customers WHEN kind = 'lost' THEN -customers ELSE 0 END)
                    AS customers,
                sum(customers) FILTER (WHERE kind = 'new') AS new_count, sum(change) FILTER (WHERE kind = 'new') AS new,
                sum(customers) FILTER (WHERE kind = 'back') AS back_count,
                sum(change) FILTER (WHERE kind = 'back') AS back,
                sum(customers) FILTER (WHERE kind = 'more') AS more_count,
                sum(change) FILTER (WHERE kind = 'more') AS more,
                sum(customers) FILTER (WHERE kind = 'less') AS less_count,
                sum(change) FILTER (WHERE kind = 'less') AS less,
                sum(customers) FILTER (WHERE kind = 'lost') AS lost_count,
                sum(change) FILTER (WHERE kind = 'lost') AS lost
            FROM movement GROUP BY bucket)
        SELECT span.bucket, $5,
            (SELECT coalesce(sum(customers), 0)::bigint FROM total WHERE total.bucket < span.bucket),
            (SELECT coalesce(sum(change), 0) FROM total WHERE total.bucket < span.bucket),
            (SELECT coalesce(sum(customers), 0)::bigint FROM total WHERE total.bucket <= span.bucket),
            (SELECT coalesce(sum(change), 0) FROM total WHERE total.bucket <= span.bucket),
            coalesce(new_count, 0)::bigint, coalesce(new, 0), coalesce(back_count, 0)::bigint, coalesce(back, 0),
            coalesce(more_count, 0)::bigint, coalesce(more, 0), coalesce(less_count, 0)::bigint, coalesce(less, 0),
            coalesce(lost_count, 0)::bigint, coalesce(lost, 0)
        FROM generate_series(1, (SELECT cardinality(at) - 1 FROM edge)) AS span (bucket)
        LEFT JOIN total ON total.bucket = span.bucket
        ORDER BY span.bucket
        """

    /// Who paid at the beginning of the period and does not at its end, in the currency `$5`: by plan, reason and
    /// whether the last payments were owed; and the `$6` who brought most.
    static let lost: StaticString = """
        WITH span AS MATERIALIZED (
            SELECT min(starts_at) AS starts_at, max(ends_at) AS ends_at
            FROM app.report_spans($2::text[]::date[], $3, $4)),
        customer AS MATERIALIZED (
            SELECT client_id,
                sum(monthly_amount) FILTER (
                    WHERE valid_from < (SELECT starts_at FROM span)
                        AND coalesce(valid_until, 'infinity') >= (SELECT starts_at FROM span)) AS amount
            FROM spotter.subscription_changes
            WHERE organization_id = $1 AND currency = $5 AND monthly_amount > 0
                AND valid_from < (SELECT ends_at FROM span) AND coalesce(valid_until, 'infinity') > valid_from
            GROUP BY client_id
            HAVING bool_or(valid_from < (SELECT starts_at FROM span)
                    AND coalesce(valid_until, 'infinity') >= (SELECT starts_at FROM span))
                AND NOT bool_or(coalesce(valid_until, 'infinity') >= (SELECT ends_at FROM span))),
        leaver AS MATERIALIZED (
            SELECT customer.client_id, customer.amount, coalesce(p.name, '') AS plan,
                coalesce(s.cancel_reason, '') AS reason, last.status = 'past_due' AS owed, last.valid_until AS left_at
            FROM customer
            CROSS JOIN LATERAL (
                SELECT c.subscription_id, c.plan_id, c.status, c.valid_until
                FROM spotter.subscription_changes c
                WHERE c.organization_id = $1 AND c.client_id = customer.client_id AND c.monthly_amount > 0
                    AND c.currency = $5 AND c.valid_from < (SELECT ends_at FROM span)
                    AND c.valid_until > c.valid_from
                ORDER BY c.valid_until DESC, c.subscription_id LIMIT 1) AS last
            LEFT JOIN spotter.subscriptions s ON s.organization_id = $1 AND s.id = last.subscription_id
            LEFT JOIN spotter.plans p ON p.organization_id = $1 AND p.id = coalesce(last.plan_id, s.plan_id)),
        chosen AS (SELECT * FROM leaver ORDER BY amount DESC, left_at, client_id LIMIT $6)
        SELECT NULL::uuid AS id, NULL AS name, plan, reason, owed, NULL AS left_on, count(*) AS members,
            sum(amount) AS amount
        FROM leaver GROUP BY plan, reason, owed
        UNION ALL
        SELECT m.id, m.name, plan, reason, owed, ((left_at AT TIME ZONE $3)::date)::text, 1, chosen.amount
        FROM chosen JOIN spotter.clients m ON m.organization_id = $1 AND m.id = chosen.client_id
        ORDER BY id NULLS FIRST, amount DESC, name, plan, reason, owed
        """

    /// Members by the parts of the period, cut at the days `$2`, in which they joined and left: 0 is before the first,
    /// the number of days is at or after the last, or never. `$3` is tomorrow: who leaves then has not left.
    static let turnover: StaticString = """
        WITH edge AS MATERIALIZED (SELECT $2::text[]::date[] AS days, $3::text::date AS tomorrow)
        SELECT width_bucket(joined, (SELECT days FROM edge)) AS joined_in,
            CASE WHEN left_on < (SELECT tomorrow FROM edge) THEN width_bucket(left_on, (SELECT days FROM edge))
                ELSE (SELECT cardinality(days) FROM edge) END AS left_in, count(*)
        FROM (
            SELECT joined_on::date AS joined, cancelled_on AS left_on
            FROM spotter.clients WHERE organization_id = $1) AS member
        WHERE (left_on IS NULL OR left_on >= joined) AND joined < (SELECT tomorrow FROM edge)
        GROUP BY 1, 2 ORDER BY 1, 2
        """
}
