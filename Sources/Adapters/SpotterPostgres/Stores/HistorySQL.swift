import Foundation
import PostgresKit
import SpotterDomain

/// What moves executions and their journals between the tables of the queue and those of the history, and finds them
/// wherever they are. What nothing has that has ended, such as a place in the queue, has no column in the history. A
/// conversation is named only while it is there: nothing is written in the history when one is deleted.
enum HistorySQL {
    // MARK: Reading

    /// Those of `ids`, wherever they are, in the order of their ids. The bounds let the look pass over other months.
    static func selectAnywhere(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
                cost, steps_total, steps_completed, current_step, task_id, parent_id, priority, retry_policy,
                deadline_at, unique_key, failures, crashes, wake_at, requested, dead_at, signals, created_at,
                started_at, completed_at
            FROM spotter.executions WHERE id = ANY ($1::uuid[])
            UNION ALL
            SELECT id, kind, state, attempt,
                (SELECT talk.id FROM spotter.conversations AS talk WHERE talk.id = executions_history.conversation_id),
                agent_id, agent_version, input, output, error, usage, cost, steps_total, steps_completed, current_step,
                task_id, parent_id, priority, retry_policy, deadline_at, unique_key, failures, crashes, NULL, NULL,
                dead_at, signals, created_at, started_at, completed_at
            FROM spotter.executions_history WHERE id = ANY ($1::uuid[]) AND id >= $2 AND id <= $3
            ORDER BY id
            """, ids.map(\.uuid), ids.min()?.uuid, ids.max()?.uuid)
    }

    /// The journals of `ids`, wherever they are, each in its order.
    static func stepsAnywhere(of ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                effect, child_id, started_at, completed_at
            FROM spotter.steps WHERE execution_id = ANY ($1::uuid[])
            UNION ALL
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                effect, child_id, started_at, completed_at
            FROM spotter.steps_history
            WHERE execution_id = ANY ($1::uuid[]) AND execution_id >= $2 AND execution_id <= $3
            ORDER BY execution_id, step_index
            """, ids.map(\.uuid), ids.min()?.uuid, ids.max()?.uuid)
    }

    // MARK: Moving

    /// Makes the partitions of this month and the next, and those that `ids` need.
    static func prepare(for ids: [ExecutionID] = []) -> Statement {
        Statement("SELECT app.prepare_history($1)", ids.map(\.uuid))
    }

    /// Locks those that may go, by id, behind `after`; what somebody has locked is not waited for.
    ///
    /// None ends before it was made, so that nothing younger than the retention is looked at. The rest of what is
    /// passed over on the way, failures of this week and what still waits, is passed once a round.
    static func lockOld(
        _ retention: Retention, after: ExecutionID?, limit: Int, at now: Date
    ) -> Statement {
        Statement(
            """
            SELECT id FROM spotter.executions AS ended
            WHERE ($1::uuid IS NULL OR id > $1) AND id < app.first_id_at(greatest($2::timestamptz, $3))
                AND ((state = 'completed' AND completed_at < $2)
                    OR (state IN ('failed', 'cancelled') AND completed_at < $3))
                AND NOT EXISTS (
                    SELECT FROM spotter.executions AS parent
                    WHERE parent.organization_id = ended.organization_id AND parent.id = ended.parent_id
                        AND parent.state NOT IN ('completed', 'failed', 'cancelled'))
                AND NOT EXISTS (
                    SELECT FROM spotter.executions AS child
                    WHERE child.organization_id = ended.organization_id AND child.parent_id = ended.id
                        AND child.state NOT IN ('completed', 'failed', 'cancelled'))
            ORDER BY id LIMIT $4 FOR UPDATE OF ended SKIP LOCKED
            """, after?.uuid, now - retention.completed, now - retention.failed, limit)
    }

    /// Moves those of `ids`, all locked, with their journals. The tasks of which one is the last run note how it ended.
    static func archive(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            WITH steps AS (
                DELETE FROM spotter.steps WHERE execution_id = ANY ($1::uuid[]) RETURNING *),
            moved AS (
                DELETE FROM spotter.executions WHERE id = ANY ($1::uuid[]) RETURNING *),
            noted AS (
                UPDATE spotter.tasks AS task SET ended_state = moved.state, ended_attempt = moved.attempt
                FROM moved
                WHERE task.organization_id = moved.organization_id AND task.id = moved.task_id
                    AND task.last_execution_id = moved.id),
            old_steps AS (
                INSERT INTO spotter.steps_history (
                    organization_id, execution_id, id, step_index, name, kind, state, attempt, input, output, error,
                    usage, cost, effect, child_id, started_at, completed_at)
                SELECT organization_id, execution_id, id, step_index, name, kind, state, attempt, input, output,
                    error, usage, cost, effect, child_id, started_at, completed_at
                FROM steps)
            INSERT INTO spotter.executions_history (
                organization_id, id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output,
                error, usage, cost, steps_total, steps_completed, current_step, task_id, parent_id, priority,
                retry_policy, deadline_at, unique_key, failures, crashes, dead_at, signals, created_at, started_at,
                completed_at, traceparent)
            SELECT organization_id, id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output,
                error, usage, cost, steps_total, steps_completed, current_step, task_id, parent_id, priority,
                retry_policy, deadline_at, unique_key, failures, crashes, dead_at, signals, created_at, started_at,
                completed_at, traceparent
            FROM moved
            """, ids.map(\.uuid))
    }

    /// Puts one back among those that are worked on, with its journal, for somebody who is about to change it. A
    /// conversation that is being deleted is waited for.
    static func bringBack(_ id: ExecutionID) -> Statement {
        Statement(
            """
            WITH old AS (
                DELETE FROM spotter.executions_history WHERE id = $1 RETURNING *),
            old_steps AS (
                DELETE FROM spotter.steps_history WHERE execution_id = $1 RETURNING *),
            back AS (
                INSERT INTO spotter.executions (
                    organization_id, id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output,
                    error, usage, cost, steps_total, steps_completed, current_step, task_id, parent_id, priority,
                    retry_policy, deadline_at, unique_key, failures, crashes, dead_at, signals, created_at,
                    started_at, completed_at, traceparent)
                SELECT organization_id, id, kind, state, attempt,
                    (SELECT talk.id FROM spotter.conversations AS talk WHERE talk.id = old.conversation_id
                        FOR KEY SHARE),
                    agent_id, agent_version, input, output, error, usage, cost, steps_total, steps_completed,
                    current_step, task_id, parent_id, priority, retry_policy, deadline_at, unique_key, failures,
                    crashes, dead_at, signals, created_at, started_at, completed_at, traceparent
                FROM old)
            INSERT INTO spotter.steps (
                organization_id, execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage,
                cost, effect, child_id, started_at, completed_at)
            SELECT organization_id, execution_id, id, step_index, name, kind, state, attempt, input, output, error,
                usage, cost, effect, child_id, started_at, completed_at
            FROM old_steps
            """, id.uuid)
    }

    /// Locks the conversation of an execution in the history; before that, because this is the order of locks.
    static func lockConversation(of id: ExecutionID) -> Statement {
        Statement(
            """
            SELECT FROM spotter.conversations
            WHERE id = (SELECT conversation_id FROM spotter.executions_history WHERE id = $1) FOR NO KEY UPDATE
            """, id.uuid)
    }

    /// Takes the lock of dependencies if one in the history is a run of a task; before its row, as everywhere.
    static func lockDependencies(ifOfTask id: ExecutionID) -> Statement {
        Statement(
            """
            SELECT app.lock_dependencies(false)
            WHERE EXISTS (SELECT FROM spotter.executions_history WHERE id = $1 AND task_id IS NOT NULL)
            """, id.uuid)
    }
}
