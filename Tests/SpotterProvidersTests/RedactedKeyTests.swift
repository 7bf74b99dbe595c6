import Testing

@testable import SpotterProviders

struct RedactedKeyTests {
    private let key = "canary_5f2e81c07b9d4a66"

    @Test func `a key is taken out wherever a provider repeats it`() {
        #expect(ProviderStatus.redacted("no \(key), \(key)!", key: key) == "no [key], [key]!")
        #expect(ProviderStatus.redacted("no sk-proj-abc***", key: nil) == "no [key]")
    }

    @Test func `so is what a cut has left of it at the end`() {
        for length in 4..<key.count {
            #expect(ProviderStatus.redacted("no \(key.prefix(length))", key: key) == "no [key]")
        }
        #expect(ProviderStatus.redacted("", key: key) == "")
        #expect(ProviderStatus.redacted("all is well", key: key) == "all is well")
    }
}
