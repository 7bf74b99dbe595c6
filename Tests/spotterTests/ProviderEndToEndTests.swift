import Foundation
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

/// Anthropic's wire format and its faults, from the API to the provider's double and back. Each case has a conversation
/// of its own on one running server, and its name is what the member says, so that the double knows what to do.
@Suite(.timeLimit(.minutes(3))) struct ProviderEndToEndTests {
    /// What a case must come to.
    struct Expectation: Sendable {
        /// Of the answer, where it is not streamed.
        let status: Int
        let state: String
        /// The input tokens that the execution keeps; nil where they are estimated.
        let inputTokens: Int?
        var isStreaming = false
    }

    private static let recovered = Expectation(status: 200, state: "completed", inputTokens: 100)
    private static let failed = Expectation(status: 502, state: "failed", inputTokens: 0)

    private static let cases: [String: Expectation] = [
        "429 once, retry after 1 s": recovered, "429 once": recovered, "529 once": recovered,
        "429 always": failed, "529 always": failed, "401": failed, "html": failed,
        // It may have cost something; nobody said how much.
        "cut in one piece": Expectation(status: 502, state: "failed", inputTokens: nil),
        "arguments are not JSON": Expectation(status: 200, state: "completed", inputTokens: 200),
        "unknown tool": Expectation(status: 200, state: "completed", inputTokens: 200),
        "cut in a tool call": Expectation(status: 200, state: "failed", inputTokens: 12, isStreaming: true),
        "cut in a character": Expectation(status: 200, state: "failed", inputTokens: 12, isStreaming: true),
        "html, streaming": Expectation(status: 200, state: "failed", inputTokens: 0, isStreaming: true),
        "good, streaming": Expectation(status: 200, state: "completed", inputTokens: 100, isStreaming: true),
    ]

    @Test func `whatever the provider does, the answer is clear and the run ends with its usage kept`() async throws {
        let script = FaultScript()
        let double = try ProviderDouble { script.reply(to: $0) }
        defer { double.stop() }
        let server = try await RunningSpotter.start(environment: [
            "ANTHROPIC_API_KEY": "sk-canary-0123456789", "ANTHROPIC_BASE_URL": double.anthropicURL,
        ])
        defer { server.remove() }
        let agent = try await Self.agent(on: server)
        try await Self.hasToolCall(agent, server, double)
        // One after the other: each ends well, so that the provider never counts as broken.
        for (name, expected) in Self.cases { try await Self.check(name, expected, agent, server) }
        #expect(await server.stop() == 0)
    }

    private static func agent(on server: RunningSpotter) async throws -> String {
        let created = try await server.send(
            "POST", "/v1/agents",
            [
                "name": "Claude", "system_prompt": "You help.", "model": "claude-sonnet-4-5",
                "tools": ["search_clients"],
            ])
        #expect(created.status == 201)
        return try #require(created.body["id"]?.string)
    }

    private static func conversation(with agent: String, on server: RunningSpotter) async throws -> String {
        let opened = try await server.send("POST", "/v1/conversations", ["agent_id": .string(agent)])
        return try #require(opened.body["id"]?.string)
    }

    /// A turn with a tool call, and what went over the wire for it.
    private static func hasToolCall(
        _ agent: String, _ server: RunningSpotter, _ double: ProviderDouble
    ) async throws {
        let conversation = try await conversation(with: agent, on: server)
        let answer = try await server.send(
            "POST", "/v1/conversations/\(conversation)/messages", ["content": "tool call"])
        #expect(answer.status == 200)
        #expect(answer.body["message"]?["content"] == "Done.")
        #expect(answer.body["message"]?["tool_calls"]?[0]?["name"] == "search_clients")
        #expect(answer.body["message"]?["tool_calls"]?[0]?["is_error"] == false)
        #expect(answer.body["usage"]?["input_tokens"] == 200)
        #expect(answer.body["usage"]?["model_calls"] == 2)
        let calls = double.calls
        #expect(calls.count == 2)
        #expect(calls.allSatisfy { $0.headers["x-api-key"] == "sk-canary-0123456789" })
        #expect(calls.allSatisfy { $0.headers["anthropic-version"] == "2023-06-01" })
        #expect(calls.allSatisfy { $0.body["tools"]?[0]?["name"] == "search_clients" })
        let last = calls.last?.body["messages"]?.array?.last
        #expect(last?["content"]?[0]?["type"] == "tool_result")
        #expect(last?["content"]?[0]?["tool_use_id"] == "call_1")
    }

    private static func check(
        _ name: String, _ expected: Expectation, _ agent: String, _ server: RunningSpotter
    ) async throws {
        let conversation = try await conversation(with: agent, on: server)
        let path = "/v1/conversations/\(conversation)/messages"
        let body: JSONValue = ["content": .string(name), "stream": .bool(expected.isStreaming)]
        let (status, text) = try await server.text("POST", path, body)
        #expect(status == expected.status, "\(name): \(text)")
        #expect(!text.contains("canary"), "\(name)")
        if expected.isStreaming {
            #expect(text.contains("event: execution.\(expected.state)"), "\(name): \(text)")
            #expect(!text.contains("\u{FFFD}"), "\(name)")
        } else if status >= 400 {
            let problem = try JSONParser.parse(text)
            #expect(problem["code"] == "provider_failed", "\(name)")
            #expect(problem["detail"]?.string?.isEmpty == false, "\(name)")
        } else {
            #expect(try JSONParser.parse(text)["message"]?["content"] == "Done.", "\(name)")
        }
        let runs = try await server.send("GET", "/v1/executions?conversation_id=\(conversation)")
        #expect(runs.body["data"]?.array?.count == 1, "\(name)")
        let run = runs.body["data"]?[0]
        #expect(run?["state"]?.string == expected.state, "\(name)")
        let inputTokens = run?["usage"]?["input_tokens"]?.int ?? 0
        #expect(expected.inputTokens.map { $0 == inputTokens } ?? (inputTokens > 100), "\(name): \(run ?? .null)")
        #expect((run?["error"]?["message"]?.string ?? "").isEmpty == (expected.state == "completed"), "\(name)")
        // Whatever came of it, the conversation goes on.
        let next = try await server.send("POST", path, ["content": "and now"])
        #expect(next.status == 200, "\(name): \(next.body)")
        #expect(next.body["message"]?["content"] == "Done.", "\(name)")
        #expect(next.body["usage"]?["input_tokens"] == 100, "\(name)")
    }
}

