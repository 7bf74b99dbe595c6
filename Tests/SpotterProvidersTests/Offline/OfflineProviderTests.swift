import SpotterDomain
import SpotterProviders
import Synchronization
import Testing

/// The provider around the model: streaming, usage and limits.
struct OfflineProviderTests {
    private final class Heard: Sendable {
        private let deltas = Mutex<[ModelDelta]>([])
        func hear(_ delta: ModelDelta) { deltas.withLock { $0.append(delta) } }
        var all: [ModelDelta] { deltas.withLock { $0 } }
        var text: String { all.map { if case .text(let text) = $0 { text } else { "" } }.joined() }
    }

    @Test(arguments: ["hello", "What is the meaning of life?", "Find a member"])
    func `streamed pieces together are the answer`(_ question: String) async throws {
        let heard = Heard()
        let request = OfflineFixtures.request([.user(question)], isStreaming: true)
        let response = try await OfflineProvider().complete(request) { heard.hear($0) }
        #expect(heard.text == response.message.text)
        #expect(heard.all.count > 3)
        #expect(response == OfflineModel().answer(request))
    }

    @Test func `a tool call is announced`() async throws {
        let heard = Heard()
        let request = OfflineFixtures.request([.user("What's on tomorrow?")], isStreaming: true)
        let response = try await OfflineProvider().complete(request) { heard.hear($0) }
        let call = try #require(response.message.toolCalls.first)
        #expect(heard.all == [.toolCallStarted(id: call.id, name: "view_class_schedule")])
    }

    @Test func `nothing is streamed unless wanted`() async throws {
        let heard = Heard()
        _ = try await OfflineProvider().complete(OfflineFixtures.request([.user("hello")])) { heard.hear($0) }
        #expect(heard.all.isEmpty)
    }

    @Test func `a reader that fails ends the stream`() async {
        struct Gone: Error {}
        let request = OfflineFixtures.request([.user("hello")], isStreaming: true)
        await #expect(throws: Gone.self) {
            try await OfflineProvider().complete(request) { _ in throw Gone() }
        }
    }

    @Test func `a cancelled call ends`() async {
        let request = OfflineFixtures.request([.user("hello")], isStreaming: true)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await OfflineProvider().complete(request) { _ in }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `usage is an estimate that says so`() throws {
        let short = OfflineFixtures.ask("hello", tools: [])
        let long = OfflineFixtures.ask(
            "hello", tools: OfflineFixtures.gym, system: String(repeating: "word ", count: 80))
        #expect(short.usage.inputTokens == 2)
        #expect(short.usage.outputTokens == (short.message.text.utf8.count + 3) / 4)
        #expect(long.usage.inputTokens > short.usage.inputTokens + 100)
        #expect(long.usage.modelCalls == 1)
        #expect(long.rawUsage["is_estimate"] == true)
        #expect(long.rawUsage["input_tokens"]?.int == long.usage.inputTokens)
        #expect(long.model == "offline" && long.provider == "offline")
    }

    @Test func `an answer stays within the tokens allowed`() {
        var request = OfflineFixtures.request([.user("what can you do?")])
        request.maxOutputTokens = 5
        let response = OfflineModel().answer(request)
        #expect(response.message.text.count == 20)
        #expect(response.stopReason == .maxTokens)
    }

    @Test func `very long words and many of them are read in bounded time`() {
        let texts = [
            String(repeating: "a", count: 1_000_000), String(repeating: "yoga tomorrow ", count: 50_000),
            String(repeating: "\"'", count: 200_000), String(repeating: "@.", count: 100_000),
            String(repeating: "Anna ", count: 100_000), String(repeating: "1 ", count: 200_000),
        ]
        let started = ContinuousClock.now
        for text in texts { _ = OfflineFixtures.ask(text, text, text) }
        #expect(started.duration(to: .now) < .seconds(30))
    }

    @Test func `a conversation that ends oddly is answered all the same`() {
        let call = ToolCall(id: "1", name: "x", arguments: [:])
        let endings: [[ModelMessage]] = [
            [], [OfflineFixtures.said("Hello")], [ModelMessage(role: .tool, parts: [])],
            [ModelMessage(role: .user, parts: [])], [ModelMessage(role: .assistant, parts: [.toolCall(call)])],
        ]
        for messages in endings {
            let response = OfflineModel().answer(OfflineFixtures.request(messages))
            #expect(!response.message.text.isEmpty)
        }
    }
}
