import Foundation
import SpotterDomain

/// A session and people who want to come.
private struct Room {
    let gym: TestOrganization
    let session: ClassSession
    let people: [Client]

    static func make(
        in stores: StoreSet, people count: Int, capacity: Int, waiting: Int, headCount: Int = 0
    ) async throws -> Room {
        let gym = try await TestOrganization.make(in: stores)
        let spin: GymClass = try await gym.keep(GymClassFields(name: "Spin", durationMinutes: 45, capacity: capacity))
        let start = TestOrganization.start + 86_400
        let session: ClassSession = try await gym.keep(
            ClassSessionFields(
                classId: spin.id, startsAt: start, endsAt: start + 2_700, capacity: capacity,
                waitlistCapacity: waiting, headCount: headCount))
        let people = (0..<count).map { gym.client("Member \($0)") }
        try await stores.clients.add(people, in: gym.scope)
        return Room(gym: gym, session: session, people: people)
    }

    func book(_ person: Int, at offset: Double = 0) async throws -> Booking {
        let now = TestOrganization.start + offset
        return try await gym.keep(
            BookingFields(sessionId: session.id, clientId: people[person].id, bookedAt: now), at: now)
    }

    func set(_ booking: Booking, _ status: BookingStatus, at offset: Double = 100) async throws -> Booking {
        try await gym.stores.gym.update(
            booking.id, gym.setting(TestOrganization.start + offset), in: gym.scope
        ) { $0.status = status }
    }

    func status(_ booking: Booking) async throws -> BookingStatus {
        try await gym.stores.gym.record(booking.id, in: gym.scope).status
    }
}

