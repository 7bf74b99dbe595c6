import HTTPServerKit
import SpotterDomain
import Testing

@testable import SpotterHTTP

/// Which pages of other origins may call the API, and what they may read.
struct CORSTests {
    private static let ours = "https://app.iron.example"
    private static let theirs = "https://app.foreign.example"

    private static func with(_ body: (TestAPI) async throws -> Void) async throws {
        try await TestAPI.with { api in
            api.origins.allow(ours, in: api.ours.scope)
            api.origins.allow(theirs, in: api.theirs.scope)
            try await body(api)
        }
    }

    private static func preflight(
        _ path: String, from origin: String?, method: String = "POST", _ api: TestAPI
    ) async throws -> Answer {
        var headers = [("access-control-request-method", method), ("access-control-request-headers", "authorization")]
        if let origin { headers.append(("origin", origin)) }
        return try await api.send(.options, path, token: nil, headers: headers)
    }

    @Test func `a page that an organisation allows is answered before it shows a token`() async throws {
        try await Self.with { api in
            for origin in [Self.ours, Self.theirs] {
                let answer = try await Self.preflight("/v1/agents", from: origin, api)
                #expect(answer.status == 204)
                #expect(answer.headers["access-control-allow-origin"] == origin)
                #expect(answer.headers["access-control-allow-methods"] == "GET, HEAD, POST")
                #expect(answer.headers["access-control-allow-headers"]?.contains("authorization") == true)
                #expect(answer.headers["vary"]?.contains("Origin") == true)
                // No cookie and no other credential of the browser's is ever asked for.
                #expect(answer.headers["access-control-allow-credentials"] == nil)
                #expect(answer.headers["ratelimit"] != nil)
            }
        }
    }

    @Test(arguments: [
        "https://evil.example", "null", "*", "https://app.iron.example.evil.example", "https://app.iron.example/",
        "http://app.iron.example", "https://APP.iron.example", "https://app.iron.example:8443", "",
    ])
    func `any other page hears nothing of it`(_ origin: String) async throws {
        try await Self.with { api in
            let answer = try await Self.preflight("/v1/agents", from: origin, api)
            #expect(answer.headers["access-control-allow-origin"] == nil)
            #expect(answer.headers["access-control-allow-methods"] == nil)
            #expect(answer.headers["vary"]?.contains("Origin") == true)
            let real = try await api.ask(.get, "/v1/agents", headers: [("origin", origin)])
            #expect(real.status == 200)
            #expect(real.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test func `an answer may be read by the pages of its own organisation alone`() async throws {
        try await Self.with { api in
            let own = try await api.ask(.get, "/v1/agents", headers: [("origin", Self.ours)])
            #expect(own.headers["access-control-allow-origin"] == Self.ours)
            for name in ["RateLimit", "RateLimit-Policy", "Retry-After", "ETag", "X-Request-Id"] {
                #expect(own.headers["access-control-expose-headers"]?.contains(name) == true, "\(name)")
            }
            let foreign = try await api.ask(.get, "/v1/agents", headers: [("origin", Self.theirs)])
            #expect(foreign.status == 200)
            #expect(foreign.headers["access-control-allow-origin"] == nil)
            let forbidden = try await api.send(
                .get, "/v1/agents", token: api.ours.token(role: .hook), headers: [("origin", Self.theirs)])
            #expect(forbidden.status == 403)
            #expect(forbidden.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test func `a page can read that its token is no good`() async throws {
        try await Self.with { api in
            let answer = try await api.send(.get, "/v1/agents", token: "x", headers: [("origin", Self.ours)])
            #expect(answer.status == 401)
            #expect(answer.headers["access-control-allow-origin"] == Self.ours)
        }
    }

    @Test func `OPTIONS without a page's question says which methods there are`() async throws {
        try await Self.with { api in
            let answer = try await api.send(.options, "/v1/agents", token: nil)
            #expect(answer.status == 204)
            #expect(answer.headers["allow"] == "GET, HEAD, POST, OPTIONS")
            #expect(answer.headers["access-control-allow-methods"] == nil)
            #expect(try await Self.preflight("/nowhere", from: Self.ours, api).status == 404)
        }
    }
}
