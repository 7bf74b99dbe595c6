import HTTPClientKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterProviders

@Suite struct OpenAIWireTests {
    @Test func `results follow their calls, one message each`() {
        let history: [ModelMessage] = [
            .user("Find"),
            ModelMessage(
                role: .assistant,
                parts: [
                    .thinking("secret", signature: nil, provider: "openai"),
                    .toolCall(ToolCall(id: "a", name: "search", arguments: ["q": 1])),
                    .toolCall(ToolCall(id: "b", name: "search", arguments: [:], invalidArguments: "{\"q")),
                ]),
            ModelMessage(
                role: .tool,
                parts: [
                    .toolResult(ToolResult(callId: "b", name: "search", output: "bad", isError: true, durationMs: 0)),
                    .toolResult(
                        ToolResult(callId: "a", name: "search", output: ["n": 1], isError: false, durationMs: 0)),
                ]),
            .user("Well?"),
        ]
        let expected: JSONValue = [
            ["role": "system", "content": "Be kind."], ["role": "user", "content": "Find"],
            [
                "role": "assistant", "content": nil,
                "tool_calls": [
                    ["id": "a", "type": "function", "function": ["name": "search", "arguments": "{\"q\":1}"]],
                    ["id": "b", "type": "function", "function": ["name": "search", "arguments": "{\"q"]],
                ],
            ],
            ["role": "tool", "tool_call_id": "a", "content": "{\"n\":1}"],
            ["role": "tool", "tool_call_id": "b", "content": "Error: bad"],
            ["role": "user", "content": "Well?"],
        ]
        #expect(OpenAIRequest.body(.sample(messages: history))["messages"] == expected)
    }

    @Test(arguments: [
        ("gpt-4o", "max_tokens", true), ("gpt-4.1-mini", "max_tokens", true), ("chatgpt-4o-latest", "max_tokens", true),
        ("gpt-5-chat-latest", "max_completion_tokens", true), ("gpt-5", "max_completion_tokens", false),
        ("gpt-5.1-mini", "max_completion_tokens", false), ("o1", "max_completion_tokens", false),
        ("o3-mini", "max_completion_tokens", false), ("o4-mini-2025-04-16", "max_completion_tokens", false),
        ("llama-3.3", "max_tokens", true), ("olmo-2", "max_tokens", true),
    ])
    func `reasoning models get another limit and no temperature`(model: String, limit: String, hasTemperature: Bool) {
        let body = OpenAIRequest.body(.sample(model: model))
        #expect(body[limit] == 500)
        #expect((body["max_tokens"] == nil) != (body["max_completion_tokens"] == nil))
        #expect((body["temperature"] != nil) == hasTemperature)
    }

    // MARK: Answers

    private func read(_ chunks: [JSONValue]) throws -> (ModelResponse, [ModelDelta]) {
        var stream = OpenAIStream()
        var deltas: [ModelDelta] = []
        for chunk in chunks { deltas += try stream.receive(ServerSentEvent(data: chunk.description)) }
        return (try stream.response(), deltas)
    }

    private func part(_ index: Int?, id: String? = nil, name: String? = nil, _ arguments: String) -> JSONValue {
        var part = JSONObject()
        part["index"] = index.map { .int(Int64($0)) }
        part["id"] = id.map { .string($0) }
        part["function"] = ["name": name.map { .string($0) } ?? .null, "arguments": .string(arguments)]
        return OpenAIScript.chunk(["tool_calls": [.object(part)]])
    }

