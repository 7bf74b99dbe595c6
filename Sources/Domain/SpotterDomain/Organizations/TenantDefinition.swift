import Foundation

/// What a file in `tenants/` says of one organisation.
public struct TenantDefinition: Sendable, Codable, Hashable {
    /// How people name the organisation: 2 to 63 lowercase letters, digits and inner hyphens.
    public var slug: String
    /// The gym's name; 1 to 200 characters.
    public var name: String
    /// An IANA time zone, such as `Europe/London`.
    public var timezone: String
    /// ISO 4217, such as `GBP`.
    public var currency: String
    /// What the organisation pays for; nil means starter.
    public var plan: Organization.Plan?
    /// Packs of agent templates to seed, such as `gym`.
    public var templates: [String]?
    /// Where the keys of model providers are found, by the provider's name, such as `anthropic`.
    public var providers: [String: ProviderReference]?
    /// Bounds set for this organisation.
    public var limits: Limits?
    /// Caps on what calls of models may cost; nil means none.
    public var budgets: [TenantBudget]?
    /// The model used where an agent's own has no key; nil refuses such calls.
    public var modelFallback: String?
    /// The models asked in turn where an agent's own cannot answer for a while; nil asks no other.
    public var fallbackModels: [String]?
    /// How long a model's answer is given again where the very same is asked at temperature 0, in seconds; nil or 0 asks
    /// every time.
    public var modelCacheSeconds: Int?
    /// Where agents may send HTTP requests; nil allows no host.
    public var http: TenantHTTP?
    /// Where agents may go with the browser; nil leaves it off.
    public var browser: TenantBrowser?
    /// What calls of tools are allowed, asked about or denied; nil leaves it to the defaults.
    public var policy: TenantPolicy?
    /// Ways out for messages, and the rules for them; nil holds every message in the outbox.
    public var messaging: TenantMessaging?
    /// Web pages elsewhere that may call the API; nil allows none.
    public var cors: TenantCORS?
    /// Alerts of the organisation's own, beside those that come with Spotter; nil means none.
    public var alerts: [AlertSettings]?
    /// Other systems that know the same people; nil or empty means none.
    public var connectors: [TenantConnector]?
    /// For how long its past is kept; nil keeps it for good.
    public var retention: TenantRetention?
    /// Demonstration records to make; nil makes none.
    public var demo: Demo?

    /// How a provider's key is found: never the key itself.
    public struct ProviderReference: Sendable, Codable, Hashable, SchemaDescribed {
        /// `env:NAME` or `file:PATH`.
        public var apiKey: String?
        /// The address of a compatible server; nil means what the environment says, or else the provider's own.
        public var baseUrl: String?
        /// Which of OpenAI's two forms the server speaks: `responses` or `chat`; nil means Responses at OpenAI's own
        /// address and Chat Completions elsewhere.
        public var api: String?

        /// All members may be left out; the key's reference is checked by pattern.
        public static let schema: JSONSchema = .object([
            .init(
                "api_key",
                JSONSchema(
                    .string, description: "`env:NAME` or `file:PATH`, never the key", pattern: SecretReference.pattern),
                isRequired: false),
            .init("base_url", JSONSchema(.string, description: "A compatible server's address"), isRequired: false),
            .init(
                "api",
                JSONSchema(
                    .string, description: "Which of OpenAI's APIs the server speaks", values: ["responses", "chat"]),
                isRequired: false),
        ])
        /// A reference with nothing set.
        public static let sample = ProviderReference()

        /// Where a key is found, which server it is for, and what is spoken there.
        public init(apiKey: String? = nil, baseUrl: String? = nil, api: String? = nil) {
            self.api = api
            self.apiKey = apiKey
            self.baseUrl = baseUrl
        }
    }

    /// Bounds set for one organisation.
    public struct Limits: Sendable, Codable, Hashable, FieldsDescribed {
        /// Requests to the API in a minute; nil means the plan's (`RateDefaults`).
        public var requestsPerMinute: Int?
        /// Requests in a minute with one token that has no number of its own; nil means three quarters of all.
        public var tokenRequestsPerMinute: Int?
        /// Messages of other systems in a minute; nil means as many as requests.
        public var hooksPerMinute: Int?
        /// Dollars that calls of models may be billed in a minute before requests for more have to wait, as a decimal
        /// string; nil for any amount.
        public var costPerMinute: String?
        /// The same in an hour.
        public var costPerHour: String?
        /// Agents that may exist at one time.
        public var maxAgents: Int?

        /// Runs that may begin in a minute, of tasks and the like; nil means 100, 0 means any number.
        public var runsPerMinute: Int?
        /// Runs that may be under way at one time; nil means 100.
        public var maxRunning: Int?

