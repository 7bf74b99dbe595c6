/// What is read of one member.
enum ClientSQL {
    static let name: StaticString = "SELECT name FROM spotter.clients WHERE id = $1"

    /// `$1` the member, `$2` now. A class attended counts as a visit where no check-in is known of it.
    static let card: StaticString = """
        WITH visits AS (
            SELECT checked_in_at AS visited_at FROM spotter.check_ins
            WHERE organization_id = (SELECT app.organization()) AND client_id = $1 AND checked_in_at <= $2
            UNION ALL
            SELECT b.starts_at FROM spotter.bookings b
            WHERE b.organization_id = (SELECT app.organization()) AND b.client_id = $1 AND b.status = 'attended'
                AND b.starts_at <= $2 AND NOT EXISTS (
                    SELECT FROM spotter.check_ins k
                    WHERE k.organization_id = b.organization_id AND k.client_id = $1 AND k.session_id = b.session_id))
        SELECT c.id, c.name, c.email, c.phone, c.status, c.tags, c.joined_on, c.cancelled_on::text AS cancelled_on,
            c.birthday::text AS birthday, c.source, s.name AS assigned_to, c.notes,
            (SELECT max(visited_at) FROM visits) AS last_visit_at,
            (SELECT count(*) FROM visits WHERE visited_at > $2::timestamptz - interval '30 days') AS recent_visits,
            (SELECT count(*) FROM visits
                WHERE visited_at > $2::timestamptz - interval '60 days'
                    AND visited_at <= $2::timestamptz - interval '30 days') AS earlier_visits,
            b.upcoming_bookings, b.recent_no_shows, p.recent_failed_payments, p.last_paid_at,
            (SELECT count(*) FROM spotter.tickets t
                WHERE t.organization_id = c.organization_id AND t.client_id = c.id
                    AND t.status IN ('open', 'pending')) AS open_tickets
        FROM spotter.clients c
        LEFT JOIN spotter.staff s ON s.organization_id = c.organization_id AND s.id = c.assigned_to
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE starts_at > $2 AND status IN ('booked', 'waitlisted')) AS upcoming_bookings,
                count(*) FILTER (
                    WHERE status = 'no_show' AND starts_at > $2::timestamptz - interval '90 days') AS recent_no_shows
            FROM spotter.bookings b WHERE b.organization_id = c.organization_id AND b.client_id = c.id) b
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (
                    WHERE status = 'failed' AND paid_at > $2::timestamptz - interval '90 days')
                    AS recent_failed_payments,
                max(paid_at) FILTER (WHERE status = 'succeeded') AS last_paid_at
            FROM spotter.payments p WHERE p.organization_id = c.organization_id AND p.client_id = c.id) p
        WHERE c.id = $1
        """

    static let consents: StaticString = """
        SELECT DISTINCT ON (channel, purpose) channel, purpose, is_granted, recorded_at
        FROM spotter.consents WHERE client_id = $1 ORDER BY channel, purpose, recorded_at DESC, id DESC
        """

    static let changes: StaticString = """
        SELECT from_status, to_status, reason, changed_by, changed_at FROM spotter.status_changes
        WHERE client_id = $1 ORDER BY changed_at DESC, id DESC LIMIT 5
        """
}

/// What is read of bookings.
enum BookingSQL {
    /// `$1` the member, `$2` and `$3` the range, `$4` the status, `$5` whether the earliest come first, `$6` how many.
    static let ofClient: StaticString = """
        SELECT b.id, b.session_id, c.name AS class_name, s.instructor, s.starts_at, s.ends_at, s.is_cancelled,
            b.status, b.kind, b.booked_at
        FROM (
            SELECT * FROM spotter.bookings
            WHERE client_id = $1 AND ($2::timestamptz IS NULL OR starts_at >= $2)
                AND ($3::timestamptz IS NULL OR starts_at < $3) AND ($4::text IS NULL OR status = $4)
            ORDER BY CASE WHEN $5 THEN starts_at END, starts_at DESC, id LIMIT $6) b
        JOIN spotter.class_sessions s ON s.organization_id = b.organization_id AND s.id = b.session_id
        JOIN spotter.classes c ON c.organization_id = s.organization_id AND c.id = s.class_id
        ORDER BY CASE WHEN $5 THEN b.starts_at END, b.starts_at DESC, b.id
        """

    static let countsOfClient: StaticString = """
        SELECT status, count(*) AS count FROM spotter.bookings
        WHERE client_id = $1 AND ($2::timestamptz IS NULL OR starts_at >= $2)
            AND ($3::timestamptz IS NULL OR starts_at < $3) AND ($4::text IS NULL OR status = $4)
        GROUP BY status ORDER BY status
        """

    static let ofSession: StaticString = """
        SELECT b.id, b.client_id, b.lead_id, coalesce(c.name, l.name) AS name, b.status, b.kind, b.booked_at,
            NOT EXISTS (
                SELECT FROM spotter.bookings e
                WHERE e.organization_id = b.organization_id
                    AND (e.client_id = b.client_id OR e.lead_id = b.lead_id)
                    AND e.starts_at < b.starts_at AND e.status <> 'cancelled') AS is_first
        FROM spotter.bookings b
        LEFT JOIN spotter.clients c ON c.organization_id = b.organization_id AND c.id = b.client_id
        LEFT JOIN spotter.leads l ON l.organization_id = b.organization_id AND l.id = b.lead_id
        WHERE b.session_id = $1
        ORDER BY array_position(ARRAY['attended', 'booked', 'no_show', 'waitlisted', 'cancelled'], b.status),
            b.booked_at, b.id
        LIMIT $2
        """
}
