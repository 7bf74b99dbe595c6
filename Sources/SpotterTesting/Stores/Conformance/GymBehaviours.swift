import Foundation
import SpotterDomain

extension StoreConformance {
    static let gym: [StoreBehaviour] = members + schedule + gymRecords + seats

    private static let members: [StoreBehaviour] = [
        StoreBehaviour("members are found by words of name, address and number, exact names first") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let people = [
                gym.client("Anna Li", email: "anna@example.org", phone: "+44 (0)20 7946-0018"),
                gym.client("Lina Álvarez", email: "LINA@example.org", status: .paused),
                gym.client("Li", phone: "0161 496 0000"),
                gym.client("Berta 100%_\\", email: nil, tags: ["vip", "a,b"]),
            ]
            try await stores.clients.add(people, in: gym.scope)
            func names(_ query: String, _ status: Client.Status? = nil, limit: Int = 10) async throws -> [String] {
                try await stores.clients.search(query, status: status, limit: limit, in: gym.scope).map(\.name)
            }
            try requireEqual(try await names("li"), ["Li", "Anna Li", "Lina Álvarez"])
            try requireEqual(try await names("LI", limit: 1), ["Li"])
            try requireEqual(try await names("li anna"), ["Anna Li"])
            try requireEqual(try await names("example.org"), ["Anna Li", "Lina Álvarez"])
            try requireEqual(try await names("example.org", .paused), ["Lina Álvarez"])
            try requireEqual(try await names("A\u{301}LVAREZ"), ["Lina Álvarez"])
            try requireEqual(try await names("7946 0018"), ["Anna Li"])
            try requireEqual(try await names("79460018"), ["Anna Li"])
            try requireEqual(try await names("0018"), ["Anna Li"])
            try requireEqual(try await names("02079460018"), ["Anna Li"])
            try requireEqual(try await names("(0161)-496"), ["Li"])
            try requireEqual(try await names("1614960000"), ["Li"])
            try requireEqual(try await names("+44"), ["Anna Li"])
            try requireEqual(try await names("-"), [])
            try requireEqual(try await names("100%_\\"), ["Berta 100%_\\"])
            try requireEqual(try await names("vip"), ["Berta 100%_\\"])
            try requireEqual(try await names("ina"), [])
            try requireEqual(try await names("zz' | b:* \\"), [])
            try requireEqual(try await names("nobody"), [])
            try requireEqual(try await names("  "), ["Anna Li", "Berta 100%_\\", "Li", "Lina Álvarez"])
            try requireEqual(try await names("", limit: 0), [])
            let found = try await stores.clients.search("anna", status: nil, limit: 1, in: gym.scope)
            try requireEqual(found, [people[0]])
        },
        StoreBehaviour("members that are there already are left alone, and all are counted") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let anna = gym.client("Anna")
            try await stores.clients.add([anna], in: gym.scope)
            var renamed = anna
            renamed.name = "Other"
            try await stores.clients.add([renamed, gym.client("Berta")], in: gym.scope)
            try await stores.clients.add([], in: gym.scope)
            try requireEqual(try await stores.clients.count(in: gym.scope), 2)
            let all = try await stores.clients.search("", status: nil, limit: 10, in: gym.scope)
            try requireEqual(all.map(\.name), ["Anna", "Berta"])
        },
        StoreBehaviour("thousands of members are added at once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await stores.clients.add((0..<3_000).map { gym.client("Member \($0)") }, in: gym.scope)
            try requireEqual(try await stores.clients.count(in: gym.scope), 3_000)
        },
    ]

    private static let schedule: [StoreBehaviour] = [
        StoreBehaviour("sessions are found by the time of their start and words of their class, in order") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let spin = gym.gymClass("Spin & Core")
            let yoga = gym.gymClass("Yoga 100%")
            let start = TestOrganization.start
            let sessions = [
                gym.session(of: spin, at: start + 7_200), gym.session(of: yoga, at: start),
                gym.session(of: spin, at: start + 3_600, isCancelled: true),
            ]
            try await stores.schedule.add(classes: [spin, yoga], sessions: sessions, bookings: [], in: gym.scope)
            func sessionIDs(
                _ range: Range<Date>, _ name: String? = nil, limit: Int = 10
            ) async throws -> [ClassSessionID] {
                try await stores.schedule.sessions(startingIn: range, className: name, limit: limit, in: gym.scope)
                    .map(\.id)
            }
            let day = start..<start + 86_400
            try requireEqual(try await sessionIDs(day), [sessions[1].id, sessions[2].id, sessions[0].id])
            try requireEqual(try await sessionIDs(start + 1..<start + 7_200), [sessions[2].id])
            try requireEqual(try await sessionIDs(day, "SPIN"), [sessions[2].id, sessions[0].id])
            try requireEqual(try await sessionIDs(day, "0%"), [sessions[1].id])
            try requireEqual(try await sessionIDs(day, "s_in"), [])
            try requireEqual(try await sessionIDs(day, limit: 1), [sessions[1].id])
            let cancelled = try unwrap(try await stores.schedule.session(sessions[2].id, in: gym.scope))
            try requireEqual(cancelled, sessions[2])
            try requireEqual(cancelled.className, "Spin & Core")
            try requireEqual(try await stores.schedule.session(gym.id(), in: gym.scope), nil)
            try requireEqual(try await stores.schedule.classes(in: gym.scope), [spin, yoga])
        },
        StoreBehaviour("a session is as full as its head count or its bookings say, whichever is more") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let spin = gym.gymClass("Spin")
            let session = gym.session(of: spin, at: TestOrganization.start, booked: 2)
            let people = (0..<3).map { gym.client("Member \($0)") }
            try await stores.clients.add(people, in: gym.scope)
            var bookings = [Booking(id: gym.id(), sessionId: session.id, clientId: people[0].id)]
            try await stores.schedule.add(
                classes: [spin], sessions: [session], bookings: bookings, in: gym.scope)
            func booked() async throws -> Int? {
                let found = try await stores.schedule.session(session.id, in: gym.scope)
                return found?.booked
            }
            try requireEqual(try await booked(), 2)
            bookings += people.map { Booking(id: gym.id(), sessionId: session.id, clientId: $0.id) }
            // The first member has a place already.
            try await stores.schedule.add(classes: [], sessions: [], bookings: bookings, in: gym.scope)
            try requireEqual(try await booked(), 3)
            let listed = try await stores.schedule.sessions(
                startingIn: TestOrganization.start..<TestOrganization.start + 1, className: nil, limit: 5,
                in: gym.scope)
            try requireEqual(listed.map(\.booked), [3])
        },
        StoreBehaviour("sessions and bookings of what is not there are refused as a whole") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let spin = gym.gymClass("Spin")
            let ghost = gym.session(of: gym.gymClass("Ghost"), at: TestOrganization.start)
            try await requireError(.notFound) {
                try await stores.schedule.add(classes: [spin], sessions: [ghost], bookings: [], in: gym.scope)
            }
            let session = gym.session(of: spin, at: TestOrganization.start)
            let booking = Booking(id: gym.id(), sessionId: session.id, clientId: gym.id())
            try await requireError(.notFound) {
                try await stores.schedule.add(
                    classes: [spin], sessions: [session], bookings: [booking], in: gym.scope)
            }
            try requireEqual(try await stores.schedule.classes(in: gym.scope), [])
        },
    ]
}
