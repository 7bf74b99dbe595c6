import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterProviders
import Testing

@Suite struct ProviderCatalogTests {
    private struct Quiet: ModelProvider {
        let name = "offline"
        func complete(
            _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
        ) async throws -> ModelResponse { throw CancellationError() }
    }

    private let scope = OrganizationScope(OrganizationID(UUID()))

    private func catalog(_ keys: [ProviderKind: String] = [.anthropic: "key-a", .openai: "key-o"]) -> ProviderCatalog {
        ProviderCatalog(client: sharedClient, offline: Quiet()) { kind, _ in
            keys[kind].flatMap { ProviderAccess(kind, apiKey: $0) }
        }
    }

    @Test(arguments: [
        ("claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"), ("gpt-4o", "openai", "gpt-4o"),
        ("o3-mini", "openai", "o3-mini"), ("chatgpt-4o-latest", "openai", "chatgpt-4o-latest"),
        ("ft:gpt-4o:gym", "openai", "ft:gpt-4o:gym"), ("offline", "offline", "offline"),
        ("offline-1", "offline", "offline-1"), ("openai/llama-3.3", "openai", "llama-3.3"),
        ("anthropic/claude-x", "anthropic", "claude-x"), ("openai/meta/llama", "openai", "meta/llama"),
        ("offline/any", "offline", "any"),
    ])
    func `the name of a model says who runs it`(model: String, provider: String, name: String) throws {
        let found = try catalog().provider(forModel: model, fallback: nil, in: scope)
        #expect(found.provider.name == provider)
        #expect(found.model == name)
    }

    @Test(arguments: ["gemini-pro", "", "openai/", "mistral/large", "claude", "o", "oh", "GPT-4"])
    func `a name that belongs to nobody is an error that names those there are`(model: String) {
        let error = #expect(throws: SpotterError.self) {
            try catalog().provider(forModel: model, fallback: "offline", in: scope)
        }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("claude-*") ?? false)
        #expect(error?.message.contains("offline") ?? false)
    }

    @Test func `a near miss is hinted at`() {
        let error = #expect(throws: SpotterError.self) {
            try catalog().provider(forModel: "antropic/claude-x", fallback: nil, in: scope)
        }
        #expect(error?.message.contains("did you mean \"anthropic\"?") ?? false)
    }

    @Test func `without a key the fallback answers, and without that nobody`() throws {
        let found = try catalog([:]).provider(forModel: "gpt-4o", fallback: "offline", in: scope)
        #expect(found.provider.name == "offline")
        #expect(found.model == "offline")
        let error = #expect(throws: SpotterError.self) {
            try catalog([:]).provider(forModel: "gpt-4o", fallback: nil, in: scope)
        }
        #expect(error?.code == .unavailable)
        let second = #expect(throws: SpotterError.self) {
            try catalog([:]).provider(forModel: "gpt-4o", fallback: "claude-x", in: scope)
        }
        #expect(second?.code == .unavailable)
    }

    @Test func `the environment gives addresses and keys, and an empty key is none`() {
        let found = ProviderAccess.fromEnvironment([
            "OPENAI_API_KEY": " key-o\n", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1/", "ANTHROPIC_API_KEY": "",
        ])
        #expect(found[.openai]?.apiKey == "key-o")
        #expect(found[.openai]?.baseURL == "http://127.0.0.1:9/v1")
        #expect(found[.anthropic] == nil)
        #expect(ProviderAccess(.anthropic, apiKey: "k")?.baseURL == "https://api.anthropic.com")
        #expect(ProviderAccess(.openai, apiKey: "k")?.baseURL == "https://api.openai.com/v1")
        #expect(ProviderAccess(.openai, apiKey: nil, baseURL: "http://127.0.0.1:9")?.apiKey == nil)
    }

    @Test(
        arguments: [
            (nil, nil, .responses), ("https://api.openai.com/v1/", nil, .responses), (nil, "chat", .chat),
            ("http://127.0.0.1:9/v1", nil, .chat), ("http://127.0.0.1:9/v1", "responses", .responses),
            (nil, "something", .responses),
        ] as [(String?, String?, OpenAIAPI)])
    func `OpenAI itself is asked by Responses and others by Chat Completions, unless it is said otherwise`(
        address: String?, api: String?, expected: OpenAIAPI
    ) {
        var environment = ["OPENAI_API_KEY": "k"]
        environment["OPENAI_BASE_URL"] = address
        environment["OPENAI_API"] = api
        #expect(ProviderAccess.fromEnvironment(environment)[.openai]?.openAIAPI == expected)
    }

    @Test func `access shows no key, however it is printed`() throws {
        let access = try #require(ProviderAccess(.openai, apiKey: "sk-canary", baseURL: "http://canary.example"))
        var dumped = ""
        dump(access, to: &dumped)
        #expect(!"\(access) \(String(reflecting: access)) \(dumped)".contains("canary"))
    }
}
