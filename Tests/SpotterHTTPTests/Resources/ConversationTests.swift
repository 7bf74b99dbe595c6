import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Conversations over HTTP: finding them, many messages at once, answers given anew.
@Suite(.timeLimit(.minutes(2))) struct ConversationTests {
    private static func conversation(_ api: TestAPI, title: String = "A chat") async throws -> String {
        let agent = try await api.ours.home.agent(named: "Desk \(api.ours.home.word())")
        let opened = try await api.ask(
            .post, "/v1/conversations", ["agent_id": .string(agent.id.description), "title": .string(title)])
        #expect(opened.status == 201, "\(opened.text)")
        return "/v1/conversations/\(opened["id"]?.string ?? "")"
    }

    private static func contents(_ path: String, _ api: TestAPI, _ query: String = "") async throws -> [String] {
        try await api.ask(.get, "\(path)/messages?limit=200\(query)").data.compactMap { $0["content"]?.string }
    }

    @Test func `conversations are found by what was said in them, and renamed`() async throws {
        try await TestAPI.with { api in
            let path = try await Self.conversation(api, title: "Freezing a membership")
            let other = try await Self.conversation(api)
            _ = try await api.ask(.post, "\(other)/messages", ["content": "Is the sauna open on Sunday?"])
            func find(_ query: String) async throws -> [String] {
                try await api.ask(.get, "/v1/conversations?\(query)").data.map {
                    "/v1/conversations/\($0["id"]?.string ?? "")"
                }
            }
            #expect(try await find("q=sauna%20sun") == [other])
            #expect(try await find("q=FREEZ") == [path])
            let agent = try await api.ask(.get, other)["agent_id"]?.string ?? ""
            #expect(try await find("agent_id=\(agent)") == [other])
            #expect(try await find("agent_id=\(agent)&q=freez") == [])
            #expect(try await api.ask(.patch, path, ["title": "Steam"]).status == 200)
            #expect(try await find("q=freez") == [])
            #expect(try await find("q=steam") == [path])
            for query in ["q=%21", "q=" + String(repeating: "a", count: 201), "q=a+b+c+d+e+f+g+h+i+j+k"] {
                let refused = try await api.ask(.get, "/v1/conversations?\(query)")
                #expect(refused.status == 400)
                #expect(refused["errors"]?[0]?["pointer"] == "/q", "\(refused.text)")
            }
            #expect(try await api.ask(.delete, path).status == 204)
            #expect(try await find("q=steam") == [])
        }
    }

    @Test func `messages sent at once are answered one by one, none is lost, and none is answered twice`() async throws
    {
        try await TestAPI.with(takesWork: true) { api in
            let path = try await Self.conversation(api)
            let texts = (0..<40).map { "Message \($0)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, text) in texts.enumerated() {
                    group.addTask {
                        let body: JSONValue = ["content": .string(text), "stream": .bool(number % 4 == 0)]
                        let answer = try await api.ask(.post, "\(path)/messages", body)
                        #expect(answer.status == 200, "\(answer.text)")
                        // What a stream is read of ends after a while, here.
                        if number % 4 != 0 { #expect(answer["message"]?["role"] == "assistant") }
                    }
                }
                try await group.waitForAll()
            }
            var messages: [JSONValue] = []
            while messages.count < 80 { messages = try await api.ask(.get, "\(path)/messages?limit=200").data }
            #expect(messages.count == 80)
            let pairs = stride(from: 0, to: messages.count, by: 2).map { (messages[$0], messages[$0 + 1]) }
            #expect(pairs.allSatisfy { $0["role"] == "user" && $1["role"] == "assistant" })
            #expect(pairs.allSatisfy { $0["execution_id"] == $1["execution_id"] })
            #expect(Set(pairs.compactMap { $0.0["content"]?.string }) == Set(texts))
            #expect(pairs.allSatisfy { $0.1["usage"] != .null && $0.1["cost"] != .null && $0.1["latency_ms"] != .null })
        }
    }

    @Test func `a line that is full refuses more, and says when to come back`() async throws {
        try await TestAPI.with { api in
            let path = try await Self.conversation(api)
            let id = try #require(ConversationID(String(path.dropFirst("/v1/conversations/".count))))
            let conversation = try await api.stores.conversations.conversation(id, in: api.ours.scope)
            let agent = try await api.stores.agents.agent(conversation.agentId, in: api.ours.scope)
            let worker = try await api.ours.home.worker()
            for number in 0...TurnLine.longest {
                let run = api.ours.home.turn(of: conversation, with: agent)
                _ = try await api.ours.home.ask("\(number)", run, in: conversation, worker: worker)
            }
            let refused = try await api.ask(.post, "\(path)/messages", ["content": "More"])
            #expect(refused.status == 429, "\(refused.text)")
            #expect(refused.headers["retry-after"] == "5")
        }
    }

    @Test(arguments: [false, true])
    func `the last answer is given anew, and the old one is shown only to those who ask for it`(
        _ isStreaming: Bool
    ) async throws {
        try await TestAPI.with { api in
            let path = try await Self.conversation(api)
            let first = try await api.ask(.post, "\(path)/messages", ["content": "Hello"])["message"]
            let second = try await api.ask(.post, "\(path)/messages", ["content": "Thank you"])["message"]
            let old = try #require(second?["id"]?.string)
            func anew(_ id: String?, _ headers: [(String, String)] = []) async throws -> Answer {
                try await api.ask(
                    .post, "\(path)/messages/\(id ?? "")/regenerate", ["stream": .bool(isStreaming)], headers: headers)
            }
            let refused = try await anew(first?["id"]?.string)
            #expect(refused.status == 409, "\(refused.text)")
            #expect(try await anew((api.ours.home.id() as MessageID).description).status == 404)
            let key = [("idempotency-key", "anew")]
            let answer = try await anew(old, key)
            #expect(answer.status == 200, "\(answer.text)")
            let messages = try await api.ask(.get, "\(path)/messages").data
            #expect(messages.count == 4)
            let new = try #require(messages.last)
            #expect(new["id"]?.string != old)
            #expect(new["replaced_by"] == nil)
            if isStreaming {
                #expect(answer.events.map(\.type).first == "execution.started")
                #expect(
                    answer.events.contains { $0.type == "step.started" && $0.data["data"]?["activity"] == "typing" })
                let told = answer.events.first { $0.type == "message.completed" }?.data["data"]
                #expect(told?["replaces"]?.string == old)
            } else {
                #expect(answer["message"] == new)
            }
            let all = try await api.ask(.get, "\(path)/messages?include_replaced=true").data
            #expect(all.count == 5)
            #expect(all.first { $0["id"]?.string == old }?["replaced_by"] == new["id"])
            // The same request again changes nothing; the old answer is not the last any more.
            let replayed = try await anew(old, key)
            #expect(replayed.headers["idempotency-replayed"] == "true", "\(replayed.text)")
            #expect(try await anew(old).status == 409)
            #expect(try await anew(messages[2]["id"]?.string).status == 409)
            #expect(try await api.ask(.get, "\(path)/messages?include_replaced=yes").status == 400)
        }
    }

    @Test func `an answer of another conversation or organisation cannot be given anew`() async throws {
        try await TestAPI.with { api in
            let (path, other) = (try await Self.conversation(api), try await Self.conversation(api))
            _ = try await api.ask(.post, "\(path)/messages", ["content": "Hello"])
            let elsewhere = try await api.ask(.post, "\(other)/messages", ["content": "Hello"])["message"]?["id"]?
                .string
            let foreign = try await Belongings(of: api.theirs, in: api)
            for id in [elsewhere ?? "", foreign.message] {
                let answer = try await api.ask(.post, "\(path)/messages/\(id)/regenerate", [:])
                #expect(answer.status == 404, "\(answer.text)")
            }
        }
    }
}
