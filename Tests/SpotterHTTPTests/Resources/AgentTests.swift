import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// `/v1/agents`.
struct AgentTests {
    private static let desk: JSONValue = [
        "name": "Front Desk", "description": "Answers.", "system_prompt": "Help.", "model": "offline",
        "tools": ["search_clients"], "metadata": ["team": "front", "floor": "1"],
    ]

    private static func create(_ api: TestAPI, _ change: JSONValue = [:]) async throws -> (path: String, Answer) {
        let answer = try await api.ask(.post, "/v1/agents", desk.merging(patch: change))
        #expect(answer.status == 201, "\(answer.text)")
        return ("/v1/agents/\(answer["id"]?.string ?? "")", answer)
    }

    @Test func `an agent is created with its defaults spelled out`() async throws {
        try await TestAPI.with { api in
            let (path, created) = try await Self.create(api)
            #expect(created.headers["location"] == path)
            #expect(created.headers["etag"] == "\"1\"")
            #expect(created["version"] == 1)
            #expect(created["temperature"] == 0.7)
            #expect(created["enabled"] == true)
            #expect(created["limits"] == ["max_steps": 10, "timeout_seconds": 300])
            #expect(try await api.ask(.get, path).json == created.json)
        }
    }

    @Test func `a change makes a version and an old ETag is refused`() async throws {
        try await TestAPI.with { api in
            let (path, _) = try await Self.create(api)
            let changed = try await api.ask(
                .patch, path, ["temperature": 0.2], headers: [("if-match", "\"1\"")])
            #expect(changed.status == 200)
            #expect(changed.headers["etag"] == "\"2\"")
            let stale = [("if-match", "\"1\"")]
            #expect(try await api.ask(.patch, path, ["temperature": 0.3], headers: stale).status == 412)
            #expect(try await api.ask(.put, path, Self.desk, headers: stale).status == 412)
            #expect(try await api.ask(.delete, path, headers: stale).status == 412)
            #expect(try await api.ask(.patch, path, ["temperature": 0.3], headers: [("if-match", "2")]).status == 412)
            #expect(try await api.ask(.get, path)["temperature"] == 0.2)
            #expect(try await api.ask(.delete, path, headers: [("if-match", "\"2\"")]).status == 204)
            #expect(try await api.ask(.get, path).status == 404)
        }
    }

    @Test func `a change that changes nothing makes no version`() async throws {
        try await TestAPI.with { api in
            let (path, _) = try await Self.create(api)
            #expect(try await api.ask(.put, path, Self.desk)["version"] == 1)
            #expect(try await api.ask(.patch, path, [:])["version"] == 1)
            #expect(try await api.ask(.get, "\(path)/versions").data.count == 1)
        }
    }

    @Test(arguments: [("\"1\"", 304), ("W/\"1\"", 304), ("*", 304), ("\"7\", \"1\"", 304), ("\"2\"", 200), ("1", 200)])
    func `a version that the client has is not sent again`(_ tag: String, _ status: Int) async throws {
        try await TestAPI.with { api in
            let (path, _) = try await Self.create(api)
            let answer = try await api.ask(.get, path, headers: [("if-none-match", tag)])
            #expect(answer.status == status)
            #expect(answer.body.isEmpty == (status == 304))
            #expect(answer.headers["etag"] == "\"1\"")
        }
    }

    @Test func `a change is made although the client has the new version`() async throws {
        try await TestAPI.with { api in
            let (path, _) = try await Self.create(api)
            let answer = try await api.ask(.patch, path, ["temperature": 1], headers: [("if-none-match", "\"2\"")])
            #expect(answer.status == 200)
            #expect(answer["version"] == 2)
        }
    }

