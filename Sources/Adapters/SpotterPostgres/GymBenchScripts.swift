import Foundation
public import PostgresKit
public import SpotterDomain

/// A large gym beside many small ones, for measuring reports.
public enum GymBenchScripts {
    /// How large.
    public struct Size: Sendable {
        /// Members, bookings and payments of the large gym.
        public let members, bookings, payments: Int
        /// How many small ones stand beside it, with 20 members, 200 bookings and 100 payments each.
        public let others: Int

        /// A size; each is brought to what makes sense.
        public init(members: Int, bookings: Int, payments: Int, others: Int) {
            self.members = max(members, 20)
            self.bookings = max(bookings, 20)
            self.payments = max(payments, 20)
            self.others = max(others, 0)
        }
    }

    /// Makes the large gym's records and the other organisations with theirs, over the two years before now.
    ///
    /// - Parameter administrator: a superuser; checks of foreign keys are left out, since millions take a while.
    public static func fill(
        _ size: Size, of organization: OrganizationID, as administrator: PostgresConfiguration
    ) async throws {
        let settings = [
            "bench.organization": organization.uuid.uuidString, "bench.members": "\(size.members)",
            "bench.bookings": "\(size.bookings)", "bench.payments": "\(size.payments)",
            "bench.others": "\(size.others)",
        ]
        let script = people + classes + subscriptions + money + visits + leads
        try await Administration.run(script: script, settings: settings, on: administrator)
        try await Administration.vacuum(administrator)
    }

    private static let people = """
        SET LOCAL session_replication_role = replica;
        SET LOCAL work_mem = '256MB';
        SELECT setseed(0.42);
        CREATE TEMP TABLE gym ON COMMIT DROP AS
        SELECT CASE WHEN n = 0 THEN current_setting('bench.organization')::uuid ELSE gen_random_uuid() END AS id, n,
            CASE WHEN n = 0 THEN current_setting('bench.members')::integer ELSE 20 END AS members,
            CASE WHEN n = 0 THEN current_setting('bench.bookings')::integer ELSE 200 END AS bookings,
            CASE WHEN n = 0 THEN current_setting('bench.payments')::integer ELSE 100 END AS payments
        FROM generate_series(0, current_setting('bench.others')::integer) AS n;
        INSERT INTO spotter.organizations (
            organization_id, slug, name, timezone, currency, plan, created_at, updated_at)
        SELECT id, 'bench-gym-' || n, 'Bench ' || n, 'Europe/London', 'GBP', 'enterprise', now(), now()
        FROM gym WHERE n > 0;
        CREATE TEMP TABLE person ON COMMIT DROP AS
        SELECT gym.id AS gym, k, members, gen_random_uuid() AS id, gen_random_uuid() AS subscription,
            date_trunc('day', now()) - interval '1 day' * floor(730 * (1 - sqrt(random())))::integer AS joined,
            random() AS luck, random() AS step, 29.99 + 10 * (k % 4) AS amount,
            CASE WHEN k % 10 = 0 THEN 'week' ELSE 'month' END AS period
        FROM gym CROSS JOIN LATERAL generate_series(0, members - 1) AS k;
        ALTER TABLE person ADD COLUMN ended timestamptz;
        UPDATE person SET ended = joined + (now() - joined) * (luck / 0.35) WHERE luck < 0.35;
        CREATE INDEX ON person (gym, k);
        ANALYZE person;
        INSERT INTO spotter.clients (
            organization_id, id, name, name_key, email, phone, phone_digits, status, tags, joined_on,
            cancelled_on)
        SELECT gym, id, 'Member ' || k, 'member ' || k,
            'm' || k || '@example.com', '07' || k, '07' || k,
            CASE WHEN ended IS NOT NULL THEN 'cancelled' WHEN luck < 0.4 THEN 'paused' ELSE 'active' END, '{}',
            joined, ended::date
        FROM person;
        INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
        SELECT gym, 'client', id, array_to_tsvector(ARRAY[
            gym || ' member', gym || ' ' || k, gym || ' m' || k, gym || ' example', gym || ' com', gym || ' 07' || k])
        FROM person;
        """

    /// Sessions until two weeks from now, twenty bookings each.
    private static let classes = """
        INSERT INTO spotter.classes (organization_id, id, name, name_key, description, duration_minutes, capacity)
        SELECT id, gen_random_uuid(), 'Class ' || c, 'class ' || c, '', 60, 24
        FROM gym CROSS JOIN LATERAL generate_series(1, CASE WHEN n = 0 THEN 30 ELSE 5 END) AS c;
        CREATE TEMP TABLE lesson ON COMMIT DROP AS
        SELECT gym.id AS gym, s, members, gen_random_uuid() AS id,
            programme.ids[1 + s % cardinality(programme.ids)] AS class_id,
            date_trunc('day', now()) + interval '14 days'
                - interval '1 day' * (s * 744::bigint / (bookings / 20)) + interval '1 hour' * (6 + s % 15) AS at
        FROM gym
        CROSS JOIN LATERAL generate_series(0, bookings / 20 - 1) AS s
        JOIN (SELECT organization_id, array_agg(id ORDER BY name_key) AS ids FROM spotter.classes GROUP BY 1)
            AS programme ON programme.organization_id = gym.id;
        INSERT INTO spotter.class_sessions (
            organization_id, id, class_id, instructor, starts_at, ends_at, capacity, head_count, is_cancelled)
        SELECT gym, id, class_id, 'Coach', at, at + interval '1 hour', 24, 0, s % 50 = 7 FROM lesson;
        INSERT INTO spotter.bookings (organization_id, id, session_id, client_id, status, booked_at, starts_at)
        SELECT place.gym, gen_random_uuid(), place.id, person.id, CASE
                WHEN at > now() THEN 'booked' WHEN chance < 0.78 THEN 'attended' WHEN chance < 0.9 THEN 'no_show'
                WHEN chance < 0.98 THEN 'cancelled' ELSE 'waitlisted' END,
            at - interval '2 days', at
        FROM (SELECT lesson.*, k, random() AS chance FROM lesson, generate_series(0, 19) AS k) AS place
        JOIN person ON person.gym = place.gym
            AND person.k = (place.s * 7919::bigint + place.k * (place.members / 20)) % place.members;
        """

