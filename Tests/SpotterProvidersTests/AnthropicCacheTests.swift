import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterProviders

/// What the provider is told to keep of a prompt, and to whom thinking goes back.
@Suite(.timeLimit(.minutes(5))) struct AnthropicCacheTests {
    private static let mark: JSONValue = ["type": "ephemeral"]

    /// The texts, names and ids of the blocks that are marked, in the order in which the API reads them.
    private func marked(_ request: ModelRequest) -> [String] {
        let body = AnthropicRequest.body(request)
        let blocks =
            (body["tools"]?.array ?? []) + (body["system"]?.array ?? [])
            + (body["messages"]?.array ?? []).flatMap { $0["content"]?.array ?? [] }
        return blocks.filter { $0["cache_control"] == Self.mark }.map {
            ($0["text"] ?? $0["name"] ?? $0["tool_use_id"])?.string ?? "?"
        }
    }

    private func step(_ number: Int) -> [ModelMessage] {
        let call = ToolCall(id: "c\(number)", name: "search", arguments: [:])
        let result = ToolResult(callId: "c\(number)", name: "search", output: "x", isError: false, durationMs: 1)
        return [
            ModelMessage(role: .assistant, parts: [.toolCall(call)]),
            ModelMessage(role: .tool, parts: [.toolResult(result)]),
        ]
    }

    @Test func `the first question marks tools, prompt and question`() {
        #expect(marked(.sample()) == ["search", "Be kind.", "Hello"])
    }

    @Test func `each later question marks where the one before it ended, and never more than four places`() {
        var messages: [ModelMessage] = [.user("Hello")]
        var before = marked(.sample(messages: messages)).last
        for number in 1...4 {
            messages += step(number)
            let places = marked(.sample(messages: messages))
            #expect(places.count == 4)
            #expect(places[2] == before)
            #expect(places[3] == "c\(number)")
            before = places.last
        }
    }

    @Test func `a question that is asked once, without tools, is not written to the cache`() {
        let once = ModelRequest(model: "claude-x", system: "Be kind.", messages: [.user("Hello")])
        #expect(marked(once) == ["Be kind."])
        let bare = ModelRequest(model: "claude-x", system: "", messages: [.user("Hello")])
        #expect(marked(bare).isEmpty)
        #expect(AnthropicRequest.body(bare)["system"] == nil)
    }

    @Test func `a longer conversation begins with the very blocks of the shorter one`() {
        let short = AnthropicRequest.body(.sample())
        let long = AnthropicRequest.body(.sample(messages: [.user("Hello")] + step(1)))
        for part in ["model", "system", "tools"] { #expect(short[part]?.bytes == long[part]?.bytes) }
        #expect(short["messages"]?[0]?.bytes == long["messages"]?[0]?.bytes)
    }

    @Test(arguments: [true, false])
    func `thinking, hidden or not, goes back to the model that thought it, and to no other`(
        isStreaming: Bool
    ) async throws {
        var answer = ProviderAnswer(thinking: "Hm.", text: "Yes.")
        answer.redactedThinking = "c2VjcmV0"
        let fixture = try ProviderFixture(.answer(answer), .text("a"), .text("b"))
        let first = try await fixture.complete(.anthropic, .sample(model: "claude-a", isStreaming: isStreaming))
        #expect(
            first.message.parts == [
                .thinking("Hm.", signature: AnthropicScript.signature, provider: "anthropic"),
                .redactedThinking("c2VjcmV0", provider: "anthropic"), .text("Yes."),
            ])
        // As it comes back from the journal.
        let kept = try JSONValue(encoding: first).decodedUnchecked(as: ModelResponse.self).message
        let history: [ModelMessage] = [.user("Hello"), kept, .user("And?")]
        _ = try await fixture.complete(.anthropic, .sample(model: "claude-a", messages: history))
        _ = try await fixture.complete(.anthropic, .sample(model: "claude-b", messages: history))
        let types = fixture.double.calls.dropFirst().map { call in
            call.body["messages"]?[1]?["content"]?.array?.compactMap { $0["type"]?.string } ?? []
        }
        #expect(types == [["thinking", "redacted_thinking", "text"], ["text"]])
    }

    @Test func `a paused answer goes back as it was, and what follows it is the same message`() {
        let paused = ModelMessage(role: .assistant, parts: [.text("One")], model: "some-model")
        let body = AnthropicRequest.body(.sample(messages: [.user("Count"), paused, paused]))
        #expect(body["messages"]?.array?.map { $0["role"]?.string } == ["user", "assistant"])
        #expect(body["messages"]?[1]?["content"]?.array?.count == 2)
    }
}
