/// Marks the ids of programmes.
public enum GymClassKind: RecordKind {
    public typealias Fields = GymClassFields

    /// Ids begin with `class_`.
    public static let prefix = "class"
    /// What people call one.
    public static let noun = "class"
    /// As in `/v1/crm/classes`.
    public static let plural = "classes"
    /// None.
    public static let references: [RecordReference] = []
    /// `kind` is the category.
    public static let filters: [RecordFilter.Member] = [.externalId, .status, .kind, .words]
}

/// The id of a programme, such as `class_01h…`.
public typealias GymClassID = Identifier<GymClassKind>

/// A programme, such as "Spin": what sessions are held of.
public typealias GymClass = GymRecord<GymClassKind>

/// For whom a programme is.
public enum ClassLevel: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case beginner, intermediate, advanced, all
}

/// What a programme is.
public struct GymClassFields: RecordFields {
    /// What members call it, such as "Spin".
    public var name: String
    /// What it is, for members; may be empty.
    public var description: String
    /// How long a session takes, in minutes.
    public var durationMinutes: Int
    /// Places in a session unless the session says otherwise.
    public var capacity: Int
    /// What it belongs to, such as `strength`.
    public var category: String?
    /// For whom it is.
    public var level: ClassLevel
    /// Whether it is held now.
    public var isActive: Bool

    /// A programme for everybody that is held now, unless said otherwise.
    public init(
        name: String, description: String = "", durationMinutes: Int, capacity: Int, category: String? = nil,
        level: ClassLevel = .all, isActive: Bool = true
    ) {
        self.name = name
        self.description = description
        self.durationMinutes = durationMinutes
        self.capacity = capacity
        self.category = category
        self.level = level
        self.isActive = isActive
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "name": Field("What members call it.", length: 1...200, example: "Spin"),
        "description": Field("What it is, for members.", length: 0...5_000),
        "duration_minutes": Field("How long a session takes.", range: 1...1_440, example: 45),
        "capacity": Field("Places in a session unless the session says otherwise.", range: 0...10_000, example: 20),
        "category": Field("What it belongs to, such as `strength`.", length: 1...100),
        "level": Field("For whom it is: `all` unless given."),
        "is_active": Field("Whether it is held now: true unless given."),
    ]

    /// For everybody, and held now.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["description": "", "level": "all", "is_active": true]
    }

    /// Rules of the name.
    public var issues: [FieldIssue] { [FieldRules.name(name)].compactMap(\.self) }

    /// Name and category.
    public var searchTexts: [String] { [name, category ?? ""] }
}
