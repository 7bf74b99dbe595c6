import HTTPClientKit
import SpotterDomain
import Testing

@testable import SpotterProviders

@Suite struct AnthropicWireTests {
    private func call(_ id: String, _ arguments: JSONValue = [:]) -> ModelPart {
        .toolCall(ToolCall(id: id, name: "search", arguments: arguments))
    }

    private func result(_ id: String, _ output: JSONValue, isError: Bool = false) -> ModelPart {
        .toolResult(ToolResult(callId: id, name: "search", output: output, isError: isError, durationMs: 1))
    }

    private func messages(_ history: [ModelMessage]) -> JSONValue? {
        AnthropicRequest.body(.sample(messages: history))["messages"].map { Self.withoutMarks($0) }
    }

    /// The same without what is said to the cache, of which `AnthropicCacheTests` tells.
    private static func withoutMarks(_ value: JSONValue) -> JSONValue {
        if let array = value.array { return .array(array.map { withoutMarks($0) }) }
        guard let object = value.object else { return value }
        var result = JSONObject()
        for (name, member) in object where name != "cache_control" { result[name] = withoutMarks(member) }
        return .object(result)
    }

    @Test func `one user message holds every result, before any text`() {
        let sent = messages([
            .user("Find"), ModelMessage(role: .assistant, parts: [.text("Wait"), call("a", ["q": 1]), call("b.2")]),
            ModelMessage(role: .tool, parts: [result("b.2", ["n": 2]), result("a", "one", isError: true)]),
            .user("Well?"),
        ])
        let expected: JSONValue = [
            ["role": "user", "content": [["type": "text", "text": "Find"]]],
            [
                "role": "assistant",
                "content": [
                    ["type": "text", "text": "Wait"],
                    ["type": "tool_use", "id": "a", "name": "search", "input": ["q": 1]],
                    ["type": "tool_use", "id": "b_2", "name": "search", "input": [:]],
                ],
            ],
            [
                "role": "user",
                "content": [
                    ["type": "tool_result", "tool_use_id": "a", "content": "one", "is_error": true],
                    ["type": "tool_result", "tool_use_id": "b_2", "content": "{\"n\":2}"],
                    ["type": "text", "text": "Well?"],
                ],
            ],
        ]
        #expect(sent == expected)
    }

    @Test func `a call without a result gets one, and a result without a call goes`() {
        let sent = messages([
            ModelMessage(role: .tool, parts: [result("ghost", "boo")]), .user("Find"),
            ModelMessage(role: .assistant, parts: [call("a"), call("b")]),
            ModelMessage(role: .tool, parts: [result("a", "one"), result("a", "again"), result("ghost", "boo")]),
            ModelMessage(role: .assistant, parts: [call("c")]), .user("Stop"),
            ModelMessage(role: .assistant, parts: [call("d")]),
        ])
        let ids = sent?.array?.map { message in
            message["content"]?.array?.compactMap { ($0["tool_use_id"] ?? $0["id"])?.string }.joined(separator: " ")
                ?? ""
        }
        #expect(ids == ["", "a b", "a b", "c", "c", "d", "d"])
        #expect(sent?[2]?["content"]?[1]?["is_error"] == true)
        #expect(sent?.description.contains("boo") == false)
        #expect(sent?.description.contains("again") == false)
    }

    @Test func `empty text and thinking without a signature or of another provider stay behind`() {
        let sent = messages([
            .user("Hi"),
            ModelMessage(
                role: .assistant,
                parts: [
                    .thinking("x", signature: nil, provider: "anthropic"),
                    .thinking("y", signature: "s", provider: "openai"), .redactedThinking("z", provider: "anthropic"),
                    .text(""), .text("Yes"),
                ]), .user(""), .user("Go"),
        ])
        let types = sent?.array?.map { $0["content"]?.array?.compactMap { $0["type"]?.string } ?? [] }
        #expect(types == [["text"], ["redacted_thinking", "text"], ["text"]])
    }

    @Test(
        arguments: [
            ("claude-sonnet-4-5", 1.7, 1.0), ("claude-3-5-haiku-latest", 0.3, 0.3), ("claude-opus-4-1-20250805", 0, 0),
            ("claude-opus-4-20250514", 0.5, 0.5), ("claude-opus-4-7", 0.5, nil), ("claude-sonnet-5", 0.5, nil),
        ] as [(String, Double, Double?)])
    func `the temperature is bounded, and left out where the family refuses it`(
        model: String, wanted: Double, sent: Double?
    ) {
        var request = ModelRequest.sample(model: model)
        request.temperature = wanted
        #expect(AnthropicRequest.body(request)["temperature"]?.double == sent)
    }

    // MARK: Answers

    private func read(_ events: [JSONValue]) throws -> (ModelResponse, [ModelDelta]) {
        var stream = AnthropicStream()
        var deltas: [ModelDelta] = []
        for data in events {
            deltas += try stream.receive(ServerSentEvent(type: data["type"]?.string ?? "", data: data.description))
        }
        return (try stream.response(), deltas)
    }

    private static func start(_ usage: JSONValue) -> JSONValue {
        ["type": "message_start", "message": ["model": "m", "usage": usage]]
    }

    private static func end(_ usage: JSONValue?, _ reason: String = "end_turn") -> JSONValue {
        let event: JSONValue = ["type": "message_delta", "delta": ["stop_reason": .string(reason)]]
        return usage.map { event.replacingMembers(with: ["usage": $0]) } ?? event
    }

