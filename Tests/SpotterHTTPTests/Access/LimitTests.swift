import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Who asks too often waits, and nobody else does.
struct LimitTests {
    static func limit(_ tenant: Tenant, _ limits: TenantDefinition.Limits) async throws {
        let old = tenant.home.organization
        let definition = TenantDefinition(
            slug: old.slug, name: old.name, timezone: old.timezone, currency: old.currency, plan: old.plan,
            limits: limits)
        _ = try await tenant.home.stores.organizations.apply(definition, id: old.id, at: Date())
    }

    private static func get(
        _ path: String, _ api: TestAPI, token: String?, from address: String, forwarded: String? = nil
    ) async throws -> Answer {
        var headers = HTTPHeaders()
        if let token { headers.append("authorization", "Bearer \(token)") }
        if let forwarded { headers.append("x-forwarded-for", forwarded) }
        return try await api.send(
            HTTPRequest(method: .get, target: path, headers: headers, remoteAddress: address))
    }

    @Test func `an organisation that has asked too often waits, and others do not`() async throws {
        try await TestAPI.with { api in
            try await Self.limit(api.ours, .init(requestsPerMinute: 5, tokenRequestsPerMinute: 5))
            var answers: [Answer] = []
            for _ in 0..<12 { answers.append(try await api.ask(.get, "/v1/agents")) }
            let allowed = answers.prefix { $0.status == 200 }.count
            #expect((5...6).contains(allowed), "\(allowed)")
            let refused = try #require(answers.last)
            #expect(refused.status == 429)
            #expect(refused.contentType == "application/problem+json")
            #expect(refused["code"] == "rate_limited")
            let seconds = try #require(refused.headers["retry-after"].flatMap { Int($0) })
            #expect((1...12).contains(seconds))
            LimitWalkTests.check(refused, "refused")
            #expect(refused.headers["ratelimit"]?.contains(";r=0;") == true)
            #expect(answers[0].headers["ratelimit-policy"] == "\"token\";q=5;w=60, \"organization\";q=5;w=60")
            // One more token of the same organisation has nothing left either; another organisation has all of it.
            let second = try await api.ours.token(role: .staff)
            #expect(try await api.send(.get, "/v1/agents", token: second).status == 429)
            #expect(try await api.send(.get, "/v1/agents", token: api.theirs.token).status == 200)
            // How the server is, everybody hears always.
            #expect(try await api.ask(.get, "/v1/health/live").status == 200)
        }
    }

