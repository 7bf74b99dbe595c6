import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// The document says what the server does.
struct OpenAPITests {
    @Test func `the document lists exactly the routes of the table`() async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(.get, "/v1/openapi.json", token: nil)
            #expect(answer.status == 200)
            #expect(answer["openapi"] == "3.1.0")
            var listed: [String] = []
            for (path, item) in try #require(answer["paths"]?.object) {
                for (method, operation) in try #require(item.object) {
                    listed.append("\(method.uppercased()) \(path) \(operation["operationId"]?.string ?? "")")
                }
            }
            let routes = api.table.routes.map { "\($0.method.rawValue) \($0.path) \($0.name)" }
            #expect(listed.sorted() == routes.sorted())
            #expect(Set(api.table.routes.map(\.name)).count == routes.count)
        }
    }

    @Test func `every reference resolves`() async throws {
        try await TestAPI.with { api in
            let document = api.table.document
            let references = Self.references(in: document)
            #expect(!references.isEmpty)
            for reference in references {
                let steps = reference.split(separator: "/")
                #expect(steps.first == "#")
                let target = steps.dropFirst().reduce(document as JSONValue?) { $0?[String($1)] }
                #expect(target?.object != nil, "\(reference)")
            }
        }
    }

    @Test(arguments: TestAPI.operations)
    func `what an operation answers is as the document says`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            // Without a link, a signature or a token in the body there is nothing to answer: `ApprovalLinkTests`,
            // `HookTests` and `DashboardTests` have them.
            guard name != "streamEvents", name != "signIn",
                ![ApprovalLinkRoutes.tag, UnsubscribeRoutes.tag, HookReceptionRoutes.tag].contains(route.tag)
            else { return }
            var things = try await Belongings(of: api.ours, in: api)
            try await things.arrange(for: name, of: api.ours, in: api)
            let answer = try await api.send(
                route.method, things.path(of: route), try Self.body(of: route, things, api), token: api.operatorToken,
                headers: route.isWebSocket ? Self.handshake : [])
            let type = String(answer.contentType.prefix { $0 != ";" })
            let described = try #require(
                route.answers.first { $0.status == answer.status && $0.contentType == type },
                "\(answer.status) \(type) \(answer.text)")
            #expect(answer.status < 300)
            if let schema = described.schema {
                #expect(schema.issues(in: answer.json).isEmpty, "\(answer.text)")
                #expect(answer.json != .null)
            } else {
                #expect(answer.body.isEmpty == type.isEmpty)
            }
        }
    }

    @Test(arguments: TestAPI.operations)
    func `an example satisfies its own schema`(_ name: String) async throws {
        try await TestAPI.with { api in
            guard let body = try api.route(name).body else { return }
            let example = try #require(body.example)
            #expect(body.schema.issues(in: example).isEmpty)
        }
    }

    @Test(arguments: TestAPI.operations)
    func `a list that has something in it is as the document says`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            guard name.hasPrefix("list"), let schema = route.answers.first?.schema else { return }
            var things = try await Belongings(of: api.ours, in: api)
            try await things.arrange(for: name, of: api.ours, in: api)
            let answer = try await api.send(.get, things.path(of: route), token: api.operatorToken)
            #expect(!answer.data.isEmpty)
            #expect(schema.issues(in: answer.json).isEmpty, "\(answer.text)")
        }
    }

    @Test(arguments: ["openai", "anthropic"], ["/v1/tools", "/v1/tools/search_clients"])
    func `a tool in a model provider's form is as the document says`(_ form: String, _ path: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(path == "/v1/tools" ? "listTools" : "getTool")
            let answer = try await api.ask(.get, "\(path)?format=\(form)")
            let described = try #require(route.answers.first)
            #expect(described.schema?.issues(in: answer.json).isEmpty == false)
            #expect(described.alternatives.filter { $0.issues(in: answer.json).isEmpty }.count == 1)
            let operation = api.table.document["paths"]?[route.path]?["get"]
            let schema = operation?["responses"]?["200"]?["content"]?["application/json"]?["schema"]
            #expect(schema?["anyOf"]?.array?.count == 3)
        }
    }

    @Test(arguments: SpotterError.Code.allCases)
    func `the type of every problem leads to what it means`(_ code: SpotterError.Code) async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(.get, "/v1/problems/\(code.rawValue)", token: nil)
            #expect(answer.status == 200)
            #expect(answer["code"]?.string == code.rawValue)
            #expect(answer["fix"]?.string?.isEmpty == false)
            #expect(answer["status"]?.int == Problem.kind(of: code).status)
        }
    }

    private static let handshake = [
        ("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]

    /// Where an example names something that only this test's organisation knows, the example made to fit.
    private static func body(of route: Route, _ things: Belongings, _ api: TestAPI) throws -> JSONValue? {
        guard let body = try things.body(of: route), ["seedAgents", "correctLine"].contains(route.name) else {
            return try things.body(of: route)
        }
        return body.merging(patch: ["organization": .string(api.ours.home.organization.slug)])
    }

    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(references)
        case .object(let object):
            object.flatMap { key, value in
                if key == "$ref", let reference = value.string { [reference] } else { references(in: value) }
            }
        default: []
        }
    }
}
