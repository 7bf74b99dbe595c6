/// What is known about a family of models and bears on how a request must look.
struct ModelProfile: Sendable, Equatable {
    /// A temperature may be sent. Where not, the API refuses the request, so it is left out.
    let acceptsTemperature: Bool
    /// The limit is called `max_completion_tokens` (which counts reasoning too) and not `max_tokens`.
    let usesMaxCompletionTokens: Bool
    /// The model thinks before it answers, and gives its thinking sealed where it is asked to.
    var isReasoning = false

    /// The first row whose prefix fits decides; the last fits every name.
    private static let openAI: [(prefix: String, profile: ModelProfile)] = [
        // Chat models without reasoning.
        ("gpt-3.5", .classic), ("gpt-4", .classic), ("ft:gpt-3.5", .classic), ("ft:gpt-4", .classic),
        ("chatgpt-", .classic), ("gpt-oss", .classic),
        ("gpt-5-chat", ModelProfile(acceptsTemperature: true, usesMaxCompletionTokens: true)),
        // Reasoning models: every temperature but the default is refused, and so is `max_tokens`.
        ("gpt-", .reasoning), ("ft:gpt-", .reasoning), ("o0", .reasoning), ("o1", .reasoning), ("o2", .reasoning),
        ("o3", .reasoning), ("o4", .reasoning), ("o5", .reasoning), ("o6", .reasoning), ("o7", .reasoning),
        ("o8", .reasoning), ("o9", .reasoning),
        // Compatible servers know the classic form.
        ("", .classic),
    ]

    /// Sampling parameters were removed with Opus 4.7: only the families before it take a temperature.
    private static let anthropicWithTemperature = [
        "claude-2", "claude-instant", "claude-3", "claude-sonnet-4", "claude-haiku-4", "claude-opus-4-0",
        "claude-opus-4-1", "claude-opus-4-2025", "claude-opus-4-5", "claude-opus-4-6",
    ]

    static func openAI(_ model: String) -> ModelProfile {
        openAI.first { model.hasPrefix($0.prefix) }?.profile ?? .classic
    }

    static func anthropic(_ model: String) -> ModelProfile {
        // Models of other vendors behind the same protocol take one.
        let accepts =
            !model.hasPrefix("claude-") || model == "claude-opus-4"
            || anthropicWithTemperature.contains { model.hasPrefix($0) }
        return ModelProfile(acceptsTemperature: accepts, usesMaxCompletionTokens: false)
    }

    private static let classic = ModelProfile(acceptsTemperature: true, usesMaxCompletionTokens: false)
    private static let reasoning = ModelProfile(
        acceptsTemperature: false, usesMaxCompletionTokens: true, isReasoning: true)
}
