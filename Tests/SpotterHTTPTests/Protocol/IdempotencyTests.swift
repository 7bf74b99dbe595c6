import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// The same `Idempotency-Key` and body: one effect, one answer.
struct IdempotencyTests {
    static let operations = [
        "createAgent", "createConversation", "sendMessage", "regenerateMessage", "issueToken", "invokeTool",
        "rollbackAgent", "publishEvent",
    ]
    private static let key = [("idempotency-key", "key-1")]

    @Test(arguments: operations)
    func `a repeated request has one effect and the first one's answer`(_ name: String) async throws {
        try await TestAPI.with { api in
            let (path, body) = try await Self.request(name, in: api)
            let first = try await api.ask(.post, path, body, headers: Self.key)
            #expect((200..<300).contains(first.status), "\(first.text)")
            #expect(first.headers["idempotency-replayed"] == nil)
            let effect = try await api.ours.everything()
            let second = try await api.ask(.post, path, body, headers: Self.key)
            #expect(second.status == first.status)
            #expect(second.json == first.json)
            #expect(second.headers["idempotency-replayed"] == "true")
            #expect(try await api.ours.everything() == effect)
        }
    }

    @Test(arguments: operations)
    func `a key used for another body is refused`(_ name: String) async throws {
        try await TestAPI.with { api in
            let (path, body) = try await Self.request(name, in: api)
            _ = try await api.ask(.post, path, body, headers: Self.key)
            let effect = try await api.ours.everything()
            let other = body.merging(patch: try Self.change(name))
            let second = try await api.ask(.post, path, other, headers: Self.key)
            #expect(second.status == 422, "\(second.text)")
            #expect(second["code"] == "idempotency_key_reused")
            #expect(try await api.ours.everything() == effect)
        }
    }

    @Test(arguments: operations)
    func `organisations do not share keys`(_ name: String) async throws {
        try await TestAPI.with { api in
            let (path, body) = try await Self.request(name, in: api)
            let foreign = try await Belongings(of: api.theirs, in: api)
            let route = try api.route(name)
            _ = try await api.ask(.post, path, body, headers: Self.key)
            let theirs = try await api.send(
                .post, foreign.path(of: route), foreign.body(of: route), token: api.theirs.token, headers: Self.key)
            #expect((200..<300).contains(theirs.status), "\(theirs.text)")
            #expect(theirs.headers["idempotency-replayed"] == nil)
        }
    }

