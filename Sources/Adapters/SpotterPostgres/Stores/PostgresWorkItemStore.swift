import Foundation
import PostgresKit
import SpotterDomain

/// Tasks in PostgreSQL.
struct PostgresWorkItemStore: WorkItemStore {
    let door: StoreDoor

    // MARK: Reading

    func status(of id: WorkItemID, in scope: OrganizationScope) async throws -> WorkItemStatus {
        let rows = try await door.read(scope, WorkItemSQL.select(id))
        guard let status = try rows.firstDecoded(WorkItemStatus.init) else { throw SpotterError.notFound("task") }
        return status
    }

    func list(
        _ filter: WorkItemFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<WorkItemStatus> {
        let found = try await door.read(scope, WorkItemSQL.list(filter, page)).decoded(WorkItemStatus.init)
        return Page(fetched: found, limit: page.limit) { Cursor($0.item.id.uuid) }
    }

    func statistics(in scope: OrganizationScope) async throws -> WorkItemStatistics {
        let counts = try await door.read(scope, WorkItemSQL.statistics).decoded { row in
            (state: try row.named(0) as WorkItemState, count: try row.get(1, as: Int.self))
        }
        return counts.reduce(into: WorkItemStatistics()) { $0.add($1.count, in: $1.state) }
    }

    // MARK: Creating

    func create(
        _ item: WorkItem, start: Execution?, by maker: ExecutionID?,
        receipt: @escaping @Sendable (WorkItemStatus) throws -> Receipt?, in scope: OrganizationScope
    ) async throws -> WorkItemStatus {
        let item = item.resolved
        let dependencies = item.settings.dependsOn ?? []
        let first = WorkItemStatus(creating: item, run: start)
        let early = try receipt(first)
        guard !dependencies.isEmpty else {
            _ = try await door.write(
                scope, PostgresReceiptStore.insert(early) + Self.insert(item, start, by: maker, as: first))
            return first
        }
        return try await door.transaction(scope) { transaction in
            // A used key comes before every other complaint, so the receipt is there first, with the likely answer.
            let receipts = PostgresReceiptStore.insert(early)
            let rows = try await transaction.batch(
                receipts + [DependencyJudge.lock(), WorkItemSQL.lastStates(of: dependencies)])
            let states = try Self.states(rows[receipts.count + 1])
            try Self.require(dependencies, among: states)
            let run = start?.judged(by: WorkItemReadiness(states), at: item.createdAt)
            let status = WorkItemStatus(creating: item, run: run)
            var statements = try Self.insert(item, run, by: maker, as: status)
            if status != first, let response = try receipt(status)?.response, let early {
                statements.append(PostgresReceiptStore.replace(response, ofKey: early.key))
            }
            _ = try await transaction.batch(statements)
            return status
        }
    }

    private static func insert(
        _ item: WorkItem, _ run: Execution?, by maker: ExecutionID?, as status: WorkItemStatus
    ) throws -> [Statement] {
        var statements = [try WorkItemSQL.insert(item, start: run?.id)]
        if let dependencies = item.settings.dependsOn, !dependencies.isEmpty {
            statements += WorkItemSQL.replaceDependencies(of: item.id, with: dependencies)
        }
        if let run { statements.append(try ExecutionSQL.insert([run])) }
        let news = [
            item.event(.taskCreated, of: maker), status.scheduledEvent(after: nil, madeBy: maker), run?.judgementEvent,
        ]
        return statements + PostgresEventStore.append(news.compactMap { $0 }, at: item.createdAt)
    }

    // MARK: Starting

    func start(
        _ execution: Execution, receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> Execution {
        guard let task = execution.taskId else {
            throw SpotterError(.internal, "A run of a task must name its task.")
        }
        return try await door.transaction(scope) { transaction in
            try await Self.start(execution, of: task, after: PostgresReceiptStore.insert(receipt), in: transaction)
        }
    }

    /// The same in a transaction that writes something else, too.
    ///
    /// - Parameter first: goes before every other statement, in their round trip.
    static func start(
        _ execution: Execution, of task: WorkItemID, after first: [Statement] = [], in transaction: Transaction
    ) async throws -> Execution {
        let rows = try await transaction.batch(
            first + [
                DependencyJudge.lock(ifDependent: task),
                WorkItemSQL.note(execution.id, of: task, isPlanned: false),
                WorkItemSQL.lastStates(ofDependenciesOf: task),
            ])
        guard rows[first.count + 1].first != nil else { throw SpotterError.notFound("task") }
        // Without the lock: nothing was there to depend on when the lock was asked for.
        let isDependent = rows[first.count].first != nil
        let states = isDependent ? try Self.states(rows[first.count + 2]) : []
        let run = execution.judged(by: WorkItemReadiness(states), at: execution.createdAt)
        var events = [run.judgementEvent]
        _ = try await transaction.query(ExecutionSQL.insert([run]))
        if run.state.isTerminal {
            events += try await DependencyJudge.judge(
                [], orDependentsOf: [task], at: execution.createdAt, in: transaction)
        }
        _ = try await transaction.batch(PostgresEventStore.append(events, at: execution.createdAt))
        return run
    }

    // MARK: Shared

    static func states(_ rows: Rows) throws -> [(id: WorkItemID, state: ExecutionState?)] {
        try rows.decoded { (id: try $0.id(0), state: try $0.optionallyNamed(1)) }
    }

    static func require(
        _ dependencies: [WorkItemID], among found: [(id: WorkItemID, state: ExecutionState?)]
    ) throws {
        let known = Set(found.map(\.id))
        guard let missing = dependencies.firstIndex(where: { !known.contains($0) }) else { return }
        throw WorkItemGraph.unknown(at: missing)
    }
}

// MARK: Changing

extension PostgresWorkItemStore {
    func update(
        _ item: WorkItem, planned: PlannedRun, in scope: OrganizationScope
    ) async throws -> WorkItemStatus {
        let item = item.resolved
        return try await door.transaction(scope) { transaction in
            let before = try await Self.lock(item.id, version: item.version - 1, in: transaction)
            let states = try await Self.check(item, in: transaction)
            var statements = [try WorkItemSQL.update(item)]
            if item.settings.dependsOn != before.item.settings.dependsOn {
                statements += WorkItemSQL.replaceDependencies(of: item.id, with: item.settings.dependsOn ?? [])
            }
            _ = try await transaction.batch(statements)
            var events = [item.event(.taskChanged)]
            events += try await Self.replan(item, planned, WorkItemReadiness(states), in: transaction)
            events += try await DependencyJudge.judge(
                [item.id], orDependentsOf: [item.id], at: item.updatedAt, in: transaction)
            return try await Self.finish(item, events, before: before, in: transaction)
        }
    }

    /// Locks the task under the lock of dependencies. Throws unless `version` is its version.
    private static func lock(
        _ id: WorkItemID, version: Int?, in transaction: Transaction
    ) async throws -> WorkItemStatus {
        let rows = try await transaction.batch([
            DependencyJudge.lock(), WorkItemSQL.lock(id), WorkItemSQL.select(id),
        ])
        guard let status = try rows[2].firstDecoded(WorkItemStatus.init) else { throw SpotterError.notFound("task") }
        guard version == nil || version == status.item.version else { throw SpotterError.stale("task") }
        return status
    }

    /// What the task depends on. Throws for what is unknown and for what leads back.
    private static func check(
        _ item: WorkItem, in transaction: Transaction
    ) async throws -> [(id: WorkItemID, state: ExecutionState?)] {
        let dependencies = item.settings.dependsOn ?? []
        guard !dependencies.isEmpty else { return [] }
        let rows = try await transaction.batch([
            WorkItemSQL.lastStates(of: dependencies), WorkItemSQL.edges(from: dependencies),
        ])
        let states = try states(rows[0])
        try require(dependencies, among: states)
        let edges = try rows[1].decoded { (try $0.id(0) as WorkItemID, try $0.id(1) as WorkItemID) }
        try WorkItemGraph.check(
            item.id, dependsOn: dependencies,
            edges: Dictionary(grouping: edges, by: \.0).mapValues { $0.map(\.1) })
        return states
    }

    private static func replan(
        _ item: WorkItem, _ planned: PlannedRun, _ readiness: WorkItemReadiness, in transaction: Transaction
    ) async throws -> [EventDraft] {
        guard case .replace(let new) = planned else { return [] }
        let withdraw = WorkItemSQL.withdraw(runsOf: item.id, onlyPlanned: true, at: item.updatedAt)
        var events = try await withdrawn(try await transaction.query(withdraw), in: transaction)
        guard let run = new?.judged(by: readiness, at: item.updatedAt) else { return events }
        _ = try await transaction.batch([
            WorkItemSQL.note(run.id, of: item.id, isPlanned: true), try ExecutionSQL.insert([run]),
        ])
        events.append(run.judgementEvent)
        return events
    }

    /// Tells those that wait for runs that were withdrawn.
    private static func withdrawn(_ rows: Rows, in transaction: Transaction) async throws -> [EventDraft] {
        let runs = try rows.decoded { (id: try $0.id(0) as ExecutionID, parent: try $0.optionalID(1) as ExecutionID?) }
        _ = try await transaction.batch(ExecutionSQL.signal(parents: runs.compactMap(\.parent)))
        return runs.map { EventDraft(.executionCancelled, execution: $0.id) }
    }

    private static func finish(
        _ item: WorkItem, _ events: [EventDraft], before: WorkItemStatus, in transaction: Transaction
    ) async throws -> WorkItemStatus {
        guard let status = try await transaction.query(WorkItemSQL.select(item.id)).firstDecoded(WorkItemStatus.init)
        else { throw SpotterError.notFound("task") }
        let news = status.scheduledEvent(after: before.nextRunAt)
        _ = try await transaction.batch(
            PostgresEventStore.append(events + [news].compactMap { $0 }, at: item.updatedAt))
        return status
    }

    func delete(_ id: WorkItemID, version: Int?, at now: Date, in scope: OrganizationScope) async throws {
        try await door.transaction(scope) { transaction in
            let item = try await Self.lock(id, version: version, in: transaction).item
            let dependent: WorkItemID? = try await transaction.query(WorkItemSQL.dependent(on: id))
                .firstDecoded { try $0.id(0) }
            if let dependent { throw SpotterError.isDependedOn(by: dependent) }
            let withdraw = WorkItemSQL.withdraw(runsOf: id, onlyPlanned: false, at: now)
            let events = try await Self.withdrawn(try await transaction.query(withdraw), in: transaction)
            _ = try await transaction.batch(
                WorkItemSQL.delete(id, at: now)
                    + PostgresEventStore.append(events + [item.event(.taskDeleted)], at: now))
        }
    }
}
