import PostgresKit

/// How members come, over the last 56 of the gym's days, today among them: `$2` are those days and tomorrow.
///
/// A visit is a check-in or a class that was attended; a day on which somebody came counts once.
enum EngagementSQL {
    /// By level: members, and the sums of their scores and of their days at the gym in the last and in the earlier 28.
    static let levels: StaticString = """
        WITH seen AS (SELECT * FROM app.member_visits($1, $2::text[]::date[], $3, $4)),
        member AS (
            SELECT coalesce(seen.seen, 0) AS days, coalesce(
                app.engagement_score(seen.seen, seen.attended, seen.missed), 0) AS score
            FROM spotter.clients m LEFT JOIN seen ON seen.client_id = m.id
            WHERE m.organization_id = $1 AND m.status <> 'cancelled')
        SELECT CASE WHEN score >= 70 THEN 'high' WHEN score >= 40 THEN 'medium' WHEN score > 0 THEN 'low' ELSE 'none' END,
            count(*), sum(score), sum(bit_count((days & 268435455)::bit(64)))::bigint,
            sum(bit_count((days >> 28)::bit(64)))::bigint,
            count(*) FILTER (WHERE days & 268435455 <> 0), count(*) FILTER (WHERE days >> 28 <> 0)
        FROM member GROUP BY 1 ORDER BY 1
        """

    /// The `$5` members who are engaged most, or least where `$6` is true.
    static let members: StaticString = """
        WITH seen AS (SELECT * FROM app.member_visits($1, $2::text[]::date[], $3, $4)),
        member AS (
            SELECT m.id, m.name, coalesce(seen.seen, 0) AS days, coalesce(seen.attended, 0) AS attended,
                coalesce(seen.missed, 0) AS missed,
                coalesce(app.engagement_score(seen.seen, seen.attended, seen.missed), 0) AS score,
                m.joined_on::date AS joined
            FROM spotter.clients m LEFT JOIN seen ON seen.client_id = m.id
            WHERE m.organization_id = $1 AND m.status <> 'cancelled')
        SELECT id, name, days, attended, missed, score, ($7::text::date - joined)::integer, false, 0, NULL::text
        FROM member
        ORDER BY CASE WHEN $6 THEN score ELSE -score END, name, id LIMIT $5
        """

    /// The `$5` members whose risk of leaving is highest, of those with `$6` or more; `$7` is today. Before them, in a
    /// row without an id, how many there are by that rule, as the number of attended classes.
    static let atRisk: StaticString = """
        WITH seen AS (SELECT * FROM app.member_visits($1, $2::text[]::date[], $3, $4)),
        owing AS (
            SELECT client_id FROM spotter.subscriptions WHERE organization_id = $1 AND status = 'past_due'
            UNION
            SELECT f.client_id FROM spotter.payments f
            WHERE f.organization_id = $1 AND f.status = 'failed' AND f.client_id IS NOT NULL
                AND f.paid_at >= $4 - interval '30 days' AND f.paid_at < $4
                AND NOT EXISTS (
                    SELECT FROM spotter.payments p
                    WHERE p.organization_id = $1 AND p.client_id = f.client_id AND p.status = 'succeeded'
                        AND p.paid_at >= f.paid_at AND p.paid_at < $4)),
        member AS MATERIALIZED (
            SELECT m.id, m.name, coalesce(seen.seen, 0) AS days, coalesce(seen.attended, 0) AS attended,
                coalesce(seen.missed, 0) AS missed, $7::text::date - m.joined_on::date AS age,
                owing.client_id IS NOT NULL AS owes, app.risk_score(
                    coalesce(seen.seen, 0), coalesce(seen.attended, 0), coalesce(seen.missed, 0),
                    $7::text::date - m.joined_on::date, owing.client_id IS NOT NULL) AS risk
            FROM spotter.clients m LEFT JOIN seen ON seen.client_id = m.id
                LEFT JOIN owing ON owing.client_id = m.id
            WHERE m.organization_id = $1 AND m.status IN ('active', 'paused', 'trial')),
        chosen AS (SELECT * FROM member WHERE risk >= $6 ORDER BY risk DESC, name, id LIMIT $5)
        SELECT NULL::uuid AS id, '' AS name, 0::bigint, count(*), 0::bigint, 0, 0, false, 101 AS risk, NULL::text
        FROM member WHERE risk >= $6
        UNION ALL
        SELECT id, name, days, attended, missed, app.engagement_score(days, attended, missed), age, owes, risk, (
            SELECT greatest(
                (SELECT (max(c.checked_in_at) AT TIME ZONE $3)::date FROM spotter.check_ins c
                    WHERE c.organization_id = $1 AND c.client_id = chosen.id AND c.checked_in_at < $4),
                (SELECT (max(b.starts_at) AT TIME ZONE $3)::date FROM spotter.bookings b
                    WHERE b.organization_id = $1 AND b.client_id = chosen.id AND b.status = 'attended'
                        AND b.starts_at < $4)))::text
        FROM chosen
        ORDER BY risk DESC, name, id
        """

    /// One member, `$5`; `$6` is today.
    static let member: StaticString = """
        WITH span AS MATERIALIZED (SELECT * FROM app.report_spans($2::text[]::date[], $3, $4)),
        visit AS (
            SELECT starts_at AS at, status AS what FROM spotter.bookings
            WHERE organization_id = $1 AND client_id = $5 AND status IN ('attended', 'no_show')
                AND starts_at >= (SELECT min(starts_at) FROM span) AND starts_at < (SELECT max(ends_at) FROM span)
            UNION ALL
            SELECT checked_in_at, 'check_in' FROM spotter.check_ins
            WHERE organization_id = $1 AND client_id = $5
                AND checked_in_at >= (SELECT min(starts_at) FROM span)
                AND checked_in_at < (SELECT max(ends_at) FROM span))
        SELECT m.id, m.name, coalesce((
                SELECT bit_or(1::bigint << (56 - span.bucket)) FROM visit
                JOIN span ON visit.at >= span.starts_at AND visit.at < span.ends_at
                WHERE visit.what <> 'no_show'), 0),
            (SELECT count(*) FROM visit WHERE what = 'attended'), (SELECT count(*) FROM visit WHERE what = 'no_show'),
            0, ($6::text::date - m.joined_on::date)::integer, false, 0, (
                SELECT greatest(
                    (SELECT (max(c.checked_in_at) AT TIME ZONE $3)::date FROM spotter.check_ins c
                        WHERE c.organization_id = $1 AND c.client_id = m.id AND c.checked_in_at < $4),
                    (SELECT (max(b.starts_at) AT TIME ZONE $3)::date FROM spotter.bookings b
                        WHERE b.organization_id = $1 AND b.client_id = m.id AND b.status = 'attended'
                            AND b.starts_at < $4)))::text
        FROM spotter.clients m WHERE m.organization_id = $1 AND m.id = $5
        """
}
