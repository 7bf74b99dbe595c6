public import Foundation

/// Bookings of one person.
public struct PersonBookings: Sendable {
    /// Whose they are.
    public let name: String
    /// Those asked for.
    public let bookings: [BookingView]
    /// How many there are of each status, of all that the filter lets pass.
    public let counts: [StatusCount]

    /// Bookings with whose they are.
    public init(name: String, bookings: [BookingView], counts: [StatusCount]) {
        self.name = name
        self.bookings = bookings
        self.counts = counts
    }
}

/// A booking with its session.
public struct BookingView: Sendable, Decodable {
    /// The booking.
    public let id: BookingID
    /// The session.
    public let sessionId: ClassSessionID
    /// The programme's name.
    public let className: String
    /// Who holds it.
    public let instructor: String
    /// When the session begins.
    public let startsAt: Date
    /// When it ends.
    public let endsAt: Date
    /// Whether the session was called off.
    public let isCancelled: Bool
    /// `booked`, `waitlisted`, `attended`, `no_show` or `cancelled`.
    public let status: String
    /// `member` or `trial`.
    public let kind: String
    /// When it was made.
    public let bookedAt: Date
}

/// How many there are of a status.
public struct StatusCount: Sendable, Decodable {
    /// The status.
    public let status: String
    /// How many.
    public let count: Int
}

/// Somebody who has booked a session.
public struct AttendeeView: Sendable, Decodable {
    /// The booking.
    public let id: BookingID
    /// The member; nil for a lead.
    public let clientId: ClientID?
    /// The lead; nil for a member.
    public let leadId: LeadID?
    /// The name of either.
    public let name: String
    /// `booked`, `waitlisted`, `attended`, `no_show` or `cancelled`.
    public let status: String
    /// `member` or `trial`.
    public let kind: String
    /// When it was made.
    public let bookedAt: Date
    /// Whether this is the first session that the person was ever booked into.
    public let isFirst: Bool
}

/// Which of a person's bookings are wanted.
public struct BookingQuery: Sendable {
    /// Sessions that begin in this range; nil for all.
    public var range: Range<Date>?
    /// Only those of this status.
    public var status: String?
    /// Whether the earliest come first, as is right for what is to come.
    public var isAscending: Bool
    /// The most rows.
    public var limit: Int

    /// A query.
    public init(range: Range<Date>? = nil, status: String? = nil, isAscending: Bool = false, limit: Int) {
        self.range = range
        self.status = status
        self.isAscending = isAscending
        self.limit = limit
    }
}
