import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import SpotterTokens
import Testing

@testable import SpotterHTTP

/// Signing in to the dashboard, and what a session may be used for.
struct DashboardTests {
    private static let path = "/v1/dashboard/session"
    private static let page: [(String, String)] = [
        ("host", "gym.test"), ("origin", "http://gym.test"), ("sec-fetch-site", "same-origin"),
    ]
    private static let mark = ("x-spotter-dashboard", "1")

    /// Signs in and gives the cookie's name and value, as a browser sends them back.
    private static func signIn(_ api: TestAPI, origin: String = "http://gym.test") async throws -> String {
        let answer = try await api.send(
            .post, path, ["token": .string(api.ours.token)], token: nil,
            headers: [("host", "gym.test"), ("origin", origin), mark])
        #expect(answer.status == 200, "\(answer.text)")
        let field = try #require(answer.headers["set-cookie"])
        return String(field.prefix { $0 != ";" })
    }

    @Test func `a token is exchanged for a session that no script can read`() async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(
                .post, Self.path, ["token": .string(api.ours.token)], token: nil, headers: Self.page + [Self.mark])
            #expect(answer.status == 200)
            #expect(answer["organization"]?["name"]?.string == api.ours.home.organization.name)
            #expect(answer["token_id"]?.string == api.ours.tokenID.description)
            let cookie = try #require(answer.headers["set-cookie"])
            for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] { #expect(cookie.contains(part)) }
            #expect(!cookie.contains("Secure"))
            #expect(!cookie.contains(api.ours.token))
            #expect(!answer.text.contains(api.ours.token))
        }
    }

    @Test func `over TLS the cookie stays with TLS and with this host`() async throws {
        try await TestAPI.with { api in
            let answer = try await api.send(
                .post, Self.path, ["token": .string(api.ours.token)], token: nil,
                headers: [("host", "gym.test"), ("origin", "https://gym.test"), Self.mark])
            let cookie = try #require(answer.headers["set-cookie"])
            #expect(cookie.hasPrefix("__Host-"))
            #expect(cookie.hasSuffix("; Secure"))
        }
    }

    @Test func `a session reads and changes as its token does`() async throws {
        try await TestAPI.with { api in
            let cookie = try await Self.signIn(api)
            let headers = Self.page + [("cookie", "other=1; \(cookie)"), Self.mark]
            #expect(try await api.send(.get, "/v1/agents", token: nil, headers: headers).status == 200)
            let made = try await api.send(
                .post, "/v1/agents", ["name": "Desk", "system_prompt": "Help.", "model": "offline"], token: nil,
                headers: headers)
            #expect(made.status == 201)
            #expect(try await api.send(.get, "/v1/admin/organizations", token: nil, headers: headers).status == 403)
        }
    }

    /// A request that another site's page could have made with the cookie.
    struct Foreign: Sendable {
        let method: HTTPMethod
        let fields: [String: String]

        init(_ method: HTTPMethod, _ fields: [String: String]) {
            self.method = method
            self.fields = fields
        }

        static let all: [Foreign] = [
            Foreign(.post, [:]),
            Foreign(.post, ["sec-fetch-site": "same-origin"]),
            Foreign(.post, ["x-spotter-dashboard": "1", "sec-fetch-site": "cross-site"]),
            Foreign(.post, ["x-spotter-dashboard": "1", "sec-fetch-site": "none"]),
            Foreign(.post, ["x-spotter-dashboard": "1", "host": "gym.test", "origin": "http://evil.test"]),
            Foreign(.post, ["x-spotter-dashboard": "1", "host": "gym.test", "origin": "http://gym.test.evil.test"]),
            Foreign(.post, ["x-spotter-dashboard": "1", "host": "gym.test", "origin": "null"]),
            Foreign(.get, ["sec-fetch-site": "cross-site"]),
            Foreign(.get, ["sec-fetch-site": "same-site"]),
            Foreign(.get, ["host": "gym.test", "origin": "http://evil.test"]),
        ]
    }

    @Test(arguments: Foreign.all)
    func `another site's request is refused`(_ foreign: Foreign) async throws {
        try await TestAPI.with { api in
            let cookie = try await Self.signIn(api)
            let before = try await api.ours.everything()
            let headers = foreign.fields.map { ($0.key, $0.value) } + [("cookie", cookie)]
            let body: JSONValue? =
                foreign.method == .get ? nil : ["name": "Desk", "system_prompt": "Help.", "model": "offline"]
            let answer = try await api.send(foreign.method, "/v1/agents", body, token: nil, headers: headers)
            #expect(answer.status == 403)
            #expect(try await api.ours.everything() == before)
        }
    }

    @Test func `nobody signs somebody else in from another site`() async throws {
        try await TestAPI.with { api in
            let attempts: [[(String, String)]] = [[], [("sec-fetch-site", "cross-site"), Self.mark]]
            for headers in attempts {
                let answer = try await api.send(
                    .post, Self.path, ["token": .string(api.ours.token)], token: nil, headers: headers)
                #expect(answer.status == 403)
                #expect(answer.headers["set-cookie"] == nil)
            }
        }
    }

    @Test func `signing out ends the session, also for who has kept the cookie`() async throws {
        try await TestAPI.with { api in
            let cookie = try await Self.signIn(api)
            let headers = Self.page + [("cookie", cookie), Self.mark]
            #expect(try await api.send(.get, Self.path, token: nil, headers: headers).status == 200)
            let gone = try await api.send(.delete, Self.path, token: nil, headers: headers)
            #expect(gone.status == 204)
            #expect(gone.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(try await api.send(.get, Self.path, token: nil, headers: headers).status == 401)
            #expect(try await api.send(.get, "/v1/agents", token: nil, headers: headers).status == 401)
            // The token itself is as good as before.
            #expect(try await api.ask(.get, "/v1/agents").status == 200)
        }
    }

    @Test func `a session ends with its token`() async throws {
        try await TestAPI.with { api in
            let issued = try await api.ask(.post, "/v1/tokens", ["name": "Desk", "role": "staff"])
            let (id, text) = (try #require(issued["id"]?.string), try #require(issued["token"]?.string))
            let answer = try await api.send(
                .post, Self.path, ["token": .string(text)], token: nil, headers: Self.page + [Self.mark])
            let cookie = try #require(answer.headers["set-cookie"]).prefix { $0 != ";" }
            let headers = Self.page + [("cookie", String(cookie)), Self.mark]
            #expect(try await api.send(.get, "/v1/agents", token: nil, headers: headers).status == 200)
            #expect(try await api.ask(.delete, "/v1/tokens/\(id)").status == 204)
            #expect(try await api.send(.get, "/v1/agents", token: nil, headers: headers).status == 401)
        }
    }

    @Test func `a session stands among the tokens, can be revoked there, and may do nothing as one`() async throws {
        try await TestAPI.with { api in
            let cookie = try await Self.signIn(api)
            let listed = try await api.ask(.get, "/v1/tokens").data.first { $0["name"] == "Dashboard" }
            #expect(listed?["permissions"]?.array == [])
            let id = try #require(listed?["id"]?.string)
            #expect(try await api.ask(.delete, "/v1/tokens/\(id)").status == 204)
            let headers = Self.page + [("cookie", cookie)]
            #expect(try await api.send(.get, "/v1/agents", token: nil, headers: headers).status == 401)
        }
    }

    @Test func `a link signs in once`() async throws {
        try await TestAPI.with { api in
            let link = DashboardSession(
                id: api.ours.home.id(), token: api.ours.tokenID, organization: api.ours.scope.organization,
                expiresAt: Date() + 60)
            let text = try api.signer.text(for: link, as: .link)
            func open(_ text: String) async throws -> Answer {
                try await api.send(
                    .post, Self.path, ["link": .string(text)], token: nil, headers: Self.page + [Self.mark])
            }
            #expect(try await open(text).status == 200)
            #expect(try await open(text).status == 401)
            // What the cookie holds is no link, and a link is no cookie's text.
            #expect(try await open(api.signer.text(for: link, as: .session)).status == 401)
            let headers = Self.page + [("cookie", "spotter-session=\(text)")]
            #expect(try await api.send(.get, "/v1/agents", token: nil, headers: headers).status == 401)
            let old = DashboardSession(
                id: api.ours.home.id(), token: api.ours.tokenID, organization: api.ours.scope.organization,
                expiresAt: Date() - 1)
            #expect(try await open(api.signer.text(for: old, as: .link)).status == 401)
        }
    }

    @Test func `a session's text is no token, and a token is no session's text`() async throws {
        try await TestAPI.with { api in
            let cookie = try await Self.signIn(api)
            let text = String(try #require(cookie.split(separator: "=").last))
            #expect(try await api.send(.get, "/v1/agents", token: text).status == 401)
            let headers = Self.page + [("cookie", "spotter-session=\(api.ours.token)")]
            #expect(try await api.send(.get, "/v1/agents", token: nil, headers: headers).status == 401)
        }
    }

    @Test func `a bad token in the field is not made good by a session`() async throws {
        try await TestAPI.with { api in
            let cookie = try await Self.signIn(api)
            let headers = Self.page + [("cookie", cookie), Self.mark]
            #expect(try await api.send(.get, "/v1/agents", token: "garbage", headers: headers).status == 401)
        }
    }
}
