/// What is exported: `$1` and `$2` the range, `$3` the status, `$4` the gym's time zone, `$5` how many, `$6` the label.
/// The cells are those of `ExportKind.columns`, without the ids.
enum ExportSQL {
    static let clients: StaticString = """
        SELECT c.id, NULL::uuid AS client_id, NULL::uuid AS lead_id, ARRAY[
            c.name, coalesce(c.email, ''), coalesce(c.phone, ''), c.status, array_to_string(c.tags, '; '),
            (c.joined_on AT TIME ZONE 'UTC')::date::text, coalesce(c.cancelled_on::text, ''), coalesce(c.source, ''),
            coalesce((
                SELECT to_char(max(k.checked_in_at) AT TIME ZONE $4, 'YYYY-MM-DD HH24:MI') FROM spotter.check_ins k
                WHERE k.organization_id = c.organization_id AND k.client_id = c.id), '')] AS cells
        FROM spotter.clients c
        WHERE c.joined_on >= $1
            AND c.joined_on < $2
            AND ($3::text IS NULL OR c.status = $3) AND ($6::text IS NULL OR $6 = ANY (c.tags))
        ORDER BY c.joined_on DESC, c.id DESC LIMIT $5
        """

    static let leads: StaticString = """
        SELECT l.id, NULL::uuid AS client_id, NULL::uuid AS lead_id, ARRAY[
            l.name, coalesce(l.email, ''), coalesce(l.phone, ''), l.status, coalesce(l.source, ''),
            array_to_string(l.tags, '; '), l.interest,
            to_char(l.created_at AT TIME ZONE $4, 'YYYY-MM-DD HH24:MI'),
            coalesce(to_char(l.next_follow_up_at AT TIME ZONE $4, 'YYYY-MM-DD HH24:MI'), '')] AS cells
        FROM spotter.leads l
        WHERE l.created_at >= $1
            AND l.created_at < $2
            AND ($3::text IS NULL OR l.status = $3) AND ($6::text IS NULL OR $6 = ANY (l.tags))
        ORDER BY l.created_at DESC, l.id DESC LIMIT $5
        """

    static let bookings: StaticString = """
        SELECT b.id, b.client_id, b.lead_id, ARRAY[
            coalesce(c.name, l.name, ''), g.name, to_char(s.starts_at AT TIME ZONE $4, 'YYYY-MM-DD HH24:MI'),
            s.instructor, b.status, b.kind, to_char(b.booked_at AT TIME ZONE $4, 'YYYY-MM-DD HH24:MI')] AS cells
        FROM (
            SELECT * FROM spotter.bookings
            WHERE starts_at >= $1
                AND starts_at < $2 AND ($3::text IS NULL OR status = $3)
            ORDER BY starts_at DESC, id DESC LIMIT $5) b
        JOIN spotter.class_sessions s ON s.organization_id = b.organization_id AND s.id = b.session_id
        JOIN spotter.classes g ON g.organization_id = s.organization_id AND g.id = s.class_id
        LEFT JOIN spotter.clients c ON c.organization_id = b.organization_id AND c.id = b.client_id
        LEFT JOIN spotter.leads l ON l.organization_id = b.organization_id AND l.id = b.lead_id
        ORDER BY b.starts_at DESC, b.id DESC
        """

    static let payments: StaticString = """
        SELECT p.id, p.client_id, NULL::uuid AS lead_id, ARRAY[
            coalesce(c.name, ''), to_char(p.paid_at AT TIME ZONE $4, 'YYYY-MM-DD HH24:MI'),
            round(p.amount, 2)::text, p.currency,
            round(coalesce((
                SELECT sum(r.amount) FROM spotter.refunds r
                WHERE r.organization_id = p.organization_id AND r.payment_id = p.id), 0), 2)::text,
            p.status, p.kind, p.method, coalesce(p.failure_reason, ''), p.description] AS cells
        FROM (
            SELECT * FROM spotter.payments
            WHERE paid_at >= $1 AND paid_at < $2
                AND ($3::text IS NULL OR status = $3)
            ORDER BY paid_at DESC, id DESC LIMIT $5) p
        LEFT JOIN spotter.clients c ON c.organization_id = p.organization_id AND c.id = p.client_id
        ORDER BY p.paid_at DESC, p.id DESC
        """

    static let subscriptions: StaticString = """
        SELECT s.id, s.client_id, NULL::uuid AS lead_id, ARRAY[
            c.name, coalesce(p.name, ''), s.status, round(s.amount, 2)::text, s.currency,
            CASE s.period_count WHEN 1 THEN s.period ELSE s.period_count || ' ' || s.period || 's' END,
            round(coalesce(app.monthly(s.amount, s.period, s.period_count), 0), 2)::text,
            (s.started_at AT TIME ZONE $4)::date::text, coalesce((s.cancelled_at AT TIME ZONE $4)::date::text, ''),
            coalesce(s.next_payment_on::text, '')] AS cells
        FROM spotter.subscriptions s
        JOIN spotter.clients c ON c.organization_id = s.organization_id AND c.id = s.client_id
        LEFT JOIN spotter.plans p ON p.organization_id = s.organization_id AND p.id = s.plan_id
        WHERE s.started_at >= $1
            AND s.started_at < $2 AND ($3::text IS NULL OR s.status = $3)
        ORDER BY s.started_at DESC, s.id DESC LIMIT $5
        """
}
