import HTTPClientKit
import SpotterDomain
import SpotterProviders
import SpotterTesting
import Testing

/// What both providers must do alike, over real connections, streamed and not.
@Suite(.timeLimit(.minutes(5))) struct ProviderTests {
    @Test(arguments: everyWay)
    func `a text comes whole, with its counts and its names`(way: (ProviderDouble.Format, Bool)) async throws {
        let usage = TokenUsage(
            inputTokens: 100, outputTokens: 20, cacheReadTokens: 60, cacheWriteTokens: 10,
            modelCalls: 1)
        let fixture = try ProviderFixture(.answer(ProviderAnswer(text: "Good morning, Élise 🏋️.", usage: usage)))
        let response = try await fixture.complete(way.0, .sample(isStreaming: way.1))
        #expect(response.message.parts == [.text("Good morning, Élise 🏋️.")])
        #expect(response.message.model == "some-model")
        #expect(response.stopReason == .endTurn)
        #expect(response.usage == usage)
        let count = ["anthropic": "cache_read_input_tokens", "openai": "prompt_tokens", "responses": "output_tokens"]
        #expect(response.rawUsage[count[way.0.rawValue] ?? ""]?.int != nil)
        #expect(response.model == "some-model")
        #expect(response.provider == way.0.provider)
        #expect(response.requestId == "req_0")
        let seen = fixture.deltas.values.compactMap { if case .text(let text) = $0 { text } else { nil } }
        #expect(seen == (way.1 ? ["Good ", "morning, ", "Élise ", "🏋️."] : []))
    }

    @Test(arguments: everyWay)
    func `the request carries key, model, system, tools and limits`(way: (ProviderDouble.Format, Bool)) async throws {
        let fixture = try ProviderFixture(.text("ok"))
        _ = try await fixture.complete(way.0, .sample(isStreaming: way.1))
        let call = try #require(fixture.double.calls.first)
        #expect(call.format == way.0)
        #expect(call.isStreaming == way.1)
        #expect(call.body["model"] == "some-model")
        #expect(call.body[way.0 == .responses ? "max_output_tokens" : "max_tokens"] == 500)
        #expect(call.body["temperature"] == 0.5)
        #expect(call.headers["content-type"] == "application/json")
        switch way.0 {
        case .anthropic:
            #expect(call.headers["x-api-key"] == secretKey)
            #expect(call.headers["anthropic-version"] == "2023-06-01")
            #expect(call.body["system"]?[0]?["text"] == "Be kind.")
            #expect(call.body["tools"]?[0]?["name"] == "search")
            #expect(call.body["tools"]?[0]?["input_schema"]?["type"] == "object")
        case .openai:
            #expect(call.headers["authorization"] == "Bearer " + secretKey)
            #expect(call.body["messages"]?[0] == ["role": "system", "content": "Be kind."])
            #expect(call.body["tools"]?[0]?["function"]?["name"] == "search")
            #expect((call.body["stream_options"] == ["include_usage": true]) == way.1)
        case .responses:
            #expect(call.headers["authorization"] == "Bearer " + secretKey)
            #expect(call.body["instructions"] == "Be kind.")
            #expect(call.body["input"] == [["role": "user", "content": "Hello"]])
            #expect(call.body["tools"]?[0]?["name"] == "search")
            #expect(call.body["store"] == false)
        }
    }

    @Test(arguments: everyWay)
    func `calls of tools come with their arguments, in order`(way: (ProviderDouble.Format, Bool)) async throws {
        let answer = ProviderAnswer(
            text: "I look.",
            calls: [
                .init(id: "a", name: "search", arguments: #"{"q":"Ann","n":3}"#),
                .init(id: "b", name: "search", arguments: #"{"q":"B\u00e9a"}"#),
            ])
        let fixture = try ProviderFixture(.answer(answer))
        let response = try await fixture.complete(way.0, .sample(isStreaming: way.1))
        #expect(
            response.message.parts == [
                .text("I look."), .toolCall(ToolCall(id: "a", name: "search", arguments: ["q": "Ann", "n": 3])),
                .toolCall(ToolCall(id: "b", name: "search", arguments: ["q": "Béa"])),
            ])
        #expect(response.stopReason == .toolUse)
        let started = fixture.deltas.values.filter { if case .toolCallStarted = $0 { true } else { false } }
        #expect(
            started
                == (way.1
                    ? [.toolCallStarted(id: "a", name: "search"), .toolCallStarted(id: "b", name: "search")] : []))
    }

    @Test(arguments: everyWay)
    func `arguments that are no object are a call that says so, and none are an empty object`(
        way: (ProviderDouble.Format, Bool)
    ) async throws {
        let answer = ProviderAnswer(
            calls: [
                .init(id: "a", name: "search", arguments: #"{"q": "An"#),
                .init(id: "b", name: "search", arguments: "{}"),
                .init(id: "c", name: "search", arguments: ""), .init(id: "d", name: "search", arguments: "[1]"),
            ])
        let fixture = try ProviderFixture(.answer(answer))
        let response = try await fixture.complete(way.0, .sample(isStreaming: way.1))
        let calls = response.message.toolCalls
        #expect(calls.map(\.arguments) == [[:], [:], [:], [:]])
        // Anthropic's whole answers hold arguments as a value: what is no object there has no text of its own.
        if way.0 != .anthropic || way.1 {
            #expect(calls.map(\.invalidArguments) == [#"{"q": "An"#, nil, nil, "[1]"])
        }
    }

    @Test(arguments: everyWay)
    func `calls with the same identifier are told apart`(way: (ProviderDouble.Format, Bool)) async throws {
        let call = ProviderAnswer.Call(id: "same", name: "search", arguments: "{}")
        let fixture = try ProviderFixture(.answer(ProviderAnswer(calls: [call, call, call])))
        let response = try await fixture.complete(way.0, .sample(isStreaming: way.1))
        #expect(response.message.toolCalls.map(\.id) == ["same", "same_2", "same_3"])
    }

    @Test func `Anthropic's thinking goes back to Anthropic unchanged, and to nobody else`() async throws {
        let fixture = try ProviderFixture(
            .answer(ProviderAnswer(thinking: "Hm. Well.", text: "Yes.")), .text("a"), .text("b"))
        let first = try await fixture.complete(.anthropic, .sample())
        let block = ModelPart.thinking("Hm. Well.", signature: AnthropicScript.signature, provider: "anthropic")
        #expect(first.message.parts == [block, .text("Yes.")])
        #expect(fixture.deltas.values.first == .thinking("Hm. Well."))
        let history: [ModelMessage] = [.user("Hello"), first.message, .user("And?")]
        _ = try await fixture.complete(.anthropic, .sample(messages: history))
        _ = try await fixture.complete(.openai, .sample(messages: history))
        let anthropic = fixture.double.calls[1].body["messages"]?[1]?["content"]
        #expect(
            anthropic?[0]
                == ["type": "thinking", "thinking": "Hm. Well.", "signature": .string(AnthropicScript.signature)])
        #expect(!fixture.double.calls[2].body.description.contains("Hm. Well."))
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `a slow reader of deltas gets every one in order`(format: ProviderDouble.Format) async throws {
        let text = (0..<300).map { "\($0) " }.joined()
        let fixture = try ProviderFixture(.text(text))
        let provider = try fixture.provider(format)
        let seen = Recorder<String>()
        let response = try await provider.complete(.sample()) { delta in
            await Task.yield()
            if case .text(let text) = delta { seen.add(text) }
        }
        #expect(seen.values.joined() == text)
        #expect(response.message.text == text)
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `an error of the reader ends the call with that error, without another attempt`(
        format: ProviderDouble.Format
    ) async throws {
        struct Stop: Error {}
        let fixture = try ProviderFixture(.text("one two three"), .text("again"))
        let provider = try fixture.provider(format)
        await #expect(throws: Stop.self) { try await provider.complete(.sample()) { _ in throw Stop() } }
        #expect(fixture.double.calls.count == 1)
    }

    @Test(arguments: everyWay)
    func `cancelling the task ends the call at once`(way: (ProviderDouble.Format, Bool)) async throws {
        let reached = AsyncStream.makeStream(of: Void.self)
        let fixture = try ProviderFixture { _ in
            reached.continuation.yield()
            return .steps([.silence])
        }
        let task = Task { try await fixture.complete(way.0, .sample(isStreaming: way.1)) }
        for await _ in reached.stream { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `connections are used again after a stream`(format: ProviderDouble.Format) async throws {
        let fixture = try ProviderFixture { _ in .text("ok") }
        for _ in 0..<5 { _ = try await fixture.complete(format, .sample()) }
        // A call may be made before the last bytes of the answer before it have come.
        #expect(fixture.double.connectionCount < 5)
    }
}