    /// Each member's: a trial, a first time, a change of plan, and for a third of them the end.
    private static let subscriptions = """
        INSERT INTO spotter.plans (organization_id, id, name, name_key, amount, currency, period)
        SELECT id, gen_random_uuid(), 'Plan ' || p, 'plan ' || p, 29.99 + 10 * p, 'GBP', 'month'
        FROM gym, generate_series(0, 3) AS p;
        INSERT INTO spotter.subscriptions (
            organization_id, id, client_id, status, amount, currency, period, started_at, cancelled_at, cancel_reason)
        SELECT gym, subscription, id,
            CASE WHEN ended IS NOT NULL THEN 'cancelled' WHEN luck < 0.4 THEN 'paused' ELSE 'active' END, amount,
            'GBP', period, joined, ended, CASE WHEN ended IS NOT NULL THEN (ARRAY['moved', 'price', 'time'])[1 + k % 3] END
        FROM person;
        INSERT INTO spotter.subscription_changes (
            organization_id, id, subscription_id, client_id, status, monthly_amount, currency, valid_from, valid_until)
        SELECT gym, gen_random_uuid(), subscription, id, status,
            CASE WHEN status IN ('active', 'past_due') THEN app.monthly(state.amount, period, 1) ELSE 0 END, 'GBP',
            since, past
        FROM (
            SELECT *, coalesce(ended, now()) - joined AS time FROM person) AS person
        CROSS JOIN LATERAL (VALUES
            ('trialing', amount, joined, joined + time * 0.05),
            ('active', amount, joined + time * 0.05, joined + time * (0.1 + 0.8 * step)),
            (CASE WHEN ended IS NULL AND luck < 0.4 THEN 'paused' WHEN luck < 0.45 THEN 'past_due' ELSE 'active' END,
                amount + CASE WHEN step < 0.5 THEN 10 ELSE 0 END, joined + time * (0.1 + 0.8 * step), ended),
            ('cancelled', 0, ended, NULL)) AS state (status, amount, since, past)
        WHERE since IS NOT NULL;
        """

    private static let money = """
        INSERT INTO spotter.payments (
            organization_id, id, client_id, subscription_id, amount, currency, status, kind, method, failure_reason,
            paid_at)
        SELECT person.gym, gen_random_uuid(), person.id, person.subscription, person.amount,
            CASE WHEN chance > 0.995 THEN 'EUR' ELSE 'GBP' END,
            CASE WHEN chance < 0.05 THEN 'failed' WHEN chance < 0.06 THEN 'pending' ELSE 'succeeded' END,
            CASE WHEN chance > 0.9 THEN 'drop_in' WHEN chance > 0.85 THEN 'product' ELSE 'membership' END,
            CASE WHEN way < 0.5 THEN 'card' WHEN way < 0.9 THEN 'direct_debit' ELSE 'cash' END,
            CASE WHEN chance < 0.03 THEN 'insufficient_funds' WHEN chance < 0.05 THEN 'card_expired' END,
            now() - (now() - person.joined) * ((i / person.members + way) / greatest(1, payments / person.members))
        FROM (
            SELECT gym.*, i, random() AS chance, random() AS way
            FROM gym CROSS JOIN LATERAL generate_series(0, payments - 1) AS i) AS due
        JOIN person ON person.gym = due.id AND person.k = due.i % due.members;
        INSERT INTO spotter.refunds (organization_id, id, payment_id, amount, refunded_at)
        SELECT organization_id, gen_random_uuid(), id, round(amount / 2, 2), least(now(), paid_at + interval '5 days')
        FROM spotter.payments WHERE status = 'succeeded' AND random() < 0.02;
        """

    private static let visits = """
        INSERT INTO spotter.check_ins (organization_id, id, client_id, session_id, checked_in_at)
        SELECT organization_id, gen_random_uuid(), client_id, session_id, starts_at - interval '5 minutes'
        FROM spotter.bookings WHERE status = 'attended' AND random() < 0.6;
        INSERT INTO spotter.status_changes (
            organization_id, id, client_id, from_status, to_status, changed_by, changed_at)
        SELECT gym, gen_random_uuid(), id, 'active', 'cancelled', 'import', ended FROM person WHERE ended IS NOT NULL;
        """

    /// As many as members, in all states.
    private static let leads = """
        INSERT INTO spotter.leads (
            organization_id, id, name, name_key, email, phone, phone_digits, status, created_at, updated_at)
        SELECT gym, gen_random_uuid(), 'Lead ' || k, 'lead ' || k, 'l' || k || '@example.com', '08' || k, '08' || k,
            (ARRAY['new', 'contacted', 'qualified', 'trial_booked', 'trial_attended', 'won', 'lost'])[1 + k % 7],
            joined - interval '1 day' * (k % 30), now() - interval '1 hour' * (k % 700)
        FROM person;
        """
}
