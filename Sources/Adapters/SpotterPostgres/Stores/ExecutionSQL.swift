import Foundation
import PostgresKit
import SpotterDomain

/// What executions and their journals are written with. Any number of rows is one statement and one parameter.
///
/// Every transaction takes its locks in one order, so that none waits for another in a circle: receipt, conversations of
/// those that end or say something, executions in the history, executions and the parents that it will tell of their
/// end, all by id, new executions by unique key, the next turn of a conversation, steps, budgets from the whole to the
/// part, event log.
///
/// Rows of a list of ids are looked up one by one (`LATERAL`), and those that are locked are written by their `ctid`.
/// Left to itself the planner reads all of an organisation's rows, or all that run, while its statistics say that these
/// are few.
enum ExecutionSQL {
    /// Those of `ids`, in the order of their ids.
    static func select(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
                cost, steps_total, steps_completed, current_step, task_id, parent_id, priority, retry_policy,
                deadline_at, unique_key, failures, crashes, wake_at, requested, dead_at, signals, created_at,
                started_at, completed_at
            FROM unnest($1::uuid[]) AS wanted (wanted_id)
                CROSS JOIN LATERAL (SELECT * FROM spotter.executions WHERE id = wanted_id OFFSET 0) AS stored
            """, Set(ids).sorted().map(\.uuid))
    }

    /// Those of `ids` that have ended, in the order of their ids. What somebody waits for is never in the history.
    static func ended(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
                cost, steps_total, steps_completed, current_step, task_id, parent_id, priority, retry_policy,
                deadline_at, unique_key, failures, crashes, wake_at, requested, dead_at, signals, created_at,
                started_at, completed_at
            FROM unnest($1::uuid[]) AS wanted (wanted_id)
                CROSS JOIN LATERAL (SELECT * FROM spotter.executions WHERE id = wanted_id OFFSET 0) AS stored
            WHERE state IN ('completed', 'failed', 'cancelled')
            """, Set(ids).sorted().map(\.uuid))
    }

    /// The journals of `ids`, each in its order.
    static func steps(of ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                effect, child_id, started_at, completed_at
            FROM unnest($1::uuid[]) AS wanted (wanted_id)
                CROSS JOIN LATERAL (SELECT * FROM spotter.steps WHERE execution_id = wanted_id OFFSET 0) AS stored
            ORDER BY execution_id, step_index
            """, Set(ids).map(\.uuid))
    }

    /// Locks those of `ids`, in the order of their ids whatever the plan of the statements that write them.
    static func lock(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT FROM unnest($1::uuid[]) AS wanted (wanted_id)
                CROSS JOIN LATERAL (
                    SELECT FROM spotter.executions WHERE id = wanted_id FOR NO KEY UPDATE) AS locked
            """, Set(ids).sorted().map(\.uuid))
    }

    /// Locks an execution and the one that waits for it, in the order of their ids: its end is told to the other.
    static func lockWithParent(_ id: ExecutionID) -> Statement {
        Statement(
            """
            SELECT FROM spotter.executions
            WHERE id = ANY (ARRAY[$1, (SELECT parent_id FROM spotter.executions WHERE id = $1)]::uuid[])
            ORDER BY id FOR NO KEY UPDATE
            """, id.uuid)
    }

    /// Saves new executions that others wait for. They have no unique key that could be taken: somebody would wait for
    /// what is not there.
    static func insert(children: [Execution]) throws -> [Statement] {
        guard !children.isEmpty else { return [] }
        guard children.allSatisfy({ $0.uniqueKey == nil }) else {
            throw SpotterError(.internal, "An execution that another waits for cannot have a unique key.")
        }
        return [try insert(children)]
    }

    /// Saves new executions; those that run are held by `worker`, those that are queued enter the queue, but for runs
    /// of tasks with a time of their own, which are to be judged when they are woken. One whose unique key is taken is
    /// left out. Those that no other waits for keep where in a trace they were asked for. Returns the ids of those that
    /// were saved.
    static func insert(_ executions: [Execution], worker: WorkerID? = nil) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.executions (
                organization_id, id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output,
                error, usage, cost, steps_total, steps_completed, current_step, task_id, parent_id, priority,
                retry_policy, deadline_at, unique_key, failures, crashes, wake_at, requested, dead_at, signals,
                created_at, started_at, completed_at, worker_id, place_at, traceparent)
            SELECT (SELECT app.organization()), new.id, new.kind, new.state, new.attempt, new.conversation_id,
                new.agent_id, new.agent_version, new.input, new.output, new.error, new.usage, new.cost,
                new.steps_total, new.steps_completed, new.current_step, new.task_id, new.parent_id, new.priority,
                new.retry_policy, new.deadline_at, new.unique_key, new.failures, new.crashes,
                CASE WHEN new.wake_at > now() OR new.task_id IS NOT NULL THEN new.wake_at END, new.requested,
                new.dead_at, new.signals,
                new.created_at, new.started_at, new.completed_at, CASE WHEN new.state = 'running' THEN $31::uuid END,
                CASE WHEN new.state = 'queued'
                        AND (new.wake_at IS NULL OR (new.wake_at <= now() AND new.task_id IS NULL))
                    THEN app.place(now(), new.priority, new.attempt) END,
                CASE WHEN new.parent_id IS NULL THEN $32::text END
            FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::integer[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
                $9::integer[], $10::json[], $11::json[], $12::json[], $13::json[], $14::json[], $15::integer[],
                $16::integer[], $17::text[], $18::text[], $19::json[], $20::text[], $21::integer[], $22::integer[],
                $23::text[], $24::bigint[], $25::timestamptz[], $26::timestamptz[], $27::timestamptz[],
                $28::timestamptz[], $29::timestamptz[], $30::timestamptz[]) AS new (
                id, conversation_id, agent_id, agent_version, task_id, parent_id, kind, state, attempt, input, output,
                error, usage, cost, steps_total, steps_completed, current_step, priority, retry_policy, unique_key,
                failures, crashes, requested, signals, deadline_at, dead_at, created_at, wake_at, started_at,
                completed_at)
            ORDER BY new.unique_key, new.id
            ON CONFLICT (organization_id, unique_key)
                WHERE unique_key IS NOT NULL AND state NOT IN ('completed', 'failed', 'cancelled') DO NOTHING
            RETURNING id
            """, parameters: try executions.newRowColumns() + [.id(worker), .text(TraceParent.current?.kept)])
    }

    /// Saves what records change of executions, if every one of them is still held under its attempt; otherwise the
    /// transaction fails with `LeaseLost`. Returns id and request of those of which something was asked.
    ///
    /// The transaction must have locked them in a statement before: a row that somebody else changes between the look
    /// for its place and the write would not be found there any more, and be taken for lost.
    ///
    /// What is let go of while something happened to it, or was asked of it, is ready again at once.
    static func fencedUpdate(_ executions: [Execution]) throws -> Statement {
        Statement(
            """
            WITH held AS (
                UPDATE spotter.executions AS stored SET
                    state = CASE
                        WHEN new.state = 'waiting' AND stored.signals > new.signals THEN 'queued'
                        WHEN new.state = 'paused' AND stored.requested IS DISTINCT FROM 'pause' THEN 'queued'
                        ELSE new.state END,
                    worker_id = CASE WHEN new.state = 'running' THEN stored.worker_id END,
                    place_at = CASE
                        WHEN (new.state = 'waiting' AND stored.signals > new.signals)
                            OR (new.state = 'paused' AND stored.requested IS DISTINCT FROM 'pause')
                            OR (new.state = 'queued' AND (stored.requested IS NOT NULL OR new.wake_at IS NULL))
                        THEN app.place(now(), stored.priority, stored.attempt) END,
                    wake_at = CASE
                        WHEN new.state = 'waiting' AND stored.signals <= new.signals THEN new.wake_at
                        WHEN new.state = 'queued' AND stored.requested IS NULL THEN new.wake_at END,
                    requested = CASE
                        WHEN new.state IN ('completed', 'failed', 'cancelled') THEN NULL
                        WHEN new.state = 'paused' THEN nullif(stored.requested, 'pause')
                        ELSE stored.requested END,
                    output = new.output, error = new.error, usage = new.usage, cost = new.cost,
                    steps_total = new.steps_total, steps_completed = new.steps_completed,
                    current_step = new.current_step, failures = new.failures, dead_at = new.dead_at,
                    started_at = coalesce(stored.started_at, new.started_at), completed_at = new.completed_at
                FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::json[], $5::json[], $6::json[], $7::json[],
                    $8::integer[], $9::integer[], $10::text[], $11::integer[], $12::timestamptz[], $13::bigint[],
                    $14::timestamptz[], $15::timestamptz[], $16::timestamptz[]) AS new (
                    id, attempt, state, output, error, usage, cost, steps_total, steps_completed, current_step,
                    failures, dead_at, signals, wake_at, started_at, completed_at)
                    CROSS JOIN LATERAL (
                        SELECT ctid, attempt, state FROM spotter.executions WHERE id = new.id OFFSET 0) AS held
                WHERE stored.ctid = held.ctid AND held.attempt = new.attempt AND held.state = 'running'
                RETURNING stored.id, stored.requested)
            SELECT asked.id, asked.requested
            FROM (SELECT app.require((SELECT count(*) FROM held) = cardinality($1::uuid[]), 'SP001', 'lease lost')) AS fence
                LEFT JOIN (SELECT id, requested FROM held WHERE requested IS NOT NULL) AS asked ON true
            """, parameters: try executions.progressColumns())
    }

    /// The same for executions that stay as they are, because only their events are written: a row less for each word
    /// that a model says. The transaction must have locked them in a statement before.
    static func fence(_ executions: [Execution]) -> Statement {
        Statement(
            """
            WITH held AS (
                SELECT stored.id, stored.requested
                FROM unnest($1::uuid[], $2::integer[]) AS told (id, attempt)
                    CROSS JOIN LATERAL (
                        SELECT id, attempt, state, requested FROM spotter.executions WHERE id = told.id OFFSET 0) AS stored
                WHERE stored.attempt = told.attempt AND stored.state = 'running')
            SELECT asked.id, asked.requested
            FROM (SELECT app.require((SELECT count(*) FROM held) = cardinality($1::uuid[]), 'SP001', 'lease lost')) AS fence
                LEFT JOIN (SELECT id, requested FROM held WHERE requested IS NOT NULL) AS asked ON true
            """, executions.map(\.id.uuid), executions.map(\.attempt))
    }

    /// Saves what somebody's decision made of an execution that its transaction has locked, with one more signal. One
    /// that is ready already keeps its place.
    static func update(_ execution: Execution) throws -> Statement {
        Statement(
            """
            UPDATE spotter.executions AS stored SET
                state = new.state,
                worker_id = CASE WHEN new.state = 'running' THEN stored.worker_id END,
                place_at = CASE WHEN new.state = 'queued' AND coalesce(new.wake_at, now()) <= now()
                    THEN coalesce(stored.place_at, app.place(now(), stored.priority, stored.attempt)) END,
                wake_at = CASE WHEN new.state = 'waiting' OR (new.state = 'queued' AND new.wake_at > now())
                    THEN new.wake_at END,
                output = new.output, error = new.error, usage = new.usage, cost = new.cost,
                steps_total = new.steps_total, steps_completed = new.steps_completed,
                current_step = new.current_step, failures = new.failures, crashes = new.crashes,
                requested = new.requested, dead_at = new.dead_at, signals = stored.signals + 1,
                completed_at = new.completed_at
            FROM (VALUES ($1::uuid, $2::text, $3::json, $4::json, $5::json, $6::json, $7::integer, $8::integer,
                $9::text, $10::integer, $11::integer, $12::text, $13::timestamptz, $14::timestamptz,
                $15::timestamptz)) AS new (
                id, state, output, error, usage, cost, steps_total, steps_completed, current_step, failures, crashes,
                requested, dead_at, wake_at, completed_at)
            WHERE stored.id = new.id
            """,
            parameters: [
                .id(execution.id), .text(execution.state.rawValue), .document(execution.output),
                try .document(execution.error), try .document(execution.usage), try .document(execution.cost),
                execution.stepsTotal.postgresValue, execution.stepsCompleted.postgresValue,
                .text(execution.currentStep.map(StorableText.text)), execution.failures.postgresValue,
                execution.crashes.postgresValue, .text(execution.requested?.rawValue), .timestamp(execution.deadAt),
                .timestamp(execution.wakeAt), .timestamp(execution.completedAt),
            ])
    }

    /// Tells executions, which the transaction has locked, that one that they wait for has ended.
    static func signal(parents: [ExecutionID]) -> [Statement] {
        guard !parents.isEmpty else { return [] }
        return [
            Statement(
                """
                UPDATE spotter.executions SET
                    signals = signals + 1,
                    state = CASE state WHEN 'waiting' THEN 'queued' ELSE state END,
                    place_at = CASE state WHEN 'waiting' THEN app.place(now(), priority, attempt) ELSE place_at END,
                    wake_at = CASE state WHEN 'waiting' THEN NULL ELSE wake_at END
                WHERE id = ANY ($1::uuid[]) AND state NOT IN ('completed', 'failed', 'cancelled')
                """, parents.map(\.uuid))
        ]
    }

    /// Saves steps, each in place of the one with its id.
    static func upsert(_ steps: [(ExecutionID, [Step])]) throws -> [Statement] {
        let entries = steps.flatMap { execution, steps in steps.map { JournalEntry(execution: execution, step: $0) } }
        guard !entries.isEmpty else { return [] }
        // A step of another execution is not replaced: the transaction fails, as nothing was saved.
        let statement = Statement(
            """
            WITH saved AS (
                INSERT INTO spotter.steps AS stored (
                    organization_id, execution_id, id, step_index, name, kind, state, attempt, input, output, error,
                    usage, cost, effect, child_id, started_at, completed_at)
                SELECT (SELECT app.organization()), execution_id, id, step_index, name, kind, state, attempt, input,
                    output, error, usage, cost, effect, child_id, started_at, completed_at
                FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::integer[],
                    $8::json[], $9::json[], $10::json[], $11::json[], $12::json[], $13::text[], $14::uuid[],
                    $15::timestamptz[], $16::timestamptz[]) AS new (
                    execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                    effect, child_id, started_at, completed_at)
                ON CONFLICT (organization_id, id) DO UPDATE SET
                    step_index = excluded.step_index, name = excluded.name, kind = excluded.kind,
                    state = excluded.state, attempt = excluded.attempt, input = excluded.input,
                    output = excluded.output, error = excluded.error, usage = excluded.usage, cost = excluded.cost,
                    effect = excluded.effect, child_id = excluded.child_id, started_at = excluded.started_at,
                    completed_at = excluded.completed_at
                WHERE stored.execution_id = excluded.execution_id
                RETURNING id)
            SELECT app.require(
                (SELECT count(*) FROM saved) = cardinality($1::uuid[]), '23505',
                'the step belongs to another execution')
            """, parameters: try entries.columns())
        return [statement]
    }
}
