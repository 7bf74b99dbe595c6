import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterTenants
import SpotterWorkflows

extension SpotterProduct {
    func runFlow(
        _ order: FlowRunOrder, onProgress: @escaping @Sendable (FlowProgress) -> Void,
        onQuestion: @escaping @Sendable (String) -> JSONValue?, onApprovals: @escaping @Sendable ([Approval]) -> Void
    ) async throws -> Execution {
        let subject = try FlowSubject(order.subject)
        return try await withApplication { application, _, _ in
            let scope = OrganizationScope(try await self.organization(order.organization, in: application).id)
            let (outcome, ending) = AsyncThrowingStream.makeStream(of: Execution.self)
            try await self.runServices(of: application) {
                do {
                    let id = try await subject.start(input: order.input, in: application, scope)
                    let following = Following(
                        application, scope, id,
                        onEvents: { _ in
                            let journal = try await application.stores.executions.journal(of: id, in: scope)
                            if let progress = try await application.flows.progress(of: journal, in: scope) {
                                onProgress(progress)
                            }
                        }, onQuestion)
                    let ended = try await following.toTheEnd()
                    if ended.state == .waiting { onApprovals(try await following.openApprovals()) }
                    ending.yield(ended)
                    ending.finish()
                } catch { ending.finish(throwing: error) }
            }
            for try await ended in outcome { return ended }
            throw SpotterError(.internal, "The run was not followed to its end.")
        }
    }
}

/// What is run, read from its file.
private enum FlowSubject: Sendable {
    case plan(PlanOrder)
    case workflow(WorkflowDefinition)
    case kept(String)

    init(_ subject: FlowRunOrder.Subject) throws {
        switch subject {
        case .plan(let file): self = .plan(try PlanFile(path: file).load())
        case .workflow(let file): self = .workflow(try WorkflowFile(path: file).load(knowing: nil))
        case .kept(let name): self = .kept(name)
        }
    }

    func start(
        input: JSONValue, in application: Application, _ scope: OrganizationScope
    ) async throws -> ExecutionID {
        let now = application.clock.now()
        switch self {
        case .plan(var plan):
            if input != [:] { plan.input = input }
            return try await application.plans.start(plan, at: now, in: scope)
        case .workflow(let definition):
            return try await application.workflows.start(definition, .init(input: input), at: now, in: scope)
        case .kept(let name):
            let workflow = try await application.flows.current(name, in: scope)
            return try await application.workflows.start(workflow.id, .init(input: input), at: now, in: scope)
        }
    }
}
