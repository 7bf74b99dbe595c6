import Foundation
import HTTPServerKit
import ServiceKit
import SpotterDomain
import SpotterEngine

/// `/v1/tools`: what agents can do.
enum ToolRoutes {
    static func routes(_ services: Services) -> [Route] {
        [
            list(services), statistics(services), get(services), invoke(services),
        ]
    }

    /// A tool as the API shows it.
    struct ToolResource: Codable, Sendable {
        let name: String
        let description: String
        let category: ToolCategory
        let permission: ToolAccess
        let effect: ToolEffect
        let parameters: JSONValue

        init(_ tool: any Tool) {
            name = tool.name
            description = tool.summary
            category = tool.category
            permission = tool.access
            effect = tool.effect
            parameters = tool.parameters.json
        }
    }

    /// A tool as OpenAI's and as Anthropic's API take it.
    private static let foreignForms: [JSONSchema] = [
        .object([
            .init("type", JSONSchema(.string, values: ["function"])),
            .init(
                "function",
                .object([
                    .init("name", JSONSchema(.string)), .init("description", JSONSchema(.string)),
                    .init("parameters", JSONSchema(.any)),
                ])),
        ]),
        .object([
            .init("name", JSONSchema(.string)), .init("description", JSONSchema(.string)),
            .init("input_schema", JSONSchema(.any)),
        ]),
    ]

    /// How to try a tool by hand.
    struct InvokeRequest: Codable, Sendable, FieldsDescribed {
        let arguments: JSONValue?
        let dryRun: Bool?

        static let fields: [String: Field] = [
            "arguments": Field("As the tool's `parameters` say."),
            "dry_run": Field("Check and show the effect without causing it."),
        ]
    }

    /// What a tool answered.
    struct InvokeResource: Codable, Sendable {
        let result: JSONValue
        let isError: Bool
        let durationMs: Int
    }

    /// Says that people are asked first.
    struct AskedResource: Codable, Sendable {
        let approvalId: ApprovalID
        let executionId: ExecutionID
        let message: String
        let argumentsHash: String
        let expiresAt: Date?

        init(_ approval: Approval) {
            approvalId = approval.id
            executionId = approval.execution
            message = approval.message
            argumentsHash = approval.argumentsHash
            expiresAt = approval.expiresAt
        }
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/tools", "listTools", "List the tools", tag: "Tools", permission: .toolsRead,
            query: [
                .init(name: "category", schema: ToolCategory.schema),
                .init(name: "format", schema: ToolSchemaFormat.schema),
            ],
            answers: [
                .json(200, "The tools, in the form asked for.", ListResource<ToolResource>.self).or(
                    foreignForms.map { form in
                        .object([.init("data", .array(of: form)), .init("next_cursor", JSONSchema(.any))])
                    })
            ]
        ) { context in
            let category = try context.choice("category", ToolCategory.self)
            let scope = try context.scope
            let tools = services.tools.tools.filter {
                (category == nil || $0.category == category) && $0.isOffered(in: scope)
            }
            guard let form = try context.choice("format", ToolSchemaFormat.self) else {
                return try .json(ListResource(Page(items: tools.map(ToolResource.init), next: nil)))
            }
            let schemas = tools.map { $0.modelDescription.json(for: form) }
            let list: JSONValue = ["data": .array(schemas), "next_cursor": nil]
            return Reply.json(list.bytes)
        }
    }

    private static func statistics(_ services: Services) -> Route {
        Route(
            .get, "/v1/tools/stats", "toolStatistics",
            "Read each tool's calls, errors and times, as agents have called them", tag: "Tools",
            permission: .toolsRead,
            query: [.init(name: "hours", schema: hours)],
            answers: [
                .json(200, "The tools that were called, by name.", ListResource<ToolStatistics>.self)
            ]
        ) { context in
            let hours = context.query["hours"].map { Int($0) ?? 0 } ?? 24
            guard (1...168).contains(hours) else {
                throw SpotterError.invalid("/hours", "must be a whole number from 1 to 168")
            }
            let since = context.now.addingTimeInterval(Double(hours) * -3_600)
            let figures = try await services.toolStatistics.statistics(since: since, in: context.scope)
            return try .json(ListResource(Page(items: figures, next: nil)))
        }
    }

    private static let hours: JSONSchema = {
        var schema = JSONSchema(.integer, description: "How far back, in hours; 24 unless said otherwise.")
        schema.minimum = 1
        schema.maximum = 168
        return schema
    }()

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/tools/{tool_name}", "getTool", "Read one tool", tag: "Tools", permission: .toolsRead,
            query: [.init(name: "format", schema: ToolSchemaFormat.schema)],
            answers: [.json(200, "The tool, in the form asked for.", ToolResource.self).or(foreignForms)]
        ) { context in
            let tool = try find(context, services)
            guard let form = try context.choice("format", ToolSchemaFormat.self) else {
                return try .json(ToolResource(tool))
            }
            return Reply.json(tool.modelDescription.json(for: form).bytes)
        }
    }

    private static func invoke(_ services: Services) -> Route {
        Route(
            .post, "/v1/tools/{tool_name}/invoke", "invokeTool", "Try a tool by hand", tag: "Tools",
            permission: .toolsInvoke,
            body: .json(InvokeRequest.self, example: ["arguments": ["query": "Ana"]]),
            answers: [
                .json(
                    200,
                    "What it answered; `is_error` where a model would have to mend its call, or the organisation's policy "
                        + "forbids it.", InvokeResource.self),
                .json(
                    202,
                    "The organisation's policy wants people asked first. When they have approved it, exactly this call is "
                        + "made once; the execution's output is then what would have been answered here.",
                    AskedResource.self),
            ],
            idempotency: .around(isRepeatable: false)
        ) { context in
            let tool = try find(context, services)
            let wanted = try context.body(InvokeRequest.self)
            let organization = try await services.organizations.organization(in: context.scope)
            let call = ToolCall(id: context.requestID, name: tool.name, arguments: wanted.arguments ?? [:])
            guard let caller = context.caller else { throw SpotterError(.unauthenticated, "A token is needed.") }
            let isDryRun = wanted.dryRun ?? false
            AuditSlip.current?.note(resource: tool.name)
            let outcome = try await services.desk.invoke(
                call, by: caller, in: organization, effectKey: context.idempotency?.key ?? context.requestID,
                isDryRun: isDryRun)
            switch outcome {
            case .asked(let approval): return try .json(AskedResource(approval), status: 202)
            case .result(let result):
                // What acts outside alone changes nothing here that would bring its entry along.
                if !isDryRun, tool.effect(of: call.arguments) != .none {
                    // It has happened: an error now would have it done again.
                    do { try await services.keepAudit(in: try context.scope) } catch {
                        services.log.error(
                            "a tool's call by hand is not in the audit log",
                            ["tool": tool.name, "request_id": context.requestID, "error": String(reflecting: error)])
                    }
                }
                return try .json(
                    InvokeResource(result: result.output, isError: result.isError, durationMs: result.durationMs))
            }
        }
    }

    private static func find(_ context: RequestContext, _ services: Services) throws -> any Tool {
        let name = context.parameters["tool_name"] ?? ""
        let scope = try context.scope
        guard let tool = services.tools[name], tool.isOffered(in: scope) else {
            let known = services.tools.tools.filter { $0.isOffered(in: scope) }.map(\.name)
            let hint = DidYouMean.hint(for: name, among: known)
            throw SpotterError(.notFound, DidYouMean.sentence("There is no such tool\(hint)"))
        }
        return tool
    }
}
