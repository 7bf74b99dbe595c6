/// How many tokens families of models can take in and give out together, as their providers document it.
enum ModelWindow {
    /// The first row whose prefix fits decides. What no row fits is not known: compatible servers run anything. Of those
    /// that take in less than their window, it is what they take in.
    private static let openAI: [(prefix: String, tokens: Int)] = [
        ("gpt-3.5-turbo-instruct", 4_096), ("gpt-3.5", 16_385),
        ("gpt-4.1", 1_047_576), ("gpt-4o", 128_000), ("chatgpt-4o", 128_000), ("gpt-4-turbo", 128_000),
        ("gpt-4-1106", 128_000), ("gpt-4-0125", 128_000), ("gpt-4-32k", 32_768), ("gpt-4-", 8_192),
        ("gpt-5-chat", 128_000), ("gpt-5", 272_000), ("gpt-oss", 131_072),
        ("o1-mini", 128_000), ("o1-preview", 128_000), ("o1", 200_000), ("o3", 200_000), ("o4", 200_000),
    ]

    /// The window of `model`, as its provider knows it; nil where it is not known.
    static func tokens(of model: String, _ kind: ProviderKind) -> Int? {
        switch kind {
        case .anthropic: model.hasPrefix("claude-") ? 200_000 : nil
        case .openai: model == "gpt-4" ? 8_192 : openAI.first { model.hasPrefix($0.prefix) }?.tokens
        // Looks at the last messages only, however many there are.
        case .offline: nil
        }
    }
}