        /// Limits, each of which may be left out.
        public init(
            requestsPerMinute: Int? = nil, maxAgents: Int? = nil, runsPerMinute: Int? = nil, maxRunning: Int? = nil,
            tokenRequestsPerMinute: Int? = nil, hooksPerMinute: Int? = nil, costPerMinute: String? = nil,
            costPerHour: String? = nil
        ) {
            self.tokenRequestsPerMinute = tokenRequestsPerMinute
            self.hooksPerMinute = hooksPerMinute
            self.costPerMinute = costPerMinute
            self.costPerHour = costPerHour
            self.requestsPerMinute = requestsPerMinute
            self.maxAgents = maxAgents
            self.runsPerMinute = runsPerMinute
            self.maxRunning = maxRunning
        }

        /// What calls of models may cost; amounts that are none limit nothing.
        public var cost: CostLimits {
            CostLimits(
                perMinute: costPerMinute.flatMap(PriceText.value(of:)),
                perHour: costPerHour.flatMap(PriceText.value(of:)))
        }

        /// What the schema cannot say.
        func issues(at pointer: String) -> [FieldIssue] {
            [("cost_per_minute", costPerMinute), ("cost_per_hour", costPerHour)].compactMap { name, text in
                guard let text, PriceText.value(of: text).map({ $0 <= 0 }) ?? true else { return nil }
                return FieldIssue(pointer: "\(pointer)/\(name)", message: "\(PriceText.expectation), and more than 0")
            }
        }

        /// Runs that may begin in a minute; nil for any number.
        public var startsPerMinute: Int? { runsPerMinute == 0 ? nil : runsPerMinute ?? 100 }

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "requests_per_minute": Field("Requests to the API in a minute.", range: 1...1_000_000_000),
            "token_requests_per_minute": Field(
                "Requests in a minute with one token, unless it has a number of its own.", range: 1...1_000_000_000),
            "hooks_per_minute": Field("Messages of other systems in a minute.", range: 1...1_000_000_000),
            "cost_per_minute": Field(
                "US dollars that calls of models may be billed in a minute before requests for more have to wait.",
                length: 1...13, example: "0.50"),
            "cost_per_hour": Field(
                "US dollars that calls of models may be billed in an hour before requests for more have to wait.",
                length: 1...13, example: "5.00"),
            "max_agents": Field("Agents that may exist at one time.", range: 1...1_000_000_000),
            "runs_per_minute": Field(
                "Runs of tasks and the like that may begin in a minute; 0 is any number.", range: 0...1_000_000),
            "max_running": Field("Runs that may be under way at one time.", range: 1...1_000_000),
        ]
    }

    /// How many demonstration records to make in an empty organisation.
    public struct Demo: Sendable, Codable, Hashable, FieldsDescribed {
        /// Invented members, 0 to 100,000.
        public var members: Int
        /// Invented classes in the weekly timetable, 0 to 10,000.
        public var classes: Int

        /// How much to invent.
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

    /// A definition; what is nil is left to the defaults.
    public init(
        slug: String, name: String, timezone: String, currency: String, plan: Organization.Plan? = nil,
        templates: [String]? = nil, providers: [String: ProviderReference]? = nil, limits: Limits? = nil,
        budgets: [TenantBudget]? = nil, modelFallback: String? = nil, fallbackModels: [String]? = nil,
        modelCacheSeconds: Int? = nil, http: TenantHTTP? = nil, browser: TenantBrowser? = nil,
        policy: TenantPolicy? = nil, messaging: TenantMessaging? = nil, cors: TenantCORS? = nil,
        alerts: [AlertSettings]? = nil, demo: Demo? = nil, connectors: [TenantConnector]? = nil,
        retention: TenantRetention? = nil
    ) {
        self.slug = slug
        self.name = name
        self.timezone = timezone
        self.currency = currency
        self.plan = plan
        self.templates = templates
        self.providers = providers
        self.limits = limits
        self.budgets = budgets
        self.modelFallback = modelFallback
        self.fallbackModels = fallbackModels
        self.modelCacheSeconds = modelCacheSeconds
        self.http = http
        self.browser = browser
        self.policy = policy
        self.messaging = messaging
        self.cors = cors
        self.alerts = alerts
        self.connectors = connectors
        self.retention = retention
        self.demo = demo
    }
}

extension TenantDefinition: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "slug": Field("How people name the organisation.", length: 2...63, example: "iron-temple"),
        "name": Field("The gym's name.", length: 1...200, example: "Iron Temple"),
        "timezone": Field("An IANA time zone.", length: 1...64, example: "Europe/London"),
        "currency": Field("An ISO 4217 code.", length: 3...3, example: "GBP"),
        "templates": Field("Packs of agents to seed.", count: 0...20, example: ["gym"]),
        "budgets": Field("Caps on what calls of models may cost, one for each period.", count: 0...3),
        "alerts": Field("Alerts of its own, beside those that come with Spotter.", count: 0...100),
        "model_fallback": Field("The model used where an agent's own has no key.", length: 1...100),
        "fallback_models": Field(
            "Models asked in turn where an agent's own cannot answer for a while.", count: 0...5),
        "connectors": Field("CRMs that know the same people; none without it.", count: 0...5),
        "model_cache_seconds": Field(
            "How long an answer is given again where the very same is asked at temperature 0.", range: 0...86_400),
    ]
}
