/// What a file in `tenants/` says of one organisation.
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
            .init(
                "api_key",
                JSONSchema(
                    .string, description: "`env:NAME` or `file:PATH`, never the key", pattern: SecretReference.pattern),
                isRequired: false),
            .init("base_url", JSONSchema(.string, description: "A compatible server's address"), isRequired: false),
        ])
        public static let sample = ProviderReference()
        public init(apiKey: String? = nil, baseUrl: String? = nil) {
            self.apiKey = apiKey
            self.baseUrl = baseUrl
        }
    }

    public struct Limits: Sendable, Codable, Hashable, FieldsDescribed {
        public var requestsPerMinute: Int?
        public var maxAgents: Int?
        public init(requestsPerMinute: Int? = nil, maxAgents: Int? = nil) {
            self.requestsPerMinute = requestsPerMinute
            self.maxAgents = maxAgents
        }

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "requests_per_minute": Field("Requests to the API in a minute.", range: 1...1_000_000_000),
            "max_agents": Field("Agents that may exist at one time.", range: 1...1_000_000_000),
        ]
    }

    /// How many demonstration records to make in an empty organisation.
    public struct Demo: Sendable, Codable, Hashable, FieldsDescribed {
        public var members: Int
        public var classes: Int
        public init(members: Int, classes: Int) {
            self.members = members
            self.classes = classes
        }

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "members": Field("Invented members.", range: 0...100_000),
            "classes": Field("Invented classes in the weekly timetable.", range: 0...10_000),
        ]
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