    @Test func `calls are put together by index, however they are mixed`() throws {
        let (response, deltas) = try read([
            part(1, id: "b", name: "two", "{\"x\""), part(0, id: "a", name: "one", ""), part(1, ":2}"), part(0, "{}"),
            OpenAIScript.chunk([:], finish: "tool_calls"),
        ])
        #expect(
            response.message.toolCalls == [
                ToolCall(id: "a", name: "one", arguments: [:]), ToolCall(id: "b", name: "two", arguments: ["x": 2]),
            ])
        #expect(deltas == [.toolCallStarted(id: "b", name: "two"), .toolCallStarted(id: "a", name: "one")])
    }

    @Test func `servers that leave out the index or the identifier are understood`() throws {
        let (response, _) = try read([
            part(nil, id: "a", name: "one", "{\"x\""), part(nil, ":1}"), part(nil, id: "b", name: "two", "{}"),
            part(2, name: "three", "{}"), OpenAIScript.chunk([:], finish: "stop"),
        ])
        #expect(
            response.message.toolCalls.map { "\($0.id) \($0.name) \($0.arguments)" }
                == [#"a one {"x":1}"#, "b two {}", "call_2 three {}"])
        #expect(response.stopReason == .toolUse)
    }

    @Test func `absurd indices make no calls`() throws {
        let (response, _) = try read([
            part(-1, id: "a", name: "one", "{}"), part(1_000_000_000, id: "b", name: "two", "{}"),
            OpenAIScript.chunk([:], finish: "stop"),
        ])
        #expect(response.message.toolCalls.isEmpty)
    }

    @Test(arguments: [
        (
            #"{"prompt_tokens":100,"completion_tokens":30,"prompt_tokens_details":{"cached_tokens":80,"cache_write_tokens":5},"completion_tokens_details":{"reasoning_tokens":20}}"#,
            TokenUsage(
                inputTokens: 100, outputTokens: 30, cacheReadTokens: 80, cacheWriteTokens: 5, reasoningTokens: 20,
                modelCalls: 1)
        ),
        (
            #"{"prompt_tokens":10,"completion_tokens":3,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":99}}"#,
            TokenUsage(inputTokens: 10, outputTokens: 3, reasoningTokens: 3, modelCalls: 1)
        ),
        (
            #"{"prompt_tokens":-1,"completion_tokens":null,"prompt_tokens_details":{"cached_tokens":-4}}"#,
            TokenUsage(modelCalls: 1)
        ), ("null", TokenUsage(modelCalls: 1)), ("{}", TokenUsage(modelCalls: 1)),
    ])
    func `counts include what the wire includes, and nonsense counts as nothing`(
        usage: String, expected: TokenUsage
    ) throws {
        let last: JSONValue = ["choices": [], "usage": try JSONParser.parse(usage)]
        #expect(try read([OpenAIScript.chunk(["content": "x"], finish: "stop"), last]).0.usage == expected)
    }

    @Test(arguments: [
        ("stop", ModelResponse.StopReason.endTurn), ("length", .maxTokens), ("content_filter", .contentFilter),
        ("tool_calls", .endTurn), ("function_call", .endTurn), ("reason_of_a_later_year", .endTurn),
    ])
    func `every reason to finish has a name`(reason: String, expected: ModelResponse.StopReason) throws {
        #expect(try read([OpenAIScript.chunk(["content": "x"], finish: reason)]).0.stopReason == expected)
    }

    @Test func `a refusal is a text and a reason`() throws {
        let (response, deltas) = try read([
            OpenAIScript.chunk(["refusal": "I cannot "]), OpenAIScript.chunk(["refusal": "do that."], finish: "stop"),
        ])
        #expect(response.message.text == "I cannot do that.")
        #expect(response.stopReason == .refusal)
        #expect(deltas == [.text("I cannot "), .text("do that.")])
    }

    @Test func `a stream without a reason to finish has been cut, though it says it is done`() throws {
        var stream = OpenAIStream()
        _ = try stream.receive(ServerSentEvent(data: OpenAIScript.chunk(["content": "x"]).description))
        #expect(try stream.receive(ServerSentEvent(data: " [DONE]")).isEmpty)
        #expect(stream.isEnded)
        #expect(throws: ModelError.self) { try stream.response() }
    }

    @Test func `other choices and other kinds of events are ignored`() throws {
        var stream = OpenAIStream()
        _ = try stream.receive(ServerSentEvent(type: "keep-alive", data: "not json"))
        let other: JSONValue = ["choices": [["index": 1, "delta": ["content": "other"], "finish_reason": "stop"]]]
        _ = try stream.receive(ServerSentEvent(data: other.description))
        #expect(throws: ModelError.self) { try stream.response() }
        #expect(throws: ModelError.self) { try stream.receive(ServerSentEvent(data: "not json")) }
    }
}
