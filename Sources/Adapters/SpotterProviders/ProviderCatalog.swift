public import HTTPClientKit
public import SpotterDomain

/// Finds the provider of a model by the model's name, and the key that the organisation has for it.
public struct ProviderCatalog: ModelCatalog {
    /// The access to a provider that an organisation has; `nil` means that it has none. Called for every model call.
    /// What it throws fails the call: a key that cannot be had is not replaced by another.
    public typealias AccessLookup = @Sendable (ProviderKind, OrganizationScope) throws -> ProviderAccess?

    /// What an organisation wants of its models beside their keys.
    public struct Preferences: Sendable, Hashable {
        /// The models to ask, in turn, where one cannot answer for a while.
        public var fallbacks: [String] = []
        /// How long an answer is given again where the very same is asked at temperature 0; nil asks every time.
        public var cacheLife: Duration?

        /// Nothing in particular.
        public init() {}
    }

    /// The wishes of an organisation. Called for every model call.
    public typealias PreferenceLookup = @Sendable (OrganizationScope) -> Preferences

    private let client: HTTPClient
    private let offline: (any ModelProvider)?
    private let timing: CallTiming
    /// What stands before the providers.
    public let guards: ProviderGuards
    private let access: AccessLookup
    private let preferences: PreferenceLookup

    /// - Parameters:
    ///   - client: sends the calls.
    ///   - offline: runs models named `offline…`; `nil` means that there are none.
    ///   - timing: how long silence is borne and how retries wait.
    ///   - guards: what stands before the providers; to be shared with the catalogue that this one replaces.
    ///   - preferences: what organisations want beside that.
    ///   - access: finds addresses and keys.
    public init(
        client: HTTPClient, offline: (any ModelProvider)?, timing: CallTiming = CallTiming(),
        guards: ProviderGuards = ProviderGuards(),
        preferences: @escaping PreferenceLookup = { _ in Preferences() },
        access: @escaping AccessLookup
    ) {
        self.client = client
        self.offline = offline
        self.timing = timing
        self.guards = guards
        self.access = access
        self.preferences = preferences
    }

    /// The same catalogue behind other guards.
    public func guarded(by guards: ProviderGuards) -> ProviderCatalog {
        ProviderCatalog(
            client: client, offline: offline, timing: timing, guards: guards, preferences: preferences,
            access: access)
    }

    /// See `ModelCatalog`. A fallback is not itself replaced by another.
    public func provider(
        forModel model: String, fallback: String?, in scope: OrganizationScope
    ) throws -> (provider: any ModelProvider, model: String) {
        guard let (kind, name) = ProviderKind.find(model) else { throw unknown(model) }
        if let provider = try provider(kind, in: scope) { return (provider, name) }
        guard let fallback else {
            throw SpotterError(
                .unavailable,
                "No key for \(kind.rawValue) is set, which the model \"\(model.prefix(100))\" needs. Set one for the "
                    + "organisation or in the environment, or give the organisation a fallback model.")
        }
        return try provider(forModel: fallback, fallback: nil, in: scope)
    }

    /// See `ModelCatalog`. A model of the list goes on with those after it.
    public func fallbacks(forModel model: String, in scope: OrganizationScope) -> [String] {
        let list = preferences(scope).fallbacks
        return list.firstIndex(of: model).map { Array(list[($0 + 1)...]) } ?? list
    }

    /// See `ModelCatalog`.
    public func contextWindow(ofModel model: String) -> Int? {
        guard let (kind, name) = ProviderKind.find(model) else { return nil }
        return ModelWindow.tokens(of: name, kind)
    }

    private func provider(_ kind: ProviderKind, in scope: OrganizationScope) throws -> (any ModelProvider)? {
        guard kind != .offline else { return offline }
        guard let access = try access(kind, scope) else { return nil }
        let gate = guards.gates.gate(kind, access)
        let provider: any ModelProvider =
            kind == .anthropic
            ? AnthropicProvider(client: client, access: access, timing: timing) { gate.learn($0) }
            : OpenAIProvider(client: client, access: access, timing: timing) { gate.learn($0) }
        return guards.guarding(provider, kind, gate, cacheLife: preferences(scope).cacheLife, in: scope)
    }

    private func unknown(_ model: String) -> SpotterError {
        let known = ProviderKind.allCases.map { "\($0.rawValue) (\($0.pattern))" }.joined(separator: ", ")
        let prefix = String(model.prefix { $0 != "/" && $0 != "-" })
        let words = ["claude", "gpt", "chatgpt"] + ProviderKind.allCases.map(\.rawValue)
        return .invalid(
            "model",
            "names \"\(model.prefix(100))\", which belongs to no provider\(DidYouMean.hint(for: prefix, among: words)). "
                + "Known are \(known). For another model of a compatible server write provider/model, such as "
                + "openai/llama-3.3")
    }
}
