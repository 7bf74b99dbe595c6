public import Foundation

/// Marks the ids of bookings.
public enum BookingKind: RecordKind {
    /// What one says.
    public typealias Fields = BookingFields
    /// What holds between them.
    public typealias Rules = SeatRules

    /// Ids begin with `booking_`.
    public static let prefix = "booking"
    /// What people call one.
    public static let noun = "booking"
    /// As in `/v1/crm/bookings`.
    public static let plural = "bookings"
    /// The session, and who comes.
    public static let references = [
        RecordReference("session_id", .session), RecordReference("client_id", .client),
        RecordReference("lead_id", .lead),
    ]
    /// By the time of the session's beginning, among others.
    public static let filters: [RecordFilter.Member] = [
        .externalId, .status, .kind, .sessionId, .clientId, .leadId, .from, .to,
    ]
}

/// The id of a booking, such as `booking_01h…`.
public typealias BookingID = Identifier<BookingKind>

/// Somebody's place in a session.
public typealias Booking = GymRecord<BookingKind>

/// Who comes.
public enum BookingSort: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case member, trial
}

/// What became of a booking.
public enum BookingStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case booked, waitlisted, attended
    case noShow = "no_show"
    case cancelled

    /// Whether it takes a place.
    public var takesPlace: Bool { self == .booked || self == .attended || self == .noShow }
}

/// Who comes to what, and what became of it.
public struct BookingFields: RecordFields {
    /// The session booked.
    public var sessionId: ClassSessionID
    /// The member who comes; nil where a lead does.
    public var clientId: ClientID?
    /// The lead who comes on trial; nil where a member does.
    public var leadId: LeadID?
    /// Whether it is a trial.
    public var kind: BookingSort
    /// What became of it.
    public var status: BookingStatus
    /// When it was made.
    public var bookedAt: Date
    /// When it was cancelled; nil unless it was.
    public var cancelledAt: Date?
    /// When the session begins.
    public var startsAt: Date

    /// A booking; `startsAt` is the session's, whatever is given here.
    public init(
        sessionId: ClassSessionID, clientId: ClientID? = nil, leadId: LeadID? = nil, kind: BookingSort? = nil,
        status: BookingStatus = .booked, bookedAt: Date, cancelledAt: Date? = nil,
        startsAt: Date = Date(timeIntervalSince1970: 0)
    ) {
        self.sessionId = sessionId
        self.clientId = clientId
        self.leadId = leadId
        self.kind = kind ?? (leadId == nil ? .member : .trial)
        self.status = status
        self.bookedAt = bookedAt
        self.cancelledAt = cancelledAt
        self.startsAt = startsAt
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "session_id": Field("The class session."),
        "client_id": Field("The member who comes; either this or `lead_id`."),
        "lead_id": Field("The lead who comes on trial; either this or `client_id`."),
        "kind": Field("`trial` for a lead, and otherwise `member` unless given."),
        "status": Field(
            "`booked` unless given: where there is no place it becomes `waitlisted`, and is refused where the waiting "
                + "list is full, too. `attended` and `no_show` say what became of it."),
        "booked_at": Field("When it was made: now unless given."),
        "cancelled_at": Field("When it was cancelled: with status `cancelled` only, now unless given."),
        "starts_at": Field("When the session begins."),
    ]

    /// A member's booking, made now.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        let now = JSONValue.string(Timestamp.string(from: setting.now))
        return ["kind": "member", "status": "booked", "booked_at": now, "starts_at": now]
    }

    /// What the session says.
    public static let readOnly: Set<String> = ["starts_at"]

    /// It is of one person.
    public var issues: [FieldIssue] { [FieldRules.person(clientId, leadId)].compactMap(\.self) }

    /// A booking stays who and what it is of, and has an end where it is cancelled.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        if leadId != nil { kind = .trial }
        if status != .cancelled {
            try FieldRules.clear(&cancelledAt, old?.cancelledAt, unless: "cancelled", at: "/cancelled_at")
        } else if cancelledAt == nil {
            cancelledAt = setting.now
        }
        guard let old else { return }
        // Who comes back stands at the end of the line.
        if old.status == .cancelled, status != .cancelled, bookedAt == old.bookedAt { bookedAt = setting.now }
        try FieldRules.constant(sessionId, old.sessionId, at: "/session_id")
        try FieldRules.constant(clientId, old.clientId, at: "/client_id")
        try FieldRules.constant(leadId, old.leadId, at: "/lead_id")
    }
}

extension GymRecord where Kind == BookingKind {
    /// A member's booking of one place.
    public init(
        id: BookingID, sessionId: ClassSessionID, clientId: ClientID, bookedAt: Date = Date(timeIntervalSince1970: 0)
    ) {
        let fields = BookingFields(sessionId: sessionId, clientId: clientId, bookedAt: bookedAt)
        self.init(id: id, fields: fields, createdAt: bookedAt)
    }
}
