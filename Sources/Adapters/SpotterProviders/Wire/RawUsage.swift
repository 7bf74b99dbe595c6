public import SpotterDomain

/// Reads the usage of every provider again, as it was read when the answer came.
public struct RawUsage: UsageReader {
    /// A reader.
    public init() {}

    /// By the provider's name and, for OpenAI's two protocols, by the names of the counts.
    public func usage(in raw: JSONValue, of provider: String) -> TokenUsage? {
        if raw["cached"]?.bool == true { return TokenUsage() }
        switch provider {
        case AnthropicWire.provider: return AnthropicAnswer.usage(in: raw)
        case OpenAIWire.provider where raw["prompt_tokens"] != nil: return OpenAIAnswer.usage(in: raw)
        case ResponsesWire.provider: return ResponsesAnswer.usage(in: raw)
        default: return nil
        }
    }
}
