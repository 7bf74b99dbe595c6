import SpotterDomain
import SpotterProviders
import SpotterTesting
import Testing

/// A bill can be worked out again from what a provider sent, and from that alone.
@Suite(.timeLimit(.minutes(2))) struct RawUsageTests {
    @Test(arguments: everyWay)
    func `what was kept of an answer's usage is read to the same figures`(way: (ProviderDouble.Format, Bool))
        async throws
    {
        let fixture = try ProviderFixture(.text("fine"))
        let response = try await fixture.complete(way.0, .sample(isStreaming: way.1))
        #expect(response.usage.inputTokens > 0)
        #expect(RawUsage().usage(in: response.rawUsage, of: response.provider) == response.usage)
    }

    @Test(
        arguments: [
            (
                "anthropic",
                [
                    "input_tokens": 10, "cache_read_input_tokens": 30, "cache_creation_input_tokens": 5,
                    "output_tokens": 7,
                ],
                TokenUsage(
                    inputTokens: 45, outputTokens: 7, cacheReadTokens: 30, cacheWriteTokens: 5, modelCalls: 1)
            ),
            (
                "openai",
                [
                    "prompt_tokens": 40, "completion_tokens": 9, "prompt_tokens_details": ["cached_tokens": 32],
                    "completion_tokens_details": ["reasoning_tokens": 4],
                ],
                TokenUsage(
                    inputTokens: 40, outputTokens: 9, cacheReadTokens: 32, reasoningTokens: 4, modelCalls: 1)
            ),
            (
                "openai",
                ["input_tokens": 40, "output_tokens": 9, "input_tokens_details": ["cached_tokens": 32]],
                TokenUsage(inputTokens: 40, outputTokens: 9, cacheReadTokens: 32, modelCalls: 1)
            ),
            ("openai", ["cached": true], TokenUsage()),
        ] as [(String, JSONValue, TokenUsage)])
    func `each provider's counts are read as it means them`(provider: String, raw: JSONValue, expected: TokenUsage) {
        #expect(RawUsage().usage(in: raw, of: provider) == expected)
    }

    @Test func `nothing is said of a provider that nobody knows`() {
        #expect(RawUsage().usage(in: ["input_tokens": 1], of: "elsewhere") == nil)
    }

    @Test func `what a stream had counted before it broke is kept as it was sent`() async throws {
        let fixture = try ProviderFixture(
            .steps([
                .beginStream,
                .text(
                    AnthropicScript.event([
                        "type": "message_start",
                        "message": ["usage": ["input_tokens": 12, "output_tokens": 1]],
                    ])),
            ]))
        let error = await fixture.failure(.anthropic, .sample())
        #expect(error?.usage?.inputTokens == 12)
        #expect(error?.rawUsage == ["input_tokens": 12, "output_tokens": 1])
        #expect(error?.retryDelay != nil)
    }
}
