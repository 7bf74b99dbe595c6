public import Foundation
public import SpotterDomain
public import SpotterEngine

/// What can be done with triggers: making and changing them.
public struct TriggerService: Sendable {
    private let store: any TriggerStore
    private let workflows: WorkflowService
    private let plans: PlanService
    private let tasks: TaskService
    private let ids: any IDGenerator

    /// - Parameters:
    ///   - workflows: those that triggers start; `plans` and `tasks` likewise.
    public init(
        store: any TriggerStore, workflows: WorkflowService, plans: PlanService, tasks: TaskService,
        ids: any IDGenerator
    ) {
        self.store = store
        self.workflows = workflows
        self.plans = plans
        self.tasks = tasks
        self.ids = ids
    }

    /// Throws `notFound`.
    public func trigger(_ id: TriggerID, in scope: OrganizationScope) async throws -> Trigger {
        try await store.trigger(id, in: scope)
    }

    /// Newest first.
    public func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Trigger> {
        try await store.list(page, in: scope)
    }

    /// Keeps a new trigger, which looks at what happens from now on.
    ///
    /// - Parameter receipt: makes the receipt of the request from what there is to answer.
    /// - Throws: `invalid` with every issue; `notFound` for a target that there is not; `limitReached`.
    public func create(
        _ settings: TriggerSettings, at now: Date, in scope: OrganizationScope,
        receipt: (Trigger) throws -> Receipt? = { _ in nil }
    ) async throws -> Trigger {
        try await check(settings, in: scope)
        let trigger = Trigger(id: ids.id(at: now), version: 1, settings: settings, createdAt: now, updatedAt: now)
        try await store.create(trigger, receipt: try receipt(trigger), in: scope)
        return trigger
    }

    /// Replaces the settings of a trigger as it was read.
    ///
    /// - Throws: as `create`; `preconditionFailed` if it was changed meanwhile.
    public func update(
        _ trigger: Trigger, to settings: TriggerSettings, at now: Date, in scope: OrganizationScope
    ) async throws -> Trigger {
        try await check(settings, in: scope)
        let updated = Trigger(
            id: trigger.id, version: trigger.version + 1, settings: settings, position: trigger.position,
            createdAt: trigger.createdAt, updatedAt: now)
        try await store.update(updated, in: scope)
        return updated
    }

    /// Deletes it; what it has started goes on.
    public func delete(_ id: TriggerID, version: Int?, in scope: OrganizationScope) async throws {
        try await store.delete(id, version: version, in: scope)
    }

    private func check(_ settings: TriggerSettings, in scope: OrganizationScope) async throws {
        let issues = settings.issues()
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        let target = settings.target
        if let id = target.workflowId { _ = try await workflows.workflow(id, in: scope) }
        if let id = target.taskId { _ = try await tasks.status(of: id, in: scope) }
        guard let plan = target.plan else { return }
        do {
            try await plans.check(plan, in: scope)
        } catch let error as SpotterError
            where [.invalid, .unprocessable].contains(error.code) && !error.issues.isEmpty
        {
            throw SpotterError.invalid(
                error.issues.map { FieldIssue(pointer: "/target/plan\($0.pointer)", message: $0.message) })
        }
    }
}
