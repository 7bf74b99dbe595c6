import Foundation
import PostgresKit
import SpotterDomain

/// What executions and their journals are written with. Any number of rows is one statement and one parameter.
///
/// Every transaction takes its locks in one order, so that none waits for another in a circle: receipt, executions in
/// the history, executions and the parents that it will tell of their end, all by id, new executions by unique key,
/// steps, conversation, budgets from the whole to the part, event log.
enum ExecutionSQL {
    /// Those of `ids`, in the order of their ids.
    static func select(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
                cost, steps_total, steps_completed, current_step, task_id, parent_id, priority, retry_policy,
                deadline_at, unique_key, failures, crashes, wake_at, requested, dead_at, signals, created_at,
                started_at, completed_at
            FROM spotter.executions WHERE id = ANY ($1::uuid[]) ORDER BY id
            """, ids.map(\.uuid))
    }

    /// The journals of `ids`, each in its order.
    static func steps(of ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                effect, child_id, started_at, completed_at
            FROM spotter.steps WHERE execution_id = ANY ($1::uuid[]) ORDER BY execution_id, step_index
            """, ids.map(\.uuid))
    }

    /// Locks those of `ids`, in the order of their ids whatever the plan of the statements that write them.
    static func lock(_ ids: [ExecutionID]) -> Statement {
        Statement(
            "SELECT FROM spotter.executions WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", ids.map(\.uuid))
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

    /// Saves new executions; those that run are held by `worker`, those that are queued enter the queue. One whose
    /// unique key is taken is left out. Returns the ids of those that were saved.
    static func insert(_ executions: [Execution], worker: WorkerID? = nil) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.executions (
                organization_id, id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output,
                error, usage, cost, steps_total, steps_completed, current_step, task_id, parent_id, priority,
                retry_policy, deadline_at, unique_key, failures, crashes, wake_at, requested, dead_at, signals,
                created_at, started_at, completed_at, worker_id, place_at)
            SELECT (SELECT app.organization()), new.id, new.kind, new.state, new.attempt, new.conversation_id,
                new.agent_id, new.agent_version, new.input, new.output, new.error, new.usage, new.cost,
                new.steps_total, new.steps_completed, new.current_step, new.task_id, new.parent_id, new.priority,
                new.retry_policy, new.deadline_at, new.unique_key, new.failures, new.crashes,
                CASE WHEN new.wake_at > now() THEN new.wake_at END, new.requested, new.dead_at, new.signals,
                new.created_at, new.started_at, new.completed_at, CASE WHEN new.state = 'running' THEN $2::uuid END,
                CASE WHEN new.state = 'queued' AND coalesce(new.wake_at, now()) <= now()
                    THEN app.place(now(), new.priority, new.attempt) END
            FROM json_to_recordset($1::json) AS new (
                id uuid, kind text, state text, attempt integer, conversation_id uuid, agent_id uuid,
                agent_version integer, input json, output json, error json, usage json, cost json,
                steps_total integer, steps_completed integer, current_step text, task_id uuid, parent_id uuid,
                priority text, retry_policy json, deadline_at timestamptz, unique_key text, failures integer,
                crashes integer, wake_at timestamptz, requested text, dead_at timestamptz, signals bigint,
                created_at timestamptz, started_at timestamptz, completed_at timestamptz)
            ORDER BY new.unique_key, new.id
            ON CONFLICT (organization_id, unique_key)
                WHERE unique_key IS NOT NULL AND state NOT IN ('completed', 'failed', 'cancelled') DO NOTHING
            RETURNING id
            """, try PostgresValue.document(executions.map(ExecutionRow.init)), PostgresValue.id(worker))
    }

    /// Saves what records change, if every one of the executions is still held under its attempt; otherwise the
    /// transaction fails with `LeaseLost`. Returns id and request of those of which something was asked.
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
                FROM json_to_recordset($1::json) AS new (
                    id uuid, attempt integer, state text, output json, error json, usage json, cost json,
                    steps_total integer, steps_completed integer, current_step text, failures integer,
                    wake_at timestamptz, dead_at timestamptz, signals bigint, started_at timestamptz,
                    completed_at timestamptz)
                WHERE stored.id = new.id AND stored.attempt = new.attempt AND stored.state = 'running'
                RETURNING stored.id, stored.requested)
            SELECT asked.id, asked.requested
            FROM (SELECT app.require((SELECT count(*) FROM held) = $2, 'SP001', 'lease lost')) AS fence
                LEFT JOIN (SELECT id, requested FROM held WHERE requested IS NOT NULL) AS asked ON true
            """, try PostgresValue.document(executions.map(ExecutionProgressRow.init)), executions.count)
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
            FROM json_to_recordset($1::json) AS new (
                id uuid, state text, output json, error json, usage json, cost json, steps_total integer,
                steps_completed integer, current_step text, failures integer, crashes integer,
                wake_at timestamptz, requested text, dead_at timestamptz, completed_at timestamptz)
            WHERE stored.id = new.id
            """, try PostgresValue.document([ExecutionRow(execution)]))
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
        let rows = steps.flatMap { execution, steps in steps.map { StepRow($0, of: execution) } }
        guard !rows.isEmpty else { return [] }
        // A step of another execution is not replaced: the transaction fails, as nothing was saved.
        let statement = Statement(
            """
            WITH saved AS (
                INSERT INTO spotter.steps AS stored (
                    organization_id, execution_id, id, step_index, name, kind, state, attempt, input, output, error,
                    usage, cost, effect, child_id, started_at, completed_at)
                SELECT (SELECT app.organization()), execution_id, id, step_index, name, kind, state, attempt, input,
                    output, error, usage, cost, effect, child_id, started_at, completed_at
                FROM json_to_recordset($1::json) AS new (
                    execution_id uuid, id uuid, step_index integer, name text, kind text, state text,
                    attempt integer, input json, output json, error json, usage json, cost json, effect text,
                    child_id uuid, started_at timestamptz, completed_at timestamptz)
                ON CONFLICT (organization_id, id) DO UPDATE SET
                    step_index = excluded.step_index, name = excluded.name, kind = excluded.kind,
                    state = excluded.state, attempt = excluded.attempt, input = excluded.input,
                    output = excluded.output, error = excluded.error, usage = excluded.usage, cost = excluded.cost,
                    effect = excluded.effect, child_id = excluded.child_id, started_at = excluded.started_at,
                    completed_at = excluded.completed_at
                WHERE stored.execution_id = excluded.execution_id
                RETURNING id)
            SELECT app.require((SELECT count(*) FROM saved) = $2, '23505', 'the step belongs to another execution')
            """, try PostgresValue.document(rows), rows.count)
        return [statement]
    }
}
