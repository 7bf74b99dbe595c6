import Foundation

/// Where a provider is reached, and with which key.
public struct ProviderAccess: Sendable, Hashable {
    /// Such as `https://api.openai.com/v1`, without a slash at the end.
    public let baseURL: String
    /// The key; `nil` for a server of one's own that asks for none.
    public let apiKey: String?
    /// Which of OpenAI's two forms is spoken at the address; of no meaning for other providers.
    public let openAIAPI: OpenAIAPI

    /// - Parameters:
    ///   - kind: whose own address is used when `baseURL` is `nil` or empty.
    ///   - apiKey: an empty one counts as none.
    ///   - baseURL: of a compatible server; slashes at the end are dropped.
    ///   - api: of OpenAI's two forms; nil means Responses at OpenAI's own address and Chat Completions elsewhere.
    /// - Returns: `nil` when there is neither a key nor an address of one's own: then the provider cannot be used.
    public init?(_ kind: ProviderKind, apiKey: String?, baseURL: String? = nil, api: OpenAIAPI? = nil) {
        // A key from a file often ends with a line feed.
        let trimmed = apiKey?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        let key = trimmed.isEmpty ? nil : trimmed
        var address = baseURL?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        while address.hasSuffix("/") { address.removeLast() }
        // A server of one's own often needs no key.
        guard key != nil || !address.isEmpty else { return nil }
        self.apiKey = key
        self.baseURL = address.isEmpty ? Self.ownAddress(of: kind) : address
        openAIAPI = api ?? (self.baseURL == Self.ownAddress(of: .openai) ? .responses : .chat)
    }

    private static func ownAddress(of kind: ProviderKind) -> String {
        switch kind {
        case .anthropic: "https://api.anthropic.com"
        case .openai: "https://api.openai.com/v1"
        case .offline: ""
        }
    }

    /// The access that the environment gives: `ANTHROPIC_API_KEY` and `ANTHROPIC_BASE_URL`, `OPENAI_API_KEY` and
    /// `OPENAI_BASE_URL`, with `OPENAI_API` saying `responses` or `chat`.
    public static func fromEnvironment(_ environment: [String: String]) -> [ProviderKind: ProviderAccess] {
        var found: [ProviderKind: ProviderAccess] = [:]
        for (kind, name) in [(ProviderKind.anthropic, "ANTHROPIC"), (.openai, "OPENAI")] {
            found[kind] = ProviderAccess(
                kind, apiKey: environment[name + "_API_KEY"], baseURL: environment[name + "_BASE_URL"],
                api: environment["OPENAI_API"].flatMap { OpenAIAPI(rawValue: $0) })
        }
        return found
    }
}

extension ProviderAccess: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Says whether there is a key, and never the key or an address that may hold one.
    public var description: String { "ProviderAccess(key: \(apiKey == nil ? "none" : "set"))" }
    /// The same.
    public var debugDescription: String { description }
    /// Shows nothing to `dump` and the like.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
