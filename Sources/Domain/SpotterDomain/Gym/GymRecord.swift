public import Foundation

/// What is different from one kind of the gym's records to another. Everything else is written once, for all.
public protocol RecordKind: IdentifierKind {
    /// What a record of the kind says.
    associatedtype Fields: RecordFields
    /// What must hold between records of the kind.
    associatedtype Rules: RecordRules = FreeRules<Self> where Rules.Kind == Self

    /// What people call one, such as `lead`.
    static var noun: String { get }
    /// What the API calls all of them, such as `class-sessions`.
    static var plural: String { get }
    /// The members that name other records.
    static var references: [RecordReference] { get }
    /// What a list can be narrowed by.
    static var filters: [RecordFilter.Member] { get }
}

/// What a record says, member by member, as the API reads and writes it.
public protocol RecordFields: Codable, Hashable, Sendable, FieldsDescribed {
    /// What members are that a new record was not given.
    static func defaults(_ setting: RecordSetting) -> JSONObject
    /// Members that follow from others and are not for a caller to set. They have a default.
    static var readOnly: Set<String> { get }
    /// What the schema cannot say; empty when all is well.
    var issues: [FieldIssue] { get }
    /// Brings in order what follows from a change, such as the time at which something ended.
    ///
    /// - Throws: `invalid` for a change that cannot be.
    mutating func settle(after old: Self?, _ setting: RecordSetting) throws
    /// The texts whose words the record is found by.
    var searchTexts: [String] { get }
    /// A number that it is found by.
    var searchPhone: String? { get }
    /// The steps of a status that are kept; nil where none are.
    var trackedStatus: String? { get }
    /// Why the status is what it is, where that is known.
    var statusReason: String? { get }
}

extension RecordFields {
    /// None.
    public static var readOnly: Set<String> { [] }
    /// None.
    public var issues: [FieldIssue] { [] }
    /// Nothing follows.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {}
    /// None: it is not found by words.
    public var searchTexts: [String] { [] }
    /// None.
    public var searchPhone: String? { nil }
    /// None.
    public var trackedStatus: String? { nil }
    /// Not known.
    public var statusReason: String? { nil }
}

/// In what circumstances a record is written.
public struct RecordSetting: Sendable, Hashable {
    /// When it is.
    public let now: Date
    /// What day that is at the gym.
    public let today: Day
    /// The currency of amounts that name none.
    public let currency: String
    /// Who writes: a token's subject, an agent's id, or `import`.
    public let actor: String

    /// The circumstances of an organisation.
    public init(now: Date, organization: Organization, actor: String) {
        self.now = now
        today = Day(now, in: ZoneName.zone(organization.timezone) ?? .gmt)
        currency = organization.currency
        self.actor = actor
    }

    /// Circumstances, one by one.
    public init(now: Date, today: Day, currency: String, actor: String) {
        self.now = now
        self.today = today
        self.currency = currency
        self.actor = actor
    }
}

/// One of the gym's records: a member, a lead, a booking, a payment … Its own members are read as if they were the
/// record's, as in `lead.status`.
@dynamicMemberLookup
public struct GymRecord<Kind: RecordKind>: Sendable, Hashable {
    /// Never changes.
    public let id: Identifier<Kind>
    /// What the gym's own system calls it; unique among the organisation's records of the kind.
    public var externalId: String?
    /// Raised by every change, for ETags.
    public var version: Int
    /// What it says.
    public var fields: Kind.Fields
    /// When it was made; with imported records, where they came from.
    public let createdAt: Date
    /// When it last changed.
    public var updatedAt: Date

    /// A record; with the defaults, a new one.
    public init(
        id: Identifier<Kind>, externalId: String? = nil, version: Int = 1, fields: Kind.Fields, createdAt: Date,
        updatedAt: Date? = nil
    ) {
        self.id = id
        self.externalId = externalId
        self.version = version
        self.fields = fields
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
    }

    /// A member of what it says.
    public subscript<Value>(dynamicMember member: WritableKeyPath<Kind.Fields, Value>) -> Value {
        get { fields[keyPath: member] }
        set { fields[keyPath: member] = newValue }
    }

    /// A member that follows from others.
    public subscript<Value>(dynamicMember member: KeyPath<Kind.Fields, Value>) -> Value { fields[keyPath: member] }

    /// The most characters of an external id.
    public static var longestExternalId: Int { 200 }
}

extension GymRecord: Codable {
    private enum CodingKeys: String, CodingKey { case id, externalId, version, createdAt, updatedAt }

    /// Reads the record's members and its fields from one object.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(Identifier<Kind>.self, forKey: .id)
        externalId = try container.decodeIfPresent(String.self, forKey: .externalId)
        version = try container.decode(Int.self, forKey: .version)
        fields = try Kind.Fields(from: decoder)
        createdAt = try container.decode(Date.self, forKey: .createdAt)
        updatedAt = try container.decode(Date.self, forKey: .updatedAt)
    }

    /// Writes the record's members and its fields into one object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encodeIfPresent(externalId, forKey: .externalId)
        try container.encode(version, forKey: .version)
        try fields.encode(to: encoder)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(updatedAt, forKey: .updatedAt)
    }
}
