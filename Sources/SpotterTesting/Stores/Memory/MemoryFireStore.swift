import Foundation
import SpotterDomain

/// Where schedules fire, in memory. The stores' clock decides what is due.
struct MemoryFireStore: FireStore {
    let database: MemoryDatabase
    let startsByDefault: Bool

    // MARK: Looking

    func look(_ bounds: LookBounds, by worker: WorkerID?) async throws -> ScheduleLook {
        let now = database.clock.now()
        return database.everything { state in
            if let worker, state.workers[worker] != nil { state.looks[worker] = now }
            let all = state.organizations.keys.sorted().filter { isRunning(state.organizations[$0]) }
            let next = all.compactMap { state.organizations[$0]?.releases.first?.releaseAt }.min()
            var due: [DueTasks] = []
            var remaining = bounds.most
            let behind = all.filter { id in bounds.after.map { $0 < id } ?? true }
            for organization in behind + all.filter({ !behind.contains($0) }) where remaining > 0 {
                let tasks = state.organizations[organization]?.releases.filter { $0.releaseAt <= now } ?? []
                let taken = tasks.prefix(min(bounds.share, remaining)).map(\.task)
                guard !taken.isEmpty else { continue }
                remaining -= taken.count
                due.append(DueTasks(organization: organization, tasks: Array(taken)))
            }
            return ScheduleLook(due: due, next: next?.timeIntervalSince(now))
        }
    }

    private func isRunning(_ records: OrganizationRecords?) -> Bool {
        (records?.scheduler ?? .default(startsByDefault)) == .running
    }

    func due(limit: Int, in scope: OrganizationScope) async throws -> [WorkItemID] {
        let now = database.clock.now()
        return database.read(scope) { records in
            records.releases.filter { $0.releaseAt <= now }.prefix(limit).map(\.task)
        }
    }

    // MARK: Firing

    func fire(
        _ tasks: [WorkItemID], in scope: OrganizationScope,
        plan: @escaping @Sendable (_ task: DueTask, _ agents: [Agent], _ now: Date) throws -> FirePlan
    ) async throws -> FireReport {
        guard !tasks.isEmpty else { return FireReport() }
        let now = database.clock.now()
        return try database.write(scope) { records in
            guard isRunning(records) else { return FireReport() }
            let agents = records.agents.values.filter { !$0.isDeleted }.map(\.agent).sorted { $0.id < $1.id }
            let due = tasks.sorted().compactMap { records.due($0, at: now) }
            let plans = try due.map { try plan($0, agents, now) }
            var report = FireReport(plans: plans)
            var events = try records.cancel(plans.flatMap(\.cancelled), &report, at: now)
            for plan in plans { try records.write(plan, at: now) }
            events += plans.flatMap(\.events)
            events += records.judge(
                plans.flatMap(\.dependents),
                orDependentsOf: plans.filter { !$0.cancelled.isEmpty }.map(\.item.id), at: now, clock: now)
            _ = records.append(events, at: now)
            return report
        }
    }

    // MARK: Reading and setting

    func fires(
        of task: WorkItemID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<ScheduleFire> {
        let before = try page.beforeFire ?? .distantFuture
        return try database.read(scope) { records in
            _ = try records.task(task)
            let found = (records.fires[task] ?? [:]).values.filter { $0.fireAt < before }
                .sorted { $0.fireAt > $1.fireAt }
            return Page(fetched: found, limit: page.limit) { Cursor(afterFire: $0.fireAt) }
        }
    }

    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int {
        let month = database.clock.now() - 30 * 86_400
        return try database.write(scope) { records in
            let old = records.fires.flatMap { task, fires in
                let next = records.tasks[task]?.item.nextFireAt ?? .distantFuture
                return fires.values
                    .filter { $0.recordedAt < min(date, month) && $0.fireAt < next }
                    .map { (task: task, fire: $0) }
            }
            let gone = old.sorted { $0.fire.recordedAt < $1.fire.recordedAt }.prefix(max(limit, 0))
            for (task, fire) in gone { records.fires[task]?[fire.fireAt] = nil }
            return gone.count
        }
    }

    func status(coming: Int, in scope: OrganizationScope) async throws -> SchedulerStatus {
        let now = database.clock.now()
        return database.everything { state in
            let records = state.organizations[scope.organization] ?? OrganizationRecords()
            let releases = records.releases
            let look = state.looks.filter { state.isAlive($0.key, at: now) }.max { $0.value < $1.value }
            return SchedulerStatus(
                state: records.scheduler ?? .default(startsByDefault), scheduled: releases.count,
                due: releases.count { $0.releaseAt <= now }, coming: Array(releases.prefix(coming)),
                lastLookAt: look?.value, lookedBy: look?.key)
        }
    }

    func setState(_ state: SchedulerState, at now: Date, in scope: OrganizationScope) async throws {
        try database.write(scope) { $0.scheduler = state }
    }
}

extension OrganizationRecords {
    /// Every task that fires by a schedule, in the order of their times.
    fileprivate var releases: [ComingFire] {
        tasks.values.compactMap { stored -> ComingFire? in
            guard !stored.isDeleted, let slot = stored.item.nextFireAt, let release = stored.item.nextReleaseAt else {
                return nil
            }
            return ComingFire(
                task: stored.item.id, title: stored.item.settings.title, fireAt: slot, releaseAt: release)
        }.sorted { ($0.releaseAt, $0.task) < ($1.releaseAt, $1.task) }
    }

    /// The task with what its fires are decided by, if it is due.
    fileprivate func due(_ id: WorkItemID, at now: Date) -> DueTask? {
        guard let stored = try? task(id), let release = stored.item.nextReleaseAt, release <= now,
            let slot = stored.item.nextFireAt
        else { return nil }
        let open = executions.values.map(\.execution).filter { $0.taskId == id && !$0.state.isTerminal }
            .sorted { $0.id < $1.id }
            .map { DueTask.OpenRun(id: $0.id, state: $0.state, isNext: $0.isNextRun) }
        let decided = (fires[id] ?? [:]).keys.filter { $0 >= slot }
        return DueTask(item: stored.item, openRuns: open, decided: Set(decided))
    }

    fileprivate mutating func write(_ plan: FirePlan, at now: Date) throws {
        let id = plan.item.id
        for fire in plan.fires {
            guard fires[id]?[fire.fireAt] == nil else {
                throw SpotterError(.conflict, "There is already such a record.")
            }
            fires[id, default: [:]][fire.fireAt] = fire
        }
        for run in plan.runs { try add(run, isPlanned: false, at: now) }
        tasks[id]?.item.nextFireAt = plan.item.nextFireAt
        tasks[id]?.item.lastFireAt = plan.item.lastFireAt
    }

    /// Cancels runs that newer ones take the place of. Returns what there is to tell.
    fileprivate mutating func cancel(
        _ ids: [ExecutionID], _ report: inout FireReport, at now: Date
    ) throws -> [EventDraft] {
        var events: [EventDraft] = []
        for id in ids.sorted() {
            guard var stored = executions[id], let change = stored.journal.cancellation(at: now) else { continue }
            try stored.take(decision: change.execution, at: now)
            for step in change.steps { stored.steps[step.id] = step }
            executions[id] = stored
            events += change.events
            if change.execution.state.isTerminal {
                report.ended.append(id)
                signal([change.execution.parentId].compactMap(\.self), at: now)
            } else {
                report.asked.append(id)
            }
        }
        return events
    }
}
