import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterProviders

@Suite(.timeLimit(.minutes(5))) struct RateLimitsTests {
    private let now = Date(timeIntervalSince1970: 1_700_000_000)

    private func limits(_ headers: [(String, String)]) -> RateLimits? {
        var list = MessageHeaders()
        for (name, value) in headers { list.append(name, value) }
        return RateLimits(list, now: now)
    }

    @Test func `Anthropic's windows end at dates`() {
        let limits = limits([
            ("anthropic-ratelimit-requests-limit", "50"), ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2023-11-14T22:13:32Z"),
            ("anthropic-ratelimit-input-tokens-limit", "40000"),
            ("anthropic-ratelimit-input-tokens-remaining", "39000"),
            ("anthropic-ratelimit-input-tokens-reset", "2023-11-14T22:14:20Z"),
        ])
        #expect(limits?.windows["requests"] == RateLimits.Window(limit: 50, remaining: 0, reset: .seconds(12)))
        #expect(limits?.windows["input-tokens"]?.remaining == 39_000)
        #expect(limits?.wait == .seconds(12))
    }

    @Test func `OpenAI's windows end after durations`() {
        let limits = limits([
            ("x-ratelimit-limit-requests", "60"), ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-reset-requests", "1s"), ("x-ratelimit-limit-tokens", "150000"),
            ("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s"),
        ])
        #expect(limits?.windows["requests"] == RateLimits.Window(limit: 60, remaining: 59, reset: .seconds(1)))
        #expect(limits?.wait == .seconds(360))
    }

    @Test(
        arguments: [
            ("6m0s", .seconds(360)), ("12ms", .milliseconds(12)), ("1h2m3.5s", .milliseconds(3_723_500)),
            ("0s", .zero), ("1.5", .milliseconds(1_500)), ("250us", .milliseconds(1)), ("", nil), ("soon", nil),
            ("-5s", nil), ("5", .seconds(5)), ("5s5", nil), ("nan", nil), ("99999h", nil), ("1e400s", nil), ("s", nil),
        ] as [(String, Duration?)])
    func `durations are read as Go writes them, and nothing else is`(text: String, expected: Duration?) {
        #expect(RateLimits.duration(text) == expected)
    }

    @Test func `figures of servers that count nothing are passed over`() {
        #expect(limits([]) == nil)
        #expect(limits([("x-ratelimit-remaining-requests", "-1"), ("x-ratelimit-limit-requests", "-1")]) == nil)
        #expect(limits([("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-limit-tokens", "0")]) == nil)
        #expect(limits([("x-ratelimit-remaining-tokens", "many")]) == nil)
        let bare = limits([("anthropic-ratelimit-requests-remaining", "0")])
        #expect(bare?.wait == nil)
        let odd = limits([
            ("anthropic-ratelimit-requests-remaining", "0"), ("anthropic-ratelimit-requests-reset", "tomorrow"),
        ])
        #expect(odd?.wait == nil)
    }

    @Test func `a 429 that does not say when is waited out by the counts, and its own word goes first`() async throws {
        let counts = [
            "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "4s",
        ]
        let said = counts.merging(["retry-after": "2"]) { $1 }
        let fixture = try ProviderFixture(RetryTests.limited(counts), RetryTests.limited(said), .text("ok"))
        _ = try await fixture.complete(.openai, .sample())
        #expect(fixture.sleeps.values == [.seconds(4), .seconds(2)])
    }
}
