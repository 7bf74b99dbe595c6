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
        try await check(plan, in: scope)
        let execution = try execution(of: plan, priority: priority, origin: origin, at: now)
        _ = try await executions.enqueue([execution], receipt: try receipt(execution.id), in: scope)
        onStart(scope)
        return execution.id
    }

    /// Throws `unprocessable` with every issue and its place in the document.
    func check(_ plan: PlanOrder, in scope: OrganizationScope) async throws {
        let vocabulary = try await workflows.vocabulary(for: DocumentNames(plan), in: scope)
        do { _ = try plan.checked(knowing: vocabulary) } catch let error as SpotterError where error.code == .invalid {
            throw error.unprocessable
        }
    }

    /// A run of a plan that was checked before, which is not stored: for whoever starts runs with something else in the
    /// same transaction.
    func execution(
        of plan: PlanOrder, priority: Priority = .medium, origin: ExecutionOrigin, at now: Date
    ) throws -> Execution {
        Execution(
            id: ids.id(at: now), kind: .plan, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: try JSONValue(encoding: plan).with(origin), priority: priority, createdAt: now)
    }
}
