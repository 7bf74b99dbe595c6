import Foundation

/// The words a tenant's file may use that no schema can list, because they depend on the deployment.
public struct TenantVocabulary: Sendable {
    /// Whether a name is a time zone.
    public let isTimeZone: @Sendable (String) -> Bool
    /// Time zones worth proposing.
    public let timeZones: [String]
    /// ISO 4217 codes in use.
    public let currencies: Set<String>
    /// Names of model providers that take a key.
    public let providers: Set<String>
    /// Packs of agent templates; nil leaves them unchecked.
    public let packs: Set<String>?
    /// Names of tools; nil leaves them unchecked.
    public let tools: Set<String>?
    /// Whether a text is `Name <local@domain>` or an address alone.
    public let isMailbox: @Sendable (String) -> Bool
    /// Whether a text is the address of a mail server.
    public let isMailServer: @Sendable (String) -> Bool

    /// A vocabulary of the words given.
    public init(
        isTimeZone: @escaping @Sendable (String) -> Bool, timeZones: [String], currencies: Set<String>,
        providers: Set<String>, packs: Set<String>?, tools: Set<String>? = nil,
        isMailbox: @escaping @Sendable (String) -> Bool = { _ in true },
        isMailServer: @escaping @Sendable (String) -> Bool = { _ in true }
    ) {
        self.isTimeZone = isTimeZone
        self.timeZones = timeZones
        self.currencies = currencies
        self.providers = providers
        self.packs = packs
        self.tools = tools
        self.isMailbox = isMailbox
        self.isMailServer = isMailServer
    }
}

extension TenantDefinition {
    /// What the schema cannot say: rules about slug, zone, currency, packs, providers and hosts. Empty when all is well.
    ///
    /// No message repeats a provider's key or address: somebody may have put a secret there.
    public func issues(knowing vocabulary: TenantVocabulary) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if let problem = Organization.problem(withSlug: slug) {
            issues.append(.init(pointer: "/slug", message: problem))
        }
        // That it is empty or holds NUL, others say.
        if !name.isEmpty, !name.utf8.contains(0), let problem = DisplayName.problem(with: name) {
            issues.append(.init(pointer: "/name", message: problem))
        }
        if !vocabulary.isTimeZone(timezone) {
            let hint = DidYouMean.hint(for: timezone, among: vocabulary.timeZones)
            issues.append(
                .init(pointer: "/timezone", message: "must be an IANA time zone such as Europe/London\(hint)"))
        }
        if !vocabulary.currencies.contains(currency) {
            let hint = DidYouMean.hint(for: currency, among: vocabulary.currencies.sorted())
            issues.append(.init(pointer: "/currency", message: "must be an ISO 4217 code such as GBP\(hint)"))
        }
        return issues + packIssues(vocabulary) + providerIssues(vocabulary) + fallbackIssues
            + (http?.issues(at: "/http") ?? []) + (browser?.issues(at: "/browser") ?? [])
            + (messaging?.issues(at: "/messaging", knowing: vocabulary) ?? [])
            + (budgets?.issues(at: "/budgets") ?? []) + (limits?.issues(at: "/limits") ?? [])
            + (cors?.issues(at: "/cors") ?? [])
            + (alerts?.issues(at: "/alerts", isMailbox: vocabulary.isMailbox) ?? [])
            + (connectors?.issues(at: "/connectors") ?? [])
            + (policy?.issues(at: "/policy", tools: vocabulary.tools) ?? [])
    }

    private var fallbackIssues: [FieldIssue] {
        var seen: Set<String> = []
        return (fallbackModels ?? []).enumerated().compactMap { index, model in
            let pointer = "/fallback_models/\(index)"
            guard !model.isEmpty, model.unicodeScalars.count <= 100 else {
                return FieldIssue(pointer: pointer, message: "must be the name of a model, of 1 to 100 characters")
            }
            return seen.insert(model).inserted ? nil : FieldIssue(pointer: pointer, message: "stands there twice")
        }
    }

    private func packIssues(_ vocabulary: TenantVocabulary) -> [FieldIssue] {
        guard let packs = vocabulary.packs?.sorted() else { return [] }
        return (templates ?? []).enumerated().compactMap { index, pack in
            guard !packs.contains(pack) else { return nil }
            let hint = DidYouMean.hint(for: pack, among: packs)
            return FieldIssue(
                pointer: "/templates/\(index)",
                message: "must be a pack of agent templates (\(packs.joined(separator: ", ")))\(hint)")
        }
    }

    private func providerIssues(_ vocabulary: TenantVocabulary) -> [FieldIssue] {
        (providers ?? [:]).sorted { $0.key < $1.key }.flatMap { name, provider in
            let pointer = "/providers/\(JSONSchema.escape(name))"
            let known = vocabulary.providers.sorted()
            var issues: [FieldIssue] = []
            if !known.contains(name) {
                let hint = DidYouMean.hint(for: name, among: known)
                let message = "must be a model provider (\(known.joined(separator: ", ")))\(hint)"
                issues.append(.init(pointer: pointer, message: message))
            }
            if let key = provider.apiKey, SecretReference(key) == nil {
                let message = "must be env:NAME or file:PATH; the key itself never belongs in this file"
                issues.append(.init(pointer: "\(pointer)/api_key", message: message))
            }
            if let address = provider.baseUrl, !Self.isServerAddress(address) {
                let message = "must be an http or https address without user, password, query or fragment"
                issues.append(.init(pointer: "\(pointer)/base_url", message: message))
            }
            return issues
        }
    }

    static func isServerAddress(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else { return false }
        return ["http", "https"].contains(url.scheme?.lowercased()) && url.user == nil && url.password == nil
            && url.query == nil && url.fragment == nil
    }
}
