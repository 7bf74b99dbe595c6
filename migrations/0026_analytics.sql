-- What reports read: indexes that hold all that a report looks at, so that a long period is one run through an index;
-- and the arithmetic that ranks members. The definitions stand with their formulas in the domain (Gym/Analytics).

SET LOCAL ROLE spotter_owner;

-- Money by the time it came.
CREATE INDEX payments_taken_idx ON spotter.payments (organization_id, paid_at)
    INCLUDE (amount, currency, status, kind, method);
-- Money by member, for what members have brought in all.
CREATE INDEX payments_of_client_idx ON spotter.payments (organization_id, client_id, currency) INCLUDE (amount)
    WHERE status = 'succeeded';
CREATE INDEX payments_failed_idx ON spotter.payments (organization_id, paid_at)
    INCLUDE (client_id, failure_reason, amount, currency) WHERE status = 'failed';

-- Recurring revenue: only states that pay, by member. That no others carry an amount is now the schema's rule.
ALTER TABLE spotter.subscription_changes
    ADD CONSTRAINT subscription_changes_amount_check
        CHECK (monthly_amount = 0 OR status IN ('active', 'past_due'));
CREATE INDEX subscription_changes_paying_idx ON spotter.subscription_changes (organization_id, client_id, currency)
    INCLUDE (valid_from, valid_until, monthly_amount) WHERE monthly_amount > 0;

-- Attendance: bookings by time with their sessions. It takes the place of a narrower index.
DROP INDEX spotter.bookings_starts_at_idx;
CREATE INDEX bookings_starts_at_idx ON spotter.bookings (organization_id, starts_at)
    INCLUDE (status, client_id, session_id);
CREATE INDEX bookings_missed_idx ON spotter.bookings (organization_id, starts_at) INCLUDE (client_id)
    WHERE status = 'no_show';

CREATE INDEX clients_joined_idx ON spotter.clients (organization_id, joined_on) INCLUDE (cancelled_on, status, id);
CREATE INDEX leads_created_idx ON spotter.leads (organization_id, created_at) INCLUDE (status);

CREATE INDEX status_changes_time_idx ON spotter.status_changes (organization_id, changed_at)
    INCLUDE (to_status, lead_id);
CREATE INDEX tickets_created_idx ON spotter.tickets (organization_id, created_at);

-- A period of the gym's days, cut at the first of each: from the first moment of one to that of the next, in the
-- gym's time zone. Nothing after `until` is in it.
CREATE FUNCTION app.report_spans(days date[], zone text, until timestamptz)
    RETURNS TABLE (bucket integer, starts_at timestamptz, ends_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 12
    BEGIN ATOMIC
        SELECT n::integer, least(days[n]::timestamp AT TIME ZONE zone, until),
            least(days[n + 1]::timestamp AT TIME ZONE zone, until)
        FROM generate_series(1, cardinality(days) - 1) AS n;
    END;
GRANT EXECUTE ON FUNCTION app.report_spans(date[], text, timestamptz) TO spotter_app;

-- The gym's days on which a member was seen, of the last 56: bit 0 is today. What follows reads such sets.
-- How many days ago a member was last seen; NULL if not in the last 56 days.
CREATE FUNCTION app.days_since_visit(seen bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN seen <> 0 THEN bit_count(((seen & -seen) - 1)::bit(64))::integer END;
GRANT EXECUTE ON FUNCTION app.days_since_visit(bigint) TO spotter_app;

-- Of each member who came, or missed a class, in a period of 56 days: on which, and what became of the bookings.
CREATE FUNCTION app.member_visits(organization uuid, days date[], zone text, until timestamptz)
    RETURNS TABLE (client_id uuid, seen bigint, attended bigint, missed bigint)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
    BEGIN ATOMIC
        WITH edge AS MATERIALIZED (
            SELECT array_agg(starts_at ORDER BY bucket) AS at, min(starts_at) AS first, max(ends_at) AS last
            FROM app.report_spans(days, zone, until))
        SELECT visit.client_id,
            bit_or(CASE WHEN what = 'no_show' THEN 0
                ELSE 1::bigint << (56 - width_bucket(visit.at, (SELECT edge.at FROM edge))) END),
            count(*) FILTER (WHERE what = 'attended'), count(*) FILTER (WHERE what = 'no_show')
        FROM (
            SELECT b.client_id, b.starts_at AS at, b.status AS what FROM spotter.bookings b
            WHERE b.organization_id = organization AND b.starts_at >= (SELECT first FROM edge)
                AND b.starts_at < (SELECT last FROM edge) AND b.status IN ('attended', 'no_show')
                AND b.client_id IS NOT NULL
            UNION ALL
            SELECT c.client_id, c.checked_in_at, 'check_in' FROM spotter.check_ins c
            WHERE c.organization_id = organization AND c.checked_in_at >= (SELECT first FROM edge)
                AND c.checked_in_at < (SELECT last FROM edge)) AS visit
        GROUP BY visit.client_id;
    END;
GRANT EXECUTE ON FUNCTION app.member_visits(uuid, date[], text, timestamptz) TO spotter_app;

-- 0 to 100; the formula stands at `EngagementScore`. Numerator and denominator are whole numbers, rounded half up.
CREATE FUNCTION app.engagement_score(seen bigint, attended bigint, missed bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN seen = 0 THEN 0 ELSE ((
        2 * (20 * least(12, bit_count((seen & 1073741823)::bit(64)))
            + 6 * greatest(0, 30 - bit_count(((seen & -seen) - 1)::bit(64)))
            + 15 * (((seen & 127) <> 0)::integer + ((seen >> 7 & 127) <> 0)::integer
                + ((seen >> 14 & 127) <> 0)::integer + ((seen >> 21 & 127) <> 0)::integer
                + ((seen >> 28 & 127) <> 0)::integer + ((seen >> 35 & 127) <> 0)::integer
                + ((seen >> 42 & 127) <> 0)::integer + ((seen >> 49 & 127) <> 0)::integer))
            * greatest(1, attended + missed)
        + 120 * CASE WHEN attended + missed = 0 THEN 1 ELSE attended END
        + 6 * greatest(1, attended + missed)) / (12 * greatest(1, attended + missed)))::integer END;
GRANT EXECUTE ON FUNCTION app.engagement_score(bigint, bigint, bigint) TO spotter_app;

-- 0 to 100; the rules stand at `RiskRules`.
CREATE FUNCTION app.risk_score(
    seen bigint, attended bigint, missed bigint, member_days integer, owes boolean) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(100,
        CASE
            WHEN coalesce(app.days_since_visit(seen), 56) >= 28 AND member_days >= 28 THEN 40
            WHEN coalesce(app.days_since_visit(seen), 56) >= 14 AND member_days >= 14 THEN 25
            ELSE 0
        END
        + CASE
            WHEN bit_count((seen >> 28)::bit(64)) >= 4
                AND 2 * bit_count((seen & 268435455)::bit(64)) <= bit_count((seen >> 28)::bit(64)) THEN 25
            ELSE 0
        END
        + CASE
            WHEN member_days BETWEEN 14 AND 90 AND bit_count((seen & 268435455)::bit(64)) < 4 THEN 15
            ELSE 0
        END
        + CASE WHEN missed >= 2 AND 4 * missed >= attended + missed THEN 10 ELSE 0 END
        + CASE WHEN owes THEN 25 ELSE 0 END);
GRANT EXECUTE ON FUNCTION app.risk_score(bigint, bigint, bigint, integer, boolean) TO spotter_app;
