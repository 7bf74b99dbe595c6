import Foundation
public import SpotterDomain
public import SpotterEngine

/// Makes executions of messages, as a hook's action says.
public struct HookStarter: Sendable {
    private let agents: any AgentStore
    private let tasks: TaskService
    private let workflows: WorkflowService
    private let plans: PlanService
    private let ids: any IDGenerator

    /// Knows who can be told something, and what can be run.
    public init(
        agents: any AgentStore, tasks: TaskService, workflows: WorkflowService, plans: PlanService,
        ids: any IDGenerator
    ) {
        self.agents = agents
        self.tasks = tasks
        self.workflows = workflows
        self.plans = plans
        self.ids = ids
    }

    /// Whether the action could be made of a message now.
    ///
    /// - Throws: `invalid` with the place in the hook.
    func check(_ action: HookAction, in scope: OrganizationScope) async throws {
        try await located("/action") { _ = try action.templates() }
        switch action.kind {
        case .inboundSMS: break
        case .agentMessage:
            guard let id = action.agentId else { return }
            try await known("/action/agent_id", "is not an agent of this organisation") {
                _ = try await agents.agent(id, in: scope)
            }
        case .task:
            guard let id = action.taskId else { return }
            try await known("/action/task_id", "is not a task of this organisation") {
                _ = try await tasks.status(of: id, in: scope)
            }
        case .workflow:
            guard let id = action.workflowId else { return }
            try await known("/action/workflow_id", "is not a workflow of this organisation") {
                _ = try await workflows.workflow(id, in: scope)
            }
        case .plan:
            guard let plan = action.plan else { return }
            try await located("/action/plan") { try await plans.check(plan, in: scope) }
        }
    }

    private func known(_ pointer: String, _ message: String, _ look: () async throws -> Void) async throws {
        do {
            try await look()
        } catch let error as SpotterError where error.code == .notFound {
            throw SpotterError.invalid(pointer, message)
        }
    }

    /// Puts the place of the part before the places of its issues.
    private func located(_ place: String, _ look: () async throws -> Void) async throws {
        do {
            try await look()
        } catch let error as SpotterError
            where [.invalid, .unprocessable].contains(error.code) && !error.issues.isEmpty
        {
            throw SpotterError.invalid(
                error.issues.map { FieldIssue(pointer: place + $0.pointer, message: $0.message) })
        }
    }

    /// What a message starts; not in the queue yet. Its words are a stranger's.
    ///
    /// - Throws: `HookFault` where the action cannot be made of this message.
    func execution(
        for hook: Hook, delivery: HookDeliveryID, _ payload: JSONValue, _ headers: [String: String], at now: Date,
        in scope: OrganizationScope
    ) async throws -> Execution {
        let names = ExpressionScope([
            "payload": payload,
            "hook": [
                "id": .string(hook.id.description), "name": .string(hook.settings.name),
                "delivery_id": .string(delivery.description),
            ],
            "headers": .object(
                headers.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = .string($1.value) }),
        ])
        guard let action = hook.settings.action else { throw HookFault("The hook takes no messages.") }
        do {
            let values = try action.templates().evaluate(in: names)
            return try await execution(of: action, values, at: now, in: scope)
        } catch let error as SpotterError where [.invalid, .unprocessable, .notFound, .conflict].contains(error.code) {
            let issues = error.issues.map { "`\($0.pointer)` \($0.message)" }
            throw HookFault(issues.isEmpty ? error.message : issues.joined(separator: "; "))
        }
    }

    /// How long a message may wait for its agent, in milliseconds: an hour.
    private static let patience = 3_600_000

    private func execution(
        of action: HookAction, _ values: HookAction.Values, at now: Date, in scope: OrganizationScope
    ) async throws -> Execution {
        let origin = ExecutionOrigin(isUntrusted: true)
        switch action.kind {
        case .agentMessage:
            var order = CallOrder(
                agentId: action.agentId, capability: action.capability,
                parameters: ["content": .string(values.content ?? "")], timeoutMs: Self.patience)
            // The sender has its 202 and does not come again.
            order.isPatient = true
            guard order.issues.isEmpty else { throw SpotterError.invalid(order.issues) }
            return Execution(
                id: ids.id(at: now), kind: .call, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
                agentVersion: nil, input: try JSONValue(encoding: order).with(origin), priority: .high, createdAt: now)
        case .task:
            guard let id = action.taskId else { throw HookFault("The action names no task.") }
            let item = try await tasks.status(of: id, in: scope).item
            guard item.settings.enabled ?? true else { throw HookFault("The task is disabled.") }
            return try await tasks.execution(
                of: item, TaskService.RunOptions(input: values.input, origin: origin), at: now, in: scope)
        case .workflow:
            guard let id = action.workflowId else { throw HookFault("The action names no workflow.") }
            return try await workflows.execution(
                of: id, WorkflowService.StartOptions(input: values.input ?? [:], origin: origin), at: now, in: scope)
        case .plan:
            guard var plan = action.plan else { throw HookFault("The action has no plan.") }
            plan.input = values.input ?? plan.input
            // Checked anew: the agents and tools of a hook's plan may be gone by now.
            try await plans.check(plan, in: scope)
            return try plans.execution(of: plan, origin: origin, at: now)
        case .inboundSMS: throw HookFault("The action starts nothing.")
        }
    }
}
