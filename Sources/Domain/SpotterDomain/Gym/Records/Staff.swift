/// Marks the ids of the staff.
public enum StaffKind: RecordKind {
    public typealias Fields = StaffFields

    /// Ids begin with `staff_`.
    public static let prefix = "staff"
    /// What people call one.
    public static let noun = "staff member"
    /// As in `/v1/crm/staff`.
    public static let plural = "staff"
    /// None.
    public static let references: [RecordReference] = []
    /// `kind` is the role.
    public static let filters: [RecordFilter.Member] = [.externalId, .status, .kind, .email, .words]
}

/// The id of one of the staff, such as `staff_01h…`.
public typealias StaffID = Identifier<StaffKind>

/// Somebody who works at the gym.
public typealias StaffMember = GymRecord<StaffKind>

/// What somebody does at the gym.
public enum StaffRole: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case owner, manager, coach
    case frontDesk = "front_desk"
}

/// What is known of somebody who works at the gym.
public struct StaffFields: RecordFields {
    /// First and last name.
    public var name: String
    /// An e-mail address; nil if not known.
    public var email: String?
    /// A phone number as it was given; nil if not known.
    public var phone: String?
    /// What they do.
    public var role: StaffRole
    /// Whether they work there now.
    public var isActive: Bool

    /// Somebody who works there now, unless said otherwise.
    public init(name: String, email: String? = nil, phone: String? = nil, role: StaffRole, isActive: Bool = true) {
        self.name = name
        self.email = email
        self.phone = phone
        self.role = role
        self.isActive = isActive
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("First and last name.", length: 1...200, example: "Dana Whitlock"),
        "email": Field("An e-mail address.", length: 3...254, example: "dana@example.com"),
        "phone": Field("A phone number, as people write it.", length: 3...40),
        "role": Field("What they do at the gym.", example: "coach"),
        "is_active": Field("Whether they work there now: true unless given."),
    ]

    /// Somebody who works there now.
    public static func defaults(_ setting: RecordSetting) -> JSONObject { ["is_active": true] }

    /// Rules of name, address and number.
    public var issues: [FieldIssue] {
        [FieldRules.name(name), FieldRules.email(email), FieldRules.phone(phone)].compactMap(\.self)
    }

    /// Name and address.
    public var searchTexts: [String] { [name, email ?? ""] }
    /// The phone number.
    public var searchPhone: String? { phone }
}
