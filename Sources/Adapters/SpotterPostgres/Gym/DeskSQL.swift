import PostgresKit
import SpotterDomain

/// Statements about tickets, the calendar, campaigns and posts.
enum DeskSQL {
    static let tickets = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.tickets r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.tickets r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.tickets (
                organization_id, id, subject, body, status, priority, category, client_id, lead_id, assigned_to,
                conversation_id, opened_by, due_at, resolved_at, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, subject, body, status, priority, category, client_id, lead_id,
                assigned_to, conversation_id, opened_by, due_at, resolved_at, external_id, version, created_at,
                updated_at
            FROM json_populate_recordset(NULL::spotter.tickets, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                subject = excluded.subject, body = excluded.body, status = excluded.status,
                priority = excluded.priority, category = excluded.category, client_id = excluded.client_id,
                lead_id = excluded.lead_id, assigned_to = excluded.assigned_to,
                conversation_id = excluded.conversation_id, due_at = excluded.due_at,
                resolved_at = excluded.resolved_at, external_id = excluded.external_id, version = excluded.version,
                updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.tickets WHERE id = $1", wordKind: "ticket"
    ) { filter, page in
        guard !filter.words.isEmpty else {
            return Statement(
                """
                SELECT row_to_json(r), NULL::json FROM spotter.tickets r
                WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                    AND ($5::text IS NULL OR category = $5) AND ($6::uuid IS NULL OR client_id = $6)
                    AND ($7::uuid IS NULL OR lead_id = $7) AND ($8::uuid IS NULL OR assigned_to = $8)
                    AND ($9::timestamptz IS NULL OR created_at >= $9) AND ($10::timestamptz IS NULL OR created_at < $10)
                ORDER BY id DESC LIMIT $2
                """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.kind, filter.client?.uuid,
                filter.lead?.uuid, filter.staff?.uuid, filter.from, filter.to)
        }
        return Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.tickets r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::text IS NULL OR category = $5) AND ($6::uuid IS NULL OR client_id = $6)
                AND ($7::uuid IS NULL OR lead_id = $7) AND ($8::uuid IS NULL OR assigned_to = $8)
                AND ($9::timestamptz IS NULL OR created_at >= $9) AND ($10::timestamptz IS NULL OR created_at < $10)
                AND id = ANY (ARRAY(SELECT app.find_records('ticket', $11, $12)))
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.kind, filter.client?.uuid,
            filter.lead?.uuid, filter.staff?.uuid, filter.from, filter.to, filter.words, RecordWords.mostFound)
    }

    static let calendarEvents = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.calendar_events r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.calendar_events r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR idempotency_key = ANY ($3)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.calendar_events (
                organization_id, id, kind, title, description, starts_at, ends_at, status, staff_id, client_id,
                lead_id, session_id, booking_id, location, created_by, idempotency_key, external_id, version,
                created_at, updated_at)
            SELECT (SELECT app.organization()), id, kind, title, description, starts_at, ends_at, status, staff_id,
                client_id, lead_id, session_id, booking_id, location, created_by, idempotency_key, external_id,
                version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.calendar_events, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                kind = excluded.kind, title = excluded.title, description = excluded.description,
                starts_at = excluded.starts_at, ends_at = excluded.ends_at, status = excluded.status,
                staff_id = excluded.staff_id, client_id = excluded.client_id, lead_id = excluded.lead_id,
                session_id = excluded.session_id, booking_id = excluded.booking_id, location = excluded.location,
                external_id = excluded.external_id, version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.calendar_events WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.calendar_events r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::text IS NULL OR kind = $5) AND ($6::uuid IS NULL OR client_id = $6)
                AND ($7::uuid IS NULL OR lead_id = $7) AND ($8::uuid IS NULL OR staff_id = $8)
                AND ($9::timestamptz IS NULL OR starts_at >= $9) AND ($10::timestamptz IS NULL OR starts_at < $10)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.kind, filter.client?.uuid,
            filter.lead?.uuid, filter.staff?.uuid, filter.from, filter.to)
    }

    static let campaigns = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.campaigns r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.campaigns r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR idempotency_key = ANY ($3)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.campaigns (
                organization_id, id, name, kind, status, audience, steps, created_by, idempotency_key, starts_at,
                completed_at, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, name, kind, status, audience, steps, created_by, idempotency_key,
                starts_at, completed_at, external_id, version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.campaigns, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, kind = excluded.kind, status = excluded.status, audience = excluded.audience,
                steps = excluded.steps, starts_at = excluded.starts_at, completed_at = excluded.completed_at,
                external_id = excluded.external_id, version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.campaigns WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.campaigns r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::text IS NULL OR kind = $5) AND ($6::timestamptz IS NULL OR created_at >= $6)
                AND ($7::timestamptz IS NULL OR created_at < $7)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.kind, filter.from, filter.to)
    }

    static let posts = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.social_posts r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.social_posts r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR idempotency_key = ANY ($3)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.social_posts (
                organization_id, id, platform, content, hashtags, media_url, status, scheduled_at, published_at,
                provider_id, error, created_by, idempotency_key, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, platform, content, hashtags, media_url, status, scheduled_at,
                published_at, provider_id, error, created_by, idempotency_key, external_id, version, created_at,
                updated_at
            FROM json_populate_recordset(NULL::spotter.social_posts, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                platform = excluded.platform, content = excluded.content, hashtags = excluded.hashtags,
                media_url = excluded.media_url, status = excluded.status, scheduled_at = excluded.scheduled_at,
                published_at = excluded.published_at, provider_id = excluded.provider_id, error = excluded.error,
                external_id = excluded.external_id, version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.social_posts WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.social_posts r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::text IS NULL OR platform = $5)
                AND ($6::timestamptz IS NULL OR coalesce(scheduled_at, created_at) >= $6)
                AND ($7::timestamptz IS NULL OR coalesce(scheduled_at, created_at) < $7)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.kind, filter.from, filter.to)
    }

    static let messageTemplates = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.message_templates r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.message_templates r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.message_templates (
                organization_id, id, name, channel, purpose, subject, body, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, name, channel, purpose, subject, body, external_id, version,
                created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.message_templates, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, channel = excluded.channel, purpose = excluded.purpose,
                subject = excluded.subject, body = excluded.body, external_id = excluded.external_id,
                version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.message_templates WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.message_templates r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR channel = $4)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.kind)
    }
}
