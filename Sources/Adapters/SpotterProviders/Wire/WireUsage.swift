import SpotterDomain

/// Reads counts of tokens that may be missing, negative or absurd.
struct WireUsage {
    /// No call has more; what is more must not overflow a sum.
    private static let largest = 1_000_000_000

    private let json: JSONValue?

    init(_ json: JSONValue?) { self.json = json }

    /// A count, at least 0.
    subscript(name: String) -> Int { min(max(json?[name]?.int ?? 0, 0), Self.largest) }

    /// The counts of an inner object.
    func inner(_ name: String) -> WireUsage { WireUsage(json?[name]) }

    /// Usage in which the parts are not larger than their wholes.
    static func normalized(input: Int, output: Int, cacheRead: Int, cacheWrite: Int, reasoning: Int) -> TokenUsage {
        let cacheRead = min(cacheRead, input)
        return TokenUsage(
            inputTokens: input, outputTokens: output, cacheReadTokens: cacheRead,
            cacheWriteTokens: min(cacheWrite, input - cacheRead), reasoningTokens: min(reasoning, output), modelCalls: 1
        )
    }
}
