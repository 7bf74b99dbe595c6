import HTTPServerKit
import SpotterDomain

/// `/v1/budgets`: caps on what calls of models may cost.
enum BudgetRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), put(services), delete(services)] }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/budgets", "listBudgets", "List the budgets, with what is spent of them", tag: "Billing",
            permission: .billingRead,
            answers: [
                .json(
                    200, "All of them: the organisation's own, then those of agents, tasks and executions.",
                    ListResource<BudgetResource>.self)
            ]
        ) { context in
            let budgets = try await services.budgets.budgets(at: context.now, in: context.scope)
            // What runs may spend by their agents' limits, the agents say.
            let shown = budgets.filter { $0.source != .run }
            return try .json(ListResource(shown.map(BudgetResource.init), next: nil))
        }
    }

    private static func put(_ services: Services) -> Route {
        Route(
            .put, "/v1/budgets", "putBudget", "Set a budget", tag: "Billing", permission: .billingWrite,
            body: .json(BudgetSettings.self, example: example),
            answers: [
                .json(
                    200,
                    "The budget. There is one for a scope and period: what is there already is replaced, and what was "
                        + "spent in the present period counts.", BudgetResource.self)
            ]
        ) { context in
            try context.refuseMatch("A budget")
            let order = try context.body(BudgetSettings.self).order()
            let budget = try await services.budgets.put(
                order, id: services.ids.id(at: context.now), at: context.now, in: context.scope)
            return try .json(BudgetResource(budget))
        }
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/budgets/{budget_id}", "deleteBudget", "Take a budget away", tag: "Billing",
            permission: .billingWrite, answers: [.empty(204, "It caps nothing any more.")]
        ) { context in
            try context.refuseMatch("A budget")
            try await services.budgets.delete(context.id("budget_id", "budget"), in: context.scope)
            return .noContent
        }
    }

    private static let example: JSONValue = [
        "scope": "agent", "agent_id": "agent_01jd4xk8p9e6zt7c2m5v3w1q8r",
        "limit": ["amount": "25.00", "currency": "USD"], "period": "month",
    ]
}
