import Foundation
import PostgresKit
import SpotterDomain

/// Where schedules fire, in PostgreSQL. The database's clock alone decides what is due.
struct PostgresFireStore: FireStore {
    let door: StoreDoor
    /// Whether schedules fire of organisations that were never told.
    let startsByDefault: Bool

    // MARK: Looking

    func look(_ bounds: LookBounds, by worker: WorkerID?) async throws -> ScheduleLook {
        if let worker { _ = try await door.ask(FireSQL.noteLook(by: worker)) }
        let next: TimeInterval? =
            try await door.ask(FireSQL.next(startedByDefault: startsByDefault))
            .firstDecoded { try $0.get(0, as: Double?.self) } ?? nil
        guard let next, next <= 0 else { return ScheduleLook(next: next) }
        let rows = try await door.ask(FireSQL.due(bounds, startedByDefault: startsByDefault))
        var due: [DueTasks] = []
        for (organization, task) in try rows.decoded({ (try $0.id(0) as OrganizationID, try $0.id(1) as WorkItemID) }) {
            if due.last?.organization == organization {
                due[due.count - 1].tasks.append(task)
            } else {
                due.append(DueTasks(organization: organization, tasks: [task]))
            }
        }
        return ScheduleLook(due: due, next: next)
    }

    func due(limit: Int, in scope: OrganizationScope) async throws -> [WorkItemID] {
        try await door.read(scope, FireSQL.due(limit: limit)).decoded { try $0.id(0) }
    }

    // MARK: Firing

    func fire(
        _ tasks: [WorkItemID], in scope: OrganizationScope,
        plan: @escaping @Sendable (_ task: DueTask, _ agents: [Agent], _ now: Date) throws -> FirePlan
    ) async throws -> FireReport {
        guard !tasks.isEmpty else { return FireReport() }
        return try await door.transaction(scope) { transaction in
            guard let batch = try await lock(tasks, in: transaction) else { return FireReport() }
            let plans = try batch.tasks.map { try plan($0, batch.agents, batch.now) }
            guard !plans.isEmpty else { return FireReport() }
            var report = FireReport(plans: plans)
            var events = try await Self.cancel(plans.flatMap(\.cancelled), &report, at: batch.now, in: transaction)
            let statements =
                try FireSQL.insert(plans) + [ExecutionSQL.insert(plans.flatMap(\.runs)), FireSQL.advance(plans)]
            let cancelling = plans.filter { !$0.cancelled.isEmpty }.map(\.item.id)
            let dependents = plans.flatMap(\.dependents)
            events += plans.flatMap(\.events)
            guard !(cancelling.isEmpty && dependents.isEmpty) else {
                _ = try await transaction.batch(statements + PostgresEventStore.append(events, at: batch.now))
                return report
            }
            // Judged when all of them are there: tasks that fire together may depend on each other.
            _ = try await transaction.batch(statements)
            events += try await DependencyJudge.judge(
                dependents, orDependentsOf: cancelling, at: batch.now, in: transaction)
            _ = try await transaction.batch(PostgresEventStore.append(events, at: batch.now))
            return report
        }
    }

    private struct Batch {
        let now: Date
        let tasks: [DueTask]
        let agents: [Agent]
    }

