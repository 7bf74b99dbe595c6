import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// `/v1/admin/organizations`.
struct OrganizationTests {
    private static let path = "/v1/admin/organizations"
    private static let body: JSONValue = [
        "slug": "northside-gym", "name": "Northside Gym", "timezone": "Europe/London", "currency": "GBP",
        "limits": ["max_agents": 1],
    ]

    @Test func `a new organisation is listed, empty, and held to its limits`() async throws {
        try await TestAPI.with { api in
            let created = try await api.send(.post, Self.path, Self.body, token: api.operatorToken)
            #expect(created.status == 201, "\(created.text)")
            #expect(created["plan"] == "starter")
            #expect(created["max_agents"] == 1)
            let listed = try await api.send(.get, Self.path, token: api.operatorToken)
            #expect(listed.data.contains(created.json))
            let id = try #require(try await api.stores.organizations.id(ofSlug: "northside-gym"))
            let agents = try await api.stores.agents.list(
                AgentFilter(), PageRequest(), in: OrganizationScope(id))
            #expect(agents.items.isEmpty)
        }
    }

    @Test func `pages of organisations follow one another without a gap or a repeat`() async throws {
        try await TestAPI.with { api in
            for number in 0..<5 {
                let body = Self.body.merging(patch: ["slug": .string("gym-number-\(number)")])
                _ = try await api.send(.post, Self.path, body, token: api.operatorToken)
            }
            let all = try await api.send(.get, Self.path, token: api.operatorToken).data
            #expect(all.count == 7)
            var collected: [JSONValue] = []
            var query = "?limit=3"
            while true {
                let page = try await api.send(.get, Self.path + query, token: api.operatorToken)
                collected += page.data
                guard let next = page["next_cursor"]?.string else { break }
                query = "?limit=3&after=\(next)"
            }
            #expect(collected == all)
        }
    }

    @Test func `a slug that is taken is refused and its organisation stays as it is`() async throws {
        try await TestAPI.with { api in
            let taken = JSONValue.string(api.theirs.home.organization.slug)
            let answer = try await api.send(
                .post, Self.path, Self.body.merging(patch: ["slug": taken]), token: api.operatorToken)
            #expect(answer.status == 409)
            #expect(answer["errors"]?[0]?["pointer"] == "/slug")
            let theirs = try await api.stores.organizations.organization(in: api.theirs.scope)
            #expect(theirs == api.theirs.home.organization)
        }
    }

    @Test(
        arguments: [
            (["slug": "Not A Slug"], "/slug"), (["timezone": "Europe/Londn"], "/timezone"),
            (["currency": "GBX"], "/currency"),
            (["name": "  "], "/name"), (["limits": ["max_agents": 0]], "/limits/max_agents"),
            (["plan": "gold"], "/plan"), (["providers": ["openai": ["api_key": "file:/etc/passwd"]]], "/providers"),
            (["demo": ["members": 1, "classes": 1]], "/demo"),
        ] as [(JSONValue, String)])
    func `what is wrong with a definition is named`(_ patch: JSONValue, _ pointer: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(
                .post, Self.path, Self.body.merging(patch: patch), token: api.operatorToken)
            #expect(answer.status == 400)
            #expect(answer["errors"]?[0]?["pointer"]?.string == pointer)
            #expect(try await api.stores.organizations.id(ofSlug: "northside-gym") == nil)
        }
    }

    @Test func `a repeated request creates one organisation`() async throws {
        try await TestAPI.with { api in
            let key = [("idempotency-key", "northside")]
            let first = try await api.send(.post, Self.path, Self.body, token: api.operatorToken, headers: key)
            let second = try await api.send(.post, Self.path, Self.body, token: api.operatorToken, headers: key)
            #expect(first.status == 201)
            #expect(second.json == first.json)
            #expect(second.headers["idempotency-replayed"] == "true")
        }
    }
}
