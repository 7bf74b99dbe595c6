import Foundation
import SpotterDomain

/// Programmes, their dates and their bookings in memory.
struct MemoryScheduleStore: ScheduleStore {
    let database: MemoryDatabase

    func sessions(
        startingIn range: Range<Date>, className: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ClassSession] {
        let key = className.map(FoldedText.fold)
        return database.read(scope) { records in
            let matches = records.sessions.values.filter { session in
                range.contains(session.startsAt)
                    && key.map { FoldedText.fold(records.name(of: session)).contains($0) } ?? true
            }
            let sorted = matches.sorted { ($0.startsAt, $0.id) < ($1.startsAt, $1.id) }
            return sorted.prefix(max(limit, 0)).map(records.shown)
        }
    }

    func session(_ id: ClassSessionID, in scope: OrganizationScope) async throws -> ClassSession? {
        database.read(scope) { records in records.sessions[id].map(records.shown) }
    }

    func classes(in scope: OrganizationScope) async throws -> [GymClass] {
        database.read(scope) { records in
            let keyed = records.classes.values.map { (key: FoldedText.fold($0.name), value: $0) }
            let sorted = keyed.sorted { left, right in
                if left.key != right.key { return left.key.utf8.lexicographicallyPrecedes(right.key.utf8) }
                return left.value.id < right.value.id
            }
            return sorted.map(\.value)
        }
    }

    func add(
        classes: [GymClass], sessions: [ClassSession], bookings: [Booking], in scope: OrganizationScope
    ) async throws {
        try database.write(scope) { records in
            for new in classes where records.classes[new.id] == nil { records.classes[new.id] = new }
            for session in sessions where records.sessions[session.id] == nil {
                guard records.classes[session.classId] != nil else { throw SpotterError.notFound("class") }
                records.sessions[session.id] = session
            }
            for booking in bookings where !records.has(booking) {
                guard records.sessions[booking.sessionId] != nil else {
                    throw SpotterError.notFound("class session")
                }
                guard records.clients[booking.clientId] != nil else { throw SpotterError.notFound("client") }
                records.bookings[booking.id] = booking
            }
        }
    }
}

extension OrganizationRecords {
    fileprivate func name(of session: ClassSession) -> String { classes[session.classId]?.name ?? session.className }

    /// A member has at most one place in a session.
    fileprivate func has(_ booking: Booking) -> Bool {
        bookings[booking.id] != nil
            || bookings.values.contains {
                $0.sessionId == booking.sessionId && $0.clientId == booking.clientId
            }
    }

    /// The session under its class's name now, and as full as is known: places may be taken by people of whom there is
    /// no booking here.
    fileprivate func shown(_ session: ClassSession) -> ClassSession {
        let booked = bookings.values.count { $0.sessionId == session.id }
        return ClassSession(
            id: session.id, classId: session.classId, className: name(of: session), instructor: session.instructor,
            startsAt: session.startsAt, endsAt: session.endsAt, capacity: session.capacity,
            booked: max(session.booked, booked), isCancelled: session.isCancelled)
    }
}
