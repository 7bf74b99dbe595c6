import HTTPClientKit
import SpotterDomain
import SpotterProviders
import SpotterTesting
import Testing

/// Providers that go wrong: every fault ends in a typed error, within bounds of time and memory.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
    static let html = ProviderReply.failure(
        status: 200, headers: ["Content-Type": "text/html"], body: "<html><body>Welcome to the Wi-Fi</body></html>")

    @Test(arguments: everyWay)
    func `HTML with status 200 is malformed, and is not repeated`(way: (ProviderDouble.Format, Bool)) async throws {
        let fixture = try ProviderFixture { _ in Self.html }
        let error = await fixture.failure(way.0, .sample(isStreaming: way.1))
        #expect(error?.kind == .malformed)
        #expect(error.map { !$0.message.contains("Wi-Fi") } ?? false)
        #expect(fixture.double.calls.count == 1)
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `HTML without a type where a stream is expected is malformed`(format: ProviderDouble.Format) async throws {
        let fixture = try ProviderFixture { _ in .steps([.begin(contentType: "text/plain"), .text("<p>Hello</p>\n\n")])
        }
        #expect(await fixture.failure(format)?.kind == .malformed)
    }

    @Test(arguments: everyWay)
    func `a whole answer that is cut off is an error`(way: (ProviderDouble.Format, Bool)) async throws {
        let fixture = try ProviderFixture { _ in
            .steps([.begin(contentType: "application/json"), .text(#"{"choices":[{"message":{"content":"He"#)])
        }
        #expect(await fixture.failure(way.0, .sample(isStreaming: way.1))?.kind == .malformed)
    }

    @Test(arguments: everyWay)
    func `JSON that is not an answer is malformed`(way: (ProviderDouble.Format, Bool)) async throws {
        for body in ["{}", "[]", "null", "7", #"{"choices":[]}"#, #"{"content":{}}"#] {
            let fixture = try ProviderFixture { _ in .failure(status: 200, body: body) }
            #expect(await fixture.failure(way.0, .sample(isStreaming: way.1))?.kind == .malformed, "\(body)")
        }
    }

    @Test(arguments: everyWay)
    func `an error object in an answer of status 200 is an error`(way: (ProviderDouble.Format, Bool)) async throws {
        let body = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
        let fixture = try ProviderFixture { _ in .failure(status: 200, body: body) }
        #expect(await fixture.failure(way.0, .sample(isStreaming: way.1))?.kind == .overloaded)
        #expect(fixture.double.calls.count == 3)
    }

    @Test(arguments: [
        (
            ProviderDouble.Format.anthropic,
            #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
        ),
        (.openai, #"{"error":{"type":"overloaded_error","message":"Overloaded"}}"#),
        (.responses, #"{"type":"error","code":"overloaded_error","message":"Overloaded","param":null}"#),
    ])
    func `an error inside a stream of status 200 is an error`(format: ProviderDouble.Format, data: String) async throws
    {
        let fixture = try ProviderFixture { _ in
            .steps([.beginStream, .text("event: error\ndata: \(data)\n\n"), .silence])
        }
        let error = await fixture.failure(format)
        #expect(error?.kind == .overloaded)
        #expect(error?.message == "Overloaded")
    }

    @Test(arguments: everyWay)
    func `silence ends at its limit`(way: (ProviderDouble.Format, Bool)) async throws {
        var fixture = try ProviderFixture { _ in .steps([.beginStream, .silence]) }
        fixture.silenceLimit = .milliseconds(400)
        let request = ModelRequest.sample(isStreaming: way.1, timeout: .milliseconds(way.1 ? 20_000 : 800))
        #expect(await fixture.failure(way.0, request)?.kind == .timedOut)
        #expect(fixture.double.calls.count == 1)
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `a stream that never ends does so at the call's deadline`(format: ProviderDouble.Format) async throws {
        let fixture = try ProviderFixture { _ in .steps([.beginStream, .flood(Array(": ping\n\n".utf8))]) }
        let error = await fixture.failure(format, .sample(timeout: .milliseconds(150)))
        // Whichever bound of the two comes first.
        #expect(error?.kind == .timedOut || error?.kind == .malformed)
    }

    @Test(arguments: everyWay)
    func `a line without an end is cut at the limit`(way: (ProviderDouble.Format, Bool)) async throws {
        let fixture = try ProviderFixture { _ in
            .steps([.beginStream, .text("data: "), .flood([UInt8](repeating: 97, count: 65536))])
        }
        let error = await fixture.failure(way.0, .sample(isStreaming: way.1))
        #expect(error?.kind == .malformed)
        #expect(fixture.double.calls.count == 1)
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `a stream cut inside a character is an error and shows no broken text`(format: ProviderDouble.Format)
        async throws
    {
        let event =
            switch format {
            case .anthropic:
                #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"caf"#
            case .openai: #"data: {"choices":[{"index":0,"delta":{"content":"caf"#
            case .responses: #"data: {"type":"response.output_text.delta","output_index":0,"delta":"caf"#
            }
        let fixture = try ProviderFixture { _ in .steps([.beginStream, .text(event), .write([0xC3]), .reset]) }
        let error = await fixture.failure(format)
        #expect(error?.isTransient ?? false)
        #expect(fixture.deltas.values.isEmpty)
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `a stream cut inside a tool call is an error, with what was counted`(format: ProviderDouble.Format)
        async throws
    {
        let text =
            switch format {
            case .anthropic:
                AnthropicScript.event([
                    "type": "message_start",
                    "message": ["model": "m", "usage": ["input_tokens": 12, "output_tokens": 1]],
                ])
                    + AnthropicScript.event([
                        "type": "content_block_start", "index": 0,
                        "content_block": ["type": "tool_use", "id": "t", "name": "search", "input": [:]],
                    ])
                    + AnthropicScript.event([
                        "type": "content_block_delta", "index": 0,
                        "delta": ["type": "input_json_delta", "partial_json": "{\"q\":"],
                    ])
            case .openai:
                OpenAIScript.event(
                    OpenAIScript.chunk([
                        "tool_calls": [
                            ["index": 0, "id": "t", "function": ["name": "search", "arguments": "{\"q\":"]]
                        ]
                    ]))
            case .responses:
                ResponsesScript.event([
                    "type": "response.output_item.added", "output_index": 0,
                    "item": ["type": "function_call", "call_id": "t", "name": "search", "arguments": ""],
                ])
                    + ResponsesScript.event([
                        "type": "response.function_call_arguments.delta", "output_index": 0, "delta": "{\"q\":",
                    ])
            }
        let fixture = try ProviderFixture { _ in .steps([.beginStream, .text(text)]) }
        let error = await fixture.failure(format)
        #expect(error?.kind == .interrupted)
        #expect(error?.usage?.inputTokens == (format == .anthropic ? 12 : nil))
        #expect(fixture.double.calls.count == 1)
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `a stream byte by byte, cut in every character, gives the same answer`(format: ProviderDouble.Format)
        async throws
    {
        let body =
            switch format {
            case .anthropic:
                AnthropicScript.event(["type": "content_block_start", "index": 0, "content_block": ["type": "text"]])
                    + AnthropicScript.event([
                        "type": "content_block_delta", "index": 0, "delta": ["type": "text_delta", "text": "é€😀"],
                    ]) + AnthropicScript.event(["type": "message_delta", "delta": ["stop_reason": "end_turn"]])
            case .openai:
                OpenAIScript.event(OpenAIScript.chunk(["content": "é€😀"], finish: "stop")) + OpenAIScript.done
            case .responses:
                ResponsesScript.event([
                    "type": "response.output_item.added", "output_index": 0, "item": ["type": "message"],
                ])
                    + ResponsesScript.event([
                        "type": "response.output_text.delta", "output_index": 0, "delta": "é€😀",
                    ])
                    + ResponsesScript.event(["type": "response.completed", "response": ["status": "completed"]])
            }
        let fixture = try ProviderFixture(.steps([.beginStream] + Array(body.utf8).map { .write([$0]) }))
        #expect(try await fixture.complete(format, .sample()).message.text == "é€😀")
    }

    @Test(arguments: [
        (401, ModelError.Kind.authentication), (402, .quotaExhausted), (403, .permission), (404, .notFound),
        (413, .tooLarge), (400, .invalidRequest), (422, .invalidRequest),
    ])
    func `a refusal has its kind, and never shows a key`(status: Int, kind: ModelError.Kind) async throws {
        let body = """
            {"error":{"type":"invalid_request_error","message":"Incorrect key \(secretKey) or sk-proj-****abcd given"}}
            """
        for format in ProviderDouble.Format.allCases {
            let fixture = try ProviderFixture { _ in .failure(status: status, body: body) }
            let error = try #require(await fixture.failure(format))
            #expect(error.kind == kind)
            #expect(error.message == "Incorrect key [key] or [key] given")
            #expect(!"\(error) \(String(reflecting: error))".contains("canary"))
        }
    }

    @Test(arguments: [
        (
            ProviderDouble.Format.anthropic, "prompt is too long: 210000 tokens > 200000 maximum",
            "invalid_request_error"
        ),
        (.openai, "This model's maximum context length is 128000 tokens.", "invalid_request_error"),
    ])
    func `a prompt that is too long has a kind of its own`(
        format: ProviderDouble.Format, message: String, type: String
    ) async throws {
        let body: JSONValue = ["error": ["type": .string(type), "message": .string(message)]]
        let fixture = try ProviderFixture { _ in .failure(status: 400, body: body.description) }
        #expect(await fixture.failure(format)?.kind == .contextTooLong)
    }

    @Test func `a server that answers in one piece though asked for a stream is understood`() async throws {
        let fixture = try ProviderFixture(
            .failure(
                status: 200,
                body: #"{"model":"m","choices":[{"message":{"content":"whole"},"finish_reason":"stop"}],"usage":{}}"#))
        let response = try await fixture.complete(.openai, .sample())
        #expect(response.message.text == "whole")
        #expect(fixture.deltas.values == [.text("whole")])
    }
}
