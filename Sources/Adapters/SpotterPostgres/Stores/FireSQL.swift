import Foundation
import PostgresKit
import SpotterDomain

/// What schedules are fired with.
///
/// The locks of a fire are the scheduler's row, which it shares, and then those of `WorkItemSQL` in their order. It
/// waits for no task: what somebody else is at is left to the next look.
enum FireSQL {
    // MARK: Looking

    static func due(_ bounds: LookBounds, startedByDefault: Bool) -> Statement {
        Statement(
            "SELECT organization_id, id FROM app.due_tasks($1, $2, $3, $4)", bounds.most, bounds.share,
            bounds.after?.uuid ?? lowest, startedByDefault)
    }

    private static let lowest = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    /// How many seconds it is to the next release.
    static func next(startedByDefault: Bool) -> Statement {
        Statement(
            "SELECT extract(epoch FROM app.next_release($1) - clock_timestamp())::double precision", startedByDefault)
    }

    static func noteLook(by worker: WorkerID) -> Statement {
        Statement("UPDATE spotter.workers SET looked_at = now() WHERE id = $1", worker.uuid)
    }

    static func due(limit: Int) -> Statement {
        Statement(
            """
            SELECT id FROM spotter.tasks WHERE release_at <= now() ORDER BY release_at LIMIT $1
            """, limit)
    }

    // MARK: Firing

    /// Sees to it that there is a row to lock.
    static let makeScheduler = Statement(
        """
        INSERT INTO spotter.schedulers (organization_id)
        SELECT (SELECT app.organization()) WHERE NOT EXISTS (SELECT FROM spotter.schedulers)
        ON CONFLICT DO NOTHING
        """)

    /// The scheduler's state, which stays so until the end of the transaction, and the time.
    static let shareScheduler = Statement("SELECT state, now() FROM spotter.schedulers FOR SHARE")

    /// Takes the lock of dependencies if a run of these tasks may have to wait; a row tells that it did.
    static func lockDependencies(_ ids: [WorkItemID]) -> Statement {
        Statement(
            """
            SELECT app.lock_dependencies(false)
            WHERE EXISTS (SELECT FROM spotter.task_dependencies WHERE task_id = ANY ($1::uuid[]))
                OR EXISTS (SELECT FROM spotter.tasks
                    WHERE id = ANY ($1::uuid[]) AND schedule ->> 'overlap' IN ('queue', 'cancel_running'))
            """, ids.map(\.uuid))
    }

    /// Locks those that are due still and that nobody else has.
    static func lockDue(_ ids: [WorkItemID]) -> Statement {
        Statement(
            """
            SELECT id FROM spotter.tasks
            WHERE id = ANY ($1::uuid[]) AND release_at <= now() AND deleted_at IS NULL
            ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
            """, ids.map(\.uuid))
    }

    /// The tasks, without their runs, in the order of `WorkItemSQL.select`.
    static func tasks(_ ids: [WorkItemID]) -> Statement {
        Statement(
            """
            SELECT t.id, t.version, t.title, t.description, t.agent_id, t.required_capabilities, t.input, t.priority,
                t.kind, t.run_at, t.schedule,
                ARRAY(SELECT d.depends_on FROM spotter.task_dependencies d
                    WHERE d.organization_id = t.organization_id AND d.task_id = t.id ORDER BY d.place),
                t.max_attempts, t.backoff_ms, t.backoff, t.timeout_seconds, t.enabled, t.metadata, t.next_fire_at,
                t.last_fire_at, t.created_at, t.updated_at, t.executions_count, NULL::uuid, NULL::text, NULL::text,
                NULL::integer, NULL::timestamptz, NULL::timestamptz
            FROM spotter.tasks t WHERE t.id = ANY ($1::uuid[]) ORDER BY t.id
            """, ids.map(\.uuid))
    }

    /// Their runs that are not over.
    static func openRuns(of ids: [WorkItemID]) -> Statement {
        Statement(
            """
            SELECT task_id, id, state, state = 'waiting' AND coalesce(current_step = 'previous_run', false)
            FROM spotter.executions
            WHERE task_id = ANY ($1::uuid[]) AND state NOT IN ('completed', 'failed', 'cancelled')
            ORDER BY id
            """, ids.map(\.uuid))
    }

    /// Their slots, from the next on, that were decided on before.
    static func decided(_ ids: [WorkItemID]) -> Statement {
        Statement(
            """
            SELECT f.task_id, f.fire_at
            FROM spotter.tasks t
                JOIN spotter.schedule_fires f
                    ON f.organization_id = t.organization_id AND f.task_id = t.id AND f.fire_at >= t.next_fire_at
            WHERE t.id = ANY ($1::uuid[])
            """, ids.map(\.uuid))
    }

