public import Foundation

/// Marks the ids of sessions.
public enum ClassSessionKind: RecordKind {
    /// What one says.
    public typealias Fields = ClassSessionFields
    /// What holds between them.
    public typealias Rules = SessionRules

    /// Ids begin with `session_`.
    public static let prefix = "session"
    /// What people call one.
    public static let noun = "class session"
    /// As in `/v1/crm/class-sessions`.
    public static let plural = "class-sessions"
    /// The class, and who holds it.
    public static let references = [RecordReference("class_id", .gymClass), RecordReference("staff_id", .staff)]
    /// By the time of the beginning, among others; the status is `planned` or `cancelled`.
    public static let filters: [RecordFilter.Member] = [.externalId, .status, .classId, .staffId, .from, .to]
}

/// The id of a session, such as `session_01h…`.
public typealias ClassSessionID = Identifier<ClassSessionKind>

/// One date of a programme with how full it is.
public typealias ClassSession = GymRecord<ClassSessionKind>

/// When and where a session is, and how full.
public struct ClassSessionFields: RecordFields {
    /// The programme it is a date of.
    public var classId: GymClassID
    /// The programme's name, so that lists need not look it up.
    public var className: String
    /// Who holds it, as members read it.
    public var instructor: String
    /// Who of the staff holds it.
    public var staffId: StaffID?
    /// Where it is.
    public var room: String?
    /// When it begins.
    public var startsAt: Date
    /// When it ends; later than `startsAt`.
    public var endsAt: Date
    /// Places in all.
    public var capacity: Int
    /// The most who may wait for a place.
    public var waitlistCapacity: Int
    /// Places known to be taken, also by people of whom there is no booking here.
    public var headCount: Int
    /// Places taken: by bookings or by the head count, whichever is more.
    public var booked: Int
    /// How many wait for a place.
    public var waiting: Int
    /// Whether it will not be held; bookings stay as they are.
    public var isCancelled: Bool

    /// A session that nobody has booked yet, unless said otherwise.
    public init(
        classId: GymClassID, className: String = "", instructor: String = "", staffId: StaffID? = nil,
        room: String? = nil, startsAt: Date, endsAt: Date, capacity: Int, waitlistCapacity: Int = 10,
        headCount: Int = 0, booked: Int? = nil, waiting: Int = 0, isCancelled: Bool = false
    ) {
        self.classId = classId
        self.className = className
        self.instructor = instructor
        self.staffId = staffId
        self.room = room
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.capacity = capacity
        self.waitlistCapacity = waitlistCapacity
        self.headCount = headCount
        self.booked = booked ?? headCount
        self.waiting = waiting
        self.isCancelled = isCancelled
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "class_id": Field("The class it is a date of."),
        "class_name": Field("The name of the class."),
        "instructor": Field("Who holds it, as members read it.", length: 0...200, example: "Dana Whitlock"),
        "staff_id": Field("Who of the staff holds it."),
        "room": Field("Where it is.", length: 1...100),
        "starts_at": Field("When it begins.", example: "2026-11-23T18:30:00Z"),
        "ends_at": Field("When it ends: later than it begins.", example: "2026-11-23T19:15:00Z"),
        "capacity": Field("Places in all.", range: 0...10_000, example: 20),
        "waitlist_capacity": Field("The most who may wait for a place: 10 unless given.", range: 0...10_000),
        "head_count": Field(
            "Places known to be taken, also by people of whom there is no booking: 0 unless given.", range: 0...10_000),
        "booked": Field("Places taken: by bookings or by the head count, whichever is more."),
        "waiting": Field("How many wait for a place."),
        "is_cancelled": Field("Whether it will not be held: false unless given."),
    ]

    /// A session that takes place, and that nobody has booked yet.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        [
            "class_name": "", "instructor": "", "waitlist_capacity": 10, "head_count": 0, "booked": 0, "waiting": 0,
            "is_cancelled": false,
        ]
    }

    /// What the class and the bookings say.
    public static let readOnly: Set<String> = ["class_name", "booked", "waiting"]

    /// Rules of the times.
    public var issues: [FieldIssue] { [FieldRules.order(startsAt, endsAt)].compactMap(\.self) }

    /// Places still free; never negative.
    public var free: Int { max(0, capacity - booked) }
}

/// A session shows the name of its class and how full it is, and whoever waits takes places that it has more of.
public struct SessionRules: RecordRules {
    private let names: [UUID: String]
    private let bookings: [ClassSessionID: [Booking]]
    private var rooms: [ClassSessionID: KnownRecords.Room] = [:]

    /// The rules, knowing the classes and everybody's bookings.
    public init(_ known: KnownRecords) {
        names = known.classNames
        bookings = known.rooms.mapValues(\.bookings)
    }

    /// Takes over what classes and bookings say, so that what is answered has it.
    public mutating func admit(
        _ record: inout ClassSession, replacing old: ClassSession?, _ setting: RecordSetting
    ) {
        if let name = names[record.classId.uuid] { record.className = name }
        let bookings = bookings[record.id] ?? []
        let promoted = KnownRecords.Room(session: record, bookings: bookings).promotions(setting).count
        record.booked = max(record.headCount, bookings.count { $0.status.takesPlace } + promoted)
        record.waiting = bookings.count { $0.status == .waitlisted } - promoted
        rooms[record.id] = KnownRecords.Room(session: record, bookings: bookings)
    }

    /// Who gets places that the sessions have more of.
    public func promotions(_ setting: RecordSetting) -> [Booking] {
        rooms.keys.sorted().flatMap { rooms[$0]?.promotions(setting) ?? [] }
    }
}

extension GymRecord where Kind == ClassSessionKind {
    /// A session with so many places known to be taken; takes place unless `isCancelled` says otherwise.
    public init(
        id: ClassSessionID, classId: GymClassID, className: String, instructor: String, startsAt: Date, endsAt: Date,
        capacity: Int, booked: Int, isCancelled: Bool = false
    ) {
        let fields = ClassSessionFields(
            classId: classId, className: className, instructor: instructor, startsAt: startsAt, endsAt: endsAt,
            capacity: capacity, headCount: booked, isCancelled: isCancelled)
        self.init(id: id, fields: fields, createdAt: startsAt)
    }
}

extension GymRecord where Kind == GymClassKind {
    /// A programme for everybody that is held now.
    public init(
        id: GymClassID, name: String, description: String, durationMinutes: Int, capacity: Int,
        createdAt: Date = Date(timeIntervalSince1970: 0)
    ) {
        let fields = GymClassFields(
            name: name, description: description, durationMinutes: durationMinutes, capacity: capacity)
        self.init(id: id, fields: fields, createdAt: createdAt)
    }
}

/// Where programmes and their sessions are looked up.
public protocol ScheduleStore: Sendable {
    /// Sessions that start in `range`, by start; with `className`, those whose class's name contains it, whatever the
    /// case. Cancelled ones are among them and say so.
    func sessions(
        startingIn range: Range<Date>, className: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ClassSession]
    /// One session. nil if there is none in the organisation.
    func session(_ id: ClassSessionID, in scope: OrganizationScope) async throws -> ClassSession?
    /// The programmes, by name.
    func classes(in scope: OrganizationScope) async throws -> [GymClass]
    /// Adds records; those whose id is there already are left alone, and so are bookings of somebody who has one.
    func add(
        classes: [GymClass], sessions: [ClassSession], bookings: [Booking], in scope: OrganizationScope
    ) async throws
}
