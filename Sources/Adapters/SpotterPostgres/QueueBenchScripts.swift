import Foundation
public import PostgresKit
public import SpotterDomain

/// What the queue is measured against, and the rows it is measured with.
public enum QueueBenchScripts {
    /// A pgbench script that takes `batch` executions and completes them, in two transactions: the least that any queue
    /// on this table under row-level security must do. No fairness, no caps, no journal, no events, no fence.
    public static func claimAndComplete(_ batch: Int, of organization: OrganizationID) -> String {
        let scope = "SELECT set_config('app.organization', '\(organization.uuid.uuidString)', true);"
        // A connection's own name stands for its worker: a variable of pgbench's could not be prepared in a pipeline.
        let worker = "md5(pg_backend_pid()::text)::uuid"
        let claim = """
            WITH ready AS (SELECT id FROM spotter.executions WHERE place_at IS NOT NULL ORDER BY place_at \
            LIMIT \(batch) FOR NO KEY UPDATE SKIP LOCKED) UPDATE spotter.executions AS stored SET state = 'running', \
            attempt = stored.attempt + 1, worker_id = \(worker), place_at = NULL, started_at = now() FROM ready \
            WHERE stored.id = ready.id RETURNING stored.id, stored.attempt;
            """
        let complete = """
            UPDATE spotter.executions SET state = 'completed', worker_id = NULL, output = '{}', completed_at = now() \
            WHERE worker_id = \(worker) AND state = 'running';
            """
        return ["\\startpipeline", scope, claim, "\\endpipeline", "\\startpipeline", scope, complete, "\\endpipeline", ""]
            .joined(separator: "\n")
    }

    /// Puts `count` probes of one organisation into the queue.
    ///
    /// - Parameter administrator: a superuser; checks of foreign keys are left out, since a million take a while.
    public static func fillQueue(
        _ count: Int, of organization: OrganizationID, as administrator: PostgresConfiguration
    ) async throws {
        try await run(
            """
            SET LOCAL session_replication_role = replica;
            INSERT INTO spotter.executions (
                organization_id, id, kind, state, attempt, input, usage, cost, steps_total, steps_completed, created_at,
                place_at)
            SELECT current_setting('bench.organization')::uuid, gen_random_uuid(), 'probe', 'queued', 0, '{}',
                current_setting('bench.usage')::json, current_setting('bench.cost')::json, 0, 0, now(), now()
            FROM generate_series(1, current_setting('bench.count')::integer);
            """, count, organization, administrator)
    }

    /// Adds `count` probes of one organisation that have completed.
    ///
    /// - Parameter administrator: a superuser; checks of foreign keys are left out, since a million take a while.
    public static func addHistory(
        _ count: Int, of organization: OrganizationID, as administrator: PostgresConfiguration
    ) async throws {
        try await run(
            """
            SET LOCAL session_replication_role = replica;
            INSERT INTO spotter.executions (
                organization_id, id, kind, state, attempt, input, output, usage, cost, steps_total, steps_completed,
                created_at, started_at, completed_at)
            SELECT current_setting('bench.organization')::uuid, gen_random_uuid(), 'probe', 'completed', 1, '{}', '{}',
                current_setting('bench.usage')::json, current_setting('bench.cost')::json, 0, 0, now(), now(), now()
            FROM generate_series(1, current_setting('bench.count')::integer);
            """, count, organization, administrator)
    }

    /// Removes every execution, of all organisations.
    public static func clear(as administrator: PostgresConfiguration) async throws {
        try await Administration.run(
            script: "TRUNCATE spotter.executions CASCADE; TRUNCATE spotter.events", on: administrator)
    }

    /// Lets the planner know what is there, as autovacuum does before long.
    public static func analyze(as administrator: PostgresConfiguration) async throws {
        try await Administration.run(script: "ANALYZE spotter.executions; ANALYZE spotter.events", on: administrator)
    }

    private static func run(
        _ script: String, _ count: Int, _ organization: OrganizationID, _ administrator: PostgresConfiguration
    ) async throws {
        let settings = [
            "bench.organization": organization.uuid.uuidString, "bench.count": "\(count)",
            "bench.usage": try JSONValue(encoding: TokenUsage()).description,
            "bench.cost": try JSONValue(encoding: Cost.zero).description,
        ]
        try await Administration.run(script: script, settings: settings, on: administrator)
    }
}
