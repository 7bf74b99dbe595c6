import HTTPServerKit
import SpotterDomain

/// How members, leads and subscriptions came to be what they are.
enum RecordHistoryRoutes {
    static func routes(_ services: Services) -> [Route] {
        [steps(ClientKind.self, services), steps(LeadKind.self, services), changes(services)]
    }

    private static func steps<Kind: RecordKind>(_ kind: Kind.Type, _ services: Services) -> Route {
        let routes = RecordRoutes<Kind>.self
        return Route(
            .get, "/v1/crm/\(Kind.plural)/{\(routes.parameter)}/history", "list\(routes.title)History",
            "List the steps of a \(Kind.noun)'s status, in their order", tag: "Gym records", permission: .crmRead,
            answers: [.json(200, "All steps.", ListResource<StatusChange>.self)]
        ) { context in
            let id: Identifier<Kind> = try context.id(routes.parameter, Kind.noun)
            _ = try await services.gym.record(id, in: context.scope)
            let steps = try await services.gym.statusChanges(of: id, in: context.scope)
            return try .json(ListResource(Page(items: steps, next: nil)))
        }
    }

    private static func changes(_ services: Services) -> Route {
        let routes = RecordRoutes<SubscriptionKind>.self
        return Route(
            .get, "/v1/crm/subscriptions/{\(routes.parameter)}/history", "listSubscriptionHistory",
            "List what a subscription was from when until when, in order", tag: "Gym records", permission: .crmRead,
            answers: [.json(200, "Its history, without gaps or overlaps.", ListResource<SubscriptionChange>.self)]
        ) { context in
            let id: SubscriptionID = try context.id(routes.parameter, SubscriptionKind.noun)
            _ = try await services.gym.record(id, in: context.scope)
            let changes = try await services.gym.changes(of: id, in: context.scope)
            return try .json(ListResource(Page(items: changes, next: nil)))
        }
    }
}
