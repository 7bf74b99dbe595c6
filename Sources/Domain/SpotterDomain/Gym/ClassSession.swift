public import Foundation

/// Marks the ids of programmes.
public enum GymClassKind: IdentifierKind {
    /// Ids begin with `class_`.
    public static let prefix = "class"
}

/// The id of a programme, such as `class_01h…`.
public typealias GymClassID = Identifier<GymClassKind>

/// Marks the ids of sessions.
public enum ClassSessionKind: IdentifierKind {
    /// Ids begin with `session_`.
    public static let prefix = "session"
}

/// The id of a session, such as `session_01h…`.
public typealias ClassSessionID = Identifier<ClassSessionKind>

/// Marks the ids of bookings.
public enum BookingKind: IdentifierKind {
    /// Ids begin with `booking_`.
    public static let prefix = "booking"
}

/// The id of a booking, such as `booking_01h…`.
public typealias BookingID = Identifier<BookingKind>

/// A programme, such as "Spin": what sessions are held of.
public struct GymClass: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: GymClassID
    /// What members call it, such as "Spin".
    public var name: String
    /// What it is, for members; may be empty.
    public var description: String
    /// How long a session takes, in minutes.
    public var durationMinutes: Int
    /// Places in a session unless the session says otherwise.
    public var capacity: Int

    /// A programme with nothing left to default.
    public init(id: GymClassID, name: String, description: String, durationMinutes: Int, capacity: Int) {
        self.id = id
        self.name = name
        self.description = description
        self.durationMinutes = durationMinutes
        self.capacity = capacity
    }
}

/// One date of a programme with how full it is.
public struct ClassSession: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: ClassSessionID
    /// The programme it is a date of.
    public let classId: GymClassID
    /// The programme's name, so that lists need not look it up.
    public let className: String
    /// Who holds it.
    public var instructor: String
    /// When it begins.
    public var startsAt: Date
    /// When it ends; later than `startsAt`.
    public var endsAt: Date
    /// Places in all.
    public var capacity: Int
    /// Places taken.
    public var booked: Int
    /// Whether it will not be held; bookings stay as they are.
    public var isCancelled: Bool

    /// A session; takes place unless `isCancelled` says otherwise.
    public init(
        id: ClassSessionID, classId: GymClassID, className: String, instructor: String, startsAt: Date, endsAt: Date,
        capacity: Int, booked: Int, isCancelled: Bool = false
    ) {
        self.id = id
        self.classId = classId
        self.className = className
        self.instructor = instructor
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.capacity = capacity
        self.booked = booked
        self.isCancelled = isCancelled
    }

    /// Places still free; never negative.
    public var free: Int { max(0, capacity - booked) }
}

/// A member's place in a session.
public struct Booking: Sendable, Codable, Hashable {
    /// Never changes.
    public let id: BookingID
    /// The session booked.
    public let sessionId: ClassSessionID
    /// The member who booked.
    public let clientId: ClientID

    /// A booking of one place.
    public init(id: BookingID, sessionId: ClassSessionID, clientId: ClientID) {
        self.id = id
        self.sessionId = sessionId
        self.clientId = clientId
    }
}

/// Where programmes, their sessions and the bookings are kept.
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
    /// Adds records; those whose id is there already are left alone.
    func add(
        classes: [GymClass], sessions: [ClassSession], bookings: [Booking], in scope: OrganizationScope
    ) async throws
}
