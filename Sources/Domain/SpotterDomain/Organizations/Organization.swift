public import Foundation

/// Marks the ids of organisations.
public enum OrganizationKind: IdentifierKind {
    /// Ids begin with `org_`.
    public static let prefix = "org"
}

/// The id of an organisation, such as `org_01h…`.
public typealias OrganizationID = Identifier<OrganizationKind>

/// A gym, or a chain of them: the tenant. Everything else belongs to exactly one.
public struct Organization: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: OrganizationID
    /// Lowercase letters, digits and hyphens; unique in the deployment; how people name the organisation.
    public let slug: String
    /// The gym's name.
    public var name: String
    /// An IANA time zone, such as `Europe/London`.
    public var timezone: String
    /// ISO 4217, such as `GBP`.
    public var currency: String
    /// What it pays for.
    public var plan: Plan
    /// Requests a minute; nil means the plan's.
    public var requestsPerMinute: Int?
    /// Agents that may exist at one time; nil means any number.
    public var maxAgents: Int?
    /// Used by agents whose model has no key; nil refuses such calls.
    public var modelFallback: String?
    /// When it was first set up.
    public var createdAt: Date
    /// When it last changed.
    public var updatedAt: Date
    /// Whether any budget is set for it or a part of it: looked at before calls of models. Not part of its documents.
    public var hasBudgets = false

    private enum CodingKeys: String, CodingKey {
        case id, slug, name, timezone, currency, plan, requestsPerMinute, maxAgents, modelFallback, createdAt, updatedAt
    }

    /// What an organisation pays for.
    public enum Plan: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case starter, pro, enterprise
    }

    /// An organisation; what is nil is left to its plan.
    public init(
        id: OrganizationID, slug: String, name: String, timezone: String, currency: String, plan: Plan,
        requestsPerMinute: Int? = nil, maxAgents: Int? = nil, modelFallback: String? = nil, createdAt: Date,
        updatedAt: Date
    ) {
        self.id = id
        self.slug = slug
        self.name = name
        self.timezone = timezone
        self.currency = currency
        self.plan = plan
        self.requestsPerMinute = requestsPerMinute
        self.maxAgents = maxAgents
        self.modelFallback = modelFallback
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// What is wrong with a slug; nil when it is fine.
    public static func problem(withSlug slug: String) -> String? {
        let allowed = slug.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-"
        }
        guard allowed, (2...63).contains(slug.utf8.count), !slug.hasPrefix("-"), !slug.hasSuffix("-") else {
            return "must be 2 to 63 lowercase letters, digits and inner hyphens"
        }
        return nil
    }
}

/// The organisation a piece of work is done for. Every store asks for one, so that none can be forgotten.
public struct OrganizationScope: Sendable, Hashable {
    /// Whose rows are meant.
    public let organization: OrganizationID

    /// The scope of one organisation.
    public init(_ organization: OrganizationID) { self.organization = organization }
}

/// Where organisations are kept. For operators' commands and for reading the one a scope names.
public protocol OrganizationStore: Sendable {
    /// Creates the organisation of `definition`'s slug, or brings it up to the definition. Returns it as it is now.
    func apply(_ definition: TenantDefinition, id: OrganizationID, at now: Date) async throws -> Organization
    /// Creates an organisation. Throws `conflict` where another one has the slug.
    func create(_ definition: TenantDefinition, id: OrganizationID, at now: Date) async throws -> Organization
    /// The organisation of the scope. Throws `notFound`.
    func organization(in scope: OrganizationScope) async throws -> Organization
    /// The id that belongs to a slug, of any organisation; nil if none. For operators only.
    func id(ofSlug slug: String) async throws -> OrganizationID?
    /// Every organisation's id. For operators only.
    func ids() async throws -> [OrganizationID]
}
