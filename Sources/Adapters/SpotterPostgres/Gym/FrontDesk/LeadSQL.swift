/// What is read of leads.
enum LeadSQL {
    static let one: StaticString = """
        SELECT l.id, l.name, l.email, l.phone, l.status, l.source, l.tags, l.interest, s.name AS assigned_to,
            l.next_follow_up_at, l.created_at
        FROM spotter.leads l
        LEFT JOIN spotter.staff s ON s.organization_id = l.organization_id AND s.id = l.assigned_to
        WHERE l.id = $1
        """

    static let details: StaticString = """
        SELECT l.notes, l.lost_reason, l.client_id,
            (SELECT count(*) FROM spotter.tickets t
                WHERE t.organization_id = l.organization_id AND t.lead_id = l.id
                    AND t.status IN ('open', 'pending')) AS open_tickets
        FROM spotter.leads l WHERE l.id = $1
        """

    static let appointments: StaticString = """
        SELECT e.id, e.kind, e.title, e.starts_at, e.ends_at, e.status, s.name AS staff, NULL::text AS person,
            e.client_id, e.lead_id, e.session_id, e.location, NULL::integer AS capacity, NULL::integer AS booked
        FROM spotter.calendar_events e
        LEFT JOIN spotter.staff s ON s.organization_id = e.organization_id AND s.id = e.staff_id
        WHERE e.lead_id = $1 ORDER BY e.starts_at DESC, e.id LIMIT 10
        """

    static let consents: StaticString = """
        SELECT DISTINCT ON (channel, purpose) channel, purpose, is_granted, recorded_at
        FROM spotter.consents WHERE lead_id = $1 ORDER BY channel, purpose, recorded_at DESC, id DESC
        """

    static let changes: StaticString = """
        SELECT from_status, to_status, reason, changed_by, changed_at FROM spotter.status_changes
        WHERE lead_id = $1 ORDER BY changed_at DESC, id DESC LIMIT 10
        """

    /// `$1` status, `$2` source, `$3` label, `$4` and `$5` when they came, `$6` follow-up before, `$7` how many.
    static let list: StaticString = """
        SELECT l.id, l.name, l.email, l.phone, l.status, l.source, l.tags, l.interest, s.name AS assigned_to,
            l.next_follow_up_at, l.created_at
        FROM (
            SELECT * FROM spotter.leads
            WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR lower(source) = lower($2))
                AND ($3::text IS NULL OR $3 = ANY (tags))
                AND created_at >= $4
                AND created_at < $5
                AND ($6::timestamptz IS NULL OR next_follow_up_at < $6)
            ORDER BY created_at DESC, id DESC LIMIT $7) l
        LEFT JOIN spotter.staff s ON s.organization_id = l.organization_id AND s.id = l.assigned_to
        ORDER BY l.created_at DESC, l.id DESC
        """

    /// The same after `$1`, the words: each begins one of the lead's.
    static let find: StaticString = """
        SELECT l.id, l.name, l.email, l.phone, l.status, l.source, l.tags, l.interest, s.name AS assigned_to,
            l.next_follow_up_at, l.created_at
        FROM app.find_records('lead', $1::text[], 2000) AS found (found_id)
        CROSS JOIN LATERAL (SELECT * FROM spotter.leads WHERE id = found_id OFFSET 0) AS l
        LEFT JOIN spotter.staff s ON s.organization_id = l.organization_id AND s.id = l.assigned_to
        WHERE ($2::text IS NULL OR l.status = $2) AND ($3::text IS NULL OR lower(l.source) = lower($3))
            AND ($4::text IS NULL OR $4 = ANY (l.tags))
            AND l.created_at >= $5
            AND l.created_at < $6
            AND ($7::timestamptz IS NULL OR l.next_follow_up_at < $7)
        ORDER BY l.created_at DESC, l.id DESC LIMIT $8
        """
}