    @Test func `a token has a limit of its own, and leaves the rest to others`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = ["name": "Slow", "role": "staff", "requests_per_minute": 2]
            let issued = try await api.ask(.post, "/v1/tokens", body)
            #expect(issued["requests_per_minute"] == 2)
            let token = try #require(issued["token"]?.string)
            var statuses: [Int] = []
            for _ in 0..<6 { statuses.append(try await api.send(.get, "/v1/agents", token: token).status) }
            #expect(statuses.prefix(2) == [200, 200] && statuses.suffix(3).allSatisfy { $0 == 429 }, "\(statuses)")
            #expect(try await api.ask(.get, "/v1/agents").status == 200)
            let bad = try await api.ask(
                .post, "/v1/tokens", ["name": "None", "role": "staff", "requests_per_minute": 0])
            #expect(bad.status == 400)
            #expect(bad["errors"]?[0]?["pointer"] == "/requests_per_minute")
        }
    }

    @Test func `work on tokens has a small bucket of its own`() async throws {
        try await TestAPI.with { api in
            var statuses: [Int] = []
            for _ in 0..<RateDefaults.tokens + 10 { statuses.append(try await api.ask(.get, "/v1/tokens").status) }
            #expect(statuses.prefix(RateDefaults.tokens).allSatisfy { $0 == 200 })
            #expect(statuses.last == 429)
            #expect(try await api.ask(.get, "/v1/agents").status == 200)
        }
    }

    /// Whether a request is refused once the bucket of its address is empty. Two come back each second: on a busy machine
    /// it may take more than one try to be quicker.
    private static func isRefused(
        emptying guess: (Int) async throws -> Int, _ request: () async throws -> Int
    ) async throws -> Bool {
        for _ in 0..<50 {
            for number in 0..<1_000 {
                let status = try await guess(number)
                if status == 429 { break }
            }
            let status = try await request()
            if status == 429 { return true }
        }
        return false
    }

    @Test func `who guesses at tokens is no longer heard, and who has one is`() async throws {
        try await TestAPI.with { api in
            let (guesser, neighbour) = ("192.0.2.7", "192.0.2.8")
            #expect(try await Self.get("/v1/agents", api, token: api.ours.token, from: guesser).status == 200)
            for number in 0..<10 {
                let answer = try await Self.get("/v1/agents", api, token: "guess-\(number)", from: guesser)
                LimitWalkTests.check(answer, "\(number)")
                #expect(answer.status == 401)
            }
            func isRefused(_ path: String, _ token: String?) async throws -> Bool {
                try await Self.isRefused {
                    try await Self.get("/v1/agents", api, token: "guess-\($0)", from: guesser).status
                } _: {
                    try await Self.get(path, api, token: token, from: guesser).status
                }
            }
            #expect(try await isRefused("/v1/agents", "garbage"))
            // Links and hooks are the same kind of guess.
            #expect(try await isRefused("/v1/approval-link?link=x", nil))
            // A good token is heard from there as well, also one that nobody has seen before.
            #expect(try await Self.get("/v1/agents", api, token: api.theirs.token, from: guesser).status == 200)
            #expect(try await Self.get("/v1/agents", api, token: api.ours.token, from: guesser).status == 200)
            #expect(try await Self.get("/v1/agents", api, token: api.theirs.token, from: neighbour).status == 200)
            #expect(try await Self.get("/v1/approval-link?link=x", api, token: nil, from: neighbour).status == 404)
        }
    }

    @Test func `a proxy is believed about addresses, and nobody else is`() async throws {
        try await TestAPI.with { api in
            func status(_ address: String, _ forwarded: String?) async throws -> Int {
                try await Self.get("/v1/agents", api, token: "x", from: address, forwarded: forwarded).status
            }
            let (proxy, client, liar) = ("10.0.0.1", "198.51.100.1", "203.0.113.9")
            // What a stranger writes in front of what the proxy adds changes nothing.
            let isHeard = try await Self.isRefused(emptying: { _ in try await status(proxy, client) }) {
                try await status(proxy, "9.9.9.9, \(client)")
            }
            #expect(isHeard)
            #expect(try await status(proxy, "198.51.100.2") == 401)
            // Claims another address each time, to no avail.
            let isCaught = try await Self.isRefused(emptying: { try await status(liar, "198.51.100.\($0 % 256)") }) {
                try await status(liar, nil)
            }
            #expect(isCaught)
        }
    }

    @Test(
        arguments: [
            // Who asks, X-Forwarded-For, Forwarded, who counts.
            ("10.0.0.1", "198.51.100.1", nil, "198.51.100.1"), ("::ffff:10.0.0.1", "198.51.100.1", nil, "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1:4711", nil, "198.51.100.1"),
            ("192.168.7.7", "9.9.9.9, 198.51.100.1, ::ffff:10.0.0.1", nil, "198.51.100.1"),
            ("10.0.0.1", "9.9.9.9, unknown, 192.168.1.1", nil, "192.168.1.1"), ("10.0.0.1", "unknown", nil, "10.0.0.1"),
            ("10.0.0.2", "198.51.100.1", nil, "10.0.0.2"), ("10.0.0.1", nil, nil, "10.0.0.1"),
            ("10.0.0.1", nil, "for=9.9.9.9, for=\"198.51.100.1:80\"", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1", "for=198.51.100.1", "198.51.100.1"),
            // A proxy that writes one field and passes on the other is no help to a liar.
            ("10.0.0.1", "198.51.100.1", "for=9.9.9.9", "10.0.0.1"),
            ("10.0.0.1", "9.9.9.9", "for=198.51.100.1", "10.0.0.1"),
            ("10.0.0.1", "[2001:db8:1:2::9]:443", nil, "20010db800010002::/64"),
        ] as [(String, String?, String?, String)])
    func `the last address that is no proxy's counts`(
        _ peer: String, _ common: String?, _ standard: String?, _ counts: String
    ) throws {
        let clients = ClientAddresses(trusted: try TrustedProxies("10.0.0.1,192.168.0.0/16"))
        var headers = HTTPHeaders()
        if let common { headers.append("x-forwarded-for", common) }
        if let standard { headers.append("forwarded", standard) }
        let request = HTTPRequest(method: .get, target: "/", headers: headers, remoteAddress: peer)
        #expect(clients.key(of: request) == counts)
    }

    @Test(arguments: ["proxy", "10.0.0.0/33", "10.0.0.1;10.0.0.2", "10.0.0.1:80"])
    func `a list of proxies that cannot be read says what is wrong`(_ text: String) {
        let error = #expect(throws: SpotterError.self) { try TrustedProxies("10.0.0.9, \(text)") }
        #expect(error?.message.contains("\(text) is neither") == true)
    }

    @Test func `an IPv6 network of one customer is one address`() {
        #expect(ClientAddresses.key(of: "2001:db8:1:2:3::4") == ClientAddresses.key(of: "2001:db8:1:2:ffff::1"))
        #expect(ClientAddresses.key(of: "2001:db8:1:2::4") != ClientAddresses.key(of: "2001:db8:1:3::4"))
        #expect(ClientAddresses.key(of: "::ffff:192.0.2.1") == "192.0.2.1")
        #expect(ClientAddresses.key(of: "192.0.2.1") == "192.0.2.1")
    }

    @Test func `what is open to everybody is counted by address, and health always answers`() async throws {
        try await TestAPI.with { api in
            let (busy, other) = ("192.0.2.7", "192.0.2.8")
            var statuses: Set<Int> = []
            // The bucket fills again meanwhile: on a slow machine it takes more to empty it.
            for _ in 0..<60_000 where !statuses.contains(429) {
                statuses.insert(try await Self.get("/v1/problems/invalid", api, token: nil, from: busy).status)
            }
            #expect(statuses == [200, 429])
            #expect(try await Self.get("/v1/health/live", api, token: nil, from: busy).status == 200)
            #expect(try await Self.get("/v1/problems/invalid", api, token: nil, from: other).status == 200)
        }
    }

    @Test func `a stream counts once`() async throws {
        try await TestAPI.with { api in
            try await Self.limit(api.ours, .init(requestsPerMinute: 4, tokenRequestsPerMinute: 4))
            let things = try await Belongings(of: api.ours, in: api)
            let route = try api.route("streamExecutionEvents")
            let before = try await api.ask(.get, "/v1/agents")
            _ = try await api.ask(.get, things.path(of: route), headers: [("accept", "text/event-stream")])
            let after = try await api.ask(.get, "/v1/agents")
            #expect(before.status == 200 && after.status == 200)
            #expect(Self.left(after) >= Self.left(before) - 2)
        }
    }

    private static func left(_ answer: Answer) -> Int {
        answer.headers["ratelimit"]?.firstMatch(of: #/"organization";r=(\d+)/#).flatMap { Int($0.1) } ?? -1
    }
}
