import Foundation
import PostgresKit
import SpotterDomain

/// What tasks are read and written with.
///
/// Every transaction takes its locks in one order, so that none waits for another in a circle: receipt, the lock of
/// dependencies, the task, executions by id, event log.
///
/// A last run that is not among the executions any more is in the history, and the task says how it ended.
enum WorkItemSQL {
    // MARK: Reading

    static func select(_ id: WorkItemID) -> Statement {
        Statement(
            """
            SELECT t.id, t.version, t.title, t.description, t.agent_id, t.required_capabilities, t.input, t.priority,
                t.kind, t.run_at, t.schedule,
                ARRAY(SELECT d.depends_on FROM spotter.task_dependencies d
                    WHERE d.organization_id = t.organization_id AND d.task_id = t.id ORDER BY d.place),
                t.max_attempts, t.backoff_ms, t.backoff, t.timeout_seconds, t.enabled, t.metadata, t.next_fire_at,
                t.last_fire_at, t.created_at, t.updated_at, t.executions_count, t.last_execution_id,
                coalesce(last.state, t.ended_state), last.current_step, coalesce(last.attempt, t.ended_attempt),
                last.wake_at, planned.wake_at
            FROM spotter.tasks t
                LEFT JOIN spotter.executions last
                    ON last.organization_id = t.organization_id AND last.id = t.last_execution_id
                LEFT JOIN spotter.executions planned
                    ON planned.organization_id = t.organization_id AND planned.id = t.planned_execution_id
                    AND planned.state = 'queued'
            WHERE t.id = $1 AND t.deleted_at IS NULL
            """, id.uuid)
    }

    static func list(_ filter: WorkItemFilter, _ page: PageRequest) -> Statement {
        Statement(
            """
            SELECT t.id, t.version, t.title, t.description, t.agent_id, t.required_capabilities, t.input, t.priority,
                t.kind, t.run_at, t.schedule,
                ARRAY(SELECT d.depends_on FROM spotter.task_dependencies d
                    WHERE d.organization_id = t.organization_id AND d.task_id = t.id ORDER BY d.place),
                t.max_attempts, t.backoff_ms, t.backoff, t.timeout_seconds, t.enabled, t.metadata, t.next_fire_at,
                t.last_fire_at, t.created_at, t.updated_at, t.executions_count, t.last_execution_id,
                coalesce(last.state, t.ended_state), last.current_step, coalesce(last.attempt, t.ended_attempt),
                last.wake_at, planned.wake_at
            FROM spotter.tasks t
                LEFT JOIN spotter.executions last
                    ON last.organization_id = t.organization_id AND last.id = t.last_execution_id
                LEFT JOIN spotter.executions planned
                    ON planned.organization_id = t.organization_id AND planned.id = t.planned_execution_id
                    AND planned.state = 'queued'
            WHERE t.id < $1 AND t.deleted_at IS NULL AND t.search_key LIKE ALL ($2::text[])
                AND ($3::uuid IS NULL OR t.agent_id = $3)
                AND ($4::text IS NULL OR $4 = app.task_state(
                    coalesce(last.state, t.ended_state), last.current_step, last.attempt, last.wake_at,
                    least(CASE last.state WHEN 'queued' THEN last.wake_at END, planned.wake_at,
                        CASE WHEN t.enabled THEN t.next_fire_at END)))
            ORDER BY t.id DESC LIMIT $5
            """, page.before, LikePattern.words(of: filter.search), filter.agent?.uuid, filter.state?.rawValue,
            page.fetchLimit)
    }

    /// How many there are in each state.
    static let statistics = Statement(
        """
        SELECT app.task_state(
                coalesce(last.state, t.ended_state), last.current_step, last.attempt, last.wake_at,
                least(CASE last.state WHEN 'queued' THEN last.wake_at END, planned.wake_at,
                    CASE WHEN t.enabled THEN t.next_fire_at END)) AS state,
            count(*)
        FROM spotter.tasks t
            LEFT JOIN spotter.executions last
                ON last.organization_id = t.organization_id AND last.id = t.last_execution_id
            LEFT JOIN spotter.executions planned
                ON planned.organization_id = t.organization_id AND planned.id = t.planned_execution_id
                AND planned.state = 'queued'
        WHERE t.deleted_at IS NULL
        GROUP BY 1
        """)

    // MARK: Writing

