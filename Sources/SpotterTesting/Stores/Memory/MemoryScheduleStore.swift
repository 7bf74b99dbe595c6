import Foundation
import SpotterDomain

/// Programmes and their dates in memory, as tools look for them.
struct MemoryScheduleStore: ScheduleStore {
    let database: MemoryDatabase

    func sessions(
        startingIn range: Range<Date>, className: String?, limit: Int, in scope: OrganizationScope
    ) async throws -> [ClassSession] {
        let key = className.map(FoldedText.fold)
        return database.read(scope) { records in
            let matches = records.gym.all(ClassSessionKind.self).filter { session in
                range.contains(session.startsAt)
                    && key.map { FoldedText.fold(records.gym.shown(session).className).contains($0) } ?? true
            }
            let sorted = matches.sorted { ($0.startsAt, $0.id) < ($1.startsAt, $1.id) }
            return sorted.prefix(max(limit, 0)).map(records.gym.shown)
        }
    }

    func session(_ id: ClassSessionID, in scope: OrganizationScope) async throws -> ClassSession? {
        database.read(scope) { records in records.gym[id].map(records.gym.shown) }
    }

    func classes(in scope: OrganizationScope) async throws -> [GymClass] {
        database.read(scope) { records in
            let keyed = records.gym.all(GymClassKind.self).map { (key: FoldedText.fold($0.name), value: $0) }
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
            for new in classes where records.gym[new.id] == nil { records.gym[new.id] = new }
            for session in sessions where records.gym[session.id] == nil {
                guard records.gym[session.classId] != nil else { throw SpotterError.notFound("class") }
                records.gym[session.id] = session
            }
            // Once for all: there may be very many.
            var taken = Set(records.gym.all(BookingKind.self).map(Place.init))
            for booking in bookings where records.gym[booking.id] == nil && !taken.contains(Place(booking)) {
                guard records.gym[booking.sessionId] != nil else { throw SpotterError.notFound("class session") }
                if let client = booking.clientId, records.gym[client] == nil { throw SpotterError.notFound("client") }
                if let lead = booking.leadId, records.gym[lead] == nil { throw SpotterError.notFound("lead") }
                records.gym[booking.id] = booking
                taken.insert(Place(booking))
            }
        }
    }

    /// Somebody has at most one place in a session.
    private struct Place: Hashable {
        let session: ClassSessionID
        let client: ClientID?
        let lead: LeadID?

        init(_ booking: Booking) {
            session = booking.sessionId
            client = booking.clientId
            lead = booking.leadId
        }
    }
}
