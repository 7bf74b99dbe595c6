import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/triggers`: what events start.
enum TriggerRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), create(services), get(services), replace(services), delete(services)]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/triggers", "listTriggers", "List triggers, newest first", tag: "Workflows",
            permission: .workflowsRead, query: .page,
            answers: [.json(200, "One page of triggers.", ListResource<TriggerResource>.self)]
        ) { context in
            let page = try await services.triggers.list(context.page(), in: context.scope)
            return try .json(ListResource(page.map(TriggerResource.init)))
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/triggers", "createTrigger",
            "Start a workflow, a task or a plan whenever an event happens, from now on", tag: "Workflows",
            permission: .workflowsWrite,
            body: .json(TriggerSettings.self, limit: WorkflowLimits.longestDefinition, example: example),
            answers: [.json(201, "The trigger.", TriggerResource.self)], idempotency: .withEffect
        ) { context in
            let trigger = try await services.triggers.create(
                context.body(TriggerSettings.self), at: context.now, in: context.scope
            ) { context.receipt(status: 201, body: try JSONWriter.encode(TriggerResource($0))) }
            return try .json(TriggerResource(trigger), status: 201, version: trigger.version)
                .with("location", "/v1/triggers/\(trigger.id)")
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/triggers/{trigger_id}", "getTrigger", "Read one trigger", tag: "Workflows",
            permission: .workflowsRead, answers: [.json(200, "The trigger.", TriggerResource.self)]
        ) { context in
            let trigger = try await services.triggers.trigger(context.id("trigger_id", "trigger"), in: context.scope)
            return try .json(TriggerResource(trigger), version: trigger.version)
        }
    }

    private static func replace(_ services: Services) -> Route {
        Route(
            .put, "/v1/triggers/{trigger_id}", "replaceTrigger",
            "Replace a trigger; one that is enabled again begins with what happens then", tag: "Workflows",
            permission: .workflowsWrite,
            body: .json(TriggerSettings.self, limit: WorkflowLimits.longestDefinition, example: example),
            answers: [.json(200, "The trigger.", TriggerResource.self)]
        ) { context in
            let trigger = try await services.triggers.trigger(context.id("trigger_id", "trigger"), in: context.scope)
            try context.checkMatch(trigger.version)
            let updated = try await services.triggers.update(
                trigger, to: context.body(TriggerSettings.self), at: context.now, in: context.scope)
            return try .json(TriggerResource(updated), version: updated.version)
        }
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/triggers/{trigger_id}", "deleteTrigger", "Delete a trigger", tag: "Workflows",
            permission: .workflowsWrite, answers: [.empty(204, "It is gone; what it has started goes on.")]
        ) { context in
            try await services.triggers.delete(
                context.id("trigger_id", "trigger"), version: context.expectedVersion(), in: context.scope)
            return .noContent
        }
    }

    private static let example: JSONValue = [
        "name": "A lead came in", "event": "custom.lead_created", "condition": "event.data.source != 'import'",
        "input": ["name": "{{ event.data.name }}"],
        "target": ["kind": "workflow", "workflow_id": .string(WorkflowID.sample.description)],
    ]
}
