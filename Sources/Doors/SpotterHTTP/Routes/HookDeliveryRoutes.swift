import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/hooks/{hook_id}/deliveries`, `/replay` and `/test`: what has come by a hook, or gone.
enum HookDeliveryRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), get(services), replayOne(services), replay(services), test(services)]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/hooks/{hook_id}/deliveries", "listHookDeliveries",
            "List the messages that a hook has taken, or sends, newest first", tag: "Hooks", permission: .hooksRead,
            query: .page,
            answers: [
                .json(
                    200,
                    "One page: of the last 80 hours what came in, without what was sent; of the last seven days what "
                        + "goes out, with the last attempt of each.", ListResource<HookDeliveryResource>.self)
            ]
        ) { context in
            let hook = try await services.hooks.hook(context.id("hook_id", "hook"), in: context.scope)
            guard hook.settings.direction == .outbound else {
                let page = try await services.hooks.deliveries(of: hook.id, context.page(), in: context.scope)
                return try .json(ListResource(page.map { HookDeliveryResource($0) }))
            }
            let page = try await services.hooks.outbound(of: hook.id, context.page(), in: context.scope)
            return try .json(ListResource(page.map { HookDeliveryResource($0) }))
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/hooks/{hook_id}/deliveries/{delivery_id}", "getHookDelivery",
            "Read what was sent, or how often it was tried", tag: "Hooks", permission: .hooksRead,
            answers: [.json(200, "The message and what came of it.", HookDeliveryResource.self)]
        ) { context in
            let (id, hook) = try await names(services, context)
            guard hook.settings.direction == .outbound else {
                let delivery = try await services.hooks.delivery(id, of: hook.id, in: context.scope)
                return try .json(HookDeliveryResource(delivery, isWhole: true))
            }
            let delivery = try await services.hooks.outbound(id, of: hook.id, in: context.scope)
            return try .json(HookDeliveryResource(delivery, isWhole: true))
        }
    }

    private static func replayOne(_ services: Services) -> Route {
        Route(
            .post, "/v1/hooks/{hook_id}/deliveries/{delivery_id}/replay", "replayHookDelivery",
            "Take a message once more, with the action that the hook has now, or send an event again", tag: "Hooks",
            permission: .hooksWrite,
            answers: [
                .json(202, "The new delivery; of what goes out the same one, queued again.", HookDeliveryResource.self)
            ], idempotency: .withEffect
        ) { context in
            let (id, hook) = try await names(services, context)
            try context.checkMayHave(hook.settings)
            guard hook.settings.direction == .outbound else {
                let delivery = try await services.hooks.replay(id, of: hook.id, at: context.now, in: context.scope) {
                    context.receipt(status: 202, body: try JSONWriter.encode(HookDeliveryResource($0)))
                }
                return try .json(HookDeliveryResource(delivery), status: 202)
            }
            try await services.access.admitHookTest(in: context.scope)
            let delivery = try await services.hooks.repeatOutbound(id, of: hook.id, in: context.scope) {
                context.receipt(status: 202, body: try JSONWriter.encode(HookDeliveryResource($0)))
            }
            return try .json(HookDeliveryResource(delivery), status: 202)
        }
    }

    private static func replay(_ services: Services) -> Route {
        Route(
            .post, "/v1/hooks/{hook_id}/replay", "replayHook",
            "Send events of a range again, or for the first time those that were missed", tag: "Hooks",
            permission: .hooksWrite,
            body: .json(
                HookReplayRequest.self, example: ["from": "2026-11-20T00:00:00Z", "to": "2026-11-21T00:00:00Z"]),
            answers: [
                .json(
                    202,
                    "How many are queued that were not; at most \(OutboundLimits.mostReplayed) at a time. `next`, where "
                        + "there is more, goes on as `after`.", HookReplayResource.self)
            ]
        ) { context in
            let wish = try context.body(HookReplayRequest.self).wish()
            let hook = try await services.hooks.hook(context.id("hook_id", "hook"), in: context.scope)
            try context.checkMayHave(hook.settings)
            try await services.access.admitHookTest(in: context.scope)
            let done = try await services.hooks.replay(
                HookService.ReplayWish(from: wish.from, to: wish.to, events: wish.events, after: wish.after),
                of: hook.id, at: context.now, in: context.scope)
            return try .json(
                HookReplayResource(queued: done.queued, next: done.next.map { "\($0)" }), status: 202)
        }
    }

    private static func test(_ services: Services) -> Route {
        Route(
            .post, "/v1/hooks/{hook_id}/test", "testHook", "Send a message that only shows that it comes through",
            tag: "Hooks", permission: .hooksWrite,
            answers: [.json(202, "The delivery, of type `hook.test`.", HookDeliveryResource.self)]
        ) { context in
            try await services.access.admitHookTest(in: context.scope)
            let delivery = try await services.hooks.test(
                context.id("hook_id", "hook"), at: context.now, in: context.scope)
            return try .json(HookDeliveryResource(delivery), status: 202)
        }
    }

    /// What the address names. That there is no such hook looks like there being no such delivery.
    private static func names(
        _ services: Services, _ context: RequestContext
    ) async throws -> (HookDeliveryID, Hook) {
        let id: HookDeliveryID = try context.id("delivery_id", "delivery")
        do {
            return (id, try await services.hooks.hook(context.id("hook_id", "delivery"), in: context.scope))
        } catch let error as SpotterError where error.code == .notFound {
            throw SpotterError.notFound("delivery")
        }
    }
}
