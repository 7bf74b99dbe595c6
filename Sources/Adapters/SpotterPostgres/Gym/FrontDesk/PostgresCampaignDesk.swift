import Foundation
import PostgresKit
import SpotterDomain

/// Campaigns and how far they are, in PostgreSQL.
struct PostgresCampaignDesk: CampaignDesk {
    let door: StoreDoor

    func create(_ order: CampaignOrder, in scope: OrganizationScope) async throws -> CampaignOutcome {
        let audience = order.audience
        let absent = audience.inactiveDays.map { order.at.addingTimeInterval(-Double($0) * 86_400) }
        let kept = try Kept(order)
        let create = Statement(
            CampaignSQL.create, (audience.statuses ?? [.active]).map(\.rawValue), audience.tags,
            audience.clientIds?.map(\.uuid), absent, Array(Set(order.steps.map(\.channel.rawValue))).sorted(),
            order.isDryRun, order.most, order.id.uuid, order.name, order.begins ? "running" : "draft", kept.audience,
            kept.steps, order.by, order.key, order.startsAt, order.at, order.dueAt(0))
        return try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch([Statement(CampaignSQL.existing, order.key), create])
            if let existing = try rows[0].firstView(of: CampaignOutcome.self) { return existing }
            guard let made = try rows[1].firstView(of: CampaignOutcome.self) else {
                throw SpotterError(.internal, "A count had no row.")
            }
            if made.id != nil || order.isDryRun { return made }
            // Where another call with the key was quicker, its campaign is the one.
            return try await transaction.query(Statement(CampaignSQL.existing, order.key)).firstView() ?? made
        }
    }

    /// The documents of a campaign as they are stored.
    private struct Kept {
        let audience: PostgresValue
        let steps: PostgresValue

        init(_ order: CampaignOrder) throws {
            var asked = try JSONValue(encoding: order.audience).object ?? JSONObject()
            asked["stop_on"] = .string(order.stop.rawValue)
            audience = .document(.object(asked))
            steps = try .document(order.steps)
        }
    }

    func claimDue(
        at now: Date, until: Date, limit: Int, in scope: OrganizationScope
    ) async throws -> [CampaignTurn] {
        let rows = try await door.write(
            scope, [Statement(CampaignSQL.claim, now, until, limit), Statement(CampaignSQL.finish, now)])
        return try rows[0].decoded { row in
            let steps: [CampaignStep] = try row.document(5)
            let index: Int = try row.get(4)
            guard steps.indices.contains(index) else { return nil }
            return CampaignTurn(
                member: try row.get(0), campaign: try row.id(1), client: try row.id(2), name: try row.get(3),
                index: index, step: steps[index],
                nextDelayDays: steps.indices.contains(index + 1) ? steps[index + 1].delayDays : nil)
        }.compactMap { (turn: CampaignTurn?) in turn }
    }

    func record(
        _ outcome: CampaignTurnOutcome, of turn: CampaignTurn, at now: Date, in scope: OrganizationScope
    ) async throws {
        let statement =
            switch outcome {
            case .sent:
                Statement(
                    CampaignSQL.sent, turn.member, turn.index,
                    turn.nextDelayDays.map { now.addingTimeInterval(Double($0) * 86_400) })
            case .stopped(let reason): Statement(CampaignSQL.stopped, turn.member, turn.index, reason)
            case .postponed(let until): Statement(CampaignSQL.postponed, turn.member, turn.index, until)
            }
        _ = try await door.write(scope, [statement, Statement(CampaignSQL.finish, now)])
    }
}

/// What campaigns read and write.
private enum CampaignSQL {
    static let existing: StaticString = """
        SELECT c.id, count(m.id) AS matching, count(m.id) AS reachable, 0::bigint AS without_consent
        FROM spotter.campaigns c
        LEFT JOIN spotter.campaign_members m ON m.organization_id = c.organization_id AND m.campaign_id = c.id
        WHERE c.idempotency_key = $1 GROUP BY c.id
        """

