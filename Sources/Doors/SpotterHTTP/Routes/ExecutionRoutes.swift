import HTTPServerKit
import SpotterAgents
import SpotterDomain
import SpotterEngine
import SpotterWorkflows

/// `/v1/executions`: every run of anything.
enum ExecutionRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), get(services), steps(services), events(services)]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/executions", "listExecutions", "List executions, newest first", tag: "Executions",
            permission: .executionsRead,
            query: .page + [
                .init(name: "state", schema: ExecutionState.schema), .init(name: "agent_id", schema: AgentID.schema),
                .init(name: "conversation_id", schema: ConversationID.schema),
                .init(name: "task_id", schema: WorkItemID.schema), .init(name: "parent_id", schema: ExecutionID.schema),
            ],
            answers: [.json(200, "One page.", ListResource<ExecutionResource>.self)]
        ) { context in
            let filter = ExecutionFilter(
                state: try context.choice("state", ExecutionState.self), agent: try context.queryID("agent_id"),
                conversation: try context.queryID("conversation_id"), task: try context.queryID("task_id"),
                parent: try context.queryID("parent_id"))
            let page = try await services.executions.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page.map(ExecutionResource.init)))
        }
    }

    private static func get(_ services: Services) -> Route {
        var wait = JSONSchema(.integer, description: "Answer when it has ended, or after this long at the latest.")
        wait.minimum = 0
        wait.maximum = 60_000
        return Route(
            .get, "/v1/executions/{execution_id}", "getExecution", "Read one execution", tag: "Executions",
            permission: .executionsRead, query: [.init(name: "wait_ms", schema: wait)],
            answers: [.json(200, "The execution.", ExecutionResource.self)]
        ) { context in
            let id: ExecutionID = try context.id("execution_id", "execution")
            let execution = try await services.executions.execution(id, in: context.scope)
            let milliseconds = try waitTime(context)
            if milliseconds > 0, !execution.state.isTerminal {
                try await waitForEnd(of: id, .milliseconds(milliseconds), services, in: context.scope)
                return try .json(
                    try await resource(
                        services.executions.execution(id, in: context.scope), services, in: context.scope))
            }
            return try .json(try await resource(execution, services, in: context.scope))
        }
    }

    /// An agent on its own, a plan and a workflow are shown with how far they are, which their journals tell.
    private static func resource(
        _ execution: Execution, _ services: Services, in scope: OrganizationScope
    ) async throws -> ExecutionResource {
        switch execution.kind {
        case .autonomous:
            let journal = try await services.executions.journal(of: execution.id, in: scope)
            return ExecutionResource(journal.execution, RunProgress(journal))
        case .plan, .workflow:
            let journal = try await services.executions.journal(of: execution.id, in: scope)
            return ExecutionResource(
                journal.execution, nil, flow: try await services.flows.progress(of: journal, in: scope))
        case .message, .task, .compression, .tool, .call, .probe: return ExecutionResource(execution)
        }
    }

    private static func waitTime(_ context: RequestContext) throws -> Int {
        guard let text = context.query["wait_ms"] else { return 0 }
        guard let time = Int(text), (0...60_000).contains(time) else {
            throw SpotterError.invalid("/wait_ms", "must be a whole number from 0 to 60000")
        }
        return time
    }

    /// Returns when the execution has ended, or the time is up.
    static func waitForEnd(
        of id: ExecutionID, _ time: Duration, _ services: Services, in scope: OrganizationScope
    ) async throws {
        let deadline = ContinuousClock.now + time
        let position = try await services.events.end(in: scope)
        try await services.events.follow(after: position, execution: id, in: scope) { _ in
            let execution = try await services.executions.execution(id, in: scope)
            return !execution.state.isTerminal && ContinuousClock.now < deadline
        }
    }

    private static func steps(_ services: Services) -> Route {
        Route(
            .get, "/v1/executions/{execution_id}/steps", "listSteps", "Read an execution's journal",
            tag: "Executions", permission: .executionsRead,
            answers: [.json(200, "Every step so far.", ListResource<StepResource>.self)]
        ) { context in
            let journal = try await services.executions.journal(
                of: context.id("execution_id", "execution"), in: context.scope)
            return try .json(ListResource(Page(items: journal.steps.map(StepResource.init), next: nil)))
        }
    }

    private static func events(_ services: Services) -> Route {
        Route(
            .get, "/v1/executions/{execution_id}/events", "streamExecutionEvents",
            "Follow an execution's events until it ends", tag: "Executions", permission: .eventsRead,
            query: [
                .init(
                    name: "after",
                    schema: JSONSchema(
                        .string,
                        description: "An event's id; as Last-Event-ID. 410 where the next are no longer kept."))
            ],
            answers: [.events("The events, from the first or after the one named.")]
        ) { context in
            let id: ExecutionID = try context.id("execution_id", "execution")
            let execution = try await services.executions.execution(id, in: context.scope)
            let position = try await EventStream.position(services, of: context) ?? 0
            if execution.state.isTerminal {
                // Everything is there already; when nothing follows, 204 tells an EventSource not to come back.
                let rest = try await services.events.after(position, execution: id, in: context.scope)
                guard !rest.events.isEmpty else { return .noContent }
            }
            return try EventStream.reply(services, context, after: position, execution: id)
        }
    }
}
