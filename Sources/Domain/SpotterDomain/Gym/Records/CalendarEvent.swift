public import Foundation

/// Marks the ids of calendar events.
public enum CalendarEventKind: RecordKind {
    public typealias Fields = CalendarEventFields

    /// Ids begin with `cal_`.
    public static let prefix = "cal"
    /// What people call one.
    public static let noun = "calendar event"
    /// As in `/v1/crm/calendar-events`.
    public static let plural = "calendar-events"
    /// Who meets whom, and the class session of a trial with its booking.
    public static let references = [
        RecordReference("staff_id", .staff), RecordReference("client_id", .client), RecordReference("lead_id", .lead),
        RecordReference("session_id", .session), RecordReference("booking_id", .booking),
    ]
    /// By when it begins, among others.
    public static let filters: [RecordFilter.Member] = [
        .externalId, .status, .kind, .staffId, .clientId, .leadId, .from, .to,
    ]
}

/// The id of a calendar event, such as `cal_01h…`.
public typealias CalendarEventID = Identifier<CalendarEventKind>

/// An appointment: a trial, a tour, or what else is in the staff's calendar.
public typealias CalendarEvent = GymRecord<CalendarEventKind>

/// What sort of appointment it is.
public enum CalendarEventSort: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case trial, tour, appointment
    /// Time that nobody can book.
    case block
}

/// What became of an appointment.
public enum CalendarEventStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case booked, completed
    case noShow = "no_show"
    case cancelled
}

/// What is when, and with whom.
public struct CalendarEventFields: RecordFields {
    /// What sort of appointment it is.
    public var kind: CalendarEventSort
    /// In one line.
    public var title: String
    /// The whole of it; may be empty.
    public var description: String
    /// When it begins.
    public var startsAt: Date
    /// When it ends; later than it begins.
    public var endsAt: Date
    /// What became of it.
    public var status: CalendarEventStatus
    /// Who of the staff is there.
    public var staffId: StaffID?
    /// The member who comes.
    public var clientId: ClientID?
    /// The lead who comes.
    public var leadId: LeadID?
    /// The class session of a trial.
    public var sessionId: ClassSessionID?
    /// The booking of a trial.
    public var bookingId: BookingID?
    /// Where.
    public var location: String?
    /// Who made it: a token's subject or an agent's id.
    public var createdBy: String
    /// The same key is the same appointment: of those that tools make.
    public var idempotencyKey: String?

    /// An appointment that is to come, unless said otherwise.
    public init(
        kind: CalendarEventSort, title: String, description: String = "", startsAt: Date, endsAt: Date,
        status: CalendarEventStatus = .booked, staffId: StaffID? = nil, clientId: ClientID? = nil,
        leadId: LeadID? = nil, sessionId: ClassSessionID? = nil, bookingId: BookingID? = nil, location: String? = nil,
        createdBy: String, idempotencyKey: String? = nil
    ) {
        self.kind = kind
        self.title = title
        self.description = description
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.status = status
        self.staffId = staffId
        self.clientId = clientId
        self.leadId = leadId
        self.sessionId = sessionId
        self.bookingId = bookingId
        self.location = location
        self.createdBy = createdBy
        self.idempotencyKey = idempotencyKey
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "kind": Field("What sort of appointment it is.", example: "tour"),
        "title": Field("In one line.", length: 1...200, example: "Tour with Ben"),
        "description": Field("The whole of it.", length: 0...5_000),
        "starts_at": Field("When it begins.", example: "2026-11-23T10:00:00Z"),
        "ends_at": Field("When it ends: later than it begins.", example: "2026-11-23T10:30:00Z"),
        "status": Field("What became of it: `booked` unless given."),
        "staff_id": Field("Who of the staff is there."), "client_id": Field("The member who comes."),
        "lead_id": Field("The lead who comes."), "session_id": Field("The class session of a trial."),
        "booking_id": Field("The booking of a trial."), "location": Field("Where.", length: 1...200),
        "created_by": Field("Who made it."), "idempotency_key": Field("What a tool made it under."),
    ]

    /// An appointment that is to come.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["description": "", "status": "booked", "created_by": .string(setting.actor)]
    }

    /// What follows from who makes it.
    public static let readOnly: Set<String> = ["created_by", "idempotency_key"]

    /// Rules of title and times.
    public var issues: [FieldIssue] {
        [FieldRules.name(title, at: "/title"), FieldRules.order(startsAt, endsAt)].compactMap(\.self)
    }
}
