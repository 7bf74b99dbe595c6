import SpotterDomain
import Testing

@Suite struct UsageBoundTests {
    private func tokens(_ text: String) -> Int {
        request(text).usageBound.inputTokens - request("").usageBound.inputTokens
    }

    private func request(_ text: String) -> ModelRequest {
        ModelRequest(model: "any", system: "", messages: [.user(text)], tools: [], maxOutputTokens: 7)
    }

    @Test func `letters and spaces count by half, rounded up, and every other byte in full`() {
        #expect(tokens("Hello you") == 5)
        #expect(tokens("zZaA") == 2)
        #expect(tokens("@[`{") == 4)
        #expect(tokens("1,2,3,4,5,6") == 11)
        #expect(tokens("a1") == 2)
        #expect(tokens("日本") == 6)
        #expect(tokens("a\nb") == 2)
    }
}
