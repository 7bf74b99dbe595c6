import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/workflow-templates`: graphs of work to begin with.
enum WorkflowTemplateRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), instantiate(services)] }

    /// A template as the API shows it.
    struct TemplateResource: Codable, Sendable {
        let name: String
        let title: String
        let description: String?
        let pack: String
        let variables: [String: WorkflowVariable]
        let on: [WorkflowTrigger]
        let nodesTotal: Int

        init(_ template: WorkflowTemplate) {
            name = template.slug
            title = template.document.name
            description = template.document.description
            pack = template.pack
            variables = template.parameters
            on = template.triggers
            nodesTotal = template.document.nodes.count
        }
    }

    /// What a workflow is made of a template with.
    struct InstantiateRequest: Codable, Sendable, FieldsDescribed {
        var name: String?
        var variables: [String: JSONValue]?
        var triggers: Bool?

        static let fields = [
            "name": Field("The workflow's name; the template's by default.", length: 1...200),
            "variables": Field("What its variables begin with, in place of the template's defaults."),
            "triggers": Field("Whether the template's events start it from now on; true by default."),
        ]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/workflow-templates", "listWorkflowTemplates", "List the templates of workflows",
            tag: "Workflows", permission: .workflowsRead,
            answers: [.json(200, "Every template, by name.", ListResource<TemplateResource>.self)]
        ) { _ in
            let templates = services.workflowTemplates().sorted { $0.slug < $1.slug }
            return try .json(ListResource(Page(items: templates.map(TemplateResource.init), next: nil)))
        }
    }

    private static func instantiate(_ services: Services) -> Route {
        Route(
            .post, "/v1/workflow-templates/{template_name}/instantiate", "instantiateWorkflowTemplate",
            "Make a workflow of a template", tag: "Workflows", permission: .workflowsWrite,
            body: .json(InstantiateRequest.self, example: ["name": "Our follow-up"]),
            answers: [.json(201, "The workflow.", WorkflowResource.self)], idempotency: .withEffect
        ) { context in
            let slug = context.parameters["template_name"] ?? ""
            guard let template = services.workflowTemplates().first(where: { $0.slug == slug }) else {
                let hint = DidYouMean.hint(for: slug, among: services.workflowTemplates().map(\.slug))
                throw SpotterError(.notFound, "There is no workflow template of this name\(hint).")
            }
            let wanted = context.request.body.isEmpty ? InstantiateRequest() : try context.body(InstantiateRequest.self)
            var values = JSONObject()
            for (name, value) in (wanted.variables ?? [:]).sorted(by: { $0.key < $1.key }) { values[name] = value }
            let workflow = try await services.workflows.create(
                template.definition(named: wanted.name, values: values), template: "\(template.pack)/\(template.slug)",
                triggers: wanted.triggers ?? true ? template.triggers : [], at: context.now, in: context.scope
            ) { context.receipt(status: 201, body: try JSONWriter.encode(WorkflowResource($0))) }
            return try .json(WorkflowResource(workflow), status: 201, version: workflow.version)
                .with("location", "/v1/workflows/\(workflow.id)")
        }
    }
}
