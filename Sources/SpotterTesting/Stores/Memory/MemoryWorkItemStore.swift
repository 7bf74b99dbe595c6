import Foundation
import SpotterDomain

/// Tasks in memory.
struct MemoryWorkItemStore: WorkItemStore {
    let database: MemoryDatabase

    func status(of id: WorkItemID, in scope: OrganizationScope) async throws -> WorkItemStatus {
        try database.read(scope) { try $0.status(of: id) }
    }

    func list(
        _ filter: WorkItemFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<WorkItemStatus> {
        let words = FoldedText.words(filter.search ?? "")
        return database.read(scope) { records in
            let matches = records.statuses.filter { status in
                let settings = status.item.settings
                let text = FoldedText.searchKey(settings.title, settings.description)
                return words.allSatisfy(text.contains) && filter.state.map { $0 == status.state } ?? true
                    && filter.agent.map { $0 == settings.agentId } ?? true
            }
            return newestFirst(matches, page, id: \.item.id)
        }
    }

    func statistics(in scope: OrganizationScope) async throws -> WorkItemStatistics {
        database.read(scope) { records in
            records.statuses.reduce(into: WorkItemStatistics()) { $0.add(1, in: $1.state) }
        }
    }

    // MARK: Creating and starting

    func create(
        _ item: WorkItem, start: Execution?, by maker: ExecutionID?,
        receipt: @escaping @Sendable (WorkItemStatus) throws -> Receipt?, in scope: OrganizationScope
    ) async throws -> WorkItemStatus {
        let item = item.resolved
        let clock = database.clock.now()
        return try database.write(scope) { records in
            if let early = try receipt(WorkItemStatus(creating: item, run: start)) {
                guard records.receipts[early.key] == nil else { throw ReceiptExists() }
            }
            guard records.tasks[item.id] == nil else {
                throw SpotterError(.conflict, "There is already such a record.")
            }
            try records.requireAgent(of: item)
            let readiness = try records.readiness(of: item.settings.dependsOn ?? [])
            let run = start?.judged(by: readiness, at: item.createdAt)
            let status = WorkItemStatus(creating: item, run: run)
            try records.insert(try receipt(status))
            records.tasks[item.id] = OrganizationRecords.StoredWorkItem(item: item)
            if let run { try records.add(run, isPlanned: item.settings.runAt != nil, at: clock) }
            let news = [
                item.event(.taskCreated, of: maker), status.scheduledEvent(after: nil, madeBy: maker),
                run?.judgementEvent,
            ]
            _ = records.append(news.compactMap { $0 }, at: item.createdAt)
            return status
        }
    }

    func start(
        _ execution: Execution, receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> Execution {
        guard let task = execution.taskId else {
            throw SpotterError(.internal, "A run of a task must name its task.")
        }
        let clock = database.clock.now()
        return try database.write(scope) { records in
            try records.insert(receipt)
            return try records.start(execution, of: task, clock: clock)
        }
    }

    // MARK: Changing

    func update(
        _ item: WorkItem, planned: PlannedRun, in scope: OrganizationScope
    ) async throws -> WorkItemStatus {
        let item = item.resolved
        let (clock, now) = (database.clock.now(), item.updatedAt)
        _ = try database.read(scope) { try $0.task(item.id) }
        return try database.write(scope) { records in
            let before = try records.status(of: item.id)
            guard before.item.version == item.version - 1 else { throw SpotterError.stale("task") }
            try records.requireAgent(of: item)
            let dependencies = item.settings.dependsOn ?? []
            let readiness = try records.readiness(of: dependencies)
            try WorkItemGraph.check(
                item.id, dependsOn: dependencies,
                edges: records.tasks.mapValues { $0.item.settings.dependsOn ?? [] })
            records.tasks[item.id]?.item = item
            var events = [item.event(.taskChanged)]
            if case .replace(let new) = planned {
                let old = records.tasks[item.id]?.planned
                events += records.withdraw(runsOf: item.id, at: now, clock: clock) { $0.id == old }
                if let run = new?.judged(by: readiness, at: now) {
                    try records.add(run, isPlanned: true, at: clock)
                    events.append(run.judgementEvent)
                }
            }
            events += records.judge([item.id], orDependentsOf: [item.id], at: now, clock: clock)
            let status = try records.status(of: item.id)
            if let news = status.scheduledEvent(after: before.nextRunAt) { events.append(news) }
            _ = records.append(events, at: now)
            return status
        }
    }

    func delete(_ id: WorkItemID, version: Int?, at now: Date, in scope: OrganizationScope) async throws {
        let clock = database.clock.now()
        _ = try database.read(scope) { try $0.task(id) }
        try database.write(scope) { records in
            let item = try records.task(id).item
            guard version == nil || version == item.version else { throw SpotterError.stale("task") }
            if let dependent = records.dependents(on: [id]).min() { throw SpotterError.isDependedOn(by: dependent) }
            let events = records.withdraw(runsOf: id, at: now, clock: clock) { _ in true }
            records.tasks[id]?.isDeleted = true
            _ = records.append(events + [item.event(.taskDeleted)], at: now)
        }
    }
}
