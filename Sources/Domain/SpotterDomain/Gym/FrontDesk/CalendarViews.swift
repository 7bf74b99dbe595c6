public import Foundation

/// A programme with when it is held.
public struct ProgrammeView: Sendable, Decodable {
    /// The programme.
    public let id: GymClassID
    /// What members call it.
    public let name: String
    /// What it is.
    public let description: String
    /// Such as `strength`; nil where nobody said.
    public let category: String?
    /// `beginner`, `intermediate`, `advanced` or `all`.
    public let level: String
    /// How long a session takes.
    public let durationMinutes: Int
    /// Places in a session.
    public let capacity: Int
    /// Who holds sessions in the next 14 days, by name.
    public let instructors: [String]
    /// Sessions in the next 7 days.
    public let sessionsAhead: Int
    /// When the next one begins that is not called off.
    public let nextStartsAt: Date?
    /// That session.
    public let nextSessionId: ClassSessionID?
}

/// Which programmes are wanted. What is nil lets everything pass.
public struct ProgrammeQuery: Sendable {
    /// A part of the name or the description.
    public var text: String?
    /// A part of the name of who holds sessions.
    public var instructor: String?
    /// Exactly this category, whatever the case.
    public var category: String?
    /// This level, or for all.
    public var level: String?
    /// The most rows.
    public var limit: Int

    /// A query for everything, at most `limit` rows.
    public init(limit: Int) { self.limit = limit }
}

/// Something in the calendar: an appointment, or a session.
public struct CalendarEntry: Sendable, Decodable {
    /// The appointment; nil for a session.
    public let id: CalendarEventID?
    /// `class`, `trial`, `tour`, `appointment` or `block`.
    public let kind: String
    /// The programme's name, or what the appointment is called.
    public let title: String
    /// When it begins.
    public let startsAt: Date
    /// When it ends.
    public let endsAt: Date
    /// `booked`, `completed`, `no_show`, `cancelled`; for a session `planned` or `cancelled`.
    public let status: String
    /// Who of the staff has it.
    public let staff: String?
    /// Whom it is with.
    public let person: String?
    /// The member it is with.
    public let clientId: ClientID?
    /// The lead it is with.
    public let leadId: LeadID?
    /// The session, or that of a trial.
    public let sessionId: ClassSessionID?
    /// Where.
    public let location: String?
    /// Places of a session.
    public let capacity: Int?
    /// Places taken.
    public let booked: Int?
}

/// Which part of the calendar is wanted.
public struct CalendarQuery: Sendable {
    /// What is under way at some time in it.
    public var range: Range<Date>
    /// Only these kinds; empty for all.
    public var kinds: [String]
    /// A part of the name of who of the staff has it.
    public var staff: String?
    /// The most rows.
    public var limit: Int

    /// A part of the calendar.
    public init(range: Range<Date>, kinds: [String] = [], staff: String? = nil, limit: Int) {
        self.range = range
        self.kinds = kinds
        self.staff = staff
        self.limit = limit
    }
}

/// What stands in the calendar.
public enum CalendarKind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case `class`, trial, tour, appointment, block
}
