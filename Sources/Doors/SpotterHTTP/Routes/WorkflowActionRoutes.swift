import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/workflows/actions/execute-agent`: what workflows of a CRM have agents do.
enum WorkflowActionRoutes {
    static func routes(_ services: Services) -> [Route] { [execute(services), log(services)] }

    /// How long a request waits.
    private static let longestWait = Duration.seconds(60)

    private static func execute(_ services: Services) -> Route {
        Route(
            .post, "/v1/workflows/actions/execute-agent", "executeWorkflowAction",
            "As a workflow of a CRM, have an agent do something", tag: "Workflows", permission: .executionsWrite,
            body: .json(WorkflowAction.self, limit: 1 << 20, example: example),
            answers: [
                .json(200, "What came of it, well or not: `success` says which.", WorkflowActionResource.self),
                .json(202, "It has not ended within 60 s: follow the execution.", WorkflowActionResource.self),
            ], idempotency: .withEffect
        ) { context in
            guard let caller = context.caller else { throw SpotterError(.unauthenticated, "A token is needed.") }
            let action = try context.body(WorkflowAction.self)
            let id: ExecutionID
            do {
                id = try await services.workflowActions.start(
                    action, by: caller, at: context.now, receipt: { context.receipt(for: $0) })
            } catch let exists as ReceiptExists {
                return try answer(try await context.ended(after: exists, services))
                    .with("idempotency-replayed", "true")
            }
            try await ExecutionRoutes.waitForEnd(of: id, longestWait, services, in: context.scope)
            return try answer(await services.executions.execution(id, in: context.scope))
        }
    }

    private static func answer(_ execution: Execution) throws -> Reply {
        try .json(WorkflowActionResource(execution), status: execution.state.isTerminal ? 200 : 202)
            .with("location", "/v1/executions/\(execution.id)")
    }

    private static func log(_ services: Services) -> Route {
        Route(
            .get, "/v1/workflows/actions/execute-agent", "listWorkflowActions",
            "List what workflows of a CRM have had agents do, with what it cost, newest first", tag: "Workflows",
            permission: .executionsRead,
            query: .page + [
                .init(name: "workflow_id", schema: JSONSchema(.string, description: "As the CRM calls the workflow."))
            ],
            answers: [.json(200, "One page.", ListResource<WorkflowActionEntryResource>.self)]
        ) { context in
            let page = try await services.workflowActions.list(
                workflow: context.query["workflow_id"], context.page(), in: context.scope)
            return try .json(ListResource(page.map(WorkflowActionEntryResource.init)))
        }
    }

    private static let example: JSONValue = [
        "action": "ai_agent_analysis", "agent_id": .string(AgentID.sample.description), "workflow_id": "new-lead-42",
        "prompt": "How likely is {{lead.name}} to join? They wrote: {{lead.message}}",
        "context": ["lead": ["name": "Ana", "email": "ana@example.com", "message": "Do you have evening classes?"]],
    ]
}

/// What came of an action.
struct WorkflowActionResource: Codable, Sendable {
    let success: Bool
    let executionId: ExecutionID
    let state: ExecutionState
    /// A JSON object where one was asked for, otherwise text.
    let result: JSONValue?
    let error: CallErrorResource?
    let usage: TokenUsage
    let cost: Cost

    init(_ execution: Execution) {
        success = execution.state == .completed
        executionId = execution.id
        state = execution.state
        let text = execution.output?["content"]?.string
        let isObject = execution.input["response_schema"].map { !$0.isNull } ?? false
        result = text.map { isObject ? (try? JSONParser.parse($0)) ?? .string($0) : .string($0) }
        error =
            success || !execution.state.isTerminal
            ? nil
            : CallErrorResource(
                code: execution.error?.code ?? "cancelled",
                message: execution.error?.message ?? "The run was cancelled.",
                isTransient: execution.error?.isTransient)
        usage = execution.usage
        cost = execution.cost
    }
}

/// A line of the log.
struct WorkflowActionEntryResource: Codable, Sendable {
    let executionId: ExecutionID
    let workflowId: String
    let action: WorkflowAction.Kind
    let agentId: AgentID
    let state: ExecutionState?
    let createdAt: Date
    let completedAt: Date?
    let usage: TokenUsage
    let cost: Cost

    init(_ entry: WorkflowActionEntry) {
        (executionId, workflowId, action) = (entry.execution, entry.workflow, entry.action)
        (agentId, state, createdAt) = (entry.agent, entry.state, entry.createdAt)
        (completedAt, usage, cost) = (entry.completedAt, entry.sum.usage, entry.sum.cost)
    }
}
