import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Talking to an agent with the offline model.
struct ChatTests {
    private static let question: JSONValue = ["content": "What classes are on tomorrow?"]

    private static func conversation(_ api: TestAPI) async throws -> String {
        try await api.ours.openGym()
        let agent = try await api.ask(
            .post, "/v1/agents",
            [
                "name": "Desk", "system_prompt": "You help the members of the gym.", "model": "offline",
                "tools": ["view_class_schedule", "search_clients"],
            ])
        let conversation = try await api.ask(
            .post, "/v1/conversations", ["agent_id": .string(agent["id"]?.string ?? "")])
        #expect(conversation.status == 201)
        return "/v1/conversations/\(conversation["id"]?.string ?? "")"
    }

    @Test func `a turn calls the tool that knows, and answers with its result`() async throws {
        try await TestAPI.with { api in
            let path = try await Self.conversation(api)
            let turn = try await api.ask(.post, "\(path)/messages", Self.question)
            #expect(turn.status == 200, "\(turn.text)")
            let message = try #require(turn["message"])
            #expect(message["role"] == "assistant")
            #expect(message["content"]?.string?.isEmpty == false)
            let call = try #require(message["tool_calls"]?[0])
            #expect(call["name"] == "view_class_schedule")
            #expect(call["arguments"] == ["from": "tomorrow"])
            #expect(call["result"]?.object?.isEmpty == false)
            #expect(call["is_error"] == false)
            #expect(turn["usage"]?["model_calls"] == 2)
            let messages = try await api.ask(.get, "\(path)/messages").data
            #expect(messages.map { $0["role"] } == ["user", "assistant"])
            #expect(messages.last == message)
        }
    }

    @Test func `the journal shows a turn step by step`() async throws {
        try await TestAPI.with { api in
            let path = try await Self.conversation(api)
            let turn = try await api.ask(.post, "\(path)/messages", Self.question)
            let execution = "/v1/executions/\(turn["execution_id"]?.string ?? "")"
            let shown = try await api.ask(.get, execution)
            #expect(shown["state"] == "completed")
            #expect(shown["usage"] == turn["usage"])
            let steps = try await api.ask(.get, "\(execution)/steps").data
            #expect(steps.map { $0["kind"]?.string } == ["model", "tool", "model"])
            #expect(steps.allSatisfy { $0["state"] == "completed" })
            #expect(shown["steps_completed"]?.int == steps.count)
            #expect(try await api.ask(.get, "\(execution)?wait_ms=1000").json == shown.json)
            #expect(try await api.ask(.get, "\(execution)?wait_ms=60001").status == 400)
        }
    }

    @Test(arguments: [true, false])
    func `a streamed turn tells everything in order`(_ isAskedByHeader: Bool) async throws {
        try await TestAPI.with { api in
            let path = try await Self.conversation(api)
            let body = isAskedByHeader ? Self.question : Self.question.merging(patch: ["stream": true])
            let accept = isAskedByHeader ? [("accept", "text/event-stream")] : []
            let stream = try await api.ask(.post, "\(path)/messages", body, headers: accept)
            #expect(stream.status == 200)
            #expect(stream.contentType == "text/event-stream")
            let events = stream.events
            #expect(zip(events, events.dropFirst()).allSatisfy { $0.id < $1.id })
            #expect(events.first?.type == "execution.started")
            #expect(events.last?.type == "execution.completed")
            for type in ["tool.started", "tool.completed", "message.delta", "message.completed"] {
                #expect(events.contains { $0.type == type }, "\(type)")
            }
            #expect(events.allSatisfy { $0.data["id"]?.string == "\($0.id)" })
            #expect(Set(events.map { $0.data["execution_id"]?.string }).count == 1)
            let spoken = events.filter { $0.type == "message.delta" }
                .compactMap { $0.data["data"]?["text"]?.string }.joined()
            let messages = try await api.ask(.get, "\(path)/messages").data
            #expect(messages.last?["content"]?.string == spoken)
        }
    }

    @Test func `a stream that broke off goes on exactly where it stopped`() async throws {
        try await TestAPI.with { api in
            let path = try await Self.conversation(api)
            let events = try await api.ask(
                .post, "\(path)/messages", Self.question.merging(patch: ["stream": true])
            ).events
            let id = try #require(events.first?.data["execution_id"]?.string)
            let source = "/v1/executions/\(id)/events"
            #expect(try await api.ask(.get, source).events == events)
            for (index, event) in events.enumerated() {
                let rest = Array(events[(index + 1)...])
                let byHeader = try await api.ask(.get, source, headers: [("last-event-id", "\(event.id)")])
                #expect(byHeader.status == (rest.isEmpty ? 204 : 200))
                #expect(byHeader.events == rest)
                #expect(try await api.ask(.get, "\(source)?after=\(event.id)").events == rest)
            }
            #expect(try await api.ask(.get, source, headers: [("last-event-id", "x")]).status == 400)
            #expect(try await api.ask(.get, "\(source)?after=-1").status == 400)
        }
    }

    @Test func `turns of one conversation remember what was said`() async throws {
        try await TestAPI.with { api in
            let path = try await Self.conversation(api)
            for text in ["Hello", "What classes are on today?", "Thank you"] {
                #expect(try await api.ask(.post, "\(path)/messages", ["content": .string(text)]).status == 200)
            }
            let messages = try await api.ask(.get, "\(path)/messages").data
            #expect(messages.count == 6)
            #expect(messages[2]["content"] == "What classes are on today?")
            let first = try await api.ask(.get, "\(path)/messages?limit=4")
            let next = try #require(first["next_cursor"]?.string)
            let second = try await api.ask(.get, "\(path)/messages?limit=4&after=\(next)")
            #expect(first.data + second.data == messages)
            #expect(try await api.ask(.get, path)["last_message_at"] != nil)
        }
    }

    @Test func `a model without a key fails the turn and says why`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ask(
                .post, "/v1/agents", ["name": "Desk", "system_prompt": "Help.", "model": "gpt-4o-mini"])
            let conversation = try await api.ask(
                .post, "/v1/conversations", ["agent_id": .string(agent["id"]?.string ?? "")])
            let path = "/v1/conversations/\(conversation["id"]?.string ?? "")/messages"
            let headers = [("idempotency-key", "once")]
            let turn = try await api.ask(.post, path, Self.question, headers: headers)
            #expect([502, 503].contains(turn.status), "\(turn.text)")
            #expect(turn.contentType == "application/problem+json")
            let again = try await api.ask(.post, path, Self.question, headers: headers)
            #expect(again.status == turn.status)
            #expect(try await api.ask(.get, "/v1/executions").data.map { $0["state"] } == ["failed"])
        }
    }
}
