/// What the front desk changes.
enum ChangeSQL {
    static let client: StaticString = "SELECT name, status AS before FROM spotter.clients WHERE id = $1"
    static let lead: StaticString = "SELECT name, status AS before FROM spotter.leads WHERE id = $1"

    /// `$1` who, `$2` the status, `$3` why, `$4` by whom, `$5` when, `$6` the step's id, `$7` the gym's day. Whoever waited
    /// for the row has an older time than the change before: the steps follow each other all the same.
    static let setClientStatus: StaticString = """
        WITH old AS (
            SELECT organization_id, id, name, status,
                greatest($5::timestamptz, updated_at + interval '1 millisecond') AS moment
            FROM spotter.clients WHERE id = $1 FOR UPDATE),
        changed AS (
            UPDATE spotter.clients c
            SET status = $2, cancelled_on = CASE WHEN $2 = 'cancelled' THEN $7::date END, version = c.version + 1,
                updated_at = old.moment
            FROM old
            WHERE c.organization_id = old.organization_id AND c.id = old.id AND old.status <> $2
            RETURNING c.id),
        noted AS (
            INSERT INTO spotter.status_changes (
                organization_id, id, client_id, from_status, to_status, reason, changed_by, changed_at)
            SELECT organization_id, $6, old.id, status, $2, $3, $4, moment FROM old JOIN changed USING (id))
        SELECT name, status AS before FROM old
        """

    static let setLeadStatus: StaticString = """
        WITH old AS (
            SELECT organization_id, id, name, status,
                greatest($5::timestamptz, updated_at + interval '1 millisecond') AS moment
            FROM spotter.leads WHERE id = $1 FOR UPDATE),
        changed AS (
            UPDATE spotter.leads l
            SET status = $2, lost_reason = CASE WHEN $2 = 'lost' THEN $3 END, version = l.version + 1,
                updated_at = old.moment
            FROM old
            WHERE l.organization_id = old.organization_id AND l.id = old.id AND old.status <> $2
            RETURNING l.id),
        noted AS (
            INSERT INTO spotter.status_changes (
                organization_id, id, lead_id, from_status, to_status, reason, changed_by, changed_at)
            SELECT organization_id, $6, old.id, status, $2, $3, $4, moment FROM old JOIN changed USING (id))
        SELECT name, status AS before FROM old
        """

    static let tags: StaticString = """
        WITH client AS (SELECT name, tags FROM spotter.clients WHERE id = $1 FOR UPDATE),
            lead AS (SELECT name, tags FROM spotter.leads WHERE id = $2 FOR UPDATE)
        SELECT name, tags FROM client UNION ALL SELECT name, tags FROM lead
        """

    static let setTags: StaticString = """
        WITH client AS (
            UPDATE spotter.clients SET tags = $3, version = version + 1, updated_at = $4 WHERE id = $1 RETURNING id),
        lead AS (
            UPDATE spotter.leads SET tags = $3, version = version + 1, updated_at = $4 WHERE id = $2 RETURNING id)
        SELECT id FROM client UNION ALL SELECT id FROM lead
        """

    static let staff: StaticString = """
        SELECT id, name, role FROM spotter.staff
        WHERE is_active AND ($1::text IS NULL OR name_key LIKE $1) ORDER BY name_key, id LIMIT 50
        """

    /// `$1` the member or `$2` the lead, `$3` the staff, `$4` the key.
    static let ticketFacts: StaticString = """
        SELECT coalesce(
                (SELECT name FROM spotter.clients WHERE id = $1), (SELECT name FROM spotter.leads WHERE id = $2))
                AS person,
            (SELECT name FROM spotter.staff WHERE id = $3 AND is_active) AS staff,
            (SELECT id FROM spotter.tickets WHERE idempotency_key = $4) AS ticket
        """

    static let openTicket: StaticString = """
        INSERT INTO spotter.tickets (
            organization_id, id, subject, body, status, priority, category, client_id, lead_id, assigned_to,
            conversation_id, opened_by, due_at, idempotency_key, created_at, updated_at)
        VALUES ((SELECT app.organization()), $1, $2, $3, 'open', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
        ON CONFLICT (organization_id, idempotency_key) DO NOTHING
        RETURNING id
        """
}
