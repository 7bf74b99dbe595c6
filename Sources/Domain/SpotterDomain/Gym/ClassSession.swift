public import Foundation

public enum GymClassKind: IdentifierKind { public static let prefix = "class" }
public typealias GymClassID = Identifier<GymClassKind>

public enum ClassSessionKind: IdentifierKind { public static let prefix = "session" }
public typealias ClassSessionID = Identifier<ClassSessionKind>

public enum BookingKind: IdentifierKind { public static let prefix = "booking" }
public typealias BookingID = Identifier<BookingKind>

/// A programme, such as "Spin": what sessions are held of.
public struct GymClass: Sendable, Codable, Hashable {
    public let id: GymClassID
    public var name: String
    public var description: String
    public var durationMinutes: Int
    public var capacity: Int

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
    public let id: ClassSessionID
    public let classId: GymClassID
    public let className: String
    public var instructor: String
    public var startsAt: Date
    public var endsAt: Date
    public var capacity: Int
    public var booked: Int
    public var isCancelled: Bool

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
    public let id: BookingID
    public let sessionId: ClassSessionID
    public let clientId: ClientID

    public init(id: BookingID, sessionId: ClassSessionID, clientId: ClientID) {
        self.id = id
        self.sessionId = sessionId
        self.clientId = clientId
    }
}

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
