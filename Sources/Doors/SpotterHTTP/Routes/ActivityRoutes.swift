import HTTPServerKit
import SpotterDomain

/// `/v1/activity`: who did what.
enum ActivityRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), export(services)] }

    private static let filters: [Route.QueryParameter] = [
        .init(
            name: "actor",
            schema: JSONSchema(
                .string,
                description: "The id of a token, an agent or a hook, or one of "
                    + AuditActor.Kind.allCases.map(\.rawValue).joined(separator: ", ") + ".")),
        .init(name: "action", schema: JSONSchema(.string, description: "Such as `createAgent` or `tool.send_email`.")),
        .init(name: "resource_id", schema: JSONSchema(.string, description: "What it was done to.")),
        .init(name: "from", schema: JSONSchema(.string, description: "Not before; an RFC 3339 time.")),
        .init(name: "until", schema: JSONSchema(.string, description: "Before; an RFC 3339 time.")),
        .init(
            name: "q", schema: JSONSchema(.string, description: "A part of an action, an id, or a field's name.")),
    ]

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/activity", "listActivity", "List who did what, newest first", tag: "Activity",
            permission: .auditRead, query: .page + filters,
            answers: [
                .json(
                    200,
                    "One page. An entry has `position` and `hash` when it is sealed, some seconds after it was written.",
                    ListResource<AuditEntry>.self)
            ]
        ) { context in
            let page = try await services.audit.list(filter(context), context.page(), in: context.scope)
            return try .json(ListResource(page))
        }
    }

    private static func export(_ services: Services) -> Route {
        Route(
            .get, "/v1/activity/export", "exportActivity", "Give the audit log out as a file", tag: "Activity",
            permission: .auditRead,
            query: filters + [
                .init(
                    name: "format",
                    schema: JSONSchema(
                        .string, description: "JSON lines unless said otherwise.",
                        values: AuditExport.Format.allCases.map(\.rawValue)))
            ],
            answers: [
                .text("application/jsonl", "One entry a line, newest first."),
                .text("text/csv", "The same as a table; no cell is a formula."),
            ]
        ) { context in
            let format = try context.choice("format", AuditExport.Format.self) ?? .jsonl
            let export = AuditExport(audit: services.audit, format: format, filter: try filter(context))
            let scope = try context.scope
            let body = HTTPResponse.Body.stream { writer in
                try await export.run(in: scope) { try await writer.write(Array($0.utf8)) }
            }
            return Reply(status: 200, contentType: format.contentType, body: body)
                .with("content-disposition", "attachment; filename=\"activity.\(format.rawValue)\"")
        }
    }

    private static func filter(_ context: RequestContext) throws -> AuditFilter {
        for name in ["actor", "action", "resource_id", "q"] {
            guard let text = context.query[name] else { continue }
            guard (1...200).contains(text.count) else {
                throw SpotterError.invalid("/\(name)", "must have 1 to 200 characters")
            }
        }
        return AuditFilter(
            actor: context.query["actor"], action: context.query["action"], resource: context.query["resource_id"],
            from: try context.time("from"), until: try context.time("until"), search: context.query["q"])
    }
}
