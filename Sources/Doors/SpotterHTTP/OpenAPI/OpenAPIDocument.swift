import HTTPServerKit
import SpotterDomain

/// The OpenAPI 3.1 document of a route table: nothing in it is written twice.
struct OpenAPIDocument: Sendable {
    let routes: [Route]
    let version: String

    var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Spotter",
                "version": .string(version),
                "summary": "A staff of AI agents for every gym.",
                "description": .string(Self.introduction),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "tags": .array(tags),
            "paths": .object(paths),
            "components": [
                "securitySchemes": [
                    "token": [
                        "type": "http", "scheme": "bearer", "bearerFormat": "PASETO v4.public",
                        "description":
                            "`spotter token issue` prints one. It names one organisation and what may be done in it.",
                    ]
                ],
                "schemas": ["Problem": Self.problemSchema],
                "responses": ["Problem": Self.problemResponse],
            ],
        ]
    }

    private static let introduction = """
        Every answer belongs to the organisation of the token. An id of another organisation answers 404, exactly as one \
        that never existed. Times are RFC 3339 in UTC, money is a decimal string with its currency, unknown fields are \
        refused. POSTs heed `Idempotency-Key` and remember it for at least 24 hours; changes of what has an `ETag` heed `If-Match`. Errors are RFC 9457 problems.
        """

    private var tags: [JSONValue] {
        var seen: [String] = []
        for route in routes where !seen.contains(route.tag) { seen.append(route.tag) }
        return seen.map { ["name": .string($0)] }
    }

    private var paths: JSONObject {
        var paths = JSONObject()
        for route in routes {
            var item = paths[route.path]?.object ?? JSONObject()
            item[route.method.rawValue.lowercased()] = operation(route)
            paths[route.path] = .object(item)
        }
        return paths
    }

    private func operation(_ route: Route) -> JSONValue {
        var operation: JSONObject = JSONObject()
        operation["operationId"] = .string(route.name)
        operation["summary"] = .string(route.summary)
        operation["tags"] = [.string(route.tag)]
        if let permission = route.permission {
            operation["description"] = .string("Needs the scope `\(permission.rawValue)`.")
            operation["security"] = [["token": [.string(permission.rawValue)]]]
            operation["x-scope"] = .string(permission.rawValue)
        } else {
            operation["security"] = []
        }
        let parameters = parameters(of: route)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = route.body { operation["requestBody"] = requestBody(body, of: route) }
        operation["responses"] = .object(responses(of: route))
        return .object(operation)
    }

    private func parameters(of route: Route) -> [JSONValue] {
        var parameters: [JSONValue] = route.pathParameters.map {
            ["name": .string($0), "in": "path", "required": true, "schema": ["type": "string"]]
        }
        for parameter in route.query {
            var described: JSONObject = JSONObject()
            described["name"] = .string(parameter.name)
            described["in"] = "query"
            described["description"] = parameter.schema.description.map(JSONValue.string)
            var schema = parameter.schema
            schema.description = nil
            described["schema"] = schema.json
            parameters.append(.object(described))
        }
        if case .none = route.idempotency {
        } else {
            var key = JSONSchema(.string, pattern: "^[!-~]+$")
            (key.minimumLength, key.maximumLength) = (1, 255)
            let promise = "The same key and body give the same answer and have one effect, for at least 24 hours."
            parameters.append(Self.header("Idempotency-Key", promise, key))
        }
        if route.isConditional {
            let tag = JSONSchema(.string, pattern: "^(\\*|\"[1-9][0-9]*\")$")
            parameters.append(Self.header("If-Match", "Only if the resource still has this ETag; else 412.", tag))
        }
        return parameters
    }

    private static func header(_ name: String, _ description: String, _ schema: JSONSchema) -> JSONValue {
        [
            "name": .string(name), "in": "header", "description": .string(description), "schema": schema.json,
        ]
    }

    private func requestBody(_ body: Route.Body, of route: Route) -> JSONValue {
        let type = route.method == .patch ? "application/merge-patch+json" : "application/json"
        var content = JSONObject()
        content["schema"] = body.schema.json
        if let example = body.example { content["example"] = example }
        return ["required": true, "content": [type: .object(content)]]
    }

    private func responses(of route: Route) -> JSONObject {
        var responses = JSONObject()
        for answer in route.answers {
            var response = responses["\(answer.status)"]?.object ?? JSONObject()
            let before = response["description"]?.string.map { $0 + " " } ?? ""
            response["description"] = .string(before + answer.description)
            if !answer.contentType.isEmpty {
                var content = response["content"]?.object ?? JSONObject()
                content[answer.contentType] = .object(media(answer))
                response["content"] = .object(content)
            }
            responses["\(answer.status)"] = .object(response)
        }
        responses["default"] = ["$ref": "#/components/responses/Problem"]
        return responses
    }

    private func media(_ answer: Route.Answer) -> JSONObject {
        var media = JSONObject()
        if let schema = answer.schema { media["schema"] = schema.json }
        if let schema = answer.schema, !answer.alternatives.isEmpty {
            media["schema"] = ["anyOf": .array(([schema] + answer.alternatives).map(\.json))]
        }
        // Of a stream of events a schema would be one event's, and its form is told by the document's text.
        if answer.contentType.hasPrefix("text/"), answer.contentType != "text/event-stream" {
            media["schema"] = ["type": "string"]
        }
        return media
    }

    private static let problemSchema: JSONValue = [
        "type": "object",
        "description": "RFC 9457. `type` leads to what it means and how to mend it.",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": [
            "type": ["type": "string", "format": "uri-reference"],
            "title": ["type": "string"],
            "status": ["type": "integer"],
            "detail": ["type": "string"],
            "instance": ["type": "string", "description": "The request's id."],
            "code": ["type": "string", "enum": .array(SpotterError.Code.allCases.map { .string($0.rawValue) })],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object",
                    "properties": ["pointer": ["type": "string"], "message": ["type": "string"]],
                ],
            ],
        ],
    ]

    private static let problemResponse: JSONValue = [
        "description": "What went wrong.",
        "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
    ]
}
