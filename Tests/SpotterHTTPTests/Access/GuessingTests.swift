import Foundation
import HTTPServerKit
import SigningKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Whoever guesses is refused wherever guesses can be made; whoever is good is heard beside them.
struct GuessingTests {
    private static let signInPath = "/v1/dashboard/session"
    private static let guesser = "192.0.2.7"

    private static func send(
        _ api: TestAPI, _ method: HTTPMethod, _ target: String, _ fields: [(String, String)] = [],
        body: JSONValue? = nil
    ) async throws -> Answer {
        var headers = HTTPHeaders()
        if body != nil { headers.append("content-type", "application/json") }
        for (name, value) in fields { headers.append(name, value) }
        return try await api.send(
            HTTPRequest(
                method: method, target: target, headers: headers, body: body?.bytes ?? [], remoteAddress: guesser))
    }

    /// One place where a secret can be guessed at.
    enum Place: String, CaseIterable, Sendable {
        case signIn, link, session, cookie, metrics, approvalLink, unsubscribeLink, hook

        func guess(_ api: TestAPI) async throws -> Answer {
            let mark = ("x-spotter-dashboard", "1")
            let bearer = ("authorization", "Bearer guess")
            switch self {
            case .signIn: return try await send(api, .post, signInPath, [mark], body: ["token": "guess"])
            case .link: return try await send(api, .post, signInPath, [mark], body: ["link": "guess"])
            case .session: return try await send(api, .get, signInPath, [bearer])
            case .cookie: return try await send(api, .get, signInPath, [("cookie", "spotter-session=guess")])
            case .metrics: return try await send(api, .get, "/metrics", [bearer])
            case .approvalLink: return try await send(api, .get, "/v1/approval-link?link=guess")
            case .unsubscribeLink: return try await send(api, .post, "/v1/unsubscribe?link=guess")
            case .hook: return try await send(api, .post, "/v1/hooks/guess", body: [:])
            }
        }
    }

    /// Guesses until it is refused; how many were heard before.
    private static func exhaust(_ guess: () async throws -> Answer) async throws -> (heard: Int, last: Answer) {
        var last = try await guess()
        var heard = 0
        // Some come back meanwhile: on a slow machine it takes more.
        while last.status != 429, heard < 5_000 {
            heard += 1
            last = try await guess()
        }
        return (heard, last)
    }

    @Test(arguments: Place.allCases)
    func `guesses are counted and refused at each place where they can be made`(_ place: Place) async throws {
        try await TestAPI.with { api in
            #expect([401, 404].contains(try await place.guess(api).status))
            let (heard, last) = try await Self.exhaust { try await place.guess(api) }
            #expect(last.status == 429, "\(last.text)")
            #expect(last.headers["retry-after"] != nil)
            #expect((100...4_000).contains(heard), "\(heard)")
            // Whoever has a good token is heard from there, also for the first time.
            let good = ("authorization", "Bearer \(api.theirs.token)")
            #expect(try await Self.send(api, .get, "/v1/agents", [good]).status == 200)
        }
    }

