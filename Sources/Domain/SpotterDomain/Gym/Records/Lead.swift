public import Foundation

/// Marks the ids of leads.
public enum LeadKind: RecordKind {
    /// What one says.
    public typealias Fields = LeadFields
    /// What holds between them and their bookings.
    public typealias Rules = PersonRules<LeadKind>

    /// Ids begin with `lead_`.
    public static let prefix = "lead"
    /// What people call one.
    public static let noun = "lead"
    /// As in `/v1/crm/leads`.
    public static let plural = "leads"
    /// Who looks after them, and the member that they became.
    public static let references = [RecordReference("assigned_to", .staff), RecordReference("client_id", .client)]
    /// By the time at which they were made, among others.
    public static let filters: [RecordFilter.Member] = [
        .externalId, .status, .kind, .email, .phone, .tag, .assignedTo, .clientId, .from, .to, .words,
    ]
    /// Sorted by their source.
    public static let sortMember = "source"
}

/// The id of a lead, such as `lead_01h…`.
public typealias LeadID = Identifier<LeadKind>

/// Somebody who may become a member.
public typealias Lead = GymRecord<LeadKind>

/// The pipeline, in its order.
public enum LeadStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case new, contacted, qualified
    case trialBooked = "trial_booked"
    case trialAttended = "trial_attended"
    case won, lost

    /// Whether nothing more is to be done.
    public var isClosed: Bool { self == .won || self == .lost }
}

/// What is known of a lead.
public struct LeadFields: RecordFields {
    /// First and last name, as people write it.
    public var name: String
    /// An e-mail address; nil if not known.
    public var email: String?
    /// A phone number as it was given; nil if not known.
    public var phone: String?
    /// How far they have come.
    public var status: LeadStatus
    /// Where they heard of the gym, such as `instagram`.
    public var source: String?
    /// The gym's own labels.
    public var tags: [String]
    /// What they said they want; may be empty.
    public var interest: String
    /// What the staff noted; may be empty.
    public var notes: String
    /// Who of the staff looks after them.
    public var assignedTo: StaffID?
    /// When somebody is to get in touch again.
    public var nextFollowUpAt: Date?
    /// Why they did not join: of lost ones only.
    public var lostReason: String?
    /// The member that they became.
    public var clientId: ClientID?
    /// The zone that messages to them are timed by, if it is not the gym's: an IANA name.
    public var timezone: String?
    /// What other systems keep with the lead.
    public var metadata: [String: String]?

    /// A lead; what is left out is not known.
    public init(
        name: String, email: String? = nil, phone: String? = nil, status: LeadStatus = .new, source: String? = nil,
        tags: [String] = [], interest: String = "", notes: String = "", assignedTo: StaffID? = nil,
        nextFollowUpAt: Date? = nil, lostReason: String? = nil, clientId: ClientID? = nil, timezone: String? = nil,
        metadata: [String: String]? = nil
    ) {
        self.name = name
        self.email = email
        self.phone = phone
        self.status = status
        self.source = source
        self.tags = tags
        self.interest = interest
        self.notes = notes
        self.assignedTo = assignedTo
        self.nextFollowUpAt = nextFollowUpAt
        self.lostReason = lostReason
        self.clientId = clientId
        self.timezone = timezone
        self.metadata = metadata
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("First and last name, as people write it.", length: 1...200, example: "Ben Carver"),
        "email": Field("An e-mail address.", length: 3...254, example: "ben@example.com"),
        "phone": Field("A phone number, as people write it.", length: 3...40, example: "+44 7700 900456"),
        "status": Field("How far they have come: `new` unless given."),
        "source": Field("Where they heard of the gym, such as `instagram`.", length: 1...100),
        "tags": Field("The gym's own labels.", count: 0...50),
        "interest": Field("What they said they want.", length: 0...1_000),
        "notes": Field("What the staff noted.", length: 0...10_000),
        "assigned_to": Field("Who of the staff looks after them."),
        "next_follow_up_at": Field("When somebody is to get in touch again."),
        "lost_reason": Field("Why they did not join: with status `lost` only.", length: 1...500),
        "client_id": Field("The member that they became."),
        "timezone": Field("The IANA zone that messages are timed by, if it is not the gym's.", length: 1...64),
        "metadata": Field("What other systems keep with the lead: names and texts."),
    ]

    /// A new lead without labels.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["status": "new", "tags": [], "interest": "", "notes": ""]
    }

    /// Rules of name, address, number, zone and labels.
    public var issues: [FieldIssue] {
        [FieldRules.name(name), FieldRules.email(email), FieldRules.phone(phone), FieldRules.zone(timezone)]
            .compactMap(\.self) + FieldRules.tags(tags)
    }

    /// Only lost ones have a reason for it, and nobody gets in touch with those who are through.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        if status != .lost {
            try FieldRules.clear(&lostReason, old?.lostReason, unless: "lost", at: "/lost_reason")
        }
        if status.isClosed { nextFollowUpAt = nil }
    }

    /// Name, address and labels.
    public var searchTexts: [String] { [name, email ?? ""] + tags }
    /// The phone number.
    public var searchPhone: String? { phone }
    /// Each step is kept.
    public var trackedStatus: String? { status.rawValue }
    /// Why they did not join.
    public var statusReason: String? { lostReason }
}
