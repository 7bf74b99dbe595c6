import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import SpotterWorkflows

@testable import SpotterHTTP

extension Belongings {
    /// Brings the execution into the state in which the operation `name` works on it; most work on it as it is.
    mutating func arrange(for name: String, of tenant: Tenant, in api: TestAPI) async throws {
        switch name {
        case "pauseExecution", "cancelExecution": try await put(.queued, of: tenant, in: api)
        case "resumeExecution": try await put(.paused, of: tenant, in: api)
        case "answerExecution": try await put(.waiting, with: (.input, .waiting), of: tenant, in: api)
        case "reviewStep": try await put(.waiting, with: (.tool, .needsReview), of: tenant, in: api)
        case "retryExecution": try await put(.failed, of: tenant, in: api)
        case "listDead", "requeueDead": try await put(.failed, isDead: true, of: tenant, in: api)
        case "drawExecution": try await startWorkflow(of: tenant, in: api)
        case "answerCall": try await callOutside(of: tenant, in: api)
        case "renewAgentSecret": try await moveOutside(of: tenant, in: api)
        case "updateTask": try await change("/v1/tasks/\(task)", ["priority": "low"], of: tenant, in: api)
        case "rollbackAgent":
            try await change("/v1/agents/\(agent)", ["description": "Later."], of: tenant, in: api)
        case "rollbackWorkflow": try await redraw(of: tenant, in: api)
        case "checkScheduler": try await letFall(of: tenant, in: api)
        case "retryOutboxMessage": try await cancelMail(of: tenant, in: api)
        case "deletePayment": try await takeBackRefund(of: tenant, in: api)
        case "testHook", "replayHook":
            hook = try await tenant.home.sender("\(tenant.home.organization.name) out").id.description
        default: return
        }
    }

    private func change(
        _ path: String, _ patch: JSONValue, of tenant: Tenant, in api: TestAPI
    ) async throws {
        let answer = try await api.send(.patch, path, patch, token: tenant.token)
        guard answer.status == 200 else { throw SpotterError(.internal, "no change: \(answer.text)") }
    }

    /// The workflow has a second version.
    private func redraw(of tenant: Tenant, in api: TestAPI) async throws {
        guard let id = WorkflowID(workflow) else { throw SpotterError(.internal, "no workflow") }
        let known = try await api.stores.workflows.workflow(id, in: tenant.scope)
        var definition = known.definition
        definition.description = "Later."
        _ = try await api.services.workflows.update(known, to: definition, at: Date(), in: tenant.scope)
    }

    /// A task is due.
    private func letFall(of tenant: Tenant, in api: TestAPI) async throws {
        guard let id = AgentID(agent) else { throw SpotterError(.internal, "no agent") }
        let known = try await api.stores.agents.agent(id, in: tenant.scope)
        var due = tenant.home.draftTask(
            "Due", for: known, schedule: ScheduleRule(cron: "0 0 1 1 *").resolved(timezone: "UTC"))
        due.nextFireAt = Date(timeIntervalSince1970: 1_735_689_600)
        _ = try await api.stores.tasks.create(due, start: nil, receipt: { _ in nil }, in: tenant.scope)
    }

    private mutating func startWorkflow(of tenant: Tenant, in api: TestAPI) async throws {
        guard let id = WorkflowID(workflow) else { throw SpotterError(.internal, "no workflow") }
        execution = try await api.services.workflows.start(
            id, .init(), at: Date(), in: tenant.scope
        ).description
    }

    /// The agent is reached over HTTP.
    private func moveOutside(of tenant: Tenant, in api: TestAPI) async throws {
        guard let id = AgentID(agent) else { throw SpotterError(.internal, "no agent") }
        let known = try await api.stores.agents.agent(id, in: tenant.scope)
        var settings = known.settings
        settings.external = ExternalAgent(endpoint: "https://agent.test/")
        let changed = Agent(
            id: id, version: known.version + 1, settings: settings, createdAt: known.createdAt, updatedAt: Date())
        try await api.stores.agents.update(changed, in: tenant.scope)
    }

    /// A call waits for a later answer.
    private mutating func callOutside(of tenant: Tenant, in api: TestAPI) async throws {
        guard let id = AgentID(agent) else { throw SpotterError(.internal, "no agent") }
        let call = try await tenant.home.begunCall()
        let order = CallOrder(agentId: id, parameters: ["content": "x"])
        let known = try await api.stores.agents.agent(id, in: tenant.scope)
        _ = try await api.stores.routing.reserve(tenant.home.wish(call, known, order: order), in: tenant.scope)
        let waiting = Step(
            id: tenant.home.id(), index: 0, name: Execution.lateAnswerStep, kind: .input, state: .waiting, attempt: 0,
            input: [:], startedAt: Date())
        _ = try await api.stores.executions.change(call.id, at: Date(), in: tenant.scope) { journal in
            var execution = journal.execution
            execution.state = .waiting
            return ExecutionChange(execution: execution, steps: [waiting])
        }
        execution = call.id.description
    }

    /// A payment of which something was given back is not deleted.
    private func takeBackRefund(of tenant: Tenant, in api: TestAPI) async throws {
        guard let id = records[RecordRoutes<RefundKind>.parameter].flatMap(RefundID.init) else {
            throw SpotterError(.internal, "no refund")
        }
        try await api.stores.gym.delete(id, version: nil, tenant.home.setting(Date()), in: tenant.scope)
    }

    private func cancelMail(of tenant: Tenant, in api: TestAPI) async throws {
        guard let id = OutboxID(mail) else { throw SpotterError(.internal, "no message") }
        _ = try await api.stores.outbox.cancel(id, in: tenant.scope)
    }

    private mutating func put(
        _ state: ExecutionState, with open: (kind: Step.Kind, state: Step.State)? = nil, isDead: Bool = false,
        of tenant: Tenant, in api: TestAPI
    ) async throws {
        guard let id = ExecutionID(execution) else { throw SpotterError(.internal, "no execution") }
        let journal = try await api.stores.executions.journal(of: id, in: tenant.scope)
        let last = open.map {
            tenant.home.step(journal.nextIndex, of: journal.execution, kind: $0.kind, state: $0.state)
        }
        let now = Date()
        _ = try await api.stores.executions.change(id, at: now, in: tenant.scope) { journal in
            var execution = journal.execution
            execution.state = state
            // Nobody takes it up in the meantime.
            execution.wakeAt = state == .queued ? now.addingTimeInterval(86_400) : nil
            execution.completedAt = state.isTerminal ? now : nil
            execution.error = state == .failed ? ExecutionError(code: "no_luck", message: "It went wrong.") : nil
            execution.deadAt = isDead ? now : nil
            return ExecutionChange(execution: execution, steps: last.map { [$0] } ?? [])
        }
        if let last { step = last.id.description }
    }
}