    @Test func `wrong messages to one hook leave the signed ones to others alone`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Desk")
            let made = try await api.ask(
                .post, "/v1/hooks",
                [
                    "name": "Leads", "style": "standard",
                    "action": [
                        "kind": "agent_message", "agent_id": .string(agent.id.description), "content": "New lead",
                    ],
                ])
            let id = try #require(made["id"]?.string)
            let secret = try #require(made["secret"]?.string)
            _ = try await Self.exhaust { try await Place.hook.guess(api) }
            _ = try await Self.exhaust { try await Self.send(api, .post, "/v1/hooks/\(id)", body: [:]) }
            let body: JSONValue = ["name": "Ana"]
            let time = Int(Date().timeIntervalSince1970)
            let key = try #require(Data(base64Encoded: String(secret.dropFirst(6))))
            let code = try HMACSHA256.authenticate(Array("msg_1.\(time).".utf8) + body.bytes, key: Array(key))
            let answer = try await Self.send(
                api, .post, "/v1/hooks/\(id)",
                [
                    ("webhook-id", "msg_1"), ("webhook-timestamp", "\(time)"),
                    ("webhook-signature", "v1,\(Data(code).base64EncodedString())"),
                ], body: body)
            #expect(answer.status == 202, "\(answer.text)")
        }
    }

    private static let page = [
        ("host", "gym.test"), ("origin", "http://gym.test"), ("x-spotter-dashboard", "1"),
    ]

    private static func signIn(_ api: TestAPI, _ token: String) async throws -> Answer {
        try await send(api, .post, signInPath, page, body: ["token": .string(token)])
    }

    @Test func `signing in counts for its token`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = ["name": "Slow", "role": "staff", "requests_per_minute": 2]
            let token = try #require(try await api.ask(.post, "/v1/tokens", body)["token"]?.string)
            var statuses: [Int] = []
            for _ in 0..<6 { statuses.append(try await Self.signIn(api, token).status) }
            #expect(statuses.prefix(2) == [200, 200] && statuses.suffix(3).allSatisfy { $0 == 429 }, "\(statuses)")
        }
    }

    @Test func `one token has ten sessions at most, and the oldest ends`() async throws {
        try await TestAPI.with { api in
            let other = String(
                try #require(try await Self.signIn(api, api.ours.token(role: .staff)).headers["set-cookie"])
                    .prefix { $0 != ";" })
            var cookies: [String] = []
            for _ in 0..<DashboardSessions.most + 2 {
                let answer = try await Self.signIn(api, api.ours.token)
                cookies.append(String(try #require(answer.headers["set-cookie"]).prefix { $0 != ";" }))
            }
            var statuses: [Int] = []
            for cookie in cookies + [other] {
                statuses.append(try await Self.send(api, .get, Self.signInPath, [("cookie", cookie)]).status)
            }
            #expect(statuses == [401, 401] + Array(repeating: 200, count: DashboardSessions.most + 1))
        }
    }

    @Test func `behind TLS only the cookie counts that no page without TLS can have set`() async throws {
        try await TestAPI.with { api in
            let answer = try await Self.signIn(api, api.ours.token)
            let plain = String(try #require(answer.headers["set-cookie"]).prefix { $0 != ";" })
            #expect(plain.hasPrefix("spotter-session="))
            let host = ("host", "gym.test")
            func status(_ fields: [(String, String)]) async throws -> Int {
                try await Self.send(api, .get, "/v1/agents", [host] + fields).status
            }
            #expect(try await status([("cookie", plain)]) == 200)
            for secure in [("origin", "https://gym.test"), ("x-forwarded-proto", "https")] {
                #expect(try await status([("cookie", plain), secure]) == 401)
                #expect(try await status([("cookie", "__Host-\(plain)"), secure]) == 200)
            }
            let headers: HTTPHeaders = ["cookie": plain]
            #expect(SessionCookie.text(in: headers, isSecure: true) == nil)
            #expect(SessionCookie.text(in: headers, isSecure: false) != nil)
        }
    }

    @Test func `a change with two origins is refused`() async throws {
        try await TestAPI.with { api in
            let answer = try await Self.signIn(api, api.ours.token)
            let cookie = String(try #require(answer.headers["set-cookie"]).prefix { $0 != ";" })
            let body: JSONValue = ["name": "Desk", "system_prompt": "Help.", "model": "offline"]
            func make(_ more: [(String, String)]) async throws -> Int {
                try await Self.send(api, .post, "/v1/agents", Self.page + [("cookie", cookie)] + more, body: body)
                    .status
            }
            #expect(try await make([("origin", "http://evil.test")]) == 403)
            #expect(try await make([("origin", "http://gym.test")]) == 403)
            #expect(try await make([]) == 201)
        }
    }
}
