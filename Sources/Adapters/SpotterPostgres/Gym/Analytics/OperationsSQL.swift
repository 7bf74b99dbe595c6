import PostgresKit

/// What a report on operations merely counts. The parameters are those of `TakingsSQL`.
enum OperationsSQL {
    static let counts: StaticString = """
        WITH span AS MATERIALIZED (
            SELECT min(starts_at) AS starts_at, max(ends_at) AS ends_at
            FROM app.report_spans($2::text[]::date[], $3, $4)),
        visitor AS (
            SELECT client_id, count(*) AS visits FROM spotter.check_ins
            WHERE organization_id = $1 AND checked_in_at >= (SELECT starts_at FROM span)
                AND checked_in_at < (SELECT ends_at FROM span)
            GROUP BY client_id)
        SELECT (SELECT coalesce(sum(visits), 0)::bigint FROM visitor), (SELECT count(*) FROM visitor),
            (SELECT count(*) FROM spotter.payments
                WHERE organization_id = $1 AND status = 'failed' AND paid_at >= (SELECT starts_at FROM span)
                    AND paid_at < (SELECT ends_at FROM span)),
            (SELECT count(*) FROM spotter.leads
                WHERE organization_id = $1 AND created_at >= (SELECT starts_at FROM span)
                    AND created_at < (SELECT ends_at FROM span)),
            (SELECT count(DISTINCT lead_id) FROM spotter.status_changes
                WHERE organization_id = $1 AND changed_at >= (SELECT starts_at FROM span)
                    AND changed_at < (SELECT ends_at FROM span) AND to_status = 'won' AND lead_id IS NOT NULL),
            (SELECT count(*) FROM spotter.tickets
                WHERE organization_id = $1 AND created_at >= (SELECT starts_at FROM span)
                    AND created_at < (SELECT ends_at FROM span)),
            (SELECT count(*) FROM spotter.tickets
                WHERE organization_id = $1 AND status IN ('open', 'pending'))
        """
}