    /// The agents that they name, and all that are enabled where one names none.
    static func agents(for ids: [WorkItemID]) -> Statement {
        Statement(
            """
            SELECT id, version, name, description, role, system_prompt, model, tools, capabilities, priority,
                temperature, max_output_tokens, max_steps, timeout_seconds, enabled, metadata, template, created_at,
                updated_at, context, max_cost, max_tokens, actions, max_concurrent, external
            FROM spotter.agents
            WHERE deleted_at IS NULL AND (
                id = ANY (ARRAY(SELECT agent_id FROM spotter.tasks WHERE id = ANY ($1::uuid[])))
                OR (enabled AND EXISTS (
                    SELECT FROM spotter.tasks WHERE id = ANY ($1::uuid[]) AND agent_id IS NULL)))
            ORDER BY id
            """, ids.map(\.uuid))
    }

    /// Writes down what became of slots. One that was decided on before stops the transaction.
    static func insert(_ plans: [FirePlan]) throws -> [Statement] {
        let rows = plans.flatMap { plan in plan.fires.map { FireRow($0, of: plan.item.id) } }
        guard !rows.isEmpty else { return [] }
        let statement = Statement(
            """
            INSERT INTO spotter.schedule_fires (
                organization_id, task_id, fire_at, through_at, outcome, reason, execution_id, recorded_at)
            SELECT (SELECT app.organization()), new.task_id, new.fire_at, new.through_at, new.outcome, new.reason,
                new.execution_id, new.recorded_at
            FROM json_to_recordset($1::json) AS new (
                task_id uuid, fire_at timestamptz, through_at timestamptz, outcome text, reason text,
                execution_id uuid, recorded_at timestamptz)
            """, try PostgresValue.document(rows))
        return [statement]
    }

    /// Moves tasks, which the transaction has locked, on to their next slots.
    static func advance(_ plans: [FirePlan]) throws -> Statement {
        Statement(
            """
            UPDATE spotter.tasks AS stored SET
                next_fire_at = new.next_fire_at, release_at = new.release_at, last_fire_at = new.last_fire_at,
                last_execution_id = coalesce(new.last_execution_id, stored.last_execution_id),
                executions_count = stored.executions_count + new.runs
            FROM json_to_recordset($1::json) AS new (
                id uuid, next_fire_at timestamptz, release_at timestamptz, last_fire_at timestamptz,
                last_execution_id uuid, runs integer)
            WHERE stored.id = new.id
            """, try PostgresValue.document(plans.map(FiredTaskRow.init)))
    }

    // MARK: Reading

    /// Whether there is such a task.
    static func exists(_ id: WorkItemID) -> Statement {
        Statement("SELECT id FROM spotter.tasks WHERE id = $1 AND deleted_at IS NULL", id.uuid)
    }

    static func fires(of id: WorkItemID, before date: Date?, limit: Int) -> Statement {
        Statement(
            """
            SELECT fire_at, through_at, outcome, reason, execution_id, recorded_at FROM spotter.schedule_fires
            WHERE task_id = $1 AND fire_at < coalesce($2::timestamptz, 'infinity')
            ORDER BY fire_at DESC LIMIT $3
            """, id.uuid, date, limit)
    }

    /// Forgets what became of slots. Those from the next on are what keeps them from firing twice.
    static func forget(before date: Date, limit: Int) -> Statement {
        Statement(
            """
            DELETE FROM spotter.schedule_fires gone USING (
                SELECT f.organization_id, f.task_id, f.fire_at
                FROM spotter.schedule_fires f
                    JOIN spotter.tasks t ON t.organization_id = f.organization_id AND t.id = f.task_id
                WHERE f.recorded_at < $1 AND coalesce(f.fire_at < t.next_fire_at, true)
                ORDER BY f.recorded_at LIMIT $2) AS old
            WHERE gone.organization_id = old.organization_id AND gone.task_id = old.task_id
                AND gone.fire_at = old.fire_at
            """, date, limit)
    }

    /// State, tasks that fire, those of them that are due, the last look, and who it was.
    static let status = Statement(
        """
        SELECT (SELECT state FROM spotter.schedulers),
            (SELECT count(*) FROM spotter.tasks WHERE release_at IS NOT NULL),
            (SELECT count(*) FROM spotter.tasks WHERE release_at <= now()), look.looked_at, look.id
        FROM (SELECT) AS one LEFT JOIN (
            SELECT id, looked_at FROM spotter.workers WHERE looked_at IS NOT NULL AND lease_until > now()
            ORDER BY looked_at DESC LIMIT 1) AS look ON true
        """)

    static func coming(_ limit: Int) -> Statement {
        Statement(
            """
            SELECT id, title, next_fire_at, release_at FROM spotter.tasks
            WHERE release_at IS NOT NULL ORDER BY release_at LIMIT $1
            """, limit)
    }

    static func setState(_ state: SchedulerState, at now: Date) -> Statement {
        Statement(
            """
            INSERT INTO spotter.schedulers AS stored (organization_id, state, changed_at)
            VALUES ((SELECT app.organization()), $1, $2)
            ON CONFLICT (organization_id) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
            """, state.rawValue, now)
    }
}
