/// What `tenants/SLUG.yaml` says of one organisation.
public struct TenantDefinition: Sendable, Codable, Hashable {
    public var slug: String
    public var name: String
    public var timezone: String
    public var currency: String
    public var plan: Organization.Plan?
    /// Packs of agent templates to seed, such as `gym`.
    public var templates: [String]?
    public var providers: [String: ProviderReference]?
    public var limits: Limits?
    public var modelFallback: String?
    public var demo: Demo?

    /// How a provider's key is found: never the key itself.
    public struct ProviderReference: Sendable, Codable, Hashable, SchemaDescribed {
        /// `env:NAME` or `file:PATH`.
        public var apiKey: String?
        public var baseUrl: String?

        public static let schema: JSONSchema = .object([
            .init("api_key", JSONSchema(.string, description: "`env:NAME` or `file:PATH`, never the key"), isRequired: false),
            .init("base_url", JSONSchema(.string, description: "A compatible server's address"), isRequired: false),
        ])
        public static let sample = ProviderReference()
        public init(apiKey: String? = nil, baseUrl: String? = nil) {
            self.apiKey = apiKey
            self.baseUrl = baseUrl
        }
    }

    public struct Limits: Sendable, Codable, Hashable {
        public var requestsPerMinute: Int?
        public var maxAgents: Int?
        public init(requestsPerMinute: Int? = nil, maxAgents: Int? = nil) {
            self.requestsPerMinute = requestsPerMinute
            self.maxAgents = maxAgents
        }
    }

    /// How many demonstration records to make in an empty organisation.
    public struct Demo: Sendable, Codable, Hashable {
        public var members: Int
        public var classes: Int
        public init(members: Int, classes: Int) {
            self.members = members
            self.classes = classes
        }
    }

    public init(
        slug: String, name: String, timezone: String, currency: String, plan: Organization.Plan? = nil,
        templates: [String]? = nil, providers: [String: ProviderReference]? = nil, limits: Limits? = nil,
        modelFallback: String? = nil, demo: Demo? = nil
    ) {
        self.slug = slug
        self.name = name
        self.timezone = timezone
        self.currency = currency
        self.plan = plan
        self.templates = templates
        self.providers = providers
        self.limits = limits
        self.modelFallback = modelFallback
        self.demo = demo
    }
}

extension TenantDefinition: FieldsDescribed {
    public static let fields: [String: Field] = [
        "slug": Field("How people name the organisation.", length: 2...63, example: "iron-temple"),
        "name": Field("The gym's name.", length: 1...200, example: "Iron Temple"),
        "timezone": Field("An IANA time zone.", length: 1...64, example: "Europe/London"),
        "currency": Field("An ISO 4217 code.", length: 3...3, example: "GBP"),
        "templates": Field("Packs of agents to seed.", count: 0...20, example: ["gym"]),
        "model_fallback": Field("The model used where an agent's own has no key.", length: 1...100),
    ]
}

extension TenantDefinition {
    /// What the schema cannot say: rules about slug, zone, currency and references. Empty when all is well.
    public func issues(knownTimeZones: Set<String>, knownCurrencies: Set<String>) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if let problem = Organization.problem(withSlug: slug) { issues.append(.init(pointer: "/slug", message: problem)) }
        if !knownTimeZones.contains(timezone) {
            let hint = DidYouMean.hint(for: timezone, among: Array(knownTimeZones))
            issues.append(.init(pointer: "/timezone", message: "is not a known IANA time zone\(hint)"))
        }
        if !knownCurrencies.contains(currency) {
            issues.append(.init(pointer: "/currency", message: "is not an ISO 4217 currency code"))
        }
        for (name, provider) in providers ?? [:] {
            guard let key = provider.apiKey, !key.hasPrefix("env:"), !key.hasPrefix("file:") else { continue }
            issues.append(
                .init(pointer: "/providers/\(name)/api_key", message: "must be env:NAME or file:PATH, never the key itself"))
        }
        return issues
    }
}
