import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// `/v1/tasks`: what agents are to do.
enum TaskRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), create(services), statistics(services), get(services), replace(services), patch(services)]
            + [delete(services), execute(services), executions(services), fires(services)]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/tasks", "listTasks", "List tasks, newest first", tag: "Tasks", permission: .tasksRead,
            query: .page + [
                .init(name: "state", schema: WorkItemState.schema), .init(name: "agent_id", schema: AgentID.schema),
                .init(name: "q", schema: JSONSchema(.string, description: "Words to find in title or description.")),
            ],
            answers: [.json(200, "One page of tasks.", ListResource<TaskResource>.self)]
        ) { context in
            let filter = WorkItemFilter(
                state: try context.choice("state", WorkItemState.self), agent: try context.queryID("agent_id"),
                search: context.query["q"])
            let page = try await services.tasks.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page.map(TaskResource.init)))
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/tasks", "createTask", "Create a task", tag: "Tasks", permission: .tasksWrite,
            body: .json(WorkItemSettings.self, example: example),
            answers: [.json(201, "The task. With `run_at`, its run is planned already.", TaskResource.self)],
            idempotency: .withEffect
        ) { context in
            let status = try await services.tasks.create(
                context.body(WorkItemSettings.self), at: context.now, in: context.scope
            ) { status in
                context.receipt(status: 201, body: try JSONWriter.encode(TaskResource(status)))
            }
            return try .json(TaskResource(status), status: 201, version: status.item.version)
                .with("location", "/v1/tasks/\(status.item.id)")
        }
    }

    private static func statistics(_ services: Services) -> Route {
        Route(
            .get, "/v1/tasks/stats", "getTaskStatistics", "Count tasks by state", tag: "Tasks",
            permission: .tasksRead,
            answers: [.json(200, "How many there are, in all and in each state.", WorkItemStatistics.self)]
        ) { context in
            try .json(await services.tasks.statistics(in: context.scope))
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/tasks/{task_id}", "getTask", "Read one task", tag: "Tasks", permission: .tasksRead,
            answers: [.json(200, "The task.", TaskResource.self)]
        ) { context in
            let status = try await services.tasks.status(of: context.id("task_id", "task"), in: context.scope)
            return try .json(TaskResource(status), version: status.item.version)
        }
    }

    private static func replace(_ services: Services) -> Route {
        Route(
            .put, "/v1/tasks/{task_id}", "replaceTask", "Replace a task's settings", tag: "Tasks",
            permission: .tasksWrite, body: .json(WorkItemSettings.self, example: example),
            answers: [.json(200, "The task.", TaskResource.self)]
        ) { context in
            let status = try await services.tasks.status(of: context.id("task_id", "task"), in: context.scope)
            try context.checkMatch(status.item.version)
            return try await update(status, to: context.body(WorkItemSettings.self), services, context)
        }
    }

    private static func patch(_ services: Services) -> Route {
        Route(
            .patch, "/v1/tasks/{task_id}", "updateTask", "Change some of a task's settings", tag: "Tasks",
            permission: .tasksWrite, body: .patch(WorkItemSettings.self, example: ["priority": "high"]),
            answers: [.json(200, "The task.", TaskResource.self)]
        ) { context in
            let status = try await services.tasks.status(of: context.id("task_id", "task"), in: context.scope)
            try context.checkMatch(status.item.version)
            let patch = try context.json()
            let issues = JSONSchema.derived(from: WorkItemSettings.self).asPatch.issues(in: patch)
            guard issues.isEmpty else { throw SpotterError.invalid(issues) }
            let settings = try JSONValue(encoding: status.item.settings).merging(patch: patch)
                .decoded(as: WorkItemSettings.self)
            return try await update(status, to: settings, services, context)
        }
    }

    private static func update(
        _ status: WorkItemStatus, to settings: WorkItemSettings, _ services: Services, _ context: RequestContext
    ) async throws -> Reply {
        let updated = try await services.tasks.update(status, to: settings, at: context.now, in: context.scope)
        return try .json(TaskResource(updated), version: updated.item.version)
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/tasks/{task_id}", "deleteTask", "Delete a task", tag: "Tasks", permission: .tasksWrite,
            answers: [
                .empty(204, "It is gone, and its runs that have not begun are cancelled; its history stays.")
            ]
        ) { context in
            try await services.tasks.delete(
                context.id("task_id", "task"), version: context.expectedVersion(), at: context.now, in: context.scope)
            return .noContent
        }
    }

    // MARK: Runs

    private static func execute(_ services: Services) -> Route {
        Route(
            .post, "/v1/tasks/{task_id}/execute", "executeTask", "Run a task, also one that is disabled",
            tag: "Tasks", permission: .tasksWrite,
            body: .json(TaskRunRequest.self, example: ["priority": "high"]),
            answers: [
                .json(
                    202, "The run: queued, or waiting for what the task depends on. Follow the execution.",
                    TaskRunResource.self)
            ], idempotency: .withEffect
        ) { context in
            let wanted = context.request.body.isEmpty ? TaskRunRequest() : try context.body(TaskRunRequest.self)
            let execution = try await services.tasks.execute(
                context.id("task_id", "task"),
                TaskService.RunOptions(
                    input: wanted.input, runAt: wanted.runAt, priority: wanted.priority,
                    autonomy: wanted.autonomy(for: context.caller?.subject)),
                at: context.now, in: context.scope
            ) { id in
                context.receipt(status: 202, body: try JSONWriter.encode(TaskRunResource(executionId: id)))
            }
            return try .json(TaskRunResource(executionId: execution.id), status: 202)
                .with("location", "/v1/executions/\(execution.id)")
        }
    }

    private static func executions(_ services: Services) -> Route {
        Route(
            .get, "/v1/tasks/{task_id}/executions", "listTaskExecutions", "List the runs of a task, newest first",
            tag: "Tasks", permission: .tasksRead,
            query: .page + [.init(name: "state", schema: ExecutionState.schema)],
            answers: [.json(200, "One page of its history.", ListResource<ExecutionResource>.self)]
        ) { context in
            let id: WorkItemID = try context.id("task_id", "task")
            _ = try await services.tasks.status(of: id, in: context.scope)
            let filter = ExecutionFilter(state: try context.choice("state", ExecutionState.self), task: id)
            let page = try await services.executions.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page.map(ExecutionResource.init)))
        }
    }

    private static func fires(_ services: Services) -> Route {
        Route(
            .get, "/v1/tasks/{task_id}/fires", "listTaskFires",
            "List what became of the fires of a task's schedule, newest first", tag: "Tasks", permission: .tasksRead,
            query: .page, answers: [.json(200, "One page of them.", ListResource<FireResource>.self)]
        ) { context in
            let page = try await services.firing.fires(
                of: context.id("task_id", "task"), context.page(), in: context.scope)
            return try .json(ListResource(page.map(FireResource.init)))
        }
    }

    private static let example: JSONValue = [
        "title": "Weekly revenue report", "description": "Sum up last week's revenue for the owner.",
        "agent_id": .string(AgentID.sample.description), "input": ["currency": "GBP"],
        "schedule": ["cron": "0 9 * * MON", "timezone": "Europe/London"], "max_attempts": 3,
    ]
}
