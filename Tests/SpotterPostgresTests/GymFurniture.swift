import PostgresKit
import SpotterDomain
import SpotterPostgres
import SpotterTesting

/// A row in each table of the gym's records, around a member and a session that are there already.
enum GymFurniture {
    static func place(in gym: TestOrganization, _ stores: TestStores) async throws {
        _ = try await stores.database.withOrganization(gym.scope.organization.uuid).query(Statement(Self.rows))
        // Transactions of other tests hold it up for as long as they last.
        while try await stores.postgres.audit.seal(limit: 10, in: gym.scope) == 0 { await Task.yield() }
    }

    private static let rows: StaticString = """
        DO $$
        DECLARE
            org uuid := app.organization();
            member uuid := (SELECT id FROM spotter.clients LIMIT 1);
            session uuid := (SELECT id FROM spotter.class_sessions LIMIT 1);
            booking uuid := (SELECT id FROM spotter.bookings LIMIT 1);
            one uuid := gen_random_uuid();
        BEGIN
            INSERT INTO spotter.staff (organization_id, id, name, name_key, role) VALUES (org, one, 'Dana', 'dana', 'coach');
            INSERT INTO spotter.leads (organization_id, id, name, name_key, phone_digits, status)
            VALUES (org, one, 'Leo', 'leo', '', 'new');
            INSERT INTO spotter.status_changes (organization_id, id, lead_id, to_status, changed_by, changed_at)
            VALUES (org, one, one, 'new', 'import', now());
            INSERT INTO spotter.plans (organization_id, id, name, name_key, amount, currency, period)
            VALUES (org, one, 'Gold', 'gold', 49, 'USD', 'month');
            INSERT INTO spotter.subscriptions (
                organization_id, id, client_id, plan_id, status, amount, currency, period, started_at)
            VALUES (org, one, member, one, 'active', 49, 'USD', 'month', now());
            INSERT INTO spotter.subscription_changes (
                organization_id, id, subscription_id, client_id, status, monthly_amount, currency, valid_from)
            VALUES (org, one, one, member, 'active', app.monthly(49, 'month', 1), 'USD', now());
            INSERT INTO spotter.payments (
                organization_id, id, client_id, amount, currency, status, kind, method, paid_at)
            VALUES (org, one, member, 49, 'USD', 'succeeded', 'membership', 'card', now());
            INSERT INTO spotter.refunds (organization_id, id, payment_id, amount, refunded_at)
            VALUES (org, one, one, 9, now());
            INSERT INTO spotter.check_ins (organization_id, id, client_id, session_id, checked_in_at)
            VALUES (org, one, member, session, now());
            INSERT INTO spotter.consents (
                organization_id, id, client_id, channel, purpose, is_granted, source, recorded_at)
            VALUES (org, one, member, 'email', 'marketing', true, 'form', now());
            INSERT INTO spotter.connectors (organization_id, id, cursor, counts) VALUES (org, 'highlevel', '{}', '{}');
            INSERT INTO spotter.connector_links (
                organization_id, connector, kind, remote_id, client_id, local_marks, remote_marks, state, synced_at)
            VALUES (org, 'highlevel', 'contact', 'abc', member, '{}', '{}', 'linked', now());
            INSERT INTO spotter.connector_notes (organization_id, connector, id, note, noted_at)
            VALUES (org, 'highlevel', one, '{}', now());
            INSERT INTO spotter.tickets (organization_id, id, subject, body, status, priority, opened_by)
            VALUES (org, one, 'Locker', 'It does not open.', 'open', 'medium', 'desk');
            INSERT INTO spotter.notifications (organization_id, id, title, body, level, sent_by, created_at)
            VALUES (org, one, 'Door', 'It is open.', 'urgent', 'desk', now());
            INSERT INTO spotter.campaigns (organization_id, id, name, kind, status, audience, steps, created_by)
            VALUES (org, one, 'Come back', 'retention', 'running', '{}', '[]', 'desk');
            INSERT INTO spotter.campaign_members (organization_id, id, campaign_id, client_id, status)
            VALUES (org, one, one, member, 'active');
            INSERT INTO spotter.social_posts (organization_id, id, platform, content, status, created_by)
            VALUES (org, one, 'instagram', 'Hello', 'draft', 'desk');
            INSERT INTO spotter.calendar_events (
                organization_id, id, kind, title, starts_at, ends_at, status, session_id, booking_id, created_by)
            VALUES (org, one, 'trial', 'Trial', now(), now() + interval '1 hour', 'booked', session, booking, 'desk');
            INSERT INTO spotter.message_templates (organization_id, id, name, channel, purpose, body)
            VALUES (org, one, 'welcome', 'email', 'transactional', 'Welcome!');
            INSERT INTO spotter.outbox_messages (
                organization_id, id, channel, purpose, recipient, body, status, idempotency_key, content_hash, sent_by,
                due_at, created_at)
            VALUES (
                org, one, 'email', 'transactional', 'anna@example.com', 'Hello', 'queued', 'key', '\\x00', 'desk',
                now(), now());
            INSERT INTO spotter.documents (
                organization_id, id, name, content_type, content, created_by, idempotency_key, created_at, expires_at)
            VALUES (
                org, one, 'clients.csv', 'text/csv', '\\x41', 'desk', 'key', now(), now() + interval '1 day');
            INSERT INTO spotter.audit_entries (organization_id, id, actor_kind, action, outcome, fields)
            VALUES (org, one, 'system', 'furnish', 'done', '{}');
            INSERT INTO spotter.audit_checkpoints (organization_id, position, text) VALUES (org, 1, 'v4.public.');
            INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
            VALUES (org, 'client', one, app.kept_words(ARRAY['anna']));
        END $$
        """
}