    @Test func `a merge patch replaces, keeps and removes`() async throws {
        try await TestAPI.with { api in
            let (path, _) = try await Self.create(api)
            let answer = try await api.ask(
                .patch, path,
                ["description": nil, "metadata": ["team": nil, "shift": "late"], "tools": ["view_class_schedule"]])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["description"] == nil)
            #expect(answer["metadata"] == ["floor": "1", "shift": "late"])
            #expect(answer["tools"] == ["view_class_schedule"])
            #expect(answer["name"] == "Front Desk")
            let limits = try await api.ask(.patch, path, ["limits": ["max_steps": 3]])
            #expect(limits["limits"] == ["max_steps": 3, "timeout_seconds": 300])
            let unlimited = try await api.ask(.patch, path, ["limits": ["max_steps": nil]])
            #expect(unlimited["limits"] == ["max_steps": 10, "timeout_seconds": 300])
            #expect(try await api.ask(.patch, path, ["name": nil]).status == 400)
            #expect(try await api.ask(.patch, path, ["nmae": "x"]).text.contains("did you mean"))
            #expect(try await api.ask(.patch, path, [1]).status == 400)
        }
    }

    @Test func `a rollback brings old settings back as a new version`() async throws {
        try await TestAPI.with { api in
            let (path, created) = try await Self.create(api)
            _ = try await api.ask(.patch, path, ["name": "Night Desk", "temperature": 1.1])
            let back = try await api.ask(.post, "\(path)/rollback", ["version": 1])
            #expect(back.status == 200)
            #expect(back["version"] == 3)
            #expect(back["name"] == created["name"])
            #expect(back["temperature"] == created["temperature"])
            #expect(try await api.ask(.post, "\(path)/rollback", ["version": 9]).status == 404)
            let versions = try await api.ask(.get, "\(path)/versions").data
            #expect(versions.map { $0["version"]?.int } == [3, 2, 1])
            #expect(versions[1]["settings"]?["name"] == "Night Desk")
        }
    }

    @Test func `versions come in pages`() async throws {
        try await TestAPI.with { api in
            let (path, _) = try await Self.create(api)
            for step in 1...4 { _ = try await api.ask(.patch, path, ["temperature": .double(Double(step) / 8)]) }
            #expect(try await Self.walk("\(path)/versions", by: 2, api).map { $0["version"]?.int } == [5, 4, 3, 2, 1])
        }
    }

    @Test func `names are unique whatever their case`() async throws {
        try await TestAPI.with { api in
            _ = try await Self.create(api)
            let (other, _) = try await Self.create(api, ["name": "Back Office"])
            let again = try await api.ask(.post, "/v1/agents", Self.desk.merging(patch: ["name": "front desk"]))
            #expect(again.status == 409)
            #expect(again["code"] == "conflict")
            #expect(try await api.ask(.patch, other, ["name": "FRONT DESK"]).status == 409)
            #expect(try await api.ask(.get, "/v1/agents").data.count == 2)
        }
    }

    @Test func `mistakes are named, all at once, with a guess at what was meant`() async throws {
        try await TestAPI.with { api in
            let body = Self.desk.merging(patch: ["tools": ["search_client"]])
            let tool = try await api.ask(.post, "/v1/agents", body)
            #expect(tool.status == 400)
            #expect(tool["errors"]?[0]?["pointer"] == "/tools/0")
            #expect(tool.text.contains("search_clients"))
            let fields = try await api.ask(
                .post, "/v1/agents", ["nmae": "x", "system_prompt": "", "model": "offline", "temperature": 3])
            let pointers = (fields["errors"]?.array ?? []).compactMap { $0["pointer"]?.string }
            #expect(Set(pointers) == ["/nmae", "/system_prompt", "/temperature", "/name"])
            #expect(try await api.ask(.get, "/v1/agents").data.isEmpty)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 200])
    func `pages show every agent once, newest first`(_ limit: Int) async throws {
        try await TestAPI.with { api in
            var made: [String?] = []
            for number in 1...7 {
                made.append(try await Self.create(api, ["name": .string("Agent \(number)")]).1["id"]?.string)
            }
            #expect(try await Self.walk("/v1/agents", by: limit, api).map { $0["id"]?.string } == made.reversed())
        }
    }

    @Test(arguments: ["x", "cur_", "cur_zzzzzzzzzzzzzzzzzzzzzzzzzz", "agent_01kah2wz00e2fvd6rpmhk1s5xv", "%00"])
    func `a cursor that no list gave out is refused`(_ cursor: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.get, "/v1/agents?after=\(cursor)")
            #expect(answer.status == 400)
        }
    }

    @Test(arguments: ["0", "201", "-1", "ten", "", "1.5"])
    func `a limit that cannot be is refused`(_ limit: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.get, "/v1/agents?limit=\(limit)")
            #expect(answer.status == 400)
        }
    }

    @Test func `filters find what they name`() async throws {
        try await TestAPI.with { api in
            _ = try await Self.create(api, ["role": "desk"])
            _ = try await Self.create(api, ["name": "Coach", "role": "coach", "enabled": false])
            func names(_ query: String) async throws -> [String?] {
                try await api.ask(.get, "/v1/agents?\(query)").data.map { $0["name"]?.string }
            }
            #expect(try await names("role=desk") == ["Front Desk"])
            #expect(try await names("enabled=false") == ["Coach"])
            #expect(try await names("q=coach") == ["Coach"])
            #expect(try await names("q=nothing") == [])
            #expect(try await api.ask(.get, "/v1/agents?enabled=yes").status == 400)
        }
    }

    /// Every element of a list, read page by page.
    private static func walk(_ path: String, by limit: Int, _ api: TestAPI) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        var after = ""
        for _ in 0..<20 {
            let page = try await api.ask(.get, "\(path)?limit=\(limit)\(after)")
            #expect(page.status == 200)
            #expect(page.data.count <= limit)
            found += page.data
            guard let next = page["next_cursor"]?.string else { return found }
            after = "&after=\(next)"
        }
        Issue.record("the list does not end")
        return found
    }
}