    static func insert(_ item: WorkItem, start: ExecutionID?) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.tasks (
                organization_id, id, version, title, description, search_key, agent_id, required_capabilities, input,
                priority, kind, run_at, schedule, max_attempts, backoff_ms, backoff, timeout_seconds, enabled,
                metadata, next_fire_at, last_fire_at, created_at, updated_at, release_at, planned_execution_id,
                last_execution_id, executions_count)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
                $17, $18, $19, $20, $21, $22, $23, $24, $25, CASE WHEN $25::uuid IS NULL THEN 0 ELSE 1 END)
            """,
            parameters: try item.parameters() + [.id(item.settings.runAt == nil ? nil : start), .id(start)])
    }

    /// Replaces all that people set of a task that the transaction has locked.
    static func update(_ item: WorkItem) throws -> Statement {
        Statement(
            """
            UPDATE spotter.tasks SET
                version = $2, title = $3, description = $4, search_key = $5, agent_id = $6,
                required_capabilities = $7, input = $8, priority = $9, kind = $10, run_at = $11, schedule = $12,
                max_attempts = $13, backoff_ms = $14, backoff = $15, timeout_seconds = $16, enabled = $17,
                metadata = $18, next_fire_at = $19, last_fire_at = $20, created_at = $21, updated_at = $22,
                release_at = $23
            WHERE id = $1
            """, parameters: try item.parameters())
    }

    /// Locks the task, unless it was deleted, and gives its version.
    static func lock(_ id: WorkItemID) -> Statement {
        Statement(
            "SELECT version FROM spotter.tasks WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE", id.uuid)
    }

    /// Notes a new run of the task; no row tells that there is no such task.
    static func note(_ execution: ExecutionID, of id: WorkItemID, isPlanned: Bool) -> Statement {
        Statement(
            """
            UPDATE spotter.tasks SET
                last_execution_id = $2, executions_count = executions_count + 1,
                planned_execution_id = CASE WHEN $3 THEN $2 ELSE planned_execution_id END
            WHERE id = $1 AND deleted_at IS NULL RETURNING id
            """, id.uuid, execution.uuid, isPlanned)
    }

    static func delete(_ id: WorkItemID, at now: Date) -> [Statement] {
        [
            Statement("DELETE FROM spotter.task_dependencies WHERE task_id = $1", id.uuid),
            Statement(
                """
                UPDATE spotter.tasks SET deleted_at = $2, schedule = NULL, next_fire_at = NULL, release_at = NULL
                WHERE id = $1
                """, id.uuid, now),
        ]
    }

    /// Cancels runs of the task that have not begun, all or only the planned one. Returns their ids and parents.
    static func withdraw(runsOf id: WorkItemID, onlyPlanned: Bool, at now: Date) -> Statement {
        Statement(
            """
            UPDATE spotter.executions AS stored SET
                state = 'cancelled', completed_at = $2, place_at = NULL, wake_at = NULL, requested = NULL,
                current_step = NULL, signals = signals + 1
            FROM (
                SELECT e.id FROM spotter.executions e
                WHERE e.task_id = $1 AND e.attempt = 0 AND e.state IN ('queued', 'waiting', 'paused')
                    AND (NOT $3 OR e.id = (SELECT planned_execution_id FROM spotter.tasks WHERE id = $1))
                ORDER BY e.id FOR NO KEY UPDATE) AS found
            WHERE stored.id = found.id
            RETURNING stored.id, stored.parent_id
            """, id.uuid, now, onlyPlanned)
    }

    // MARK: Dependencies

    /// Replaces what the task depends on.
    static func replaceDependencies(of id: WorkItemID, with dependencies: [WorkItemID]) -> [Statement] {
        [
            Statement("DELETE FROM spotter.task_dependencies WHERE task_id = $1", id.uuid),
            Statement(
                """
                INSERT INTO spotter.task_dependencies (organization_id, task_id, depends_on, place)
                SELECT (SELECT app.organization()), $1, new.id, new.place - 1
                FROM unnest($2::uuid[]) WITH ORDINALITY AS new (id, place)
                """, id.uuid, dependencies.map(\.uuid)),
        ]
    }

    /// Those of `ids` that exist, in that order, each with the state of its last run.
    static func lastStates(of ids: [WorkItemID]) -> Statement {
        Statement(
            """
            SELECT t.id, coalesce(last.state, t.ended_state)
            FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place)
                JOIN spotter.tasks t ON t.id = wanted.id AND t.deleted_at IS NULL
                LEFT JOIN spotter.executions last
                    ON last.organization_id = t.organization_id AND last.id = t.last_execution_id
            ORDER BY wanted.place
            """, ids.map(\.uuid))
    }

    /// What the task depends on, in order, each with the state of its last run.
    static func lastStates(ofDependenciesOf id: WorkItemID) -> Statement {
        Statement(
            """
            SELECT t.id, coalesce(last.state, t.ended_state)
            FROM spotter.task_dependencies d
                JOIN spotter.tasks t ON t.organization_id = d.organization_id AND t.id = d.depends_on
                LEFT JOIN spotter.executions last
                    ON last.organization_id = t.organization_id AND last.id = t.last_execution_id
            WHERE d.task_id = $1 ORDER BY d.place
            """, id.uuid)
    }

    /// Everything that can be reached from `ids`: task, and what it depends on.
    static func edges(from ids: [WorkItemID]) -> Statement {
        Statement(
            """
            WITH RECURSIVE reached (id) AS (
                SELECT unnest($1::uuid[])
                UNION SELECT d.depends_on FROM reached JOIN spotter.task_dependencies d ON d.task_id = reached.id)
            SELECT d.task_id, d.depends_on
            FROM reached JOIN spotter.task_dependencies d ON d.task_id = reached.id
            ORDER BY d.task_id, d.place
            """, ids.map(\.uuid))
    }

    /// One that depends on the task, if any does.
    static func dependent(on id: WorkItemID) -> Statement {
        Statement("SELECT task_id FROM spotter.task_dependencies WHERE depends_on = $1 LIMIT 1", id.uuid)
    }
}
