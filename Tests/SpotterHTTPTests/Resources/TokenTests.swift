import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

struct TokenTests {
    /// Changes of what has no versions.
    private static let versionless = [
        "signOut", "revokeToken", "putConsent", "setAgentStatus", "renewAgentSecret", "acknowledgeAgentMessage",
        "setLogLevel",
    ]

    @Test(arguments: [Role.owner, .admin], Role.allCases)
    func `nobody issues a token of a role above their own`(_ issuer: Role, _ wanted: Role) async throws {
        try await TestAPI.with { api in
            let token = try await api.ours.token(role: issuer)
            // Scopes that the issuer has: it is the role that counts.
            let scopes: [JSONValue] = wanted.permissions.contains(.agentsRead) ? ["agents:read"] : []
            var body: JSONValue = ["name": "CRM", "role": .string(wanted.rawValue)]
            if !scopes.isEmpty { body = body.merging(patch: ["permissions": .array(scopes)]) }
            let answer = try await api.send(.post, "/v1/tokens", body, token: token)
            let isAbove = wanted == .operator || (issuer == .admin && wanted == .owner)
            #expect(answer.status == (isAbove ? 403 : 201), "\(answer.text)")
            if isAbove { #expect(answer["errors"]?[0]?["pointer"] == "/role") }
        }
    }

    @Test func `an operator issues tokens of every role`() async throws {
        try await TestAPI.with { api in
            for role in Role.allCases {
                let body: JSONValue = ["name": "Any", "role": .string(role.rawValue)]
                let answer = try await api.send(.post, "/v1/tokens", body, token: api.operatorToken)
                #expect(answer.status == 201)
            }
        }
    }

    @Test func `a condition on a token, which has no versions, is never ignored`() async throws {
        try await TestAPI.with { api in
            let path = "/v1/tokens/\(try await Belongings(of: api.ours, in: api).token)"
            for tag in ["\"1\"", "W/\"1\"", "garbage", ""] {
                let answer = try await api.ask(.delete, path, headers: [("if-match", tag)])
                #expect(answer.status == 412, "\(tag)")
            }
            #expect(try await api.ask(.delete, path, headers: [("if-match", "*")]).status == 204)
        }
    }

    @Test(arguments: TestAPI.operations)
    func `the document offers If-Match exactly where it is heeded`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            guard [.put, .patch, .delete].contains(route.method) else { return }
            let operation = api.table.document["paths"]?[route.path]?[route.method.rawValue.lowercased()]
            let offers = operation?["parameters"]?.array?.contains { $0["name"] == "If-Match" } ?? false
            let things = try await Belongings(of: api.ours, in: api)
            let answer = try await api.send(
                route.method, things.path(of: route), things.body(of: route), token: api.operatorToken,
                headers: [("if-match", "\"9999\"")])
            #expect(answer.status == 412, "\(answer.text)")
            #expect(offers == route.isConditional)
            #expect(offers == (!Self.versionless.contains(name) && !name.hasPrefix("upsert")))
        }
    }

    @Test func `a token issues none that lasts longer or may ask more often than itself`() async throws {
        try await TestAPI.with { api in
            let order: JSONValue = ["name": "Slow", "role": "admin", "requests_per_minute": 50, "expires_in_days": 3]
            let slow = try await api.ask(.post, "/v1/tokens", order)
            #expect(slow.status == 201, "\(slow.text)")
            // The owner's own token ends before that.
            let owners = try await api.stores.tokens.list(PageRequest(), in: api.ours.scope).items.last
            #expect(slow["expires_at"]?.string.flatMap(Timestamp.date) == owners?.expiresAt)
            let token = try #require(slow["token"]?.string)
            let base: JSONValue = ["name": "Child", "role": "admin"]
            let child = try await api.send(.post, "/v1/tokens", base, token: token)
            #expect(child["requests_per_minute"] == 50)
            #expect(child["expires_at"] == slow["expires_at"])
            let less = base.merging(patch: ["requests_per_minute": 10])
            #expect(try await api.send(.post, "/v1/tokens", less, token: token)["requests_per_minute"] == 10)
            let more = base.merging(patch: ["requests_per_minute": 51])
            let refused = try await api.send(.post, "/v1/tokens", more, token: token)
            #expect(refused.status == 403, "\(refused.text)")
            #expect(refused["errors"]?[0]?["pointer"] == "/requests_per_minute")
        }
    }
}