/// What is read of programmes.
enum ProgrammeSQL {
    /// `$1` now, `$2` pattern of name or description, `$3` pattern of who holds it, `$4` category, `$5` level, `$6` how
    /// many.
    static let list: StaticString = """
        SELECT c.id, c.name, c.description, c.category, c.level, c.duration_minutes, c.capacity,
            coalesce(ahead.instructors, '{}') AS instructors, coalesce(ahead.sessions, 0) AS sessions_ahead,
            next.starts_at AS next_starts_at, next.id AS next_session_id
        FROM spotter.classes c
        LEFT JOIN (
            SELECT class_id, array_agg(DISTINCT instructor ORDER BY instructor)
                    FILTER (WHERE instructor <> '') AS instructors,
                count(*) FILTER (WHERE starts_at < $1::timestamptz + interval '7 days') AS sessions
            FROM spotter.class_sessions
            WHERE starts_at > $1 AND starts_at < $1::timestamptz + interval '14 days' AND NOT is_cancelled
            GROUP BY class_id) ahead ON ahead.class_id = c.id
        LEFT JOIN LATERAL (
            SELECT s.id, s.starts_at FROM spotter.class_sessions s
            WHERE s.organization_id = c.organization_id AND s.class_id = c.id AND s.starts_at > $1
                AND NOT s.is_cancelled
            ORDER BY s.starts_at, s.id LIMIT 1) next ON true
        WHERE c.is_active AND ($2::text IS NULL OR c.name_key LIKE $2 OR lower(c.description) LIKE $2)
            AND ($3::text IS NULL OR EXISTS (SELECT FROM unnest(ahead.instructors) n WHERE lower(n) LIKE $3))
            AND ($4::text IS NULL OR lower(c.category) = $4) AND ($5::text IS NULL OR c.level IN ($5, 'all'))
        ORDER BY c.name_key, c.id LIMIT $6
        """
}

/// What is read of the calendar.
enum CalendarSQL {
    /// `$1` and `$2` the range, `$3` the kinds or none, `$4` pattern of who of the staff, `$5` how many. An appointment
    /// is not longer than a month.
    static let entries: StaticString = """
        SELECT * FROM (
            SELECT e.id, e.kind, e.title, e.starts_at, e.ends_at, e.status, s.name AS staff,
                coalesce(c.name, l.name) AS person, e.client_id, e.lead_id, e.session_id, e.location,
                NULL::integer AS capacity, NULL::bigint AS booked
            FROM spotter.calendar_events e
            LEFT JOIN spotter.staff s ON s.organization_id = e.organization_id AND s.id = e.staff_id
            LEFT JOIN spotter.clients c ON c.organization_id = e.organization_id AND c.id = e.client_id
            LEFT JOIN spotter.leads l ON l.organization_id = e.organization_id AND l.id = e.lead_id
            WHERE e.starts_at < $2 AND e.starts_at > $1::timestamptz - interval '31 days' AND e.ends_at > $1
                AND (cardinality($3::text[]) = 0 OR e.kind = ANY ($3::text[]))
                AND ($4::text IS NULL OR s.name_key LIKE $4)
            UNION ALL
            SELECT NULL, 'class', c.name, s.starts_at, s.ends_at,
                CASE WHEN s.is_cancelled THEN 'cancelled' ELSE 'planned' END,
                coalesce(t.name, nullif(s.instructor, '')), NULL, NULL, NULL, s.id, s.room, s.capacity,
                least(s.capacity, greatest(s.head_count, (
                    SELECT count(*) FROM spotter.bookings b
                    WHERE b.organization_id = s.organization_id AND b.session_id = s.id
                        AND b.status NOT IN ('cancelled', 'waitlisted'))))
            FROM spotter.class_sessions s
            JOIN spotter.classes c ON c.organization_id = s.organization_id AND c.id = s.class_id
            LEFT JOIN spotter.staff t ON t.organization_id = s.organization_id AND t.id = s.staff_id
            WHERE s.starts_at < $2 AND s.starts_at > $1::timestamptz - interval '1 day' AND s.ends_at > $1
                AND (cardinality($3::text[]) = 0 OR 'class' = ANY ($3::text[]))
                AND ($4::text IS NULL OR coalesce(t.name_key, lower(s.instructor)) LIKE $4)) entry
        ORDER BY starts_at, ends_at, title LIMIT $5
        """
}
