import HTTPClientKit
import SpotterDomain
import Testing

@testable import SpotterProviders

/// What is known of how much models can read.
struct ModelWindowTests {
    @Test(arguments: [
        ("claude-sonnet-4-5", 200_000), ("anthropic/claude-3-5-haiku-latest", 200_000), ("gpt-4", 8_192),
        ("gpt-4-0613", 8_192), ("gpt-4-turbo-2024-04-09", 128_000), ("gpt-4o-mini", 128_000),
        ("gpt-4.1-nano", 1_047_576), ("gpt-5-mini", 272_000), ("o3-mini", 200_000), ("o1-mini", 128_000),
    ])
    func `the window of a known family is known`(_ model: String, _ tokens: Int) throws {
        let (kind, name) = try #require(ProviderKind.find(model))
        #expect(ModelWindow.tokens(of: name, kind) == tokens)
    }

    @Test(arguments: ["openai/llama-3.3", "anthropic/other", "offline", "gpt-9"])
    func `of any other nothing is claimed`(_ model: String) throws {
        let (kind, name) = try #require(ProviderKind.find(model))
        #expect(ModelWindow.tokens(of: name, kind) == nil)
    }
}