    @Test(arguments: operations)
    func `another token with the same key and body is given nothing of the first one's answer`(
        _ name: String
    ) async throws {
        try await TestAPI.with { api in
            let (path, body) = try await Self.request(name, in: api)
            let first = try await api.ask(.post, path, body, headers: Self.key)
            let colleague = try await api.ours.token(role: .owner)
            let effect = try await api.ours.everything()
            let second = try await api.send(.post, path, body, token: colleague, headers: Self.key)
            #expect(second.status == 422, "\(second.text)")
            #expect(second["code"] == "idempotency_key_reused")
            if let text = first["token"]?.string { #expect(!second.text.contains(text)) }
            #expect(try await api.ours.everything() == effect)
            #expect(try await api.ask(.post, path, body, headers: Self.key).json == first.json)
        }
    }

    @Test(arguments: operations)
    func `requests at the same time have one effect`(_ name: String) async throws {
        try await TestAPI.with { api in
            let (path, body) = try await Self.request(name, in: api)
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<8 { group.addTask { try await api.ask(.post, path, body, headers: Self.key) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // Those who came while the first was under way are told to come again.
            #expect(answers.allSatisfy { (200..<300).contains($0.status) || $0["code"] == "idempotency_key_in_use" })
            let firsts = answers.filter { $0.status < 300 && $0.headers["idempotency-replayed"] == nil }
            #expect(firsts.count == 1)
            #expect(Set(answers.filter { $0.status < 300 }.map(\.json)).count == 1)
        }
    }

    @Test func `a token's text is given again but never kept`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = ["name": "CRM", "role": "staff"]
            let first = try await api.ask(.post, "/v1/tokens", body, headers: Self.key)
            let text = try #require(first["token"]?.string)
            let second = try await api.ask(.post, "/v1/tokens", body, headers: Self.key)
            #expect(second["token"]?.string == text)
            let receipt = try #require(try await api.stores.receipts.receipt(forKey: "key-1", in: api.ours.scope))
            let kept = String(decoding: try #require(receipt.response).body, as: UTF8.self)
            #expect(kept.contains("CRM"))
            #expect(!kept.contains("spotter_"))
            #expect(!kept.contains(text.suffix(20)))
            #expect(try await api.send(.get, "/v1/agents", token: text).status == 200)
        }
    }

    @Test func `a request that failed may be sent again with its key`() async throws {
        try await TestAPI.with { api in
            let path = "/v1/tools/search_clients/invoke"
            let bad = try await api.ask(.post, path, ["arguments": 1, "dry_run": "no"], headers: Self.key)
            #expect(bad.status == 400)
            let good = try await api.ask(.post, path, ["arguments": ["query": "a"]], headers: Self.key)
            #expect(good.status == 200)
        }
    }

    @Test func `what was done is answered so, also when it could not be done any more`() async throws {
        try await TestAPI.with { api in
            let things = try await Belongings(of: api.ours, in: api)
            let task: JSONValue = ["title": "Report", "agent_id": .string(things.agent)]
            let first = try await api.ask(.post, "/v1/tasks", task, headers: Self.key)
            #expect(first.status == 201, "\(first.text)")
            #expect(try await api.ask(.patch, "/v1/agents/\(things.agent)", ["enabled": false]).status == 200)
            let second = try await api.ask(.post, "/v1/tasks", task, headers: Self.key)
            #expect(second.status == 201, "\(second.text)")
            #expect(second.json == first.json)
            #expect(second.headers["idempotency-replayed"] == "true")
            #expect(try await api.ask(.post, "/v1/tasks", task).status == 400)
        }
    }

    @Test func `what was asked of an execution is not asked again by a repeated request`() async throws {
        try await TestAPI.with { api in
            let things = try await Belongings(of: api.ours, in: api)
            let runs = try await api.ask(.get, "/v1/tasks/\(things.task)/executions")
            let path = "/v1/executions/\(try #require(runs["data"]?[0]?["id"]?.string))"
            let paused = try await api.ask(.post, "\(path)/pause", [:], headers: Self.key)
            #expect(paused["state"] == "paused", "\(paused.text)")
            #expect(try await api.ask(.post, "\(path)/resume", [:])["state"] == "queued")
            let again = try await api.ask(.post, "\(path)/pause", [:], headers: Self.key)
            #expect(again.headers["idempotency-replayed"] == "true")
            #expect(again.json == paused.json)
            #expect(try await api.ask(.get, path)["state"] == "queued")
        }
    }

    @Test func `a key whose server died is not held for ever, and nothing of unknown outcome is done again`()
        async throws
    {
        try await TestAPI.with { api in
            let invoke = ("/v1/tools/search_clients/invoke", ["arguments": ["query": "a"]] as JSONValue)
            for (index, (path, body)) in [("/v1/queue/pause", nil), invoke].enumerated() {
                let known = try await api.ask(.post, path, body, headers: [("idempotency-key", "known-\(index)")])
                #expect(known.status == 200, "\(known.text)")
                let receipts = api.stores.receipts
                let scope = api.ours.scope
                let receipt = try #require(try await receipts.receipt(forKey: "known-\(index)", in: scope))
                for (age, status) in [(10.0, 409), (301, index == 0 ? 200 : 409)] {
                    let key = "broken-\(index)-\(Int(age))"
                    let begun = Receipt(
                        key: key, fingerprint: receipt.fingerprint, createdAt: Date().addingTimeInterval(-age))
                    try await receipts.begin(begun, in: scope)
                    let answer = try await api.ask(.post, path, body, headers: [("idempotency-key", key)])
                    #expect(answer.status == status, "\(answer.text)")
                    let code = age == 10 ? "idempotency_key_in_use" : "conflict"
                    if status == 409 { #expect(answer["code"]?.string == code) }
                }
            }
        }
    }

    @Test(arguments: ["", "with space", String(repeating: "k", count: 256), "ümlaut"])
    func `a key that cannot be is refused`(_ key: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(
                .post, "/v1/tokens", ["name": "CRM", "role": "staff"], headers: [("idempotency-key", key)])
            #expect(answer.status == 400)
        }
    }

    private static func request(_ name: String, in api: TestAPI) async throws -> (String, JSONValue) {
        let things = try await Belongings(of: api.ours, in: api)
        let route = try api.route(name)
        let body = try #require(try things.body(of: route))
        // Going back to version 1 is an effect only if there is a second one.
        if name == "rollbackAgent" { _ = try await api.ask(.patch, "/v1/agents/\(things.agent)", ["temperature": 1.5]) }
        return (try things.path(of: route), body)
    }

    private static func change(_ name: String) throws -> JSONValue {
        switch name {
        case "createAgent", "issueToken": ["name": "Another"]
        case "createConversation": ["title": "Another"]
        case "sendMessage": ["content": "Another"]
        case "invokeTool": ["dry_run": true]
        case "regenerateMessage": ["stream": false]
        case "rollbackAgent": ["version": 2]
        case "publishEvent": ["data": ["door": "back"]]
        default: throw SpotterError(.internal, "no change of a body for \(name)")
        }
    }
}
