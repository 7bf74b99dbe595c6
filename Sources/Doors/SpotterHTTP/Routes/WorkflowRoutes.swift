import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/workflows`: graphs of work.
enum WorkflowRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), create(services), validate(services), get(services), replace(services), delete(services)]
            + [versions(services), rollback(services), start(services), picture(services)]
    }

    private static let bodyLimit = WorkflowLimits.longestDefinition

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/workflows", "listWorkflows", "List workflows, newest first", tag: "Workflows",
            permission: .workflowsRead,
            query: .page + [
                .init(name: "q", schema: JSONSchema(.string, description: "Words to find in name or description."))
            ],
            answers: [
                .json(200, "One page of workflows, without their graphs.", ListResource<WorkflowSummaryResource>.self)
            ]
        ) { context in
            let page = try await services.workflows.list(
                search: context.query["q"], context.page(), in: context.scope)
            return try .json(ListResource(page.map(WorkflowSummaryResource.init)))
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/workflows", "createWorkflow", "Create a workflow", tag: "Workflows",
            permission: .workflowsWrite, body: .json(WorkflowRequest.self, limit: bodyLimit, example: example),
            answers: [.json(201, "The workflow.", WorkflowResource.self)], idempotency: .withEffect
        ) { context in
            let wanted = try context.body(WorkflowRequest.self)
            let workflow = try await services.workflows.create(
                wanted.definition, triggers: wanted.on ?? [], at: context.now, in: context.scope
            ) { context.receipt(status: 201, body: try JSONWriter.encode(WorkflowResource($0))) }
            return try .json(WorkflowResource(workflow), status: 201, version: workflow.version)
                .with("location", "/v1/workflows/\(workflow.id)")
        }
    }

    private static func validate(_ services: Services) -> Route {
        Route(
            .post, "/v1/workflows/validate", "validateWorkflow", "Check a workflow without keeping it",
            tag: "Workflows", permission: .workflowsRead,
            body: .json(WorkflowRequest.self, limit: bodyLimit, example: example),
            answers: [
                .json(
                    200,
                    "Whether it could be kept, and if not, why: mistakes of its form and of its graph together, as far as "
                        + "it can be read.", WorkflowValidationResource.self)
            ],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let document = try context.json()
            guard document.object != nil else { throw SpotterError.invalid("", "must be an object") }
            let form = JSONSchema.derived(from: WorkflowRequest.self).issues(in: document)
            let draft = WorkflowDraft(document, correcting: form)
            let issues = draft.issues(form, and: try await graphIssues(of: draft, services, context))
            return try .json(
                WorkflowValidationResource(
                    valid: issues.isEmpty, issues: issues.map(WorkflowValidationResource.Issue.init)))
        }
    }

    /// What is wrong with the graph; nothing can be said where it cannot be read at all.
    private static func graphIssues(
        of draft: WorkflowDraft, _ services: Services, _ context: RequestContext
    ) async throws -> [FieldIssue] {
        guard let wanted = try? draft.value.decodedUnchecked(as: WorkflowRequest.self) else { return [] }
        do {
            try await services.workflows.check(wanted.definition, startedBy: wanted.on ?? [], in: context.scope)
            return []
        } catch let error as SpotterError where error.code == .unprocessable && !error.issues.isEmpty {
            return error.issues
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/workflows/{workflow_id}", "getWorkflow", "Read one workflow, or its picture",
            tag: "Workflows", permission: .workflowsRead,
            query: [.init(name: "format", schema: PictureForm.schema)],
            answers: [
                .json(200, "The workflow.", WorkflowResource.self),
                .text("text/vnd.mermaid", "The picture, where `format` asks for one."),
            ]
        ) { context in
            let workflow = try await services.workflows.workflow(
                context.id("workflow_id", "workflow"), in: context.scope)
            if let form = try context.choice("format", PictureForm.self) {
                return form.reply(WorkflowDrawing(of: workflow.definition))
            }
            return try .json(WorkflowResource(workflow), version: workflow.version)
        }
    }

    private static func replace(_ services: Services) -> Route {
        Route(
            .put, "/v1/workflows/{workflow_id}", "replaceWorkflow",
            "Replace a workflow; what runs keeps the version it began with", tag: "Workflows",
            permission: .workflowsWrite, body: .json(WorkflowDefinition.self, limit: bodyLimit, example: example),
            answers: [.json(200, "The workflow's new version.", WorkflowResource.self)]
        ) { context in
            let workflow = try await services.workflows.workflow(
                context.id("workflow_id", "workflow"), in: context.scope)
            try context.checkMatch(workflow.version)
            let updated = try await services.workflows.update(
                workflow, to: context.body(WorkflowDefinition.self), at: context.now, in: context.scope)
            return try .json(WorkflowResource(updated), version: updated.version)
        }
    }

    private static func delete(_ services: Services) -> Route {
        Route(
            .delete, "/v1/workflows/{workflow_id}", "deleteWorkflow", "Delete a workflow", tag: "Workflows",
            permission: .workflowsWrite, answers: [.empty(204, "It is gone; its runs go on.")]
        ) { context in
            try await services.workflows.delete(
                context.id("workflow_id", "workflow"), version: context.expectedVersion(), in: context.scope)
            return .noContent
        }
    }

    // MARK: Versions

    private static func versions(_ services: Services) -> Route {
        Route(
            .get, "/v1/workflows/{workflow_id}/versions", "listWorkflowVersions",
            "List a workflow's versions, newest first", tag: "Workflows", permission: .workflowsRead, query: .page,
            answers: [.json(200, "The versions.", ListResource<WorkflowVersion>.self)]
        ) { context in
            let page = try context.page()
            if let after = page.after, after.version == nil { throw Cursor.refusal }
            let versions = try await services.workflows.versions(
                of: context.id("workflow_id", "workflow"), page, in: context.scope)
            // Versions have no gaps: below any but the first there are more.
            let next = versions.last.flatMap { $0.version > 1 ? Cursor(version: $0.version) : nil }
            return try .json(ListResource(Page(items: versions, next: next)))
        }
    }

    private static func rollback(_ services: Services) -> Route {
        Route(
            .post, "/v1/workflows/{workflow_id}/rollback", "rollbackWorkflow", "Go back to an earlier version",
            tag: "Workflows", permission: .workflowsWrite, body: .json(RollbackRequest.self, example: ["version": 1]),
            answers: [.json(200, "The workflow, with the old graph as a new version.", WorkflowResource.self)],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let workflow = try await services.workflows.rollback(
                context.id("workflow_id", "workflow"), to: context.body(RollbackRequest.self).version,
                at: context.now, in: context.scope)
            return try .json(WorkflowResource(workflow), version: workflow.version)
        }
    }

    // MARK: Runs

    private static func start(_ services: Services) -> Route {
        Route(
            .post, "/v1/workflows/{workflow_id}/executions", "startWorkflow", "Run a workflow", tag: "Workflows",
            permission: .executionsWrite,
            body: .json(WorkflowRunRequest.self, example: ["input": ["name": "Ana"], "priority": "high"]),
            answers: [.json(202, "The run. Follow the execution.", WorkflowRunResource.self)],
            idempotency: .withEffect
        ) { context in
            let wanted = context.request.body.isEmpty ? WorkflowRunRequest() : try context.body(WorkflowRunRequest.self)
            let id = try await services.workflows.start(
                context.id("workflow_id", "workflow"),
                WorkflowService.StartOptions(
                    input: wanted.input ?? [:], priority: wanted.priority ?? .medium, deadline: wanted.deadline,
                    origin: context.caller.map(ExecutionOrigin.init) ?? ExecutionOrigin()),
                at: context.now, in: context.scope
            ) { context.receipt(status: 202, body: try JSONWriter.encode(WorkflowRunResource(executionId: $0))) }
            return try .json(WorkflowRunResource(executionId: id), status: 202)
                .with("location", "/v1/executions/\(id)")
        }
    }

    private static func picture(_ services: Services) -> Route {
        Route(
            .get, "/v1/executions/{execution_id}/graph", "drawExecution",
            "Draw a workflow's run, with how far each node is", tag: "Executions", permission: .executionsRead,
            query: [.init(name: "format", schema: RunPictureForm.schema)],
            answers: [
                .text("text/vnd.mermaid", "The picture, as Mermaid unless `format` says otherwise."),
                .json(200, "What is to be drawn, for those who draw it themselves: `json`.", RunGraphResource.self),
            ]
        ) { context in
            let journal = try await services.executions.journal(
                of: context.id("execution_id", "execution"), in: context.scope)
            guard let picture = try await services.flows.picture(of: journal, in: context.scope) else {
                throw SpotterError(.conflict, "Only the run of a workflow can be drawn, and only when it has begun.")
            }
            let drawing = WorkflowDrawing(of: picture.definition, states: picture.states)
            switch try context.choice("format", RunPictureForm.self) ?? .mermaid {
            case .mermaid: return PictureForm.mermaid.reply(drawing)
            case .dot: return PictureForm.dot.reply(drawing)
            case .json: return try .json(RunGraphResource(picture.definition, states: picture.states))
            }
        }
    }

    private static let example: JSONValue = [
        "name": "Call back", "variables": ["name": ["type": "string", "default": "the lead"]],
        "nodes": [
            ["id": "pause", "type": "wait", "config": ["duration_ms": 86_400_000]],
            ["id": "call", "type": "human_approval", "config": ["message": "Call {{vars.name}} back?"]],
        ], "edges": [["from": "pause", "to": "call"]],
    ]
}

/// How the graph of a run is drawn.
enum RunPictureForm: String, Codable, CaseIterable, SchemaDescribed {
    case mermaid, dot, json
}

/// How a graph is drawn.
enum PictureForm: String, Codable, CaseIterable, SchemaDescribed {
    case mermaid, dot

    func reply(_ drawing: WorkflowDrawing) -> Reply {
        switch self {
        case .mermaid: .text(drawing.text(as: .mermaid), type: "text/vnd.mermaid; charset=utf-8")
        case .dot: .text(drawing.text(as: .dot), type: "text/vnd.graphviz; charset=utf-8")
        }
    }
}
