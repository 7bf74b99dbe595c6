import Foundation
public import SpotterDomain

/// What plans are measured against.
public enum PlanBenchScripts {
    /// A pgbench script that writes one completed step of an execution in a transaction of its own, as a plan does that
    /// records each step by itself.
    public static func oneStep(of organization: OrganizationID, execution: ExecutionID) -> String {
        """
        \\startpipeline
        SELECT set_config('app.organization', '\(organization.uuid.uuidString)', true);
        INSERT INTO spotter.steps (
            organization_id, execution_id, id, step_index, name, kind, state, attempt, input, output, effect,
            started_at, completed_at)
        VALUES ((SELECT app.organization()), '\(execution.uuid.uuidString)', gen_random_uuid(),
            (txid_current() % 2147483647)::integer, 'do_nothing', 'tool', 'completed', 1, '{}', '{}', 'none', now(), now());
        \\endpipeline

        """
    }
}
