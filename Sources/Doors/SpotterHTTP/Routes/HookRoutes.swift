import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/hooks`: ways in for messages of other systems, and ways out for events.
enum HookRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), create(services), get(services), change(services), delete(services), rotate(services)]
            + HookDeliveryRoutes.routes(services)
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/hooks", "listHooks", "List hooks, newest first", tag: "Hooks", permission: .hooksRead,
            query: .page, answers: [.json(200, "One page of hooks.", ListResource<HookResource>.self)]
        ) { context in
            let page = try await services.hooks.list(context.page(), in: context.scope)
            return try .json(ListResource(page.map { HookResource($0) }))
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/hooks", "createHook", "Make a way in for messages of another system, or a way out for events",
            tag: "Hooks",
            permission: .hooksWrite, body: .json(HookRequest.self, example: example),
            answers: [
                .json(
                    201,
                    "The hook. Its secret, where one was made, is shown this once; `path` is where messages come in. "
                        + "The token also needs the scope of what the hook does: `executions:write`, `tasks:write` "
                        + "where it runs a task, `crm:write` where it takes SMS, `events:read` where it sends. "
                        + "What goes out is signed by Standard Webhooks 1.0.",
                    HookResource.self)
            ], idempotency: .withEffect
        ) { context in
            let wanted = try context.body(HookRequest.self)
            try context.checkMayHave(wanted.settings())
            let (hook, secret) = try await services.hooks.create(
                wanted.settings(), secret: wanted.secret, at: context.now, in: context.scope
            ) { context.receipt(status: 201, body: try JSONWriter.encode(HookResource($0))) }
            return try .json(HookResource(hook, secret: secret), status: 201, version: hook.version)
                .with("location", "/v1/hooks/\(hook.id)")
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/hooks/{hook_id}", "getHook", "Read one hook", tag: "Hooks", permission: .hooksRead,
            answers: [.json(200, "The hook.", HookResource.self)]
        ) { context in
            let hook = try await services.hooks.hook(context.id("hook_id", "hook"), in: context.scope)
            let endpoint = try await services.hooks.endpoint(of: hook, in: context.scope)
            return try .json(HookResource(hook, endpoint: endpoint), version: hook.version)
        }
    }

    private static func change(_ services: Services) -> Route {
        Route(
            .patch, "/v1/hooks/{hook_id}", "updateHook", "Change a hook", tag: "Hooks", permission: .hooksWrite,
            body: .patch(HookPatch.self, example: ["enabled": false]),
            answers: [.json(200, "The hook's new version.", HookResource.self)]
        ) { context in
            let hook = try await services.hooks.hook(context.id("hook_id", "hook"), in: context.scope)
            try context.checkMatch(hook.version)
            let current = try JSONValue(encoding: HookPatch(hook.settings))
            let wanted = try current.merging(patch: context.json()).decoded(as: HookPatch.self)
            let settings = try HookSettings(wanted, direction: hook.settings.direction)
            // Switching one off takes no more than deleting it would.
            if settings.isEnabled { try context.checkMayHave(settings) }
            let updated = try await services.hooks.update(
                hook, to: settings, at: context.now, in: context.scope)
            return try .json(HookResource(updated), version: updated.version)
        }
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/hooks/{hook_id}", "deleteHook", "Delete a hook and its deliveries", tag: "Hooks",
            permission: .hooksWrite, answers: [.empty(204, "It is gone; what it has started goes on.")]
        ) { context in
            try await services.hooks.delete(
                context.id("hook_id", "hook"), version: context.expectedVersion(), at: context.now, in: context.scope)
            return .noContent
        }
    }

    private static func rotate(_ services: Services) -> Route {
        Route(
            .post, "/v1/hooks/{hook_id}/rotate", "rotateHook", "Give a hook another secret", tag: "Hooks",
            permission: .hooksWrite, body: .json(HookRotation.self, example: ["end_previous": false]),
            answers: [
                .json(
                    200,
                    "The hook, with the secret where one was made: it is shown this once. The secret before stays "
                        + "good until the next rotation, unless it was to end.", HookResource.self)
            ]
        ) { context in
            let wanted = context.request.body.isEmpty ? HookRotation() : try context.body(HookRotation.self)
            let known = try await services.hooks.hook(context.id("hook_id", "hook"), in: context.scope)
            try context.checkMayHave(known.settings)
            let (hook, secret) = try await services.hooks.rotate(
                known.id, secret: wanted.secret, endsPrevious: wanted.endPrevious ?? false,
                at: context.now, in: context.scope)
            return try .json(HookResource(hook, secret: secret))
        }
    }

    private static let example: JSONValue = [
        "name": "New leads", "direction": "inbound", "style": "standard",
        "action": [
            "kind": "agent_message", "agent_id": .string(AgentID.sample.description),
            "content": "Welcome the new lead {{ payload.name }} (source: {{ default(payload.source, \"unknown\") }}).",
        ],
    ]
}

extension RequestContext {
    /// Who has events sent somewhere reads them, and who knows a hook's secret starts what it starts.
    func checkMayHave(_ settings: HookSettings) throws {
        let (needed, kind): (Permission, String) =
            switch settings.action?.kind {
            case nil: (.eventsRead, "sends")
            case .task: (.tasksWrite, "runs a task")
            case .inboundSMS: (.crmWrite, "takes SMS")
            case .agentMessage, .workflow, .plan: (.executionsWrite, "starts something")
            }
        guard caller?.may(needed) != true else { return }
        throw SpotterError(.forbidden, "A hook that \(kind) needs the scope \(needed.rawValue), too.")
    }
}
