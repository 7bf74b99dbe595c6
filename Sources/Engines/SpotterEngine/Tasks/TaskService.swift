public import Foundation
public import SpotterDomain

/// What can be done with tasks: making, changing and running them.
///
/// A run is an execution of kind `task` by one agent, in the version that the agent has when the run is asked for. The
/// stores judge it by what its task depends on.
public struct TaskService: Sendable {
    let store: any WorkItemStore
    let agents: any AgentStore
    let organizations: any OrganizationStore
    let routing: any RoutingStore
    let ids: any IDGenerator
    private let onSchedule: @Sendable () -> Void
    private let onStart: @Sendable (OrganizationScope) -> Void

    /// - Parameters:
    ///   - onStart: told of every run that is ready, to wake whom it concerns.
    ///   - onSchedule: told of every task that fires by a schedule now, likewise.
    public init(
        store: any WorkItemStore, agents: any AgentStore, organizations: any OrganizationStore,
        routing: any RoutingStore, ids: any IDGenerator,
        onStart: @escaping @Sendable (OrganizationScope) -> Void = { _ in },
        onSchedule: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        self.agents = agents
        self.organizations = organizations
        self.routing = routing
        self.ids = ids
        self.onSchedule = onSchedule
        self.onStart = onStart
    }

    // MARK: Reading

    /// Throws `notFound`.
    public func status(of id: WorkItemID, in scope: OrganizationScope) async throws -> WorkItemStatus {
        try await store.status(of: id, in: scope)
    }

    /// Newest first.
    public func list(
        _ filter: WorkItemFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<WorkItemStatus> {
        try await store.list(filter, page, in: scope)
    }

    /// How many there are in each state.
    public func statistics(in scope: OrganizationScope) async throws -> WorkItemStatistics {
        try await store.statistics(in: scope)
    }

    // MARK: Making and changing

    /// Creates a task; with `run_at` also the run at that time, and with `isStarted` a run at once.
    ///
    /// - Parameters:
    ///   - maker: the run that makes it; nil where none does.
    ///   - receipt: makes the receipt of the request from what there is to answer.
    /// - Throws: `invalid`, which names the field.
    public func create(
        _ settings: WorkItemSettings, isStarted: Bool = false, by maker: ExecutionID? = nil, at now: Date,
        in scope: OrganizationScope,
        receipt: @escaping @Sendable (WorkItemStatus) throws -> Receipt? = { _ in nil }
    ) async throws -> WorkItemStatus {
        let (settings, nextFireAt) = try await planned(settings, id: nil, at: now, in: scope)
        if let runAt = settings.runAt, runAt <= now { throw SpotterError.invalid("/run_at", "has passed") }
        let item = WorkItem(
            id: ids.id(at: now), version: 1, settings: settings, nextFireAt: nextFireAt, createdAt: now,
            updatedAt: now)
        let agent = try await agent(for: settings, in: scope)
        let isPlanned = settings.runAt != nil && settings.enabled == true
        var run: Execution?
        if isStarted || isPlanned {
            run = try item.execution(ids.id(at: now), by: agent, runAt: isStarted ? nil : settings.runAt, at: now)
        }
        let status = try await store.create(item, start: run, by: maker, receipt: receipt, in: scope)
        announce(status, in: scope)
        return status
    }

    /// Replaces the settings of a task as it was read. What does not change makes no new version.
    ///
    /// - Throws: `invalid`, which names the field; `preconditionFailed` if it was changed meanwhile.
    public func update(
        _ status: WorkItemStatus, to wanted: WorkItemSettings, at now: Date, in scope: OrganizationScope
    ) async throws -> WorkItemStatus {
        let old = status.item
        let (settings, nextFireAt) = try await planned(wanted, id: old.id, at: now, in: scope)
        guard settings != old.settings else { return status }
        if let runAt = settings.runAt, runAt <= now, runAt != old.settings.runAt {
            throw SpotterError.invalid("/run_at", "has passed")
        }
        // The fire that is due next stays so while the rule is the same: it may be late already. What a disabled task
        // did not do is not made up for.
        let isSameRule = settings.schedule == old.settings.schedule && old.settings.enabled ?? true
        let item = WorkItem(
            id: old.id, version: old.version + 1, settings: settings,
            nextFireAt: isSameRule ? old.nextFireAt : nextFireAt, lastFireAt: old.lastFireAt,
            createdAt: old.createdAt, updatedAt: now)
        let updated = try await store.update(
            item, planned: try await plan(item, insteadOf: old, at: now, in: scope), in: scope)
        announce(updated, in: scope)
        return updated
    }

    /// Deletes a task; see ``WorkItemStore/delete(_:version:at:in:)``.
    public func delete(_ id: WorkItemID, version: Int?, at now: Date, in scope: OrganizationScope) async throws {
        try await store.delete(id, version: version, at: now, in: scope)
    }

    // MARK: Running

    /// What one run has in place of what its task says.
    public struct RunOptions: Sendable {
        /// In place of the task's input: an object.
        public var input: JSONValue?
        /// When it begins; nil means at once.
        public var runAt: Date?
        /// In place of the task's priority.
        public var priority: Priority?
        /// How an agent on its own goes about it.
        public var autonomy = AutonomyOptions()
        /// Who asked for it; nil where that is not known.
        public var origin: ExecutionOrigin?

        /// Options; what is nil is as the task says.
        public init(
            input: JSONValue? = nil, runAt: Date? = nil, priority: Priority? = nil,
            autonomy: AutonomyOptions = AutonomyOptions(), origin: ExecutionOrigin? = nil
        ) {
            self.input = input
            self.runAt = runAt
            self.priority = priority
            self.autonomy = autonomy
            self.origin = origin
        }
    }

    /// Starts a run of a task, also of a disabled one.
    ///
    /// - Parameter receipt: makes the receipt of the request from the run's id.
    /// - Throws: `notFound`; `invalid`, which names the field.
    public func execute(
        _ id: WorkItemID, _ options: RunOptions = RunOptions(), at now: Date, in scope: OrganizationScope,
        receipt: @Sendable (ExecutionID) throws -> Receipt? = { _ in nil }
    ) async throws -> Execution {
        if let input = options.input, input.object == nil {
            throw SpotterError.invalid("/input", "must be an object")
        }
        if let runAt = options.runAt, runAt <= now { throw SpotterError.invalid("/run_at", "has passed") }
        let item = try await store.status(of: id, in: scope).item
        let run = try await execution(of: item, options, at: now, in: scope)
        let started = try await store.start(run, receipt: try receipt(run.id), in: scope)
        if started.state == .queued { onStart(scope) }
        return started
    }

    /// A run of a task by the agent whose turn it is, not stored yet: for whoever starts runs with something else in
    /// the same transaction.
    public func execution(
        of item: WorkItem, _ options: RunOptions = RunOptions(), at now: Date, in scope: OrganizationScope
    ) async throws -> Execution {
        let agent = try await agent(for: item.settings, in: scope)
        return try item.execution(
            ids.id(at: now), by: agent, input: options.input, runAt: options.runAt, priority: options.priority,
            options.autonomy, origin: options.origin, at: now)
    }

    private func announce(_ status: WorkItemStatus, in scope: OrganizationScope) {
        if status.state == .queued { onStart(scope) }
        if status.item.nextReleaseAt != nil { onSchedule() }
    }
}
