/// Tokens of one or several model calls. `inputTokens` includes cache reads and writes, whichever provider it was;
/// `outputTokens` includes reasoning.
public struct TokenUsage: Sendable, Codable, Hashable {
    /// Tokens read by the model, from and to caches included.
    public var inputTokens: Int
    /// Tokens written by the model, reasoning included.
    public var outputTokens: Int
    /// Those of `inputTokens` that came from the provider's cache.
    public var cacheReadTokens: Int
    /// Those of `inputTokens` that were put into the provider's cache.
    public var cacheWriteTokens: Int
    /// Those of `outputTokens` that are reasoning.
    public var reasoningTokens: Int
    /// How many calls the figures are of.
    public var modelCalls: Int

    /// Figures that are not given are 0.
    public init(
        inputTokens: Int = 0, outputTokens: Int = 0, cacheReadTokens: Int = 0, cacheWriteTokens: Int = 0,
        reasoningTokens: Int = 0, modelCalls: Int = 0
    ) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cacheReadTokens = cacheReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.reasoningTokens = reasoningTokens
        self.modelCalls = modelCalls
    }

    /// Adds figure by figure.
    public static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
        TokenUsage(
            inputTokens: left.inputTokens + right.inputTokens, outputTokens: left.outputTokens + right.outputTokens,
            cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
            cacheWriteTokens: left.cacheWriteTokens + right.cacheWriteTokens,
            reasoningTokens: left.reasoningTokens + right.reasoningTokens,
            modelCalls: left.modelCalls + right.modelCalls)
    }
}

extension TokenUsage: JSONWritable {
    /// The members in order.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("input_tokens", inputTokens)
            json.member("output_tokens", outputTokens)
            json.member("cache_read_tokens", cacheReadTokens)
            json.member("cache_write_tokens", cacheWriteTokens)
            json.member("reasoning_tokens", reasoningTokens)
            json.member("model_calls", modelCalls)
        }
    }
}