    /// `$1` statuses, `$2` labels, `$3` ids, `$4` no visit since, `$5` channels, `$6` whether only to count, `$7` the
    /// most, then the campaign's columns and when the first step is due.
    static let create: StaticString = """
        WITH audience AS (
            SELECT c.organization_id, c.id, c.email, c.phone FROM spotter.clients c
            WHERE c.status = ANY ($1::text[]) AND ($2::text[] IS NULL OR c.tags && $2::text[])
                AND ($3::uuid[] IS NULL OR c.id = ANY ($3::uuid[]))
                AND ($4::timestamptz IS NULL OR (
                    c.joined_on < $4
                    AND NOT EXISTS (
                        SELECT FROM spotter.check_ins k
                        WHERE k.organization_id = c.organization_id AND k.client_id = c.id AND k.checked_in_at >= $4)
                    AND NOT EXISTS (
                        SELECT FROM spotter.bookings b
                        WHERE b.organization_id = c.organization_id AND b.client_id = c.id
                            AND b.status = 'attended' AND b.starts_at >= $4)))),
        judged AS (
            SELECT a.organization_id, a.id, bool_or(coalesce(k.is_granted, false)) AS consents,
                bool_or(
                    coalesce(k.is_granted, false)
                    AND CASE channel WHEN 'email' THEN a.email IS NOT NULL ELSE a.phone IS NOT NULL END) AS reachable
            FROM audience a CROSS JOIN unnest($5::text[]) AS channel
            LEFT JOIN LATERAL (
                SELECT s.is_granted FROM spotter.consents s
                WHERE s.organization_id = a.organization_id AND s.client_id = a.id AND s.channel = channel
                    AND s.purpose = 'marketing'
                ORDER BY s.recorded_at DESC, s.id DESC LIMIT 1) k ON true
            GROUP BY a.organization_id, a.id),
        counts AS (
            SELECT count(*) AS matching, count(*) FILTER (WHERE reachable) AS reachable,
                count(*) FILTER (WHERE NOT consents) AS without_consent
            FROM judged),
        campaign AS (
            INSERT INTO spotter.campaigns (
                organization_id, id, name, kind, status, audience, steps, created_by, idempotency_key, starts_at,
                created_at, updated_at)
            SELECT (SELECT app.organization()), $8, $9, 'retention', $10, $11, $12, $13, $14, $15, $16, $16
            FROM counts WHERE NOT $6 AND reachable BETWEEN 1 AND $7
            ON CONFLICT (organization_id, idempotency_key) DO NOTHING
            RETURNING id),
        members AS (
            INSERT INTO spotter.campaign_members (
                organization_id, id, campaign_id, client_id, status, steps_done, next_step_at)
            SELECT judged.organization_id, gen_random_uuid(), campaign.id, judged.id, 'active', 0, $17
            FROM judged CROSS JOIN campaign WHERE judged.reachable)
        SELECT (SELECT id FROM campaign) AS id, matching, reachable, without_consent FROM counts
        """

    /// `$1` now, `$2` until when they are the caller's, `$3` how many.
    static let claim: StaticString = """
        WITH due AS (
            SELECT m.organization_id, m.id, m.campaign_id, m.client_id, m.steps_done, c.steps, c.starts_at,
                c.audience ->> 'stop_on' AS stop_on
            FROM spotter.campaign_members m
            JOIN spotter.campaigns c ON c.organization_id = m.organization_id AND c.id = m.campaign_id
            WHERE m.status = 'active' AND m.client_id IS NOT NULL AND m.next_step_at <= $1 AND c.status = 'running'
            ORDER BY m.next_step_at, m.id LIMIT $3 FOR UPDATE OF m SKIP LOCKED),
        judged AS (
            SELECT due.*, p.name, CASE
                WHEN p.status = 'cancelled' THEN 'The membership has ended.'
                WHEN due.stop_on = 'visit' AND (
                    EXISTS (
                        SELECT FROM spotter.check_ins k
                        WHERE k.organization_id = due.organization_id AND k.client_id = due.client_id
                            AND k.checked_in_at >= due.starts_at AND k.checked_in_at <= $1)
                    OR EXISTS (
                        SELECT FROM spotter.bookings b
                        WHERE b.organization_id = due.organization_id AND b.client_id = due.client_id
                            AND b.status = 'attended' AND b.starts_at >= due.starts_at))
                    THEN 'The member has visited since.'
                WHEN due.stop_on = 'booking' AND EXISTS (
                    SELECT FROM spotter.bookings b
                    WHERE b.organization_id = due.organization_id AND b.client_id = due.client_id
                        AND b.booked_at >= due.starts_at AND b.status <> 'cancelled')
                    THEN 'The member has booked since.'
                END AS stop_reason
            FROM due JOIN spotter.clients p ON p.organization_id = due.organization_id AND p.id = due.client_id),
        taken AS (
            UPDATE spotter.campaign_members m
            SET next_step_at = CASE WHEN judged.stop_reason IS NULL THEN $2::timestamptz END,
                status = CASE WHEN judged.stop_reason IS NULL THEN 'active' ELSE 'stopped' END,
                stop_reason = judged.stop_reason
            FROM judged WHERE m.organization_id = judged.organization_id AND m.id = judged.id)
        SELECT id, campaign_id, client_id, name, steps_done, steps FROM judged WHERE stop_reason IS NULL
        """

    static let sent: StaticString = """
        UPDATE spotter.campaign_members
        SET steps_done = $2 + 1, next_step_at = $3::timestamptz,
            status = CASE WHEN $3::timestamptz IS NULL THEN 'completed' ELSE 'active' END
        WHERE id = $1 AND steps_done = $2 AND status = 'active'
        """

    static let stopped: StaticString = """
        UPDATE spotter.campaign_members SET status = 'stopped', stop_reason = $3, next_step_at = NULL
        WHERE id = $1 AND steps_done = $2 AND status = 'active'
        """

    static let postponed: StaticString = """
        UPDATE spotter.campaign_members SET next_step_at = $3
        WHERE id = $1 AND steps_done = $2 AND status = 'active'
        """

    /// A campaign without members who get more is over.
    static let finish: StaticString = """
        UPDATE spotter.campaigns c
        SET status = 'completed', completed_at = $1, version = c.version + 1, updated_at = $1
        WHERE c.status = 'running' AND c.kind = 'retention' AND NOT EXISTS (
            SELECT FROM spotter.campaign_members m
            WHERE m.organization_id = c.organization_id AND m.campaign_id = c.id AND m.status = 'active')
        """
}
