import PostgresKit

/// Who came, and who did not.
enum AttendanceSQL {
    /// By class, weekday (1 is Monday) and hour of the gym's clock: sessions that were held, their places, and what
    /// became of the bookings.
    static let attendance: StaticString = """
        WITH span AS MATERIALIZED (
            SELECT min(starts_at) AS starts_at, max(ends_at) AS ends_at
            FROM app.report_spans($2::text[]::date[], $3, $4)),
        booked AS (
            SELECT session_id, count(*) FILTER (WHERE status = 'attended') AS attended,
                count(*) FILTER (WHERE status = 'no_show') AS missed,
                count(*) FILTER (WHERE status = 'booked') AS unmarked,
                count(*) FILTER (WHERE status = 'cancelled') AS cancelled
            FROM spotter.bookings
            WHERE organization_id = $1 AND starts_at >= (SELECT starts_at FROM span)
                AND starts_at < (SELECT ends_at FROM span)
            GROUP BY session_id),
        held AS (
            SELECT s.class_id, extract(isodow FROM s.starts_at AT TIME ZONE $3)::integer AS weekday,
                extract(hour FROM s.starts_at AT TIME ZONE $3)::integer AS hour, s.is_cancelled, count(*) AS sessions,
                sum(s.capacity) AS places, sum(b.attended) AS attended, sum(b.missed) AS missed,
                sum(b.unmarked) AS unmarked, sum(b.cancelled) AS cancelled
            FROM spotter.class_sessions s LEFT JOIN booked b ON b.session_id = s.id
            WHERE s.organization_id = $1 AND s.starts_at >= (SELECT starts_at FROM span)
                AND s.starts_at < (SELECT ends_at FROM span)
            GROUP BY 1, 2, 3, 4)
        SELECT c.id, c.name, held.weekday, held.hour, held.is_cancelled, held.sessions, held.places::bigint,
            coalesce(held.attended, 0)::bigint, coalesce(held.missed, 0)::bigint, coalesce(held.unmarked, 0)::bigint,
            coalesce(held.cancelled, 0)::bigint
        FROM held JOIN spotter.classes c ON c.organization_id = $1 AND c.id = held.class_id
        ORDER BY c.name_key, c.id, held.weekday, held.hour, held.is_cancelled
        """

    /// The `$5` members who missed most bookings in the period.
    static let missing: StaticString = """
        WITH span AS MATERIALIZED (
            SELECT min(starts_at) AS starts_at, max(ends_at) AS ends_at
            FROM app.report_spans($2::text[]::date[], $3, $4)),
        missing AS (
            SELECT client_id, count(*) AS missed FROM spotter.bookings
            WHERE organization_id = $1 AND status = 'no_show' AND client_id IS NOT NULL
                AND starts_at >= (SELECT starts_at FROM span) AND starts_at < (SELECT ends_at FROM span)
            GROUP BY client_id ORDER BY missed DESC, client_id LIMIT $5)
        SELECT m.id, m.name, missing.missed, (
            SELECT count(*) FROM spotter.bookings b
            WHERE b.organization_id = $1 AND b.client_id = m.id AND b.status = 'attended'
                AND b.starts_at >= (SELECT starts_at FROM span) AND b.starts_at < (SELECT ends_at FROM span))
        FROM missing JOIN spotter.clients m ON m.organization_id = $1 AND m.id = missing.client_id
        ORDER BY missing.missed DESC, m.name_key, m.id
        """
}
