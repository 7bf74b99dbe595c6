/// The providers there are. A model's name says which one runs it.
public enum ProviderKind: String, Sendable, CaseIterable {
    /// Anthropic's Messages API, and servers that speak it.
    case anthropic
    /// OpenAI's Chat Completions API, and the many servers that speak it.
    case openai
    /// The provider that needs no network and no key.
    case offline

    /// The provider of a model, and the model's name as that provider knows it: `claude-…`, `gpt-…`, `chatgpt-…`,
    /// `o3…`, `offline…`, or any name behind `anthropic/`, `openai/` or `offline/`.
    ///
    /// - Returns: `nil` for a name that belongs to none.
    public static func find(_ model: String) -> (kind: ProviderKind, model: String)? {
        if let slash = model.firstIndex(of: "/"), let kind = ProviderKind(rawValue: String(model[..<slash])) {
            let name = String(model[model.index(after: slash)...])
            return name.isEmpty ? nil : (kind, name)
        }
        return allCases.first { $0.owns(model) }.map { ($0, model) }
    }

    /// How the names of the provider's models look, for messages.
    var pattern: String {
        switch self {
        case .anthropic: "claude-*"
        case .openai: "gpt-*, chatgpt-*, o1*, o3* …"
        case .offline: "offline"
        }
    }

    private func owns(_ model: String) -> Bool {
        switch self {
        case .anthropic: model.hasPrefix("claude-")
        case .openai:
            model.hasPrefix("gpt-") || model.hasPrefix("chatgpt-") || model.hasPrefix("ft:gpt-")
                || (model.first == "o" && model.dropFirst().first?.isNumber ?? false)
        case .offline: model.hasPrefix("offline")
        }
    }
}
