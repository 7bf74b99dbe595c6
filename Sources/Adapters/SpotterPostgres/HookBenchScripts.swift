import Foundation
public import SpotterDomain

/// What the reception of messages is measured against.
public enum HookBenchScripts {
    /// A pgbench script of what one accepted message writes: the delivery, the run that it starts, both events and the
    /// entry of the audit log, in one transaction and one round trip.
    public static func oneMessage(of organization: OrganizationID, hook: HookID) -> String {
        """
        \\startpipeline
        SELECT set_config('app.organization', '\(organization.uuid.uuidString)', true);
        INSERT INTO spotter.hook_deliveries (
            organization_id, hook_id, id, delivery_key, external_id, state, execution_id, payload, headers, received_at)
        VALUES ((SELECT app.organization()), '\(hook.uuid.uuidString)', gen_random_uuid(),
            'id-' || gen_random_uuid(), 'msg', 'accepted', gen_random_uuid(), '{"name": "Ana"}', '{}', now());
        INSERT INTO spotter.executions (
            organization_id, id, kind, state, attempt, input, usage, cost, steps_total, steps_completed, priority,
            created_at, place_at)
        VALUES ((SELECT app.organization()), gen_random_uuid(), 'call', 'queued', 0,
            '{"parameters": {"content": "New lead Ana"}}', '{}', '{}', 0, 0, 'high', now(), now());
        WITH log AS (
            UPDATE spotter.event_logs SET last_position = last_position + 2
            WHERE organization_id = (SELECT app.organization()) RETURNING organization_id, last_position)
        INSERT INTO spotter.events (organization_id, position, type, at, data)
        SELECT organization_id, last_position - place, 'hook.received', now(), '{"state": "accepted"}'
        FROM log, generate_series(0, 1) AS place;
        INSERT INTO spotter.audit_entries (organization_id, id, actor_kind, action, outcome, fields)
        VALUES ((SELECT app.organization()), gen_random_uuid(), 'hook', 'receiveHook', 'done', '{name}');
        \\endpipeline

        """
    }
}
