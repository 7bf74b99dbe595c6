import Foundation
import SpotterDomain
import SpotterProviders
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct RetryTests {
    static let overloaded = ProviderReply.failure(
        status: 529, body: #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#)

    static func limited(_ headers: [String: String] = [:]) -> ProviderReply {
        .failure(status: 429, headers: headers, body: #"{"error":{"type":"rate_limit_error","message":"Slow down"}}"#)
    }

    @Test(arguments: everyWay)
    func `two attempts more, with growing waits, and then the error`(way: (ProviderDouble.Format, Bool)) async throws {
        let fixture = try ProviderFixture { _ in Self.overloaded }
        let error = await fixture.failure(way.0, .sample(isStreaming: way.1))
        #expect(error?.kind == .overloaded)
        #expect(error?.status == 529)
        #expect(error?.requestId == "req_2")
        #expect(fixture.double.calls.count == 3)
        #expect(fixture.sleeps.values == [.milliseconds(500), .seconds(1)])
    }

    @Test func `the wait is somewhere between nothing and its bound`() async throws {
        var fixture = try ProviderFixture(Self.overloaded, .text("ok"))
        fixture.random = 0.25
        _ = try await fixture.complete(.anthropic, .sample())
        #expect(fixture.sleeps.values == [.milliseconds(125)])
    }

    @Test(arguments: everyWay)
    func `the second attempt's answer counts, once`(way: (ProviderDouble.Format, Bool)) async throws {
        let fixture = try ProviderFixture(Self.overloaded, .text("fine"))
        let response = try await fixture.complete(way.0, .sample(isStreaming: way.1))
        #expect(response.message.text == "fine")
        #expect(response.usage == TokenUsage(inputTokens: 100, outputTokens: 20, modelCalls: 1))
        #expect(response.requestId == "req_1")
    }

    @Test(
        arguments: [
            (["retry-after": "7"], Duration.seconds(7)), (["retry-after": "0.25"], .milliseconds(250)),
            (["retry-after-ms": "40"], .milliseconds(40)),
            (["retry-after-ms": "40", "retry-after": "7"], .milliseconds(40)),
            (["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT"], .seconds(30)), (["retry-after": "60"], .seconds(60)),
            // Too long, past or unreadable: the own wait.
            (["retry-after": "61"], .milliseconds(500)),
            (["retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"], .milliseconds(500)),
            (["retry-after": "-3"], .milliseconds(500)), (["retry-after": "soon"], .milliseconds(500)),
            (["retry-after": "nan"], .milliseconds(500)), (["retry-after": "1e400"], .milliseconds(500)),
            ([:], .milliseconds(500)),
        ] as [([String: String], Duration)])
    func `the provider's word about the wait is obeyed up to a minute`(
        headers: [String: String], expected: Duration
    ) async throws {
        let fixture = try ProviderFixture(Self.limited(headers), .text("ok"))
        // A minute's wait must fit into the call's time.
        _ = try await fixture.complete(.openai, .sample(timeout: .seconds(300)))
        #expect(fixture.sleeps.values == [expected])
    }

    @Test(
        arguments: [
            (408, nil, 3), (409, nil, 3), (429, nil, 3), (500, nil, 3), (502, nil, 3), (503, nil, 3), (504, nil, 3),
            (400, nil, 1), (401, nil, 1), (402, nil, 1), (403, nil, 1), (404, nil, 1), (413, nil, 1), (422, nil, 1),
            (302, nil, 1), (500, "false", 1), (429, "false", 1), (400, "true", 3),
        ] as [(Int, String?, Int)])
    func `what is tried again depends on the status and on x-should-retry`(
        status: Int, word: String?, calls: Int
    ) async throws {
        let fixture = try ProviderFixture { _ in
            .failure(status: status, headers: word.map { ["x-should-retry": $0] } ?? [:], body: "{}")
        }
        let error = await fixture.failure(.anthropic, .sample(isStreaming: false))
        #expect(error?.status == status)
        #expect(fixture.double.calls.count == calls)
    }

    @Test(arguments: [
        (ProviderDouble.Format.openai, #"{"error":{"code":"insufficient_quota","message":"You exceeded your quota"}}"#),
        (.openai, #"{"error":{"type":"insufficient_quota","code":null,"message":"x"}}"#),
        (.openai, #"{"error":{"code":"billing_hard_limit_reached","message":"x"}}"#),
        (.anthropic, #"{"type":"error","error":{"type":"enforced_spend_limit_reached","message":"x"}}"#),
        (.anthropic, #"{"type":"error","error":{"type":"rate_limit_error","message":"enforced_spend_limit_reached"}}"#),
        (.anthropic, #"{"type":"error","error":{"type":"billing_error","message":"x"}}"#),
    ])
    func `without quota or credit nothing is tried again`(format: ProviderDouble.Format, body: String) async throws {
        let fixture = try ProviderFixture { _ in
            .failure(status: 429, headers: ["x-should-retry": "true"], body: body)
        }
        let error = await fixture.failure(format)
        #expect(error?.kind == .quotaExhausted)
        #expect(fixture.double.calls.count == 1)
    }

    @Test func `no attempt begins after the end of the call's time`() async throws {
        let fixture = try ProviderFixture(Self.limited(["retry-after": "30"]), .text("ok"))
        let error = await fixture.failure(.openai, .sample(timeout: .seconds(10)))
        #expect(error?.kind == .rateLimited)
        #expect(error?.retryAfter == .seconds(30))
        #expect(fixture.sleeps.values.isEmpty)
    }

    @Test func `nobody listening is tried again and is then unreachable`() async throws {
        let fixture = try ProviderFixture()
        fixture.double.stop()
        let error = await fixture.failure(.openai)
        #expect(error?.kind == .unreachable)
        #expect(fixture.sleeps.values.count == 2)
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `a stream that breaks before anything was seen may have cost something: others say whether it is tried again`(
        format: ProviderDouble.Format
    ) async throws {
        let fixture = try ProviderFixture(.steps([.beginStream, .text(": hello\n\n")]), .text("never"))
        let error = await fixture.failure(format, .sample())
        #expect(error?.kind == .interrupted)
        #expect(error?.mayHaveUsedTokens == true)
        #expect(error?.retryDelay == .milliseconds(500))
        #expect(fixture.double.calls.count == 1)
    }

    @Test(arguments: ProviderDouble.Format.allCases)
    func `a stream that breaks after something was seen is not`(format: ProviderDouble.Format) async throws {
        let beginning =
            switch format {
            case .anthropic:
                AnthropicScript.event(["type": "content_block_start", "index": 0, "content_block": ["type": "text"]])
                    + AnthropicScript.event([
                        "type": "content_block_delta", "index": 0, "delta": ["type": "text_delta", "text": "Hel"],
                    ])
            case .openai: OpenAIScript.event(OpenAIScript.chunk(["content": "Hel"]))
            case .responses:
                ResponsesScript.event([
                    "type": "response.output_item.added", "output_index": 0, "item": ["type": "message"],
                ])
                    + ResponsesScript.event([
                        "type": "response.output_text.delta", "output_index": 0, "delta": "Hel",
                    ])
            }
        let fixture = try ProviderFixture(.steps([.beginStream, .text(beginning)]), .text("ok"))
        let error = await fixture.failure(format)
        #expect(error?.kind == .interrupted)
        #expect(fixture.double.calls.count == 1)
        #expect(fixture.deltas.values == [.text("Hel")])
    }
}
