import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Working memory and memory blocks over HTTP.
struct MemoryTests {
    @Test func `an entry is kept, replaced at its version, listed and forgotten`() async throws {
        try await TestAPI.with { api in
            let made = try await api.ask(.put, "/v1/memory/vat", ["value": ["rate": 20]])
            #expect(made.status == 200)
            #expect(made["scope"] == "organization")
            #expect(made["value"] == ["rate": 20])
            #expect(made.headers["etag"] == "\"1\"")
            let stale = [("if-match", "\"7\"")]
            #expect(try await api.ask(.put, "/v1/memory/vat", ["value": 1], headers: stale).status == 412)
            let match = [("if-match", "\"1\"")]
            #expect(try await api.ask(.put, "/v1/memory/vat", ["value": 1], headers: match)["version"] == 2)
            #expect(try await api.ask(.get, "/v1/memory/vat")["value"] == 1)
            #expect(try await api.ask(.get, "/v1/memory?q=VA")["data"]?[0]?["key"] == "vat")
            #expect(try await api.ask(.delete, "/v1/memory/vat", headers: stale).status == 412)
            #expect(try await api.ask(.delete, "/v1/memory/vat").status == 204)
            #expect(try await api.ask(.get, "/v1/memory/vat").status == 404)
        }
    }

    @Test func `a key is another thing for each agent and each conversation`() async throws {
        try await TestAPI.with { api in
            let mine = try await Belongings(of: api.ours, in: api)
            let owners = ["?agent_id=\(mine.agent)", "?conversation_id=\(mine.conversation)", ""]
            for (number, owner) in owners.enumerated() {
                let answer = try await api.ask(.put, "/v1/memory/note\(owner)", ["value": .int(Int64(number))])
                #expect(answer.status == 200, "\(answer.text)")
            }
            for (number, owner) in owners.enumerated() {
                #expect(try await api.ask(.get, "/v1/memory/note\(owner)")["value"] == .int(Int64(number)))
            }
            let listed = try await api.ask(.get, "/v1/memory?agent_id=\(mine.agent)")
            #expect(listed["data"]?[0]?["agent_id"] == .string(mine.agent))
            #expect(listed["data"]?[1] == nil)
        }
    }

    @Test func `memory of another organisation's agents and conversations cannot be read, written or forgotten`()
        async throws
    {
        try await TestAPI.with { api in
            let foreign = try await Belongings(of: api.theirs, in: api)
            for owner in ["?agent_id=\(foreign.agent)", "?conversation_id=\(foreign.conversation)"] {
                let path = "/v1/memory/note\(owner)"
                #expect(try await api.send(.put, path, ["value": 1], token: api.theirs.token).status == 200)
                #expect(try await api.ask(.get, path).status == 404)
                #expect(try await api.ask(.put, path, ["value": 2]).status == 404)
                #expect(try await api.ask(.delete, path).status == 404)
                #expect(try await api.send(.get, path, token: api.theirs.token)["value"] == 1)
            }
        }
    }

    @Test func `what is wrong is named`() async throws {
        try await TestAPI.with { api in
            let mine = try await Belongings(of: api.ours, in: api)
            func pointer(
                _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil
            ) async throws -> JSONValue? {
                let answer = try await api.ask(method, target, body)
                #expect(answer.status == 400, "\(answer.text)")
                #expect(answer.contentType == "application/problem+json")
                return answer["errors"]?[0]?["pointer"]
            }
            #expect(try await pointer(.put, "/v1/memory/a%20b", ["value": 1]) == "/key")
            let long = String(repeating: "k", count: 129)
            #expect(try await pointer(.put, "/v1/memory/\(long)", ["value": 1]) == "/key")
            let big = JSONValue.string(String(repeating: "x", count: 33_000))
            #expect(try await pointer(.put, "/v1/memory/k", ["value": big]) == "/value")
            #expect(try await pointer(.put, "/v1/memory/k", ["valu": 1]) != nil)
            let both = "?agent_id=\(mine.agent)&conversation_id=\(mine.conversation)"
            #expect(try await pointer(.get, "/v1/memory/k\(both)") == "/conversation_id")
            #expect(try await pointer(.get, "/v1/memory?agent_id=x") == "/agent_id")
            #expect(try await pointer(.get, "/v1/memory?scope=agent") == "/agent_id")
            #expect(try await pointer(.get, "/v1/memory?scope=organization&agent_id=\(mine.agent)") == "/scope")
            #expect(try await pointer(.post, "/v1/compress", ["session_id": ""]) == "/session_id")
            let late: JSONValue = ["session_id": .string(mine.conversation), "wait_ms": 60_001]
            #expect(try await pointer(.post, "/v1/compress", late) == "/wait_ms")
        }
    }

    @Test func `a session's block is made once, answered to its key again, and kept while nothing new is said`()
        async throws
    {
        try await TestAPI.with(takesWork: true) { api in
            let mine = try await Belongings(of: api.ours, in: api)
            let messages = "/v1/conversations/\(mine.conversation)/messages"
            for text in ["Ana Lopez wants to freeze her membership until 1 March.", "Thanks!"] {
                #expect(try await api.ask(.post, messages, ["content": .string(text)]).status == 200)
            }
            let body: JSONValue = ["session_id": .string(mine.conversation)]
            let key = [("idempotency-key", "once")]
            let made = try await api.ask(.post, "/v1/compress", body, headers: key)
            #expect(made.status == 200, "\(made.text)")
            #expect(made["session_id"] == .string(mine.conversation))
            #expect(made["method"] == "extractive")
            #expect(made["messages"] == 4)
            #expect(made["summary"]?.string?.contains("1 March") ?? false)
            let again = try await api.ask(.post, "/v1/compress", body, headers: key)
            #expect(again["id"] == made["id"])
            #expect(again.headers["idempotency-replayed"] == "true")
            #expect(try await api.ask(.post, "/v1/compress", body)["id"] == made["id"])
            let listed = try await api.ask(.get, messages)
            #expect(listed["data"]?[5] != nil)
            #expect(listed["data"]?[6] == nil)
        }
    }

    @Test func `nothing said is nothing to compress`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Quiet")
            let conversation = try await api.ours.home.conversation(with: agent)
            let answer = try await api.ask(
                .post, "/v1/compress", ["session_id": .string(conversation.id.description)])
            #expect(answer.status == 409)
            #expect(answer.contentType == "application/problem+json")
        }
    }
}
