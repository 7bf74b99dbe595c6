/// What trials and tours read and write.
enum AppointmentSQL {
    static let lockSession: StaticString = "SELECT id FROM spotter.class_sessions WHERE id = $1 FOR UPDATE"

    /// `$1` who somebody new is, in one way. Two calls about the same new person wait for each other, so that the second
    /// finds the lead that the first has made.
    static let lockContact: StaticString = """
        SELECT pg_advisory_xact_lock(hashtextextended('spotter.contact ' || app.organization()::text || ' ' || $1, 0))
        """

    static let lockStaff: StaticString = """
        SELECT id, name, role FROM spotter.staff WHERE is_active ORDER BY id FOR UPDATE
        """

    static let existing: StaticString = """
        SELECT e.id, e.client_id, e.lead_id, coalesce(c.name, l.name) AS name, e.title, e.starts_at, e.ends_at,
            s.name AS staff, e.session_id, NULL::integer AS places_left
        FROM spotter.calendar_events e
        LEFT JOIN spotter.clients c ON c.organization_id = e.organization_id AND c.id = e.client_id
        LEFT JOIN spotter.leads l ON l.organization_id = e.organization_id AND l.id = e.lead_id
        LEFT JOIN spotter.staff s ON s.organization_id = e.organization_id AND s.id = e.staff_id
        WHERE e.idempotency_key = $1
        """

    static let session: StaticString = """
        SELECT c.name AS title, s.starts_at, s.ends_at, s.is_cancelled, s.capacity, s.staff_id,
            coalesce(t.name, nullif(s.instructor, '')) AS staff,
            greatest(s.head_count, (
                SELECT count(*) FROM spotter.bookings b
                WHERE b.organization_id = s.organization_id AND b.session_id = s.id
                    AND b.status <> 'cancelled')) AS taken
        FROM spotter.class_sessions s
        JOIN spotter.classes c ON c.organization_id = s.organization_id AND c.id = s.class_id
        LEFT JOIN spotter.staff t ON t.organization_id = s.organization_id AND t.id = s.staff_id
        WHERE s.id = $1
        """

    static let visitor: StaticString = """
        SELECT id AS client_id, NULL::uuid AS lead_id, name, status FROM spotter.clients WHERE id = $1
        UNION ALL
        SELECT NULL, id, name, 'lead' FROM spotter.leads WHERE id = $2
        """

    /// `$1` an address in lower case, `$2` the digits of a number. Members come first, then the oldest lead.
    static let visitorByContact: StaticString = """
        SELECT client_id, lead_id, name, status FROM (
            SELECT id AS client_id, NULL::uuid AS lead_id, name, status, 0 AS place, id FROM spotter.clients
            WHERE lower(email) = $1
            UNION ALL
            SELECT id, NULL, name, status, 0, id FROM spotter.clients WHERE phone_digits = $2 AND phone_digits <> ''
            UNION ALL
            SELECT NULL, id, name, 'lead', 1, id FROM spotter.leads WHERE lower(email) = $1
            UNION ALL
            SELECT NULL, id, name, 'lead', 1, id FROM spotter.leads WHERE phone_digits = $2 AND phone_digits <> ''
            ) found
        ORDER BY place, id LIMIT 1
        """

    /// `$1` and `$2` the time. What concerns the whole gym has nobody of the staff.
    static let engagements: StaticString = """
        SELECT title, starts_at, ends_at, staff_id, false AS is_same_session FROM spotter.calendar_events
        WHERE status = 'booked' AND starts_at < $2 AND starts_at > $1::timestamptz - interval '31 days'
            AND ends_at > $1 AND (staff_id IS NOT NULL OR kind = 'block')
        UNION ALL
        SELECT c.name, s.starts_at, s.ends_at, s.staff_id, false FROM spotter.class_sessions s
        JOIN spotter.classes c ON c.organization_id = s.organization_id AND c.id = s.class_id
        WHERE s.staff_id IS NOT NULL AND NOT s.is_cancelled AND s.starts_at < $2
            AND s.starts_at > $1::timestamptz - interval '1 day' AND s.ends_at > $1
        ORDER BY starts_at
        """

