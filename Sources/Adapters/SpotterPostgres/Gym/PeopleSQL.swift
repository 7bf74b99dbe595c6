import PostgresKit
import SpotterDomain

/// Statements about members, leads and the staff.
enum PeopleSQL {
    static let clients = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.clients r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.clients r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.clients (
                organization_id, id, name, name_key, email, phone, phone_digits, status, tags, joined_on, cancelled_on,
                birthday, timezone, source, assigned_to, notes, metadata, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, name, name_key, email, phone, phone_digits, status, tags,
                joined_on, cancelled_on, birthday, timezone, source, assigned_to, notes, metadata, external_id,
                version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.clients, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, name_key = excluded.name_key, email = excluded.email, phone = excluded.phone,
                phone_digits = excluded.phone_digits, status = excluded.status, tags = excluded.tags,
                joined_on = excluded.joined_on, cancelled_on = excluded.cancelled_on, birthday = excluded.birthday,
                timezone = excluded.timezone, source = excluded.source, assigned_to = excluded.assigned_to,
                notes = excluded.notes, metadata = excluded.metadata, external_id = excluded.external_id,
                version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.clients WHERE id = $1", wordKind: "client"
    ) { filter, page in
        guard !filter.words.isEmpty else {
            return Statement(
                """
                SELECT row_to_json(r), NULL::json FROM spotter.clients r
                WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                    AND ($5::text IS NULL OR lower(email) = $5) AND ($6::text IS NULL OR phone_digits = $6)
                    AND ($7::text IS NULL OR $7 = ANY (tags)) AND ($8::uuid IS NULL OR assigned_to = $8)
                    AND ($9::timestamptz IS NULL OR joined_on >= ($9 AT TIME ZONE 'UTC')::date)
                    AND ($10::timestamptz IS NULL OR joined_on < ($10 AT TIME ZONE 'UTC')::date)
                ORDER BY id DESC LIMIT $2
                """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.emailKey, filter.phoneDigits,
                filter.tag, filter.staff?.uuid, filter.from, filter.to)
        }
        return Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.clients r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::text IS NULL OR lower(email) = $5) AND ($6::text IS NULL OR phone_digits = $6)
                AND ($7::text IS NULL OR $7 = ANY (tags)) AND ($8::uuid IS NULL OR assigned_to = $8)
                AND ($9::timestamptz IS NULL OR joined_on >= ($9 AT TIME ZONE 'UTC')::date)
                AND ($10::timestamptz IS NULL OR joined_on < ($10 AT TIME ZONE 'UTC')::date)
                AND id = ANY (ARRAY(SELECT app.find_records('client', $11, $12)))
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.emailKey, filter.phoneDigits,
            filter.tag, filter.staff?.uuid, filter.from, filter.to, filter.words, RecordWords.mostFound)
    }

    static let leads = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.leads r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.leads r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.leads (
                organization_id, id, name, name_key, email, phone, phone_digits, status, source, tags, interest, notes,
                assigned_to, next_follow_up_at, lost_reason, client_id, timezone, metadata, external_id, version,
                created_at, updated_at)
            SELECT (SELECT app.organization()), id, name, name_key, email, phone, phone_digits, status, source, tags,
                interest, notes, assigned_to, next_follow_up_at, lost_reason, client_id, timezone, metadata,
                external_id, version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.leads, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, name_key = excluded.name_key, email = excluded.email, phone = excluded.phone,
                phone_digits = excluded.phone_digits, status = excluded.status, source = excluded.source,
                tags = excluded.tags, interest = excluded.interest, notes = excluded.notes,
                assigned_to = excluded.assigned_to, next_follow_up_at = excluded.next_follow_up_at,
                lost_reason = excluded.lost_reason, client_id = excluded.client_id, timezone = excluded.timezone,
                metadata = excluded.metadata, external_id = excluded.external_id, version = excluded.version,
                updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.leads WHERE id = $1", wordKind: "lead"
    ) { filter, page in
        guard !filter.words.isEmpty else {
            return Statement(
                """
                SELECT row_to_json(r), NULL::json FROM spotter.leads r
                WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                    AND ($5::text IS NULL OR lower(email) = $5) AND ($6::text IS NULL OR phone_digits = $6)
                    AND ($7::text IS NULL OR $7 = ANY (tags)) AND ($8::uuid IS NULL OR assigned_to = $8)
                    AND ($9::timestamptz IS NULL OR created_at >= $9) AND ($10::timestamptz IS NULL OR created_at < $10)
                    AND ($11::text IS NULL OR source = $11) AND ($12::uuid IS NULL OR client_id = $12)
                ORDER BY id DESC LIMIT $2
                """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.emailKey, filter.phoneDigits,
                filter.tag, filter.staff?.uuid, filter.from, filter.to, filter.kind,
                filter.client?.uuid)
        }
        return Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.leads r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::text IS NULL OR lower(email) = $5) AND ($6::text IS NULL OR phone_digits = $6)
                AND ($7::text IS NULL OR $7 = ANY (tags)) AND ($8::uuid IS NULL OR assigned_to = $8)
                AND ($9::timestamptz IS NULL OR created_at >= $9) AND ($10::timestamptz IS NULL OR created_at < $10)
                AND id = ANY (ARRAY(SELECT app.find_records('lead', $11, $12)))
                AND ($13::text IS NULL OR source = $13) AND ($14::uuid IS NULL OR client_id = $14)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.emailKey, filter.phoneDigits,
            filter.tag, filter.staff?.uuid, filter.from, filter.to, filter.words, RecordWords.mostFound, filter.kind,
            filter.client?.uuid)
    }

    static let staff = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.staff r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.staff r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.staff (
                organization_id, id, name, name_key, email, phone, role, is_active, external_id, version, created_at,
                updated_at)
            SELECT (SELECT app.organization()), id, name, name_key, email, phone, role, is_active, external_id,
                version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.staff, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, name_key = excluded.name_key, email = excluded.email, phone = excluded.phone,
                role = excluded.role, is_active = excluded.is_active, external_id = excluded.external_id,
                version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.staff WHERE id = $1", wordKind: "staff"
    ) { filter, page in
        guard !filter.words.isEmpty else {
            return Statement(
                """
                SELECT row_to_json(r), NULL::json FROM spotter.staff r
                WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::boolean IS NULL OR is_active = $4)
                    AND ($5::text IS NULL OR lower(email) = $5) AND ($6::text IS NULL OR role = $6)
                ORDER BY id DESC LIMIT $2
                """, page.before, page.fetchLimit, filter.externalId, filter.isActive, filter.emailKey, filter.kind)
        }
        return Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.staff r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::boolean IS NULL OR is_active = $4)
                AND ($5::text IS NULL OR lower(email) = $5) AND ($6::text IS NULL OR role = $6)
                AND id = ANY (ARRAY(SELECT app.find_records('staff', $7, $8)))
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.isActive, filter.emailKey, filter.kind,
            filter.words, RecordWords.mostFound)
    }
}
