import Foundation
public import SpotterDomain

/// What a member has booked.
public struct ViewClientBookings: Tool {
    /// Whose bookings, and which.
    public struct Arguments: Codable, Sendable {
        let clientId: ClientID
        let when: When?
        let status: BookingStatus?
        let from: String?
        let to: String?
        let limit: Int?
    }

    /// Before or after now.
    public enum When: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case upcoming, past, all
    }

    private let frontDesk: any FrontDeskStore

    /// A tool over the gym's records.
    public init(frontDesk: any FrontDeskStore) { self.frontDesk = frontDesk }

    /// `view_client_bookings`
    public let name = "view_client_bookings"
    /// What a model is told.
    public let summary = """
        List what one member has booked (booking history, reservations, attendance): class, local date and time, \
        instructor, and whether they came, were absent, wait or cancelled, with how many there are of each. Upcoming \
        bookings come soonest first, past ones latest first. Needs the client_id that search_clients answers.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Reads the bookings; that there are none is an answer.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let limit = arguments.limit ?? 20
        var query = BookingQuery(status: arguments.status?.rawValue, limit: limit + 1)
        query.range = try range(arguments, calendar, context.now)
        query.isAscending = arguments.when == .upcoming
        guard let found = try await frontDesk.bookings(of: arguments.clientId, query, in: context.scope) else {
            throw ToolFailure.unknown(arguments.clientId, "member", takeFrom: "search_clients")
        }
        var counts = ToolRow()
        for count in found.counts { counts.set(count.status, count.count) }
        return [
            "summary": .string(sentence(found, arguments)), "timezone": .string(calendar.timezone),
            "counts": counts.json, "has_more": .bool(found.bookings.count > limit),
            "bookings": .array(found.bookings.prefix(limit).map { $0.row(calendar) }),
        ]
    }

    private func range(_ arguments: Arguments, _ calendar: GymCalendar, _ now: Date) throws -> Range<Date>? {
        let asked = try calendar.range(from: arguments.from, to: arguments.to)
        let side: Range<Date>? =
            switch arguments.when ?? .all {
            case .upcoming: now..<GymCalendar.latest
            case .past: GymCalendar.earliest..<now
            case .all: nil
            }
        guard let asked, let side else { return asked ?? side }
        return asked.clamped(to: side)
    }

    private func sentence(_ found: PersonBookings, _ arguments: Arguments) -> String {
        let total = found.counts.reduce(0) { $0 + $1.count }
        let kind =
            switch arguments.when ?? .all {
            case .upcoming: "upcoming booking"
            case .past: "past booking"
            case .all: "booking"
            }
        guard total > 0 else { return "\(found.name) has no \(kind)s that match." }
        let parts = found.counts.map { "\($0.count) \($0.status.replacing("_", with: "-"))" }
        return "\(found.name) has \(counted(total, kind)): \(parts.joined(separator: ", "))."
    }
}

extension ViewClientBookings.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "client_id": .client,
        "when": Field("Only what is still to come, or only what is past; all if left out."),
        "status": Field("Only bookings with this status."),
        "from": .firstDay, "to": .lastDay, "limit": .rows(20),
    ]
}

extension Field {
    /// The first day of a range.
    static let firstDay = Field("The first day: \(GymCalendar.accepted).", length: 1...20, example: "2026-11-01")
    /// The last day of a range.
    static let lastDay = Field("The last day, which is included.", length: 1...20, example: "2026-11-30")
}

extension BookingView {
    /// As a model reads a booking.
    func row(_ calendar: GymCalendar) -> JSONValue {
        var row = ToolRow()
        row.set("class", className)
        row.set("day", calendar.weekday(of: startsAt))
        row.set("date", calendar.day(of: startsAt).description)
        row.set("starts", calendar.time(of: startsAt))
        row.set("ends", calendar.time(of: endsAt))
        row.set("instructor", instructor)
        row.set("status", status)
        if kind == "trial" { row.set("kind", kind) }
        if isCancelled { row.set("session_cancelled", true) }
        row.set("booked", calendar.moment(bookedAt))
        row.set("booking_id", id)
        row.set("session_id", sessionId)
        return row.json
    }
}
