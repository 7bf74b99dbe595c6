import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// What is not as it must be is refused with a reason, and nothing happens.
struct StrictnessTests {
    private static func post(_ body: [UInt8], type: String?, to path: String, _ api: TestAPI) async throws -> Answer {
        var headers = HTTPHeaders()
        headers.append("authorization", "Bearer \(api.ours.token)")
        if let type { headers.append("content-type", type) }
        return try await api.send(HTTPRequest(method: .post, target: path, headers: headers, body: body))
    }

    @Test(arguments: [
        #"{"name":"CRM","role":"staff","name":"Door"}"#, #"{"name":"a\u0000b","role":"staff"}"#,
        "\u{FEFF}{\"name\":\"CRM\",\"role\":\"staff\"}", #"{"name":"CRM","role":"staff",}"#,
        #"{"name":"CRM","role":"staff"} {}"#, #"{'name':'CRM','role':'staff'}"#, "", " ", "null", "[]",
        #"{"name":"CRM","role":"boss"}"#, #"{"name":"CRM","role":"staff","extra":1}"#, #"{"name":1,"role":"staff"}"#,
        #"{"name":"\ud800","role":"staff"}"#, #"{"name":NaN,"role":"staff"}"#,
        String(repeating: "[", count: 100_000),
    ])
    func `a body that is not strict JSON of the right form is refused`(_ body: String) async throws {
        try await TestAPI.with { api in
            let before = try await api.ours.everything()
            let answer = try await Self.post(Array(body.utf8), type: "application/json", to: "/v1/tokens", api)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer["code"] == "invalid")
            #expect(answer["detail"]?.string?.isEmpty == false)
            #expect(try await api.ours.everything() == before)
        }
    }

    @Test func `text that is not UTF-8 is refused`() async throws {
        try await TestAPI.with { api in
            let body = Array(#"{"name":"C"#.utf8) + [0xFF] + Array(#"M","role":"staff"}"#.utf8)
            let answer = try await Self.post(body, type: "application/json", to: "/v1/tokens", api)
            #expect(answer.status == 400)
        }
    }

    @Test(
        arguments: [
            (nil, 415), ("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("application/json5", 415),
            ("application/json; charset=latin1", 415), ("application/json", 201), ("Application/JSON", 201),
            ("application/json; charset=UTF-8", 201), ("application/json;charset=\"utf-8\"", 201),
        ] as [(String?, Int)])
    func `a body must say that it is JSON`(_ type: String?, _ status: Int) async throws {
        try await TestAPI.with { api in
            let body: JSONValue = ["name": "CRM", "role": "staff"]
            let answer = try await Self.post(body.bytes, type: type, to: "/v1/tokens", api)
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test(arguments: TestAPI.operations)
    func `a query parameter that an operation does not have is refused`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            let things = try await Belongings(of: api.ours, in: api)
            let before = try await api.ours.everything()
            let answer = try await api.send(
                route.method, things.path(of: route) + "?unheard=1", things.body(of: route), token: api.operatorToken)
            #expect(answer.status == 400)
            #expect(answer["errors"]?[0]?["pointer"] == "/unheard")
            #expect(try await api.ours.everything() == before)
        }
    }

    @Test(arguments: ["limit=1&limit=2", "limti=1", "q=%00", "q=%ff", "q=%zz"])
    func `a query that cannot be meant is refused`(_ query: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.get, "/v1/agents?\(query)")
            #expect(answer.status == 400)
        }
    }

    @Test(arguments: TestAPI.operations)
    func `other methods are refused with those that are possible`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            let path = try Belongings.unknown(api.ours).path(of: route)
            let possible = Set(api.table.routes.filter { $0.path == route.path }.map(\.method))
            var expected = Set(possible.map(\.rawValue)).union(["OPTIONS"])
            if possible.contains(.get) { expected.insert("HEAD") }
            for method in HTTPMethod.allCases where !expected.contains(method.rawValue) || method == .options {
                let answer = try await api.send(method, path, token: nil)
                #expect(answer.status == (method == .options ? 204 : 405))
                let allowed = (answer.headers["allow"] ?? "").split(separator: ",").map {
                    String($0.drop { $0 == " " })
                }
                #expect(Set(allowed) == expected)
            }
        }
    }

    @Test func `HEAD answers as GET does`() async throws {
        try await TestAPI.with { api in
            let things = try await Belongings(of: api.ours, in: api)
            let path = "/v1/agents/\(things.agent)"
            let (head, get) = (try await api.ask(.head, path), try await api.ask(.get, path))
            #expect(head.status == 200)
            #expect(head.headers["etag"] == get.headers["etag"])
            #expect(head.contentType == get.contentType)
            #expect(try await api.ask(.head, "/v1/agents/agent_x").status == 404)
            #expect(try await api.send(.head, path, token: nil).status == 401)
        }
    }

    @Test(arguments: ["/", "/v1", "/v1/agents/", "/v1//agents", "/v2/agents", "/v1/agents/x/y", "/v1/agent%73"])
    func `there is nothing at other paths`(_ path: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.get, path)
            #expect(answer.status == 404)
            #expect(answer["code"] == "not_found")
        }
    }

    @Test(arguments: [
        "agent_", "conv_01kah2wz00e2fvd6rpmhk1s5xv", "AGENT_01KAH2WZ00E2FVD6RPMHK1S5XV", "1", "%2e%2e", "'--",
    ])
    func `an id that cannot be is as unknown as one that never was`(_ id: String) async throws {
        try await TestAPI.with { api in
            let never = try await api.ask(.get, "/v1/agents/\(Belongings.unknown(api.ours).agent)")
            let answer = try await api.ask(.get, "/v1/agents/\(id)")
            #expect(answer.status == 404)
            #expect(answer.problem == never.problem)
        }
    }

    @Test func `every answer has an id of its own and is not kept or guessed at`() async throws {
        try await TestAPI.with { api in
            var ids: Set<String> = []
            for path in ["/v1/agents", "/v1/agents/x", "/v1/health", "/nothing"] {
                let answer = try await api.ask(.get, path)
                ids.insert(try #require(answer.headers["x-request-id"]))
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(answer.headers["cache-control"] != nil)
            }
            #expect(ids.count == 4)
        }
    }

    @Test(arguments: ["a\u{202E}gnp.exe", "\u{200B}", "a\nb", "a\u{1B}[31m", " lead"])
    func `a name that hides or turns something is refused wherever people read names`(_ name: String) async throws {
        try await TestAPI.with { api in
            let agent: JSONValue = ["name": .string(name), "system_prompt": "Help.", "model": "offline"]
            let organization: JSONValue = [
                "slug": "northside-gym", "name": .string(name), "timezone": "Europe/London", "currency": "GBP",
            ]
            let token: JSONValue = ["name": .string(name), "role": "staff"]
            for (path, body) in [
                ("/v1/agents", agent), ("/v1/tokens", token), ("/v1/admin/organizations", organization),
            ] {
                let answer = try await api.send(.post, path, body, token: api.operatorToken)
                #expect(answer.status == 400, "\(path)")
                #expect(answer["errors"]?[0]?["pointer"] == "/name", "\(path)")
            }
        }
    }

    @Test(arguments: [
        "W/\"1\"", "\"01\"", "\"+1\"", "\"1", "1", "\"\"", "\"1\";", "\"99999999999999999999\"",
        "\"1647377804669951227\"", "\"-1\"",
    ])
    func `only the tag as it was given out lets a change through`(_ tag: String) async throws {
        try await TestAPI.with { api in
            let path = "/v1/agents/\(try await Belongings(of: api.ours, in: api).agent)"
            let answer = try await api.ask(.patch, path, ["temperature": 0.1], headers: [("if-match", tag)])
            #expect(answer.status == 412)
            let good = try await api.ask(.patch, path, ["temperature": 0.1], headers: [("if-match", "\"1\"")])
            #expect(good.status == 200)
        }
    }

    @Test func `a weak tag is good enough for a read`() async throws {
        try await TestAPI.with { api in
            let path = "/v1/agents/\(try await Belongings(of: api.ours, in: api).agent)"
            let answer = try await api.ask(.get, path, headers: [("if-none-match", "\"7\", W/\"1\"")])
            #expect(answer.status == 304)
        }
    }

    @Test func `a body in a coding that is not understood is refused as such`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = ["name": "Desk", "system_prompt": "Help.", "model": "offline"]
            for (coding, status) in [("gzip", 415), ("br, gzip", 415), ("identity", 201)] {
                let answer = try await api.ask(.post, "/v1/agents", body, headers: [("content-encoding", coding)])
                #expect(answer.status == status, "\(coding)")
            }
        }
    }
}
