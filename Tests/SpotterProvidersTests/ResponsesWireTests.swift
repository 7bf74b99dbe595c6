import HTTPClientKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterProviders

@Suite(.timeLimit(.minutes(5))) struct ResponsesWireTests {
    private static func event(_ type: String, _ place: Int, _ name: String, _ value: JSONValue) -> JSONValue {
        ["type": .string("response." + type), "output_index": .int(Int64(place)), name: value]
    }

    private static func end(_ status: String = "completed", _ members: JSONValue = [:]) -> JSONValue {
        let response: JSONValue = ["status": .string(status), "model": "m"]
        return ["type": .string("response." + status), "response": response.replacingMembers(with: members)]
    }

    private func read(_ events: [JSONValue]) throws -> (response: ModelResponse, deltas: [ModelDelta]) {
        var stream = ResponsesStream()
        var deltas: [ModelDelta] = []
        for data in events {
            deltas += try stream.receive(ServerSentEvent(type: data["type"]?.string ?? "", data: data.description))
        }
        return (try stream.response(), deltas)
    }

    private func failure(_ events: [JSONValue]) -> ModelError? {
        do {
            _ = try read(events)
            return nil
        } catch {
            return error as? ModelError
        }
    }

    private static let message: JSONValue = ["type": "message", "role": "assistant", "content": []]

    // MARK: Requests

    @Test func `the history is a list of items, each call followed by its answer`() {
        let history: [ModelMessage] = [
            .user("Find"),
            ModelMessage(
                role: .assistant,
                parts: [
                    .text("I look."), .toolCall(ToolCall(id: "a", name: "search", arguments: ["q": 1])),
                    .toolCall(ToolCall(id: "b", name: "search", arguments: [:], invalidArguments: "{\"q")),
                ]),
            ModelMessage(
                role: .tool,
                parts: [
                    .toolResult(ToolResult(callId: "b", name: "search", output: "bad", isError: true, durationMs: 0)),
                    .toolResult(
                        ToolResult(callId: "a", name: "search", output: ["n": 1], isError: false, durationMs: 0)),
                ]),
        ]
        let expected: JSONValue = [
            ["role": "user", "content": "Find"], ["role": "assistant", "content": "I look."],
            ["type": "function_call", "call_id": "a", "name": "search", "arguments": "{\"q\":1}"],
            ["type": "function_call", "call_id": "b", "name": "search", "arguments": "{\"q"],
            ["type": "function_call_output", "call_id": "a", "output": "{\"n\":1}"],
            ["type": "function_call_output", "call_id": "b", "output": "Error: bad"],
        ]
        #expect(ResponsesRequest.body(.sample(messages: history))["input"] == expected)
    }

    @Test(arguments: [("gpt-4o", true), ("o3-mini", false), ("gpt-5", false), ("llama-3", true)])
    func `reasoning models get no temperature and are asked for their thinking, sealed`(
        model: String, hasTemperature: Bool
    ) {
        let body = ResponsesRequest.body(.sample(model: model))
        #expect((body["temperature"] != nil) == hasTemperature)
        #expect((body["include"] == ["reasoning.encrypted_content"]) == !hasTemperature)
        #expect(body["tools"]?[0]?["strict"] == false)
    }

    @Test func `the limit is never below what the API takes`() {
        var request = ModelRequest.sample()
        request.maxOutputTokens = 1
        #expect(ResponsesRequest.body(request)["max_output_tokens"] == 16)
    }

    @Test(arguments: [true, false])
    func `sealed thinking goes back to the model that thought it, and to nobody else`(isStreaming: Bool) async throws {
        let call = ProviderAnswer.Call(id: "c", name: "search", arguments: "{}")
        let fixture = try ProviderFixture(
            .answer(ProviderAnswer(thinking: "Hm.", text: "I look.", calls: [call])), .text("a"), .text("b"),
            .text("c"), .text("d"))
        let first = try await fixture.complete(.responses, .sample(model: "o3", isStreaming: isStreaming))
        guard case .thinking("Hm.", .some, "openai")? = first.message.parts.first else {
            Issue.record("there is no thinking: \(first.message.parts)")
            return
        }
        if isStreaming { #expect(fixture.deltas.values.first == .thinking("Hm.")) }
        let kept = try JSONValue(encoding: first).decodedUnchecked(as: ModelResponse.self).message
        let result = ToolResult(callId: "c", name: "search", output: "x", isError: false, durationMs: 1)
        let history: [ModelMessage] = [
            .user("Hello"), kept, ModelMessage(role: .tool, parts: [.toolResult(result)]),
        ]
        _ = try await fixture.complete(.responses, .sample(model: "o3", messages: history))
        _ = try await fixture.complete(.responses, .sample(model: "o4-mini", messages: history))
        _ = try await fixture.complete(.openai, .sample(model: "o3", messages: history))
        _ = try await fixture.complete(.anthropic, .sample(model: "o3", messages: history))
        let calls = fixture.double.calls
        let sealed: JSONValue = [
            "type": "reasoning", "id": "rs_double", "summary": [["type": "summary_text", "text": "Hm."]],
            "encrypted_content": .string(ResponsesScript.sealed),
        ]
        #expect(calls[1].body["input"]?[1] == sealed)
        #expect(calls[1].body["input"]?.array?.count == 5)
        for call in calls.dropFirst(2) { #expect(!call.body.description.contains(ResponsesScript.sealed)) }
    }

    // MARK: Answers

    @Test func `items are put together by their place, and the reader sees the text as it comes`() throws {
        let (response, deltas) = try read([
            ["type": "response.created", "response": ["model": "m-1"]],
            Self.event("output_item.added", 1, "item", ["type": "function_call", "call_id": "c", "name": "one"]),
            Self.event("output_item.added", 0, "item", Self.message),
            Self.event("function_call_arguments.delta", 1, "delta", "{\"x\""),
            Self.event("output_text.delta", 0, "delta", "Hel"), Self.event("output_text.delta", 0, "delta", "lo"),
            Self.event("function_call_arguments.delta", 1, "delta", ":1}"),
            Self.end("completed", ["usage": ["input_tokens": 7, "output_tokens": 3], "model": "m-2"]),
        ])
        #expect(
            response.message.parts == [.text("Hello"), .toolCall(ToolCall(id: "c", name: "one", arguments: ["x": 1]))])
        #expect(deltas == [.toolCallStarted(id: "c", name: "one"), .text("Hel"), .text("lo")])
        #expect(response.stopReason == .toolUse)
        #expect(response.model == "m-2")
        #expect(response.usage == TokenUsage(inputTokens: 7, outputTokens: 3, modelCalls: 1))
    }

    @Test func `a server that sends only whole items is understood, and nothing is shown twice`() throws {
        let whole: JSONValue = ["type": "message", "content": [["type": "output_text", "text": "Hello there"]]]
        let (response, deltas) = try read([
            Self.event("output_item.added", 0, "item", Self.message),
            Self.event("output_text.delta", 0, "delta", "Hello"), Self.event("output_item.done", 0, "item", whole),
            Self.event("output_item.done", 1, "item", ["type": "function_call", "call_id": "c", "name": "one"]),
            Self.end("completed", ["output": [whole]]),
        ])
        #expect(response.message.text == "Hello there")
        #expect(deltas == [.text("Hello"), .text(" there"), .toolCallStarted(id: "c", name: "one")])
    }

    @Test(
        arguments: [
            ("max_output_tokens", .maxTokens), ("content_filter", .contentFilter), ("of_a_later_year", .endTurn),
        ] as [(String, ModelResponse.StopReason)])
    func `an answer that is not whole says why, with its counts`(
        reason: String, expected: ModelResponse.StopReason
    ) throws {
        let members: JSONValue = [
            "incomplete_details": ["reason": .string(reason)], "usage": ["input_tokens": 7, "output_tokens": 3],
        ]
        let response = try read([Self.end("incomplete", members)]).response
        #expect(response.stopReason == expected)
        #expect(response.usage.inputTokens == 7)
    }

    @Test func `a refusal is a text and a reason`() throws {
        let (response, deltas) = try read([
            Self.event("output_item.added", 0, "item", Self.message),
            Self.event("refusal.delta", 0, "delta", "I must not."), Self.end(),
        ])
        #expect(response.message.text == "I must not.")
        #expect(response.stopReason == .refusal)
        #expect(deltas == [.text("I must not.")])
    }

    @Test(
        arguments: [
            ("server_error", .serverError), ("rate_limit_exceeded", .rateLimited), ("invalid_prompt", .invalidRequest),
            ("insufficient_quota", .quotaExhausted), ("context_length_exceeded", .contextTooLong),
            ("of_a_later_year", .serverError),
        ] as [(String, ModelError.Kind)])
    func `a failed answer is an error of its kind, with its counts`(code: String, kind: ModelError.Kind) {
        let members: JSONValue = [
            "error": ["code": .string(code), "message": "Sorry."], "usage": ["input_tokens": 9, "output_tokens": 1],
        ]
        let error = failure([Self.end("failed", members)])
        #expect(error?.kind == kind)
        #expect(error?.message == "Sorry.")
        #expect(error?.usage?.inputTokens == 9)
    }

    @Test func `a stream without an end has been cut, whatever came before`() {
        let events = [
            Self.event("output_item.added", 0, "item", Self.message),
            Self.event("output_text.delta", 0, "delta", "Hel"),
        ]
        #expect(failure(events)?.kind == .interrupted)
        #expect(failure([])?.kind == .interrupted)
    }

    @Test func `unknown events and items, absurd places and deltas without an item are ignored`() throws {
        let (response, deltas) = try read([
            ["type": "response.new_thing"], Self.event("output_item.added", -1, "item", Self.message),
            Self.event("output_item.added", 1_000_000_000, "item", Self.message),
            Self.event("output_item.added", 3, "item", ["type": "hologram"]),
            Self.event("output_text.delta", 3, "delta", "lost"), Self.event("output_text.delta", 99, "delta", "lost"),
            Self.event("function_call_arguments.delta", 99, "delta", "lost"),
            Self.event("output_item.added", 0, "item", Self.message),
            Self.event("output_text.delta", 0, "delta", "kept"),
            Self.event("output_text.delta", 0, "delta", .int(7)), Self.end(),
        ])
        #expect(response.message.parts == [.text("kept")])
        #expect(deltas == [.text("kept")])
    }

    @Test(arguments: [
        (
            #"{"input_tokens":100,"output_tokens":30,"input_tokens_details":{"cached_tokens":80},"output_tokens_details":{"reasoning_tokens":20}}"#,
            TokenUsage(
                inputTokens: 100, outputTokens: 30, cacheReadTokens: 80, reasoningTokens: 20, modelCalls: 1)
        ),
        (
            #"{"input_tokens":-1,"output_tokens":"many","input_tokens_details":[]}"#, TokenUsage(modelCalls: 1)
        ),
        (
            #"{"input_tokens":5,"output_tokens":3,"input_tokens_details":{"cached_tokens":99},"output_tokens_details":{"reasoning_tokens":99}}"#,
            TokenUsage(inputTokens: 5, outputTokens: 3, cacheReadTokens: 5, reasoningTokens: 3, modelCalls: 1)
        ),
        ("null", TokenUsage(modelCalls: 1)),
    ])
    func `nonsense in the counts counts as nothing`(usage: String, expected: TokenUsage) throws {
        #expect(try read([Self.end("completed", ["usage": try JSONParser.parse(usage)])]).response.usage == expected)
    }
}
