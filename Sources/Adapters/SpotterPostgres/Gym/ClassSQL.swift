import PostgresKit
import SpotterDomain

/// Statements about classes, their sessions, who books them and who comes.
enum ClassSQL {
    static let classes = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.classes r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.classes r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.classes (
                organization_id, id, name, name_key, description, duration_minutes, capacity, category, level,
                is_active, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, name, name_key, description, duration_minutes, capacity, category,
                level, is_active, external_id, version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.classes, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                name = excluded.name, name_key = excluded.name_key, description = excluded.description,
                duration_minutes = excluded.duration_minutes, capacity = excluded.capacity,
                category = excluded.category, level = excluded.level, is_active = excluded.is_active,
                external_id = excluded.external_id, version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.classes WHERE id = $1", wordKind: "class"
    ) { filter, page in
        guard !filter.words.isEmpty else {
            return Statement(
                """
                SELECT row_to_json(r), NULL::json FROM spotter.classes r
                WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::boolean IS NULL OR is_active = $4)
                    AND ($5::text IS NULL OR category = $5)
                ORDER BY id DESC LIMIT $2
                """, page.before, page.fetchLimit, filter.externalId, filter.isActive, filter.kind)
        }
        return Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.classes r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::boolean IS NULL OR is_active = $4)
                AND ($5::text IS NULL OR category = $5)
                AND id = ANY (ARRAY(SELECT app.find_records('class', $6, $7)))
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.isActive, filter.kind, filter.words,
            RecordWords.mostFound)
    }

    static let sessions = RecordTable(
        one: """
            SELECT row_to_json(r), json_build_object(
                'class_name', c.name, 'booked', greatest(r.head_count, b.taken), 'waiting', b.waiting)
            FROM spotter.class_sessions r
            JOIN spotter.classes c ON c.organization_id = r.organization_id AND c.id = r.class_id
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE status NOT IN ('cancelled', 'waitlisted')) AS taken,
                    count(*) FILTER (WHERE status = 'waitlisted') AS waiting
                FROM spotter.bookings WHERE organization_id = r.organization_id AND session_id = r.id) b
            WHERE r.id = $1
            """,
        lock: """
            SELECT row_to_json(r), json_build_object(
                'class_name', c.name, 'booked', greatest(r.head_count, b.taken), 'waiting', b.waiting)
            FROM (
                SELECT * FROM spotter.class_sessions
                WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
                ORDER BY id FOR UPDATE) r
            JOIN spotter.classes c ON c.organization_id = r.organization_id AND c.id = r.class_id
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE status NOT IN ('cancelled', 'waitlisted')) AS taken,
                    count(*) FILTER (WHERE status = 'waitlisted') AS waiting
                FROM spotter.bookings WHERE organization_id = r.organization_id AND session_id = r.id) b
            """,
        save: """
            INSERT INTO spotter.class_sessions (
                organization_id, id, class_id, instructor, staff_id, room, starts_at, ends_at, capacity,
                waitlist_capacity, head_count, is_cancelled, external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), id, class_id, instructor, staff_id, room, starts_at, ends_at, capacity,
                waitlist_capacity, head_count, is_cancelled, external_id, version, created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.class_sessions, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                class_id = excluded.class_id, instructor = excluded.instructor, staff_id = excluded.staff_id,
                room = excluded.room, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                capacity = excluded.capacity, waitlist_capacity = excluded.waitlist_capacity,
                head_count = excluded.head_count, is_cancelled = excluded.is_cancelled,
                external_id = excluded.external_id, version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.class_sessions WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), json_build_object(
                'class_name', c.name, 'booked', greatest(r.head_count, b.taken), 'waiting', b.waiting)
            FROM spotter.class_sessions r
            JOIN spotter.classes c ON c.organization_id = r.organization_id AND c.id = r.class_id
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE status NOT IN ('cancelled', 'waitlisted')) AS taken,
                    count(*) FILTER (WHERE status = 'waitlisted') AS waiting
                FROM spotter.bookings WHERE organization_id = r.organization_id AND session_id = r.id) b
            WHERE r.id < $1 AND ($3::text IS NULL OR r.external_id = $3)
                AND ($4::text IS NULL OR r.is_cancelled = ($4 = 'cancelled'))
                AND ($5::uuid IS NULL OR r.class_id = $5) AND ($6::uuid IS NULL OR r.staff_id = $6)
                AND ($7::timestamptz IS NULL OR r.starts_at >= $7) AND ($8::timestamptz IS NULL OR r.starts_at < $8)
            ORDER BY r.id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.parent, filter.staff?.uuid,
            filter.from, filter.to)
    }

    static let bookings = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.bookings r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.bookings r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.bookings (
                organization_id, id, session_id, client_id, lead_id, kind, status, booked_at, cancelled_at, starts_at,
                external_id, version, created_at, updated_at)
            SELECT (SELECT app.organization()), r.id, r.session_id, r.client_id, r.lead_id, r.kind, r.status,
                r.booked_at, r.cancelled_at, s.starts_at, r.external_id, r.version, r.created_at, r.updated_at
            FROM json_populate_recordset(NULL::spotter.bookings, $1) r
            JOIN spotter.class_sessions s ON s.id = r.session_id
            ON CONFLICT (organization_id, id) DO UPDATE SET
                kind = excluded.kind, status = excluded.status, booked_at = excluded.booked_at,
                cancelled_at = excluded.cancelled_at, external_id = excluded.external_id, version = excluded.version,
                updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.bookings WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.bookings r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::text IS NULL OR status = $4)
                AND ($5::text IS NULL OR kind = $5) AND ($6::uuid IS NULL OR session_id = $6)
                AND ($7::uuid IS NULL OR client_id = $7) AND ($8::uuid IS NULL OR lead_id = $8)
                AND ($9::timestamptz IS NULL OR starts_at >= $9) AND ($10::timestamptz IS NULL OR starts_at < $10)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.status, filter.kind, filter.parent,
            filter.client?.uuid, filter.lead?.uuid, filter.from, filter.to)
    }

    static let checkIns = RecordTable(
        one: "SELECT row_to_json(r), NULL::json FROM spotter.check_ins r WHERE id = $1",
        lock: """
            SELECT row_to_json(r), NULL::json FROM spotter.check_ins r
            WHERE id = ANY ($1) OR external_id = ANY ($2) OR ($3::text[] <> '{}' AND false)
            ORDER BY id FOR UPDATE
            """,
        save: """
            INSERT INTO spotter.check_ins (
                organization_id, id, client_id, session_id, checked_in_at, external_id, version, created_at,
                updated_at)
            SELECT (SELECT app.organization()), id, client_id, session_id, checked_in_at, external_id, version,
                created_at, updated_at
            FROM json_populate_recordset(NULL::spotter.check_ins, $1)
            ON CONFLICT (organization_id, id) DO UPDATE SET
                client_id = excluded.client_id, session_id = excluded.session_id,
                checked_in_at = excluded.checked_in_at, external_id = excluded.external_id,
                version = excluded.version, updated_at = excluded.updated_at
            """,
        delete: "DELETE FROM spotter.check_ins WHERE id = $1"
    ) { filter, page in
        Statement(
            """
            SELECT row_to_json(r), NULL::json FROM spotter.check_ins r
            WHERE id < $1 AND ($3::text IS NULL OR external_id = $3) AND ($4::uuid IS NULL OR client_id = $4)
                AND ($5::uuid IS NULL OR session_id = $5) AND ($6::timestamptz IS NULL OR checked_in_at >= $6)
                AND ($7::timestamptz IS NULL OR checked_in_at < $7)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, filter.externalId, filter.client?.uuid, filter.parent, filter.from,
            filter.to)
    }
}