    /// `$1` the member or `$2` the lead, `$3` and `$4` the time, `$5` the session that is asked for.
    static let engagementsOfVisitor: StaticString = """
        SELECT title, starts_at, ends_at, staff_id, coalesce(session_id = $5, false) AS is_same_session
        FROM spotter.calendar_events
        WHERE status = 'booked' AND (client_id = $1 OR lead_id = $2) AND starts_at < $4 AND ends_at > $3
        UNION ALL
        SELECT c.name, s.starts_at, s.ends_at, NULL, coalesce(s.id = $5, false)
        FROM spotter.bookings b
        JOIN spotter.class_sessions s ON s.organization_id = b.organization_id AND s.id = b.session_id
        JOIN spotter.classes c ON c.organization_id = s.organization_id AND c.id = s.class_id
        WHERE (b.client_id = $1 OR b.lead_id = $2) AND b.status IN ('booked', 'waitlisted', 'attended')
            AND s.starts_at < $4 AND s.ends_at > $3 AND NOT s.is_cancelled
        """

    static let createLead: StaticString = """
        INSERT INTO spotter.leads (
            organization_id, id, name, name_key, email, phone, phone_digits, status, source, created_at, updated_at)
        VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, 'new', 'booking', $7, $7)
        """

    static let keepLeadWords: StaticString = """
        INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
        VALUES ((SELECT app.organization()), 'lead', $1, app.kept_words($2::text[]))
        ON CONFLICT (organization_id, kind, record_id) DO UPDATE SET words = excluded.words
        """

    /// A head count that knows of more people than there are bookings counts the new one, too.
    static let takeSeat: StaticString = """
        UPDATE spotter.class_sessions s
        SET head_count = head_count + 1, version = version + 1, updated_at = $2
        WHERE s.id = $1 AND s.head_count > (
            SELECT count(*) FROM spotter.bookings b
            WHERE b.organization_id = s.organization_id AND b.session_id = s.id
                AND b.status NOT IN ('cancelled', 'waitlisted'))
        """

    /// A booking that was cancelled becomes a place again.
    static let book: StaticString = """
        WITH again AS (
            UPDATE spotter.bookings
            SET status = 'booked', kind = 'trial', booked_at = $5, cancelled_at = NULL, version = version + 1,
                updated_at = $5
            WHERE session_id = $2 AND (client_id = $3 OR lead_id = $4)
            RETURNING id)
        INSERT INTO spotter.bookings (
            organization_id, id, session_id, client_id, lead_id, kind, status, booked_at, starts_at, created_at,
            updated_at)
        SELECT organization_id, $1, id, $3, $4, 'trial', 'booked', $5, starts_at, $5, $5
        FROM spotter.class_sessions WHERE id = $2 AND NOT EXISTS (SELECT FROM again)
        """

    static let insert: StaticString = """
        INSERT INTO spotter.calendar_events (
            organization_id, id, kind, title, description, starts_at, ends_at, status, staff_id, client_id, lead_id,
            session_id, booking_id, created_by, idempotency_key, created_at, updated_at)
        VALUES (
            (SELECT app.organization()), $1, $2, $3, $4, $5, $6, 'booked', $7, $8, $9, $10,
            coalesce((SELECT id FROM spotter.bookings WHERE session_id = $10 AND (client_id = $8 OR lead_id = $9)), $11),
            $12, $13, $14, $14)
        """

    static let moveToTrial: StaticString = """
        WITH old AS (
            SELECT organization_id, id, status,
                greatest($4::timestamptz, updated_at + interval '1 millisecond') AS moment
            FROM spotter.leads WHERE id = $1 AND status IN ('new', 'contacted', 'qualified') FOR UPDATE),
        changed AS (
            UPDATE spotter.leads l SET status = 'trial_booked', version = l.version + 1, updated_at = old.moment
            FROM old WHERE l.organization_id = old.organization_id AND l.id = old.id)
        INSERT INTO spotter.status_changes (
            organization_id, id, lead_id, from_status, to_status, reason, changed_by, changed_at)
        SELECT organization_id, $2, id, status, 'trial_booked', 'A trial was booked.', $3, moment FROM old
        """
}
