import Foundation
import SpotterDomain

/// A session as a model reads it: local date and times, and what is left.
struct SessionRow {
    let session: ClassSession
    let calendar: GymCalendar
    let now: Date

    enum State: String { case upcoming, running, over, cancelled }

    var state: State {
        if session.isCancelled { return .cancelled }
        if session.startsAt > now { return .upcoming }
        return session.endsAt > now ? .running : .over
    }

    /// Those on the waiting list; where a head count says more than there are places, those beyond wait, too.
    var waiting: Int { max(session.waiting, session.booked - session.capacity) }

    var json: JSONValue {
        [
            "class": .string(session.className),
            "day": .string(calendar.weekday(of: session.startsAt)),
            "date": .string(calendar.day(of: session.startsAt).description),
            "starts": .string(calendar.time(of: session.startsAt)),
            "ends": .string(calendar.time(of: session.endsAt)),
            "instructor": .string(session.instructor),
            "spots_left": .int(Int64(session.isCancelled ? 0 : session.free)),
            "state": .string(state.rawValue),
            "session_id": .string(session.id.description),
        ]
    }

    /// With everything about how full it is.
    var availability: JSONValue {
        [
            "class": .string(session.className),
            "day": .string(calendar.weekday(of: session.startsAt)),
            "date": .string(calendar.day(of: session.startsAt).description),
            "starts": .string(calendar.time(of: session.startsAt)),
            "ends": .string(calendar.time(of: session.endsAt)),
            "free": .int(Int64(isOpen ? session.free : 0)),
            "capacity": .int(Int64(session.capacity)),
            "booked": .int(Int64(min(session.booked, session.capacity))),
            "waiting": .int(Int64(waiting)),
            "is_available": .bool(isOpen && session.free > 0),
            "instructor": .string(session.instructor),
            "state": .string(state.rawValue),
            "session_id": .string(session.id.description),
        ]
    }

    /// Whether anybody can still take a place.
    private var isOpen: Bool { state == .upcoming }

    /// `Spin on Monday 2026-11-23 at 18:30`.
    var title: String {
        let day = calendar.name(of: calendar.day(of: session.startsAt))
        return "\(session.className) on \(day) at \(calendar.time(of: session.startsAt))"
    }

    /// One sentence on how full it is.
    var sentence: String {
        switch state {
        case .cancelled: return "\(title) is cancelled."
        case .over: return "\(title) is over."
        case .running: return "\(title) has begun already."
        case .upcoming: break
        }
        let places = session.capacity == 1 ? "place" : "places"
        if session.free > 0 { return "\(title) has \(session.free) of \(session.capacity) \(places) free." }
        let queue = waiting > 0 ? ", with \(waiting) waiting" : ""
        return "\(title) is full: all \(session.capacity) \(places) are booked\(queue)."
    }
}
