import PostgresKit
import SpotterDomain

/// Statements about plans, subscriptions, payments and refunds.
enum MoneySQL {
    static let plans = RecordTable(
        one: """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.plans r WHERE id = $1
            """,
        lock: """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.plans r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.plans (
                organization_id, id, name, name_key, description, amount, currency, period, period_count, is_active,
                external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, name, name_key, description, amount, currency, period,
                period_count, is_active, external_id, version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.plans, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, name_key = excluded.name_key, description = excluded.description,
                amount = excluded.amount, currency = excluded.currency, period = excluded.period,
                period_count = excluded.period_count, is_active = excluded.is_active,
                external_id = excluded.external_id, version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.plans WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.plans r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::boolean IS NULL OR is_active = $4)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.isActive)
    }

    static let subscriptions = RecordTable(
        one: """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.subscriptions r WHERE id = $1
            """,
        lock: """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.subscriptions r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.subscriptions (
                organization_id, id, client_id, plan_id, status, amount, currency, period, period_count, started_at,
                cancelled_at, cancel_reason, next_payment_on, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, client_id, plan_id, status, amount, currency, period,
                period_count, started_at, cancelled_at, cancel_reason, next_payment_on, external_id, version,
                created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.subscriptions, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                plan_id = excluded.plan_id, status = excluded.status, amount = excluded.amount,
                currency = excluded.currency, period = excluded.period, period_count = excluded.period_count,
                cancelled_at = excluded.cancelled_at, cancel_reason = excluded.cancel_reason,
                next_payment_on = excluded.next_payment_on, external_id = excluded.external_id,
                version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.subscriptions WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.subscriptions r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::uuid IS NULL OR client_id = $5) AND ($6::uuid IS NULL OR plan_id = $6)
                AND ($7::timestamptz IS NULL OR started_at >= $7) AND ($8::timestamptz IS NULL OR started_at < $8)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.client?.uuid, filter.parent,
            filter.from, filter.to)
    }

    static let payments = RecordTable(
        one: """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.payments r WHERE id = $1
            """,
        lock: """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.payments r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.payments (
                organization_id, id, client_id, subscription_id, amount, currency, status, kind, method,
                failure_reason, paid_at, description, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, client_id, subscription_id, amount, currency, status, kind, method,
                failure_reason, paid_at, description, external_id, version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.payments, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                client_id = excluded.client_id, subscription_id = excluded.subscription_id, amount = excluded.amount,
                currency = excluded.currency, status = excluded.status, kind = excluded.kind,
                method = excluded.method, failure_reason = excluded.failure_reason, paid_at = excluded.paid_at,
                description = excluded.description, external_id = excluded.external_id, version = excluded.version,
                updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.payments WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', r.currency))
            FROM spotter.payments r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::text IS NULL OR kind = $5) AND ($6::uuid IS NULL OR client_id = $6)
                AND ($7::uuid IS NULL OR subscription_id = $7) AND ($8::timestamptz IS NULL OR paid_at >= $8)
                AND ($9::timestamptz IS NULL OR paid_at < $9)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.kind, filter.client?.uuid,
            filter.parent, filter.from, filter.to)
    }

    static let refunds = RecordTable(
        one: """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', p.currency))
            FROM spotter.refunds r
            JOIN spotter.payments p ON p.organization_id = r.organization_id AND p.id = r.payment_id
            WHERE r.id = $1
            """,
        lock: """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', p.currency))
            FROM spotter.refunds r
            JOIN spotter.payments p ON p.organization_id = r.organization_id AND p.id = r.payment_id
            WHERE r.id = ANY ($1) OR r.external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY r.id FOR UPDATE OF r
            """,
        save: """
            INSERT INTO spotter.refunds (
                organization_id, id, payment_id, amount, reason, refunded_at, external_id, version, created_at,
                updated_at)
            SELECT (SELECT app.organization()), id, payment_id, amount, reason, refunded_at, external_id, version,
                created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.refunds, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                amount = excluded.amount, reason = excluded.reason, refunded_at = excluded.refunded_at,
                external_id = excluded.external_id, version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.refunds WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), json_build_object(
                'amount', json_build_object('amount', trim_scale(r.amount)::text, 'currency', p.currency))
            FROM spotter.refunds r
            JOIN spotter.payments p ON p.organization_id = r.organization_id AND p.id = r.payment_id
            WHERE r.id < $1 AND ($3::text IS NULL OR r.external_id = $3) AND ($4::uuid IS NULL OR r.payment_id = $4)
                AND ($5::timestamptz IS NULL OR r.refunded_at >= $5)
                AND ($6::timestamptz IS NULL OR r.refunded_at < $6)
            ORDER BY r.id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.parent, filter.from, filter.to)
    }
}
