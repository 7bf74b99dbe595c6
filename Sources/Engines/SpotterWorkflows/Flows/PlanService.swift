public import Foundation
public import SpotterDomain

/// Starts plans.
public struct PlanService: Sendable {
    private let executions: any ExecutionStore
    private let workflows: WorkflowService
    private let ids: any IDGenerator
    private let onStart: @Sendable (OrganizationScope) -> Void

    /// - Parameters:
    ///   - workflows: knows what plans may name.
    ///   - onStart: told of every run that is ready, to wake whom it concerns.
    public init(
        executions: any ExecutionStore, workflows: WorkflowService, ids: any IDGenerator,
        onStart: @escaping @Sendable (OrganizationScope) -> Void = { _ in }
    ) {
        self.executions = executions
        self.workflows = workflows
        self.ids = ids
        self.onStart = onStart
    }

    /// Puts a plan into the queue.
    ///
    /// - Throws: `invalid` with every issue and its place in the document.
    public func start(
        _ plan: PlanOrder, priority: Priority = .medium, origin: ExecutionOrigin = ExecutionOrigin(), at now: Date,
        in scope: OrganizationScope, receipt: (ExecutionID) throws -> Receipt? = { _ in nil }
    ) async throws -> ExecutionID {
        let execution = try await execution(of: plan, priority: priority, origin: origin, at: now, in: scope)
        _ = try await executions.enqueue([execution], receipt: try receipt(execution.id), in: scope)
        onStart(scope)
        return execution.id
    }

    /// A run that is not in the queue yet: for whoever puts it there with something else in the same transaction.
    ///
    /// - Throws: as `start`.
    public func execution(
        of plan: PlanOrder, priority: Priority = .medium, origin: ExecutionOrigin = ExecutionOrigin(), at now: Date,
        in scope: OrganizationScope
    ) async throws -> Execution {
        try await check(plan, in: scope)
        return Execution(
            id: ids.id(at: now), kind: .plan, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: try JSONValue(encoding: plan).with(origin), priority: priority, createdAt: now)
    }

    /// Whether the plan could be run now.
    ///
    /// - Throws: `invalid` with every issue and its place in the document.
    public func check(_ plan: PlanOrder, in scope: OrganizationScope) async throws {
        _ = try plan.checked(knowing: try await workflows.vocabulary(in: scope))
    }
}
