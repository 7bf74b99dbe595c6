import Foundation
import PostgresKit
import SpotterDomain

/// Judges the runs that wait for what their tasks depend on, or for the run before, in the transaction in which that
/// changes.
///
/// Whoever adds a run that waits has the lock of dependencies alone; whoever records the end of a run of a task has a
/// share of it at least. So of an end and a new waiting run one comes first: either the run sees the end, or the end
/// sees the run. And of several ends at once that somebody waits for, each is recorded alone, so that the last of them
/// sees all.
enum DependencyJudge {
    /// Thrown by a transaction that shares the lock where it needs it alone; nothing was written.
    struct SomebodyWaits: Error {}

    static func lock(shared: Bool = false) -> Statement { Statement("SELECT app.lock_dependencies($1)", shared) }

    /// Takes the lock if the execution is a run of a task; before its row, because that is the order of locks.
    static func lock(ifOfTask id: ExecutionID) -> Statement {
        Statement(
            """
            SELECT app.lock_dependencies(false)
            WHERE EXISTS (SELECT FROM spotter.executions WHERE id = $1 AND task_id IS NOT NULL)
            """, id.uuid)
    }

    /// Takes the lock if the task depends on others; a row tells that it did.
    static func lock(ifDependent id: WorkItemID) -> Statement {
        Statement(
            """
            SELECT app.lock_dependencies(false)
            WHERE EXISTS (SELECT FROM spotter.task_dependencies WHERE task_id = $1)
            """, id.uuid)
    }

    /// Stops the transaction with `SomebodyWaits` where that is so.
    static func requireNobodyWaits(for tasks: [WorkItemID]) -> Statement {
        Statement(
            """
            SELECT app.require(NOT EXISTS (
                SELECT FROM spotter.task_dependencies d
                    JOIN spotter.executions e ON e.organization_id = d.organization_id AND e.task_id = d.task_id
                WHERE d.depends_on = ANY ($1::uuid[]) AND e.state = 'waiting' AND e.current_step = 'dependencies')
            AND NOT EXISTS (
                SELECT FROM spotter.executions
                WHERE task_id = ANY ($1::uuid[]) AND state = 'waiting' AND current_step = 'previous_run'
                    AND state NOT IN ('completed', 'failed', 'cancelled')
            ), 'SP002', 'somebody waits for the end of this run')
            """, tasks.map(\.uuid))
    }

    /// Judges the runs that wait, of `tasks` themselves and of those that depend on `ended`, the next runs of `ended`
    /// that waited for those before, and where that ends some,
    /// those that wait for these. The transaction has the lock alone. Returns what there is to tell.
    static func judge(
        _ tasks: [WorkItemID], orDependentsOf ended: [WorkItemID], at now: Date, in transaction: Transaction
    ) async throws -> [EventDraft] {
        var (tasks, ended) = (tasks, ended)
        var events: [EventDraft] = []
        while !(tasks.isEmpty && ended.isEmpty) {
            let verdicts = try await verdicts(on: tasks, orDependentsOf: ended, in: transaction)
            guard !verdicts.isEmpty else { break }
            let ids = Array(verdicts.keys)
            let rows = try await transaction.batch([lockWithParents(ids), ExecutionSQL.select(ids)])
            let changed = try rows[1].decoded(Execution.init).compactMap { execution -> Execution? in
                guard execution.isBlocked || execution.isNextRun, let verdict = verdicts[execution.id] else {
                    return nil
                }
                return execution.judged(verdict, at: now)
            }
            let failed = changed.filter { $0.state == .failed }
            _ = try await transaction.batch(
                changed.map(ExecutionSQL.update) + ExecutionSQL.signal(parents: failed.compactMap(\.parentId)))
            events += changed.map(\.judgementEvent)
            (tasks, ended) = ([], failed.compactMap(\.taskId))
        }
        return events
    }

    /// What is to become of the runs that wait; those that wait on are left out.
    private static func verdicts(
        on tasks: [WorkItemID], orDependentsOf ended: [WorkItemID], in transaction: Transaction
    ) async throws -> [ExecutionID: WorkItemReadiness] {
        let statement = Statement(
            """
            SELECT e.id, d.depends_on, coalesce(last.state, t.ended_state), e.current_step = 'previous_run'
            FROM spotter.executions e
                LEFT JOIN spotter.task_dependencies d ON d.organization_id = e.organization_id AND d.task_id = e.task_id
                LEFT JOIN spotter.tasks t ON t.organization_id = d.organization_id AND t.id = d.depends_on
                LEFT JOIN spotter.executions last
                    ON last.organization_id = t.organization_id AND last.id = t.last_execution_id
            WHERE e.id = ANY (ARRAY(
                SELECT id FROM spotter.executions
                WHERE state = 'waiting' AND current_step = 'dependencies' AND task_id = ANY (ARRAY(
                    SELECT unnest($1::uuid[])
                    UNION SELECT task_id FROM spotter.task_dependencies WHERE depends_on = ANY ($2::uuid[])))
                UNION ALL
                SELECT next.id FROM spotter.executions next
                WHERE next.state = 'waiting' AND next.current_step = 'previous_run' AND next.task_id = ANY ($2::uuid[])
                    AND next.state NOT IN ('completed', 'failed', 'cancelled')
                    AND NOT EXISTS (
                        SELECT FROM spotter.executions previous
                        WHERE previous.organization_id = next.organization_id AND previous.task_id = next.task_id
                            AND previous.id <> next.id
                            AND previous.state NOT IN ('completed', 'failed', 'cancelled')
                            AND NOT (previous.state = 'waiting'
                                AND coalesce(previous.current_step = 'previous_run', false)))))
            ORDER BY e.id, d.place
            """, tasks.map(\.uuid), ended.map(\.uuid))
        let rows = try await transaction.query(statement).decoded { row in
            (
                run: try row.id(0) as ExecutionID, task: try row.optionalID(1) as WorkItemID?,
                state: try row.optionallyNamed(2) as ExecutionState?, isNext: try row.get(3, as: Bool.self)
            )
        }
        // What waited for the run before waits for its dependencies now; what waited for those already waits on.
        let next = Set(rows.filter(\.isNext).map(\.run))
        return Dictionary(grouping: rows, by: \.run)
            .mapValues { rows in
                WorkItemReadiness(rows.compactMap { row in row.task.map { (id: $0, state: row.state) } })
            }
            .filter { $0.value != .blocked || next.contains($0.key) }
    }

    static func lockWithParents(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            SELECT FROM spotter.executions
            WHERE id = ANY ($1::uuid[])
                OR id = ANY (ARRAY(SELECT parent_id FROM spotter.executions WHERE id = ANY ($1::uuid[])))
            ORDER BY id FOR NO KEY UPDATE
            """, ids.map(\.uuid))
    }
}