    @Test(
        arguments: [
            // The official form: the end repeats the input side and completes the output.
            (
                [
                    start([
                        "input_tokens": 10, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 2,
                        "output_tokens": 1,
                    ]),
                    end([
                        "input_tokens": 10, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 2,
                        "output_tokens": 30,
                    ]),
                ], TokenUsage(inputTokens: 17, outputTokens: 30, cacheReadTokens: 5, cacheWriteTokens: 2, modelCalls: 1)
            ),
            // An older form: the end has the output alone.
            (
                [
                    start(["input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": 1]),
                    end(["output_tokens": 30]),
                ],
                TokenUsage(inputTokens: 15, outputTokens: 30, cacheReadTokens: 5, modelCalls: 1)
            ),
            // A compatible vendor: the whole prompt at the start, the split only at the end.
            (
                [
                    start(["input_tokens": 1000, "output_tokens": 0]),
                    end(["input_tokens": 100, "cache_read_input_tokens": 900, "output_tokens": 5]),
                ], TokenUsage(inputTokens: 1000, outputTokens: 5, cacheReadTokens: 900, modelCalls: 1)
            ),
            // Running totals are replaced, never added.
            (
                [
                    start(["input_tokens": 10]), end(["output_tokens": 5]), end(["output_tokens": 9]),
                    end(["output_tokens": 12]),
                ],
                TokenUsage(inputTokens: 10, outputTokens: 12, modelCalls: 1)
            ),
            // Nonsense.
            (
                [start(["input_tokens": -5, "output_tokens": "many"]), end(["output_tokens": -1])],
                TokenUsage(modelCalls: 1)
            ),
            (
                [
                    start([
                        "input_tokens": 9_223_372_036_854_775_807, "cache_read_input_tokens": 9_223_372_036_854_775_807,
                    ]), end(nil),
                ],
                TokenUsage(inputTokens: 2_000_000_000, cacheReadTokens: 1_000_000_000, modelCalls: 1)
            ),
            // Nothing at all.
            ([end(nil)], TokenUsage(modelCalls: 1)),
        ] as [([JSONValue], TokenUsage)])
    func `counts are running totals, and the last one wins`(events: [JSONValue], expected: TokenUsage) throws {
        #expect(try read(events).0.usage == expected)
    }

    @Test func `the raw usage is kept, with what only the start said`() throws {
        let events = [
            Self.start(["input_tokens": 10, "service_tier": "standard", "output_tokens": 1]),
            Self.end(["output_tokens": 7, "server_tool_use": ["web_search_requests": 2]]),
        ]
        let expected: JSONValue = [
            "input_tokens": 10, "service_tier": "standard", "output_tokens": 7,
            "server_tool_use": ["web_search_requests": 2],
        ]
        #expect(try read(events).0.rawUsage == expected)
    }

    @Test(arguments: [
        ("end_turn", ModelResponse.StopReason.endTurn), ("max_tokens", .maxTokens), ("stop_sequence", .stopSequence),
        ("tool_use", .toolUse), ("pause_turn", .pauseTurn), ("refusal", .refusal),
        ("model_context_window_exceeded", .contextExceeded), ("reason_of_a_later_year", .endTurn),
    ])
    func `every reason to stop has a name`(reason: String, expected: ModelResponse.StopReason) throws {
        #expect(try read([Self.end(nil, reason)]).0.stopReason == expected)
    }

    @Test func `a refusal without a text says why`() throws {
        let event: JSONValue = [
            "type": "message_delta",
            "delta": ["stop_reason": "refusal", "stop_details": ["category": "x", "explanation": "I must not."]],
        ]
        #expect(try read([event]).0.message.text == "I must not.")
    }

    @Test func `unknown events, blocks, deltas and indices are ignored`() throws {
        let (response, deltas) = try read([
            ["type": "ping"], ["type": "new_thing", "index": 0], Self.start(["input_tokens": 1]),
            ["type": "content_block_start", "index": 0, "content_block": ["type": "hologram"]],
            ["type": "content_block_delta", "index": 0, "delta": ["type": "text_delta", "text": "lost"]],
            ["type": "content_block_start", "index": 1, "content_block": ["type": "text", "text": "Hi"]],
            ["type": "content_block_delta", "index": 1, "delta": ["type": "smell_delta", "text": "lost"]],
            ["type": "content_block_delta", "index": 99, "delta": ["type": "text_delta", "text": "lost"]],
            ["type": "content_block_start", "index": 999_999, "content_block": ["type": "text", "text": "lost"]],
            ["type": "content_block_start", "index": -1, "content_block": ["type": "text", "text": "lost"]],
            ["type": "content_block_delta", "index": 1, "delta": ["type": "text_delta", "text": " there"]],
            Self.end(nil),
        ])
        #expect(response.message.parts == [.text("Hi there")])
        #expect(deltas == [.text("Hi"), .text(" there")])
    }

    @Test func `text with NUL or half a character does not cost the answer`() throws {
        var stream = AnthropicStream()
        let events = [
            #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\u0000b\ud83dc\\u0000\ud83d\ude00"}}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
        ]
        for data in events { _ = try stream.receive(ServerSentEvent(data: data)) }
        #expect(try stream.response().message.text == "a\u{FFFD}b\u{FFFD}c\\u0000😀")
    }
}
