import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/plans/execute`: steps that depend on each other.
enum PlanRoutes {
    static func routes(_ services: Services) -> [Route] { [execute(services)] }

    /// The longest that a request waits for a plan's end, in milliseconds.
    private static let longestWait = 60_000

    private static func execute(_ services: Services) -> Route {
        Route(
            .post, "/v1/plans/execute", "executePlan", "Run steps that depend on each other", tag: "Plans",
            permission: .executionsWrite, body: .json(PlanOrder.self, limit: 4 << 20, example: example),
            answers: [
                .json(200, "What it came to, well or not: `success` says which.", PlanReport.self),
                .json(202, "It runs still, or `wait` is false. Follow the execution.", PlanReport.self),
            ], idempotency: .withEffect
        ) { context in
            let plan = try context.body(PlanOrder.self)
            let id: ExecutionID
            do {
                id = try await services.plans.start(
                    plan, origin: context.caller.map(ExecutionOrigin.init) ?? ExecutionOrigin(), at: context.now,
                    in: context.scope
                ) { context.receipt(for: $0) }
            } catch let exists as ReceiptExists {
                let begun = try await context.begun(after: exists, services)
                return try await answer(begun, plan, services, context).with("idempotency-replayed", "true")
            }
            return try await answer(id, plan, services, context)
        }
    }

    private static func answer(
        _ id: ExecutionID, _ plan: PlanOrder, _ services: Services, _ context: RequestContext
    ) async throws -> Reply {
        if plan.wait ?? true {
            let time = min(plan.timeoutMs.map { $0 + 1_000 } ?? longestWait, longestWait)
            try await ExecutionRoutes.waitForEnd(of: id, .milliseconds(time), services, in: context.scope)
        }
        let journal = try await services.executions.journal(of: id, in: context.scope)
        let report = try await services.flows.report(on: journal, in: context.scope)
        return try .json(report, status: journal.execution.state.isTerminal ? 200 : 202)
            .with("location", "/v1/executions/\(id)")
    }

    private static let example: JSONValue = [
        "steps": [
            ["id": "members", "tool": "search_clients", "input": ["query": "Ana"]],
            [
                "id": "again", "tool": "search_clients", "input": ["query": "{{input.name}}"],
                "dependencies": ["members"], "retry_policy": ["max_retries": 2, "backoff_ms": 1_000],
            ],
        ], "parallel": true, "timeout_ms": 30_000, "wait": false, "input": ["name": "Ben"],
    ]
}
