import HTTPServerKit
import SpotterDomain

/// One operation of the API: everything the router, the guard, the document and the tests need to know of it.
///
/// A class, so that a request on its way carries one reference and not twenty members.
final class Route: Sendable {
    let method: HTTPMethod
    /// Segments joined by `/`; `{name}` stands for one segment.
    let path: String
    /// The names in braces.
    let pathParameters: [String]
    /// The operation's id in the document, camelCase and unique.
    let name: String
    let summary: String
    let tag: String
    /// nil: no token is asked for.
    let permission: Permission?
    let query: [QueryParameter]
    let body: Body?
    let answers: [Answer]
    let idempotency: Idempotency
    /// Whether `If-Match` is heeded: of every change of a resource that has versions.
    let isConditional: Bool
    let handle: @Sendable (RequestContext) async throws -> Reply
    /// Which buckets its requests are counted in.
    let limits: RouteLimits
    /// Whether it starts calls of models.
    let isCostly: Bool

    /// What a request's body must be.
    struct Body: Sendable {
        let schema: JSONSchema
        let limit: Int
        let example: JSONValue?
    }

    /// One way an operation answers.
    struct Answer: Sendable {
        let status: Int
        let description: String
        let contentType: String
        let schema: JSONSchema?
        let example: JSONValue?
        /// Other forms of the same answer, chosen by a parameter.
        var alternatives: [JSONSchema] = []

        /// The same answer, which may also have other forms.
        func or(_ alternatives: [JSONSchema]) -> Answer {
            var answer = self
            answer.alternatives = alternatives
            return answer
        }
    }

    /// A parameter in the query.
    struct QueryParameter: Sendable {
        let name: String
        let schema: JSONSchema
    }

    /// How a POST keeps the promise of its `Idempotency-Key`.
    enum Idempotency: Sendable {
        /// Not a POST, or one that changes nothing.
        case none
        /// The handler stores the receipt in the transaction of its effect.
        case withEffect
        /// The pipeline notes the key before, and the answer after. If the server dies in between, whoever asks again
        /// a while later has the work done again, or is told that its outcome is not known.
        case around(isRepeatable: Bool)
    }

    init(
        _ method: HTTPMethod, _ path: String, _ name: String, _ summary: String, tag: String,
        permission: Permission?, query: [QueryParameter] = [], body: Body? = nil, answers: [Answer],
        idempotency: Idempotency = .none, isConditional: Bool? = nil,
        handle: @escaping @Sendable (RequestContext) async throws -> Reply
    ) {
        self.method = method
        self.path = path
        pathParameters = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
            String($0.dropFirst().dropLast())
        }
        self.name = name
        self.summary = summary
        self.tag = tag
        self.permission = permission
        self.query = query
        self.body = body
        self.answers = answers
        self.idempotency = idempotency
        self.isConditional = isConditional ?? [.put, .patch, .delete].contains(method)
        self.handle = handle
        limits = RouteLimits(permission: permission, tag: tag, path: path)
        isCostly = RouteLimits.costly.contains(name)
    }

    /// Whether the operation goes on as a WebSocket.
    var isWebSocket: Bool { answers.contains { $0.status == 101 } }

    var segments: [Substring] { path.split(separator: "/") }
}

extension Route.Body {
    /// A JSON body with the schema derived from `type`.
    static func json<T: Decodable>(_ type: T.Type, limit: Int = 1 << 20, example: JSONValue? = nil) -> Route.Body {
        Route.Body(schema: .derived(from: type), limit: limit, example: example)
    }

    /// A JSON merge patch of `type`.
    static func patch<T: Decodable>(_ type: T.Type, example: JSONValue? = nil) -> Route.Body {
        Route.Body(schema: JSONSchema.derived(from: type).asPatch, limit: 1 << 20, example: example)
    }
}

extension Route.Answer {
    static func json<T: Decodable>(_ status: Int, _ description: String, _ type: T.Type) -> Route.Answer {
        Route.Answer(
            status: status, description: description, contentType: "application/json",
            schema: .derived(from: type), example: nil)
    }
    static func json(_ status: Int, _ description: String, schema: JSONSchema) -> Route.Answer {
        Route.Answer(
            status: status, description: description, contentType: "application/json", schema: schema, example: nil)
    }
    static func empty(_ status: Int, _ description: String) -> Route.Answer {
        Route.Answer(status: status, description: description, contentType: "", schema: nil, example: nil)
    }
    static func events(_ description: String) -> Route.Answer {
        Route.Answer(
            status: 200, description: description, contentType: "text/event-stream", schema: nil, example: nil)
    }
    static func text(_ contentType: String, _ description: String) -> Route.Answer {
        Route.Answer(status: 200, description: description, contentType: contentType, schema: nil, example: nil)
    }
}

extension [Route.QueryParameter] {
    /// `limit` and `after`, as every list has them.
    static let page: [Route.QueryParameter] = {
        var limit = JSONSchema(.integer, description: "How many; 50 unless said otherwise.")
        limit.minimum = 1
        limit.maximum = 200
        return [
            .init(name: "limit", schema: limit),
            .init(
                name: "after",
                schema: JSONSchema(
                    .string, description: "`next_cursor` of the page before.", pattern: Cursor.pattern)),
        ]
    }()
}
