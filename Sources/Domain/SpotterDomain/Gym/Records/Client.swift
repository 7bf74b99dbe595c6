public import Foundation

/// Marks the ids of members.
public enum ClientKind: RecordKind {
    /// What one says.
    public typealias Fields = ClientFields
    /// What holds between them and their bookings.
    public typealias Rules = PersonRules<ClientKind>

    /// Ids begin with `client_`.
    public static let prefix = "client"
    /// What people call one.
    public static let noun = "client"
    /// As in `/v1/crm/clients`.
    public static let plural = "clients"
    /// Who looks after them.
    public static let references = [RecordReference("assigned_to", .staff)]
    /// By the day on which they joined, among others.
    public static let filters: [RecordFilter.Member] = [
        .externalId, .status, .email, .phone, .tag, .assignedTo, .from, .to, .words,
    ]
}

/// The id of a member, such as `client_01h…`.
public typealias ClientID = Identifier<ClientKind>

/// A member of a gym.
public typealias Client = GymRecord<ClientKind>

/// How things stand with a membership.
public enum ClientStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case trial, active, paused, cancelled
}

/// What is known of a member.
public struct ClientFields: RecordFields {
    /// First and last name, as people write it.
    public var name: String
    /// An e-mail address; nil if not known.
    public var email: String?
    /// A phone number as it was given; nil if not known.
    public var phone: String?
    /// How things stand with the membership.
    public var status: ClientStatus
    /// The gym's own labels.
    public var tags: [String]
    /// The day the membership began.
    public var joinedOn: Day
    /// The day the membership ended; nil while it lasts.
    public var cancelledOn: Day?
    /// The day they were born.
    public var birthday: Day?
    /// The zone that messages to them are timed by, if it is not the gym's: an IANA name.
    public var timezone: String?
    /// How they came to the gym, such as `referral`.
    public var source: String?
    /// Who of the staff looks after them.
    public var assignedTo: StaffID?
    /// What the staff noted; may be empty.
    public var notes: String
    /// What other systems keep with the member.
    public var metadata: [String: String]?

    /// A member; what is left out is not known.
    public init(
        name: String, email: String? = nil, phone: String? = nil, status: ClientStatus = .active, tags: [String] = [],
        joinedOn: Day, cancelledOn: Day? = nil, birthday: Day? = nil, timezone: String? = nil, source: String? = nil,
        assignedTo: StaffID? = nil, notes: String = "", metadata: [String: String]? = nil
    ) {
        self.name = name
        self.email = email
        self.phone = phone
        self.status = status
        self.tags = tags
        self.joinedOn = joinedOn
        self.cancelledOn = cancelledOn
        self.birthday = birthday
        self.timezone = timezone
        self.source = source
        self.assignedTo = assignedTo
        self.notes = notes
        self.metadata = metadata
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("First and last name, as people write it.", length: 1...200, example: "Anna Lindqvist"),
        "email": Field("An e-mail address.", length: 3...254, example: "anna@example.com"),
        "phone": Field("A phone number, as people write it.", length: 3...40, example: "+44 7700 900123"),
        "status": Field("How things stand with the membership: `active` unless given."),
        "tags": Field("The gym's own labels.", count: 0...50, example: ["evening"]),
        "joined_on": Field("The day the membership began: today unless given."),
        "cancelled_on": Field("The day the membership ended: with status `cancelled` only, today unless given."),
        "birthday": Field("The day they were born."),
        "timezone": Field("The IANA zone that messages are timed by, if it is not the gym's.", length: 1...64),
        "source": Field("How they came to the gym, such as `referral`.", length: 1...100),
        "assigned_to": Field("Who of the staff looks after them."),
        "notes": Field("What the staff noted.", length: 0...10_000),
        "metadata": Field("What other systems keep with the member: names and texts."),
    ]

    /// An active member without labels who joined today.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["status": "active", "tags": [], "joined_on": .string(setting.today.description), "notes": ""]
    }

    /// Rules of name, address, number, zone and labels.
    public var issues: [FieldIssue] {
        var issues = [
            FieldRules.name(name), FieldRules.email(email), FieldRules.phone(phone), FieldRules.zone(timezone),
        ].compactMap(\.self)
        issues += FieldRules.tags(tags)
        if let cancelledOn, cancelledOn < joinedOn {
            issues.append(FieldIssue(pointer: "/cancelled_on", message: "must not be before joined_on"))
        }
        return issues
    }

    /// A membership has an end where it is cancelled, and only there.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        if status != .cancelled {
            try FieldRules.clear(&cancelledOn, old?.cancelledOn, unless: "cancelled", at: "/cancelled_on")
        } else if cancelledOn == nil {
            cancelledOn = max(setting.today, joinedOn)
        }
    }

    /// Name, address and labels.
    public var searchTexts: [String] { [name, email ?? ""] + tags }
    /// The phone number.
    public var searchPhone: String? { phone }
    /// Each step is kept.
    public var trackedStatus: String? { status.rawValue }
}

extension GymRecord where Kind == ClientKind {
    /// How things stand with a membership.
    public typealias Status = ClientStatus

    /// A member, without labels unless there are some; made when the membership began.
    public init(
        id: ClientID, name: String, email: String?, phone: String?, status: ClientStatus, tags: [String] = [],
        joinedOn: Date
    ) {
        let day = Day(utc: joinedOn)
        let fields = ClientFields(
            name: name, email: email, phone: phone, status: status, tags: tags, joinedOn: day,
            cancelledOn: status == .cancelled ? day : nil)
        self.init(id: id, fields: fields, createdAt: joinedOn)
    }
}

/// Where members are looked up and counted.
public protocol ClientStore: Sendable {
    /// Members that have for each word of `query` a word that begins with it in their name, e-mail address, phone
    /// number or labels, exact names before others, then by name. Phone numbers are also found by their last digits,
    /// from four of them on, however they are written. With `status`, only those. A query without a letter or a digit
    /// finds everybody when it is blank and nobody otherwise. Of very many matches only the first
    /// ``RecordWords/mostFound`` that the index gives are put in order, beside those of exactly that name.
    func search(
        _ query: String, status: Client.Status?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Client]
    /// Adds members; those whose id is there already are left alone.
    func add(_ clients: [Client], in scope: OrganizationScope) async throws
    func count(in scope: OrganizationScope) async throws -> Int
}
