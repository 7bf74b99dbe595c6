import Foundation
public import PostgresKit
public import SpotterDomain

/// What the queue is measured against, and the rows it is measured with.
public enum QueueBenchScripts {
    /// A pgbench script of what the product sends for a batch of probes, in the same transactions: the claim, the
    /// reading of the journals, the record of the end with its events. Only the parameters are made differently: the ids
    /// come from the claim, and the rest is the same for all.
    ///
    /// - Parameter worker: one that is registered.
    public static func claimAndRecord(
        _ batch: Int, of organization: OrganizationID, as worker: WorkerID
    ) throws -> String {
        let scope = "SELECT set_config('app.organization', '\(organization.uuid.uuidString)', true);"
        let readOnlyScope = scope.replacing("SELECT ", with: "SELECT set_config('transaction_read_only', 'on', true), ")
        let claim = """
            SELECT count(*) AS found, coalesce(array_agg(id), '{}') AS ids FROM (SELECT organization_id, id, attempt \
            FROM app.claim_executions('\(worker.uuid.uuidString)', \(batch), \
            '00000000-0000-0000-0000-000000000000')) AS claims \\gset
            """
        let ids = ":ids"
        let none = try JSONValue(encoding: TokenUsage()), free = try JSONValue(encoding: Cost.zero)
        let ended = [
            "1", "'completed'::text", "'{}'::json", "NULL::json", literal(none), literal(free), "0", "0", "NULL::text",
            "0", "NULL::timestamptz", "0", "NULL::timestamptz", "now()", "now()",
        ].map { fill(batch, $0) }
        let summary: JSONValue = ["steps_completed": 0, "input_tokens": 0, "output_tokens": 0, "cost": "0"]
        let events = [
            fill(batch, "'execution.started'::text") + " || " + fill(batch, "'execution.completed'::text"),
            ":ids::text[] || :ids::text[]",
            "(" + fill(batch, literal(["kind": "probe", "attempt": 1])) + " || " + fill(batch, literal(summary))
                + ")::text[]",
            "now()",
        ]
        let draft = EventDraft(.executionCompleted, execution: nil, data: summary)
        let append = PostgresEventStore.append([draft], at: Date())
        return [
            claim, "\\if :found > 0",
            "\\startpipeline", readOnlyScope, bind(ExecutionSQL.select([]), [ids]),
            bind(ExecutionSQL.steps(of: []), [ids]),
            "\\endpipeline",
            "\\startpipeline", scope, bind(ExecutionSQL.lock([]), [ids]),
            bind(try ExecutionSQL.fencedUpdate([]), [ids] + ended),
        ].joined(separator: "\n") + append.map { bind($0, events) }.joined() + "\n\\endpipeline\n\\endif\n"
    }

    /// The statement with SQL in the place of its parameters.
    private static func bind(_ statement: Statement, _ values: [String]) -> String {
        let text = values.indices.reversed().reduce(statement.text) { text, index in
            text.replacing("$\(index + 1)", with: "(\(values[index]))")
        }
        return text + ";"
    }

    private static func fill(_ count: Int, _ element: String) -> String { "array_fill(\(element), ARRAY[\(count)])" }

    /// With a blank behind each colon, so that pgbench sees no variable.
    private static func literal(_ json: JSONValue) -> String {
        "'" + json.description.replacing(":", with: ": ") + "'::json"
    }

    /// A pgbench script that takes `batch` executions and completes them, in two transactions: the least that any queue
    /// on this table under row-level security must do. No fairness, no caps, no journal, no events, no fence.
    public static func leastClaimAndComplete(_ batch: Int, of organization: OrganizationID) -> String {
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
        return [
            "\\startpipeline", scope, claim, "\\endpipeline", "\\startpipeline", scope, complete, "\\endpipeline", "",
        ]
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
