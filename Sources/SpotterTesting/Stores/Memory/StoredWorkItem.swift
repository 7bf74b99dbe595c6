import Foundation
import SpotterDomain

extension OrganizationRecords {
    /// A task with what its row knows of its runs.
    struct StoredWorkItem: Sendable {
        var item: WorkItem
        /// The run that `run_at` asked for.
        var planned: ExecutionID?
        var last: ExecutionID?
        var executionsCount = 0
        var isDeleted = false
    }

    // MARK: Reading

    /// The task, unless it was deleted.
    func task(_ id: WorkItemID) throws -> StoredWorkItem {
        guard let stored = tasks[id], !stored.isDeleted else { throw SpotterError.notFound("task") }
        return stored
    }

    func status(of id: WorkItemID) throws -> WorkItemStatus { status(of: try task(id)) }

    /// Of every task that was not deleted.
    var statuses: [WorkItemStatus] { tasks.values.filter { !$0.isDeleted }.map(status) }

    private func status(of stored: StoredWorkItem) -> WorkItemStatus {
        let planned = stored.planned.flatMap { executions[$0]?.execution }
        return WorkItemStatus(
            item: stored.item, lastRun: lastRun(of: stored).map(WorkItemStatus.Run.init),
            plannedAt: planned?.state == .queued ? planned?.wakeAt : nil, executionsCount: stored.executionsCount)
    }

    private func lastRun(of stored: StoredWorkItem) -> Execution? { stored.last.flatMap { executions[$0]?.execution } }

    /// What a database's foreign key sees to. A deleted agent may still be referred to.
    func requireAgent(of item: WorkItem) throws {
        if let agent = item.settings.agentId, agents[agent] == nil { throw SpotterError.notFound("agent") }
    }

    // MARK: Dependencies

    /// Throws `invalid` for a dependency that does not exist.
    func readiness(of dependencies: [WorkItemID]) throws -> WorkItemReadiness {
        WorkItemReadiness(
            try dependencies.enumerated().map { index, id in
                guard let stored = tasks[id], !stored.isDeleted else { throw WorkItemGraph.unknown(at: index) }
                return (id: id, state: lastRun(of: stored)?.state)
            })
    }

    func dependents(on ids: [WorkItemID]) -> [WorkItemID] {
        tasks.values
            .filter { !$0.isDeleted && !Set(ids).isDisjoint(with: $0.item.settings.dependsOn ?? []) }.map(\.item.id)
    }

    /// Judges the runs that wait, of `ids` themselves and of those that depend on `ended`, the next runs of `ended` that
    /// waited for those before, and where that ends some, those that wait for these. Returns what there is to tell.
    mutating func judge(
        _ ids: [WorkItemID], orDependentsOf ended: [WorkItemID], at now: Date, clock: Date
    ) -> [EventDraft] {
        var (ids, ended) = (ids, ended)
        var events: [EventDraft] = []
        while !(ids.isEmpty && ended.isEmpty) {
            let concerned = Set(ids + dependents(on: ended))
            let blocked = executions.values.map(\.execution)
                .filter { run in
                    guard let task = run.taskId else { return false }
                    return run.isBlocked && concerned.contains(task)
                        || run.isNextRun && ended.contains(task) && !hasRunBefore(run)
                }
                .sorted { $0.id < $1.id }
            var failed: [Execution] = []
            for run in blocked {
                guard let dependencies = run.taskId.flatMap({ tasks[$0]?.item.settings.dependsOn }),
                    let readiness = try? readiness(of: dependencies), readiness != .blocked || run.isNextRun
                else { continue }
                let judged = run.judged(readiness, at: now)
                write(judged, clock: clock)
                events.append(judged.judgementEvent)
                if judged.state == .failed { failed.append(judged) }
            }
            signal(failed.compactMap(\.parentId), at: clock)
            (ids, ended) = ([], failed.compactMap(\.taskId))
        }
        return events
    }

    /// Whether another run of its task is not over, but for those that wait themselves for the one before.
    private func hasRunBefore(_ run: Execution) -> Bool {
        executions.values.map(\.execution).contains { other in
            other.taskId == run.taskId && other.id != run.id && !other.state.isTerminal && !other.isNextRun
        }
    }

    // MARK: Runs

    /// Adds a run of a task.
    mutating func add(_ run: Execution, isPlanned: Bool, at clock: Date) throws {
        guard let task = run.taskId else { return }
        try insert(run, worker: nil, at: clock)
        tasks[task]?.last = run.id
        tasks[task]?.executionsCount += 1
        if isPlanned { tasks[task]?.planned = run.id }
    }

    /// Starts a run of a task, judged by what the task depends on.
    mutating func start(_ execution: Execution, of task: WorkItemID, clock: Date) throws -> Execution {
        let item = try self.task(task).item
        let readiness = try readiness(of: item.settings.dependsOn ?? [])
        let run = execution.judged(by: readiness, at: execution.createdAt)
        try add(run, isPlanned: false, at: clock)
        var events = [run.judgementEvent]
        if run.state.isTerminal {
            events += judge([], orDependentsOf: [task], at: execution.createdAt, clock: clock)
        }
        _ = append(events, at: execution.createdAt)
        return run
    }

    /// Cancels runs of the task that have not begun. Returns what there is to tell.
    mutating func withdraw(
        runsOf id: WorkItemID, at now: Date, clock: Date, where fits: (Execution) -> Bool
    ) -> [EventDraft] {
        let runs = executions.values.map(\.execution).filter { run in
            run.taskId == id && run.attempt == 0 && !run.state.isTerminal && run.state != .running && fits(run)
        }
        for var run in runs {
            run.state = .cancelled
            run.completedAt = now
            run.currentStep = nil
            run.requested = nil
            write(run, clock: clock)
        }
        signal(runs.compactMap(\.parentId), at: clock)
        return runs.sorted { $0.id < $1.id }.map { EventDraft(.executionCancelled, execution: $0.id) }
    }

    private mutating func write(_ run: Execution, clock: Date) {
        // It never runs, so there is nobody whose it could not be.
        try? executions[run.id]?.take(decision: run, at: clock)
    }
}