/// What the provider does in each case.
private final class FaultScript: Sendable {
    private let calls = Mutex<[String: Int]>([:])

    func reply(to call: ProviderDouble.Call) -> ProviderReply {
        let name = Self.name(of: call)
        let number = calls.withLock { calls in
            defer { calls[name, default: 0] += 1 }
            return calls[name, default: 0]
        }
        return fault(name, number, hasResult: call.body.description.contains("tool_result")) ?? .text("Done.")
    }

    /// nil where the provider does what it should.
    private func fault(_ name: String, _ number: Int, hasResult: Bool) -> ProviderReply? {
        switch name {
        case "tool call": hasResult ? nil : .call("search_clients", #"{"query":"a"}"#)
        case "arguments are not JSON": hasResult ? nil : .call("search_clients", #"{"query": oops"#)
        case "unknown tool": hasResult ? nil : .call("launch_rocket", "{}")
        case "429 once, retry after 1 s": number > 0 ? nil : Self.failure(429, ["Retry-After": "1"])
        case "429 once": number > 0 ? nil : Self.failure(429)
        case "529 once": number > 0 ? nil : Self.failure(529)
        case "429 always": Self.failure(429)
        case "529 always": Self.failure(529)
        case "401": Self.failure(401)
        case "html", "html, streaming":
            .failure(status: 200, headers: ["Content-Type": "text/html"], body: "<html>Welcome</html>")
        case "cut in one piece": .steps([.begin(contentType: "application/json"), .text(#"{"content":[{"ty"#)])
        case "cut in a tool call":
            .steps([.beginStream, .text(Self.start + Self.toolStart)])
        case "cut in a character":
            .steps([.beginStream, .text(Self.start + Self.textStart), .write([0xC3]), .reset])
        default: nil
        }
    }

    private static func failure(_ status: Int, _ headers: [String: String] = [:]) -> ProviderReply {
        .failure(
            status: status, headers: headers,
            body: #"{"type":"error","error":{"type":"api_error","message":"Not now."}}"#)
    }

    private static let start = AnthropicScript.event([
        "type": "message_start",
        "message": ["model": "claude-sonnet-4-5", "usage": ["input_tokens": 12, "output_tokens": 1]],
    ])
    private static let toolStart =
        AnthropicScript.event([
            "type": "content_block_start", "index": 0,
            "content_block": ["type": "tool_use", "id": "t", "name": "search_clients", "input": [:]],
        ])
        + AnthropicScript.event([
            "type": "content_block_delta", "index": 0,
            "delta": ["type": "input_json_delta", "partial_json": "{\"query\":"],
        ])
    private static let textStart =
        AnthropicScript.event([
            "type": "content_block_start", "index": 0, "content_block": ["type": "text", "text": ""],
        ])
        + AnthropicScript.event([
            "type": "content_block_delta", "index": 0, "delta": ["type": "text_delta", "text": "Our "],
        ]) + #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"caf"#

    /// The last thing the member said.
    private static func name(of call: ProviderDouble.Call) -> String {
        let messages = (call.body["messages"]?.array ?? []).filter { $0["role"] == "user" }
        return messages.flatMap { $0["content"]?.array ?? [] }.compactMap { $0["text"]?.string }.last ?? ""
    }
}
