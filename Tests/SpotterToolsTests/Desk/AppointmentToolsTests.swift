import Foundation
import PostgresKit
import SpotterDomain
import SpotterPostgres
import SpotterTesting
import Testing

/// Trials, tours and the calendar they stand in.
struct AppointmentToolsTests {
    private func trial(_ session: ClassSession, _ lead: LeadID) -> JSONValue {
        ["session_id": .string(session.id.description), "lead_id": .string(lead.description)]
    }

    @Test func `a trial takes a place once, however often its call is repeated`() async throws {
        let gym = try await DeskFixture.make()
        let leo = try await gym.lead("Leo")
        let spin = try await gym.session("Spin", "2026-11-24T18:30:00Z", capacity: 2)
        let dry = try await gym.call("book_trial_class", trial(spin, leo), isDryRun: true)
        #expect(
            dry["summary"] == """
                Nothing was booked. Leo could have a trial of Spin on Tuesday 2026-11-24 at 18:30 with Dana Whitlock.
                """)
        let done = try await gym.call("book_trial_class", trial(spin, leo), key: "step_1")
        #expect(done["booked"] == true && done["places_left"] == 1)
        let again = try await gym.call("book_trial_class", trial(spin, leo), key: "step_1")
        #expect(again["event_id"] == done["event_id"])
        #expect(try await gym.count(Statement("SELECT count(*) FROM spotter.bookings")) == 1)
        #expect(try await gym.failure("book_trial_class", trial(spin, leo)).contains("has a place in that Spin"))
        let register = try await gym.call("view_class_bookings", ["session_id": .string(spin.id.description)])
        #expect(register["summary"] == "Spin on Tuesday 2026-11-24 at 18:30: 1 booked.")
        #expect(register["attendees"]?[0]?["kind"] == "trial" && register["attendees"]?[0]?["first_session"] == true)
    }

    @Test func `fifty calls at once for the last place book one`() async throws {
        let gym = try await DeskFixture.make()
        let spin = try await gym.session("Spin", "2026-11-24T18:30:00Z", capacity: 10, booked: 9)
        var leads: [LeadID] = []
        for number in 0..<50 { leads.append(try await gym.lead("Lead \(number)")) }
        let booked = await withTaskGroup(of: Bool.self) { group in
            for lead in leads {
                group.addTask { (try? await gym.call("book_trial_class", trial(spin, lead))) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(booked == 1)
        #expect(try await gym.count(Statement("SELECT count(*) FROM spotter.bookings")) == 1)
        let last = try #require(try await gym.stores.postgres.schedule.session(spin.id, in: gym.home.scope))
        #expect(last.booked == 10)
    }

    @Test func `a full session is refused with the next that has room`() async throws {
        let gym = try await DeskFixture.make()
        let leo = try await gym.lead("Leo")
        let spin = GymClass(id: gym.home.id(), name: "Spin", description: "", durationMinutes: 45, capacity: 1)
        let full = try await gym.session("Spin", "2026-11-24T18:30:00Z", capacity: 1, booked: 1, of: spin)
        let free = try await gym.session("Spin", "2026-11-25T18:30:00Z", capacity: 1, of: spin)
        let message = try await gym.failure("book_trial_class", trial(full, leo))
        #expect(message.hasPrefix("That Spin session is full: all 1 place is taken. Free instead: Spin on Wednesday"))
        #expect(message.contains(free.id.description))
        let cancelled = try await gym.session("Spin", "2026-11-26T18:30:00Z", cancelled: true, of: spin)
        #expect(try await gym.failure("book_trial_class", trial(cancelled, leo)).contains("is cancelled. Free instead"))
        let past = try await gym.session("Spin", "2026-11-20T18:30:00Z", of: spin)
        #expect(try await gym.failure("book_trial_class", trial(past, leo)).contains("has begun already"))
    }

    @Test func `somebody new is made a lead, and known the next time`() async throws {
        let gym = try await DeskFixture.make()
        let spin = try await gym.session("Spin", "2026-11-24T18:30:00Z")
        let visitor: JSONValue = [
            "class_name": "spin", "date": "tuesday", "time": "6:30pm", "name": "Mia Noor", "email": "Mia@example.org",
            "phone": "+44 7700 900111",
        ]
        let done = try await gym.call("book_trial_class", visitor)
        let lead = try #require(done["lead_id"]?.string)
        #expect(done["session_id"] == .string(spin.id.description))
        let found = try await gym.call("search_leads", ["query": "noor"])
        #expect(found["leads"]?[0]?["id"] == .string(lead) && found["leads"]?[0]?["status"] == "trial_booked")
        let yoga = try await gym.session("Yoga", "2026-11-25T18:30:00Z")
        let again = try await gym.call(
            "book_trial_class",
            ["session_id": .string(yoga.id.description), "name": "Mia", "email": "mia@EXAMPLE.org"])
        #expect(again["lead_id"] == .string(lead))
        let id: JSONValue = .string(yoga.id.description)
        for (arguments, said) in [
            (["session_id": id], "Say who comes"), (["session_id": id, "name": "Mia"], "How can Mia be reached?"),
            (["session_id": id, "name": "Mia", "email": "mia"], "not an e-mail address"),
            (["session_id": id, "name": "Mia", "phone": "123456"], "not a phone number"),
            (["name": "Mia", "phone": "+447700900111"], "Say which session"),
        ] as [(JSONValue, String)] {
            #expect(try await gym.failure("book_trial_class", arguments).contains(said))
        }
    }

    @Test func `many calls at once about the same new person make one lead`() async throws {
        let gym = try await DeskFixture.make()
        var sessions: [ClassSession] = []
        for day in 10..<30 { sessions.append(try await gym.session("Spin", "2026-12-\(day)T18:30:00Z")) }
        let leads = try await withThrowingTaskGroup(of: String?.self) { group in
            for (number, session) in sessions.enumerated() {
                group.addTask {
                    // Both ways to reach them, however they are written, tell the same person.
                    let ways: [JSONValue] = [
                        ["name": "Mia", "email": "Mia@example.org"],
                        ["name": "Mia", "email": "mia@EXAMPLE.org", "phone": "+44 7700 900111"],
                    ]
                    var arguments = ways[number % 2].object ?? [:]
                    arguments["session_id"] = .string(session.id.description)
                    return try await gym.call("book_trial_class", .object(arguments))["lead_id"]?.string
                }
            }
            return try await group.reduce(into: Set<String>()) { if let id = $1 { $0.insert(id) } }
        }
        #expect(leads.count == 1)
        #expect(try await gym.count(Statement("SELECT count(*) FROM spotter.leads")) == 1)
        #expect(try await gym.count(Statement("SELECT count(*) FROM spotter.bookings")) == 20)
    }

    @Test func `an active member has no trial, and nobody is in two places at once`() async throws {
        let gym = try await DeskFixture.make()
        let anna = try await gym.member("Anna")
        let spin = try await gym.session("Spin", "2026-11-24T18:30:00Z")
        let member: JSONValue = [
            "session_id": .string(spin.id.description), "client_id": .string(anna.description),
        ]
        #expect(try await gym.failure("book_trial_class", member).contains("is an active member"))
        let leo = try await gym.lead("Leo")
        _ = try await gym.call("book_trial_class", trial(spin, leo))
        let yoga = try await gym.session("Yoga", "2026-11-24T19:00:00Z")
        #expect(try await gym.failure("book_trial_class", trial(yoga, leo)).contains("has Trial: Spin at that time"))
    }

    @Test func `a tour goes to whoever is free, and to nobody twice`() async throws {
        let gym = try await DeskFixture.make()
        let desk = try await gym.staff("Fay Desk", role: "front_desk")
        _ = try await gym.staff("Omar Owner", role: "owner")
        func tour(_ name: String, _ time: String = "14:00") async throws -> JSONValue {
            ["lead_id": .string(try await gym.lead(name).description), "date": "monday", "time": .string(time)]
        }
        let dry = try await gym.call("schedule_facility_tour", tour("A"), isDryRun: true)
        #expect(
            dry["summary"] == "Nothing was booked. A could have a tour on Monday 2026-11-23 at 14:00 with Fay Desk.")
        #expect(try await gym.call("schedule_facility_tour", tour("B"))["staff"] == "Fay Desk")
        #expect(try await gym.call("schedule_facility_tour", tour("C", "14:15"))["staff"] == "Omar Owner")
        #expect(
            try await gym.failure("schedule_facility_tour", tour("D", "2:20pm")).contains("Nobody of the staff is free")
        )
        var asked = try #require(try await tour("E", "14:10").object)
        asked["staff"] = .string(desk.description)
        #expect(
            try await gym.failure("schedule_facility_tour", .object(asked)).contains("Fay Desk is busy at that time."))
        asked["staff"] = "omar"
        asked["time"] = "15:00"
        #expect(try await gym.call("schedule_facility_tour", .object(asked))["staff"] == "Omar Owner")
        asked["staff"] = "Zed"
        #expect(try await gym.failure("schedule_facility_tour", .object(asked)).contains("Nobody called \"Zed\""))
    }

    @Test func `many calls at once for one hour give each of the staff one tour`() async throws {
        let gym = try await DeskFixture.make()
        for name in ["Fay", "Omar", "Ida"] { _ = try await gym.staff(name, role: "front_desk") }
        var leads: [LeadID] = []
        for number in 0..<30 { leads.append(try await gym.lead("Lead \(number)")) }
        let given = await withTaskGroup(of: String?.self) { group in
            for lead in leads {
                group.addTask {
                    let answer = try? await gym.call(
                        "schedule_facility_tour",
                        ["lead_id": .string(lead.description), "date": "monday", "time": "14:00"])
                    return answer?["staff"]?.string
                }
            }
            var names: [String] = []
            for await name in group { if let name { names.append(name) } }
            return names
        }
        #expect(given.sorted() == ["Fay", "Ida", "Omar"])
    }

    @Test func `what stands against a tour is said`() async throws {
        let gym = try await DeskFixture.make()
        let leo = try await gym.lead("Leo")
        func wish(_ date: String, _ time: String) -> JSONValue {
            ["lead_id": .string(leo.description), "date": .string(date), "time": .string(time)]
        }
        #expect(
            try await gym.failure("schedule_facility_tour", wish("monday", "14:00")).contains(
                "Nobody of the staff is on record"))
        _ = try await gym.staff("Fay", role: "front_desk")
        try await gym.block("Boiler", "2026-11-23T12:00:00Z", "2026-11-23T16:00:00Z")
        #expect(
            try await gym.failure("schedule_facility_tour", wish("monday", "14:00")).contains("blocked then: Boiler"))
        #expect(try await gym.failure("schedule_facility_tour", wish("today", "09:00")).contains("has passed"))
        #expect(
            try await gym.failure("schedule_facility_tour", wish("2027-08-01", "09:00")).contains("more than 180 days"))
        #expect(try await gym.failure("schedule_facility_tour", wish("someday", "09:00")).contains("is not a date"))
        #expect(try await gym.failure("schedule_facility_tour", wish("monday", "late")).contains("is not a time"))
        // The night in which London's clocks go forward has no 01:30.
        #expect(try await gym.failure("schedule_facility_tour", wish("2027-03-28", "01:30")).contains("clocks change"))
    }

    @Test func `the calendar has sessions, trials, tours and blocks in their order`() async throws {
        let gym = try await DeskFixture.make()
        let fay = try await gym.staff("Fay", role: "front_desk")
        let leo = try await gym.lead("Leo")
        let spin = try await gym.session("Spin", "2026-11-23T18:30:00Z", capacity: 5)
        _ = try await gym.call("book_trial_class", trial(spin, leo))
        _ = try await gym.call(
            "schedule_facility_tour", ["lead_id": .string(leo.description), "date": "monday", "time": "14:00"])
        try await gym.block("Cleaning", "2026-11-22T22:00:00Z", "2026-11-23T08:00:00Z", staff: fay)
        let monday = try await gym.call("view_calendar_events", ["from": "monday"])
        #expect(monday["summary"] == "Monday 2026-11-23: 1 class session, 1 trial, 1 tour, 1 block.")
        #expect(column("kind", monday, "events") == ["block", "tour", "class", "trial"])
        #expect(column("spots_left", monday, "events") == ["-", "-", "4", "-"])
        let mine = try await gym.call(
            "view_calendar_events", ["from": "monday", "staff": "fay", "kinds": ["tour", "block"]])
        #expect(column("title", mine, "events") == ["Cleaning", "Tour"])
        #expect(try await gym.summary("view_calendar_events", [:]) == "Nothing is planned on Saturday 2026-11-21.")
    }

    @Test func `programmes are found by name, coach and level, and what there is is said`() async throws {
        let gym = try await DeskFixture.make()
        _ = try await gym.session("Spin", "2026-11-24T18:30:00Z")
        _ = try await gym.session("Yoga Flow", "2026-12-24T18:30:00Z")
        let found = try await gym.call("search_classes", ["query": "YOGA"])
        #expect(column("class", found, "classes") == ["Yoga Flow"])
        let dana = try await gym.call("search_classes", ["instructor": "whit"])
        #expect(column("class", dana, "classes") == ["Spin"])
        #expect(dana["classes"]?[0]?["next_session"] == "Tuesday 2026-11-24 at 18:30")
        let nothing = try await gym.summary("search_classes", ["query": "boxing"])
        #expect(nothing == "No programme matches. There are: Spin, Yoga Flow.")
    }
}