extension StoreConformance {
    static let seats: [StoreBehaviour] = [
        StoreBehaviour("who comes too late waits, and then is refused; who waited longest gets a place") { stores in
            let room = try await Room.make(in: stores, people: 5, capacity: 2, waiting: 2)
            var made: [Booking] = []
            for person in 0..<4 { made.append(try await room.book(person, at: Double(person))) }
            try requireEqual(made.map(\.status), [.booked, .booked, .waitlisted, .waitlisted])
            try requireEqual(made.map(\.startsAt), Array(repeating: room.session.startsAt, count: 4))
            try await requireError(.conflict) { try await room.book(4) }
            let shown = try await stores.gym.record(room.session.id, in: room.gym.scope)
            try requireEqual([shown.booked, shown.waiting, shown.free], [2, 2, 0])
            _ = try await room.set(made[0], .cancelled)
            try requireEqual(try await room.status(made[2]), .booked)
            try requireEqual(try await room.status(made[3]), .waitlisted)
            // Who comes back has to wait like the others.
            try requireEqual(try await room.set(made[0], .booked).status, .waitlisted)
            try await stores.gym.delete(made[1].id, version: nil, room.gym.setting(), in: room.gym.scope)
            try requireEqual(try await room.status(made[3]), .booked)
            try requireEqual(try await room.status(made[0]), .waitlisted)
        },
        StoreBehaviour("who comes new overtakes nobody who waits, also where there are more places since") { stores in
            let room = try await Room.make(in: stores, people: 4, capacity: 1, waiting: 5)
            var made: [Booking] = []
            for person in 0..<3 { made.append(try await room.book(person, at: Double(person))) }
            try requireEqual(made.map(\.status), [.booked, .waitlisted, .waitlisted])
            _ = try await stores.gym.update(
                room.session.id, room.gym.setting(TestOrganization.start + 10), in: room.gym.scope
            ) { $0.capacity = 2 }
            try requireEqual(try await room.book(3, at: 20).status, .waitlisted)
            try requireEqual(try await room.status(made[1]), .booked)
            try requireEqual(try await room.status(made[2]), .waitlisted)
        },
        StoreBehaviour("places that a session has more of go at once to those who wait, in their order") { stores in
            let room = try await Room.make(in: stores, people: 6, capacity: 1, waiting: 9)
            var made: [Booking] = []
            for person in 0..<6 { made.append(try await room.book(person, at: Double(person))) }
            func statuses() async throws -> [Bool] {
                var all: [Bool] = []
                for booking in made { all.append(try await room.status(booking) == .booked) }
                return all
            }
            func change(_ edit: @escaping @Sendable (inout ClassSession) -> Void) async throws -> [Int] {
                let shown = try await stores.gym.update(
                    room.session.id, room.gym.setting(TestOrganization.start + 10), in: room.gym.scope, edit)
                try requireEqual(try await stores.gym.record(shown.id, in: room.gym.scope), shown)
                return [shown.booked, shown.waiting]
            }
            try requireEqual(try await change { $0.capacity = 3 }, [3, 3])
            try requireEqual(try await statuses(), [true, true, true, false, false, false])
            // A head count that was too high, and a session that is held after all.
            try requireEqual(try await change { ($0.headCount, $0.capacity) = (4, 4) }, [4, 3])
            try requireEqual(try await change { $0.headCount = 0 }, [4, 2])
            try requireEqual(try await change { ($0.isCancelled, $0.capacity) = (true, 5) }, [4, 2])
            try requireEqual(try await change { $0.isCancelled = false }, [5, 1])
            try requireEqual(try await statuses(), [true, true, true, true, true, false])
            let promoted = try await stores.gym.record(made[1].id, in: room.gym.scope)
            try requireEqual(promoted.version, 2)
        },
        StoreBehaviour("the places of a member or a lead who is deleted go at once to those who wait") { stores in
            let room = try await Room.make(in: stores, people: 4, capacity: 2, waiting: 9)
            let (gym, scope) = (room.gym, room.gym.scope)
            let lead: Lead = try await gym.keep(LeadFields(name: "Ben"))
            let trial: Booking = try await gym.keep(
                BookingFields(sessionId: room.session.id, leadId: lead.id, bookedAt: TestOrganization.start))
            var made: [Booking] = []
            for person in 0..<4 { made.append(try await room.book(person, at: Double(person))) }
            try requireEqual(made.map(\.status), [.booked, .waitlisted, .waitlisted, .waitlisted])
            // Whoever only waits frees nothing.
            try await stores.gym.delete(room.people[1].id, version: nil, gym.setting(), in: scope)
            try requireEqual(try await room.status(made[2]), .waitlisted)
            try await stores.gym.delete(room.people[0].id, version: nil, gym.setting(), in: scope)
            try requireEqual(try await room.status(made[2]), .booked)
            try requireEqual(try await room.status(made[3]), .waitlisted)
            try await stores.gym.delete(lead.id, version: nil, gym.setting(), in: scope)
            try requireEqual(try await room.status(made[3]), .booked)
            try await requireError(.notFound) { try await room.status(trial) }
        },
        StoreBehaviour("nobody waits for a place that is free, unless it was for what is over") { stores in
            let room = try await Room.make(in: stores, people: 4, capacity: 1, waiting: 9)
            func wait(_ person: Int, at offset: Double) async throws -> Booking {
                try await room.gym.keep(
                    BookingFields(
                        sessionId: room.session.id, clientId: room.people[person].id, status: .waitlisted,
                        bookedAt: TestOrganization.start + offset), at: TestOrganization.start + offset)
            }
            try requireEqual(try await wait(0, at: 0).status, .booked)
            try requireEqual(try await wait(1, at: 1).status, .waitlisted)
            _ = try await stores.gym.update(room.session.id, room.gym.setting(), in: room.gym.scope) {
                $0.capacity = 4
            }
            try requireEqual(try await wait(2, at: 2).status, .booked)
            try requireEqual(try await wait(3, at: 5 * 86_400).status, .waitlisted)
        },
        StoreBehaviour("members who are deleted while others book leave no place lost and none given twice") { stores in
            let room = try await Room.make(in: stores, people: 16, capacity: 4, waiting: 12)
            var made: [Booking] = []
            for person in 0..<8 { made.append(try await room.book(person, at: Double(person))) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for person in 0..<4 {
                    group.addTask {
                        try await stores.gym.delete(
                            room.people[person].id, version: nil, room.gym.setting(), in: room.gym.scope)
                    }
                }
                for person in 8..<16 { group.addTask { _ = try await room.book(person, at: 50) } }
                try await group.waitForAll()
            }
            let shown = try await stores.gym.record(room.session.id, in: room.gym.scope)
            try requireEqual([shown.booked, shown.waiting], [4, 8])
            for booking in made[4...] { try requireEqual(try await room.status(booking), .booked) }
        },
        StoreBehaviour("places taken elsewhere count, and what has happened is written down whatever the room") {
            stores in
            let room = try await Room.make(in: stores, people: 3, capacity: 2, waiting: 0, headCount: 2)
            try await requireError(.conflict) { try await room.book(0) }
            let came: Booking = try await room.gym.keep(
                BookingFields(
                    sessionId: room.session.id, clientId: room.people[0].id, status: .attended,
                    bookedAt: TestOrganization.start))
            try requireEqual(came.status, .attended)
            try requireEqual(try await room.set(came, .noShow).status, .noShow)
        },
        StoreBehaviour("nobody books twice, and a booking stays whose it is") { stores in
            let room = try await Room.make(in: stores, people: 2, capacity: 9, waiting: 0)
            let first = try await room.book(0)
            let again = try await requireError(.conflict) { try await room.book(0) }
            try requireEqual(again.issues.map(\.pointer), ["/client_id"])
            let other = room.people[1].id
            try await requireError(.invalid) {
                try await stores.gym.update(first.id, room.gym.setting(), in: room.gym.scope) { $0.clientId = other }
            }
            let lead: Lead = try await room.gym.keep(LeadFields(name: "Ben"))
            let trial: Booking = try await room.gym.keep(
                BookingFields(
                    sessionId: room.session.id, leadId: lead.id, kind: .member, bookedAt: TestOrganization.start))
            try requireEqual(trial.kind, .trial)
            try await requireError(.invalid) {
                let _: Booking = try await room.gym.keep(
                    BookingFields(sessionId: room.session.id, bookedAt: TestOrganization.start))
            }
        },
        StoreBehaviour("a cancelled session takes no bookings, and bookings move with their session") { stores in
            let room = try await Room.make(in: stores, people: 2, capacity: 9, waiting: 0)
            let booking = try await room.book(0)
            let later = room.session.startsAt + 3_600
            _ = try await stores.gym.update(room.session.id, room.gym.setting(), in: room.gym.scope) {
                $0.startsAt = later
                $0.endsAt = later + 60
                $0.isCancelled = true
            }
            try requireEqual(try await stores.gym.record(booking.id, in: room.gym.scope).startsAt, later)
            try await requireError(.conflict) { try await room.book(1) }
            try requireEqual(try await room.set(booking, .cancelled).status, .cancelled)
        },
        StoreBehaviour("many who book at once get as many places as there are") { stores in
            let room = try await Room.make(in: stores, people: 16, capacity: 4, waiting: 3)
            let statuses = try await withThrowingTaskGroup(of: BookingStatus?.self) { group in
                for person in room.people.indices {
                    group.addTask {
                        do {
                            return try await room.book(person).status
                        } catch let error as SpotterError where error.code == .conflict { return nil }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try requireEqual(statuses.count { $0 == .booked }, 4)
            try requireEqual(statuses.count { $0 == .waitlisted }, 3)
            try requireEqual(statuses.count { $0 == nil }, 9)
        },
        StoreBehaviour("many who cancel and book at once neither wait for each other for ever nor lose a place") {
            stores in
            let room = try await Room.make(in: stores, people: 12, capacity: 4, waiting: 8)
            var made: [Booking] = []
            for person in 0..<8 { made.append(try await room.book(person, at: Double(person))) }
            let first = made
            try await withThrowingTaskGroup(of: Void.self) { group in
                for booking in first.prefix(4) { group.addTask { _ = try await room.set(booking, .cancelled) } }
                for person in 8..<12 { group.addTask { _ = try await room.book(person, at: 50) } }
                try await group.waitForAll()
            }
            let shown = try await stores.gym.record(room.session.id, in: room.gym.scope)
            try requireEqual([shown.booked, shown.waiting], [4, 4])
            for booking in made[4...] { try requireEqual(try await room.status(booking), .booked) }
        },
    ]
}
