import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterProviders

/// Answers that are given again, and those that must not be.
@Suite(.timeLimit(.minutes(5))) struct ResponseCacheTests {
    private let clock = CircuitTests.Clock()
    private let ours = OrganizationScope(OrganizationID(UUID()))
    private let theirs = OrganizationScope(OrganizationID(UUID()))

    private func catalog(_ double: ProviderDouble, life: Duration? = .seconds(60)) -> ProviderCatalog {
        var wish = ProviderCatalog.Preferences()
        wish.cacheLife = life
        let guards = ProviderGuards(now: { [clock] in clock.now })
        return ProviderCatalog(
            client: sharedClient, offline: nil, guards: guards, preferences: { [wish] _ in wish }
        ) { kind, _ in
            ProviderAccess(kind, apiKey: "k", baseURL: kind == .anthropic ? double.anthropicURL : double.openAIURL)
        }
    }

    private static func question(_ text: String = "Hello", temperature: Double? = 0) -> ModelRequest {
        var request = ModelRequest.sample(model: "claude-3-x", messages: [.user(text)])
        request.temperature = temperature
        return request
    }

    private func ask(
        _ catalog: ProviderCatalog, _ request: ModelRequest = question(), _ scope: OrganizationScope? = nil,
        onDelta: @escaping @Sendable (ModelDelta) async throws -> Void = { _ in }
    ) async throws -> ModelResponse {
        try await catalog.provider(forModel: "claude-3-x", fallback: nil, in: scope ?? ours).provider.complete(
            request, onDelta: onDelta)
    }

    @Test func `the same question gets the same answer again, at no cost, and says so`() async throws {
        let double = try ProviderDouble { .text("answer \($0.number)") }
        defer { double.stop() }
        let catalog = catalog(double)
        let first = try await ask(catalog)
        let seen = Recorder<ModelDelta>()
        var later = Self.question()
        later.timeout = .seconds(7)
        let second = try await ask(catalog, later) { seen.add($0) }
        #expect(second.message == first.message)
        #expect(first.isCached == nil)
        #expect(second.isCached == true)
        #expect(second.usage == TokenUsage())
        #expect(second.rawUsage == ["cached": true])
        #expect(seen.values == [.text("answer 0")])
        #expect(double.calls.count == 1)
    }

    @Test func `another organisation, question, temperature or time is another call`() async throws {
        let double = try ProviderDouble { .text("answer \($0.number)") }
        defer { double.stop() }
        let catalog = catalog(double)
        _ = try await ask(catalog)
        #expect(try await ask(catalog, Self.question(), theirs).message.text == "answer 1")
        #expect(try await ask(catalog, Self.question("Hallo")).message.text == "answer 2")
        #expect(try await ask(catalog, Self.question(temperature: 0.1)).message.text == "answer 3")
        #expect(try await ask(catalog, Self.question(temperature: 0.1)).message.text == "answer 4")
        #expect(try await ask(catalog, Self.question(temperature: nil)).message.text == "answer 5")
        clock.advance(by: .seconds(60))
        #expect(try await ask(catalog).message.text == "answer 6")
    }

    @Test func `without the wish for it every question is asked`() async throws {
        let double = try ProviderDouble { .text("answer \($0.number)") }
        defer { double.stop() }
        for life in [nil, Duration.zero] {
            let catalog = catalog(double, life: life)
            _ = try await ask(catalog)
            #expect(try await ask(catalog).isCached == nil)
        }
        #expect(double.calls.count == 4)
    }

    @Test func `errors and answers that were cut are not kept`() async throws {
        let double = try ProviderDouble(replies: [
            .failure(status: 400, body: "{}"), .answer(ProviderAnswer(text: "half", stopReason: "max_tokens")),
            .answer(ProviderAnswer(text: "no", stopReason: "refusal")), .text("whole"),
        ])
        defer { double.stop() }
        let catalog = catalog(double)
        await #expect(throws: ModelError.self) { try await ask(catalog) }
        #expect(try await ask(catalog).stopReason == .maxTokens)
        #expect(try await ask(catalog).stopReason == .refusal)
        #expect(try await ask(catalog).message.text == "whole")
        #expect(try await ask(catalog).isCached == true)
    }

    @Test func `no organisation takes up more than it may, and the oldest goes first`() throws {
        let cache = ResponseCache(bytesOfOne: 10_000, organizations: 2, now: { [clock] in clock.now })
        func key(_ text: String) throws -> ResponseCache.Key {
            try #require(ResponseCache.Key(Self.question(text), kind: .anthropic))
        }
        let answer = ScriptedModel.response([.text(String(repeating: "x", count: 1_000))])
        for number in 0..<50 {
            cache.keep(answer, to: try key("\(number)"), of: ours.organization, for: .seconds(60))
            #expect(cache.size(of: ours.organization) <= 10_000)
        }
        #expect(cache.answer(to: try key("0"), of: ours.organization) == nil)
        #expect(cache.answer(to: try key("49"), of: ours.organization) != nil)
        // The same again takes up nothing more, and what is huge is not kept at all.
        let size = cache.size(of: ours.organization)
        cache.keep(answer, to: try key("49"), of: ours.organization, for: .seconds(60))
        #expect(cache.size(of: ours.organization) == size)
        let huge = ScriptedModel.response([.text(String(repeating: "x", count: 9_000))])
        cache.keep(huge, to: try key("huge"), of: ours.organization, for: .seconds(60))
        #expect(cache.answer(to: try key("huge"), of: ours.organization) == nil)
        // A third organisation takes the place of the one that was not asked for longest.
        clock.advance(by: .seconds(1))
        cache.keep(answer, to: try key("a"), of: theirs.organization, for: .seconds(60))
        clock.advance(by: .seconds(1))
        cache.keep(answer, to: try key("a"), of: OrganizationID(UUID()), for: .seconds(60))
        #expect(cache.size(of: ours.organization) == 0)
        #expect(cache.size(of: theirs.organization) > 0)
    }
}