    /// Locks what is due of `ids` and reads what is decided by; nil while the organisation's schedules do not fire.
    private func lock(_ ids: [WorkItemID], in transaction: Transaction) async throws -> Batch? {
        let rows = try await transaction.batch([
            FireSQL.makeScheduler, FireSQL.shareScheduler, FireSQL.lockDependencies(ids), FireSQL.lockDue(ids),
            FireSQL.tasks(ids), FireSQL.openRuns(of: ids), FireSQL.decided(ids), FireSQL.agents(for: ids),
        ])
        let scheduler = try rows[1].firstDecoded { row in
            (state: try row.optionallyNamed(0) as SchedulerState?, now: try row.get(1, as: Date.self))
        }
        guard let scheduler else { throw SpotterError.notFound("organization") }
        guard (scheduler.state ?? .default(startsByDefault)) == .running else { return nil }
        let isLocked = rows[2].first != nil
        let mine = Set(try rows[3].decoded { try $0.id(0) as WorkItemID })
        let open = Dictionary(grouping: try rows[5].decoded(DueTask.OpenRun.read), by: \.task)
        let decided = Dictionary(
            grouping: try rows[6].decoded { (try $0.id(0) as WorkItemID, try $0.get(1, as: Date.self)) }, by: \.0)
        let tasks = try rows[4].decoded(WorkItemStatus.init).filter { mine.contains($0.item.id) }.map { status in
            DueTask(
                item: status.item, openRuns: open[status.item.id]?.map(\.run) ?? [],
                decided: Set(decided[status.item.id]?.map(\.1) ?? []))
        }
        // Changed since the lock was asked for: the next look sees it in time.
        return Batch(
            now: scheduler.now, tasks: tasks.filter { isLocked || !$0.mayWait },
            agents: try rows[7].decoded(Agent.init))
    }

    /// Cancels runs that newer ones take the place of, as somebody's decision would. Returns what there is to tell.
    private static func cancel(
        _ ids: [ExecutionID], _ report: inout FireReport, at now: Date, in transaction: Transaction
    ) async throws -> [EventDraft] {
        guard !ids.isEmpty else { return [] }
        let rows = try await transaction.batch([
            DependencyJudge.lockWithParents(ids), ExecutionSQL.select(ids), ExecutionSQL.steps(of: ids),
        ])
        let steps = Dictionary(
            grouping: try rows[2].decoded { (try $0.id(0) as ExecutionID, try Step($0)) }, by: \.0)
        let changes = try rows[1].decoded(Execution.init).compactMap { execution in
            Journal(execution: execution, steps: steps[execution.id]?.map(\.1) ?? []).cancellation(at: now)
        }
        let ended = changes.map(\.execution).filter(\.state.isTerminal)
        report.ended = ended.map(\.id)
        report.asked = changes.map(\.execution).filter { !$0.state.isTerminal }.map(\.id)
        _ = try await transaction.batch(
            changes.map { try ExecutionSQL.update($0.execution) }
                + ExecutionSQL.upsert(changes.map { ($0.execution.id, $0.steps) })
                + ExecutionSQL.signal(parents: ended.compactMap(\.parentId)))
        return changes.flatMap(\.events)
    }

    // MARK: Reading and setting

    func fires(
        of task: WorkItemID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<ScheduleFire> {
        let before = try page.beforeFire
        let rows = try await door.read(
            scope, [FireSQL.exists(task), FireSQL.fires(of: task, before: before, limit: page.fetchLimit)])
        guard rows[0].first != nil else { throw SpotterError.notFound("task") }
        return Page(fetched: try rows[1].decoded(ScheduleFire.init), limit: page.limit) { Cursor(afterFire: $0.fireAt) }
    }

    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        try await door.write(scope, FireSQL.forget(before: date, limit: limit)).affected
    }

    func status(coming: Int, in scope: OrganizationScope) async throws -> SchedulerStatus {
        let rows = try await door.read(scope, [FireSQL.status, FireSQL.coming(coming)])
        let status = try rows[0].firstDecoded { row in
            SchedulerStatus(
                state: try row.optionallyNamed(0) ?? .default(startsByDefault), scheduled: try row.get(1),
                due: try row.get(2), lastLookAt: try row.get(3), lookedBy: try row.optionalID(4))
        }
        guard var status else { throw SpotterError(.internal, "The scheduler has no status.") }
        status.coming = try rows[1].decoded { row in
            ComingFire(task: try row.id(0), title: try row.get(1), fireAt: try row.get(2), releaseAt: try row.get(3))
        }
        return status
    }

    func setState(_ state: SchedulerState, at now: Date, in scope: OrganizationScope) async throws {
        _ = try await door.write(scope, FireSQL.setState(state, at: now))
    }
}
