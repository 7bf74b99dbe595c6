import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// A conversation longer than its model can read, on the real server with a provider's double.
@Suite(.timeLimit(.minutes(3))) struct ContextEndToEndTests {
    /// Tokens of the agent's window, and bytes that a request of so many surely has not.
    private static let window = 4_000
    private static let mostBytes = 4 * window

    private static func reply(to call: ProviderDouble.Call) -> ProviderReply {
        if isSummary(call) { return .text("Ana is a member; she asked about Spin many times.") }
        let text = lastWords(of: call)
        if text.contains("overflow") {
            let messages = call.body["messages"]?.array ?? []
            // The real limit is lower than what is thought: it refuses what is longer than three messages.
            guard messages.count <= 3 else {
                return .failure(
                    status: 400,
                    body: """
                        {"type":"error","error":{"type":"invalid_request_error",\
                        "message":"prompt is too long: 210000 tokens > 200000 maximum"}}
                        """)
            }
        }
        if text.contains("Remember"), !call.body.description.contains("tool_result") {
            return .call("store_data", #"{"key":"ana.class","value":"Spin","scope":"agent"}"#)
        }
        return .text("Understood: \(text.prefix(20))")
    }

    private static func isSummary(_ call: ProviderDouble.Call) -> Bool {
        call.body["system"]?.description.contains("You condense records") ?? false
    }

    private static func lastWords(of call: ProviderDouble.Call) -> String {
        let messages = (call.body["messages"]?.array ?? []).filter { $0["role"] == "user" }
        return messages.flatMap { $0["content"]?.array ?? [] }.compactMap { $0["text"]?.string }.last ?? ""
    }

    @Test func `a conversation goes on past its model's window, and the whole of it stays in the log`() async throws {
        let double = try ProviderDouble { Self.reply(to: $0) }
        defer { double.stop() }
        let server = try await RunningSpotter.start(environment: [
            "ANTHROPIC_API_KEY": "sk-canary-0123456789", "ANTHROPIC_BASE_URL": double.anthropicURL,
        ])
        defer { server.remove() }
        let path = try await Self.conversation(
            on: server, ["max_tokens": .int(Int64(Self.window)), "summary_model": "claude-3-5-haiku-latest"])
        let filler = String(repeating: "Which Spin classes are there on Thursday evening? ", count: 30)
        var cost = 0
        for number in 0..<16 {
            let answer = try await server.send("POST", path, ["content": .string("Question \(number): \(filler)")])
            #expect(answer.status == 200, "\(answer.body)")
            cost += answer.body["usage"]?["model_calls"]?.int ?? 0
        }
        let (summaries, turns) = (double.calls.filter(Self.isSummary), double.calls.filter { !Self.isSummary($0) })
        #expect(turns.count == 16)
        #expect(turns.allSatisfy { $0.body.description.utf8.count < Self.mostBytes })
        #expect(turns.last?.body.description.contains("Ana is a member") ?? false)
        // Summaries are paid for like every call, by the model that was named, and not with every turn.
        #expect(cost == double.calls.count)
        #expect((2...6).contains(summaries.count), "\(summaries.count)")
        #expect(summaries.allSatisfy { $0.body["model"] == "claude-3-5-haiku-latest" })
        let listed = try await server.send("GET", "\(path)?limit=200")
        #expect(listed.body["data"]?.array?.count == 32)
        try await Self.tellsOfIt(server, summaries.count)
        try await Self.overflows(server, double)
        try await Self.remembers(server, double)
        #expect(await server.stop() == 0)
    }

    private static func conversation(on server: RunningSpotter, _ context: JSONValue) async throws -> String {
        let created = try await server.send(
            "POST", "/v1/agents",
            [
                "name": .string("Claude \(UUID().uuidString)"), "system_prompt": "You help.",
                "model": "claude-sonnet-4-5", "max_output_tokens": 500, "tools": ["store_data", "retrieve_data"],
                "context": context,
            ])
        #expect(created.status == 201, "\(created.body)")
        let agent = try #require(created.body["id"]?.string)
        let opened = try await server.send("POST", "/v1/conversations", ["agent_id": .string(agent)])
        return "/v1/conversations/\(try #require(opened.body["id"]?.string))/messages"
    }

    /// What was left out stands in the log of events and in the journal.
    private static func tellsOfIt(_ server: RunningSpotter, _ count: Int) async throws {
        var compacted = 0
        let runs = try await server.send("GET", "/v1/executions?limit=200")
        for run in runs.body["data"]?.array ?? [] {
            let id = try #require(run["id"]?.string)
            let (_, events) = try await server.text("GET", "/v1/executions/\(id)/events")
            let steps = try await server.send("GET", "/v1/executions/\(id)/steps")
            let kinds = (steps.body["data"]?.array ?? []).compactMap { $0["kind"]?.string }
            guard kinds.contains("compaction") else {
                #expect(!events.contains("event: context.compacted"))
                continue
            }
            compacted += 1
            #expect(kinds == ["model", "compaction", "model"], "\(steps.body)")
            #expect(events.components(separatedBy: "event: context.compacted").count == 2, "\(events)")
            let data = steps.body["data"]?[1]?["input"]
            #expect((data?["messages_dropped"]?.int ?? 0) > 0)
            #expect((data?["tokens_after"]?.int ?? 0) < (data?["tokens_before"]?.int ?? 0))
            #expect(data?["reason"] == "budget")
            #expect(events.contains("\"messages_dropped\":\(data?["messages_dropped"]?.int ?? -1)"))
        }
        #expect(compacted == count)
    }

    /// A provider that says that it is too much is asked once more, with less.
    private static func overflows(_ server: RunningSpotter, _ double: ProviderDouble) async throws {
        let path = try await conversation(on: server, ["summary": "extractive"])
        for number in 0..<4 {
            let text = "Hello \(number): " + String(repeating: "The studio opens at six in the morning. ", count: 40)
            #expect(try await server.send("POST", path, ["content": .string(text)]).status == 200)
        }
        let before = double.calls.count
        let answer = try await server.send("POST", path, ["content": "overflow now"])
        #expect(answer.status == 200, "\(answer.body)")
        #expect(answer.body["message"]?["content"]?.string?.hasPrefix("Understood") ?? false)
        #expect(double.calls.count == before + 2)
        let execution = try #require(answer.body["execution_id"]?.string)
        let steps = try await server.send("GET", "/v1/executions/\(execution)/steps")
        let states = (steps.body["data"]?.array ?? []).compactMap { $0["state"]?.string }
        #expect(states == ["failed", "completed", "completed"], "\(steps.body)")
        // The next turn starts from the block that was made.
        _ = try await server.send("POST", path, ["content": "and then"])
        #expect(double.calls.last?.body.description.contains("spotter-summary") ?? false)
    }

    /// What an agent keeps is in its memory, over HTTP and in its next conversation's prompt.
    private static func remembers(_ server: RunningSpotter, _ double: ProviderDouble) async throws {
        let path = try await conversation(on: server, [:])
        let answer = try await server.send("POST", path, ["content": "Remember that Ana likes Spin"])
        #expect(answer.body["message"]?["tool_calls"]?[0]?["is_error"] == false, "\(answer.body)")
        let kept = try await server.send("GET", "/v1/memory?q=ana.class")
        #expect(kept.body["data"]?[0]?["value"] == "Spin", "\(kept.body)")
        #expect(kept.body["data"]?[0]?["scope"] == "agent")
        _ = try await server.send("POST", path, ["content": "What does she like?"])
        #expect(double.calls.last?.body.description.contains("agent ana.class") ?? false)
    }
}
