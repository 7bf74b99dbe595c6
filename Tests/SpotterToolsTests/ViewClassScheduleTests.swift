import Foundation
import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

struct ViewClassScheduleTests {
    @Test func `today is the whole local day, each session with its state`() async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call("view_class_schedule", [:])
        #expect(column("starts", answer) == ["07:00", "09:30", "18:30", "23:30"])
        #expect(column("state", answer) == ["over", "running", "upcoming", "upcoming"])
        #expect(answer["timezone"] == "Europe/London")
        #expect(answer["summary"] == "4 sessions on Saturday 2026-11-21, 2 still to come.")
    }

    @Test func `a row reads as people speak of a session`() async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call("view_class_schedule", ["from": "today", "class_name": "yin"])
        let session = try #require(gym.sessions["yin late"])
        #expect(
            answer["sessions"] == [
                [
                    "class": "Yin Yoga", "day": "Saturday", "date": "2026-11-21", "starts": "23:30", "ends": "00:30",
                    "instructor": "Dana Whitlock", "spots_left": 1, "state": "upcoming",
                    "session_id": .string(session.id.description),
                ]
            ])
    }

    @Test(arguments: [
        ("today", ["07:00", "09:30", "18:30", "23:30"]), ("tomorrow", ["07:00", "18:30"]),
        ("Tomorrow ", ["07:00", "18:30"]),
        ("monday", ["07:30", "18:30"]), ("mon", ["07:30", "18:30"]),
        ("saturday", ["07:00", "09:30", "18:30", "23:30"]),
        ("2026-11-23", ["07:30", "18:30"]), ("yesterday", []), ("2026-12-24", []),
    ])
    func `a day may be a date or a word`(_ from: String, _ starts: [String]) async throws {
        let gym = try await GymFixture.make()
        #expect(try await column("starts", gym.call("view_class_schedule", ["from": .string(from)])) == starts)
    }

    @Test(arguments: [
        "someday", "2026-13-01", "2026-02-30", "21.11.2026", "2026-1-1", "t", "-", "0000-00-00", "next week",
    ])
    func `a day that is none is a failure that says what is allowed`(_ from: String) async throws {
        let gym = try await GymFixture.make()
        let message = try await gym.failure("view_class_schedule", ["from": .string(from)])
        #expect(message.contains("YYYY-MM-DD, today, tomorrow"))
        #expect(message.contains(from))
    }

    @Test(arguments: [
        // 23:30 in London is 18:30 in New York on the same day, and 08:30 in Tokyo on the next.
        ("America/New_York", ["02:00", "04:30", "13:30", "18:30"]), ("Asia/Tokyo", ["16:00", "18:30"]),
        ("Pacific/Kiritimati", ["08:30", "13:30", "21:00"]),
    ])
    func `the gym's time zone decides what today is`(_ zone: String, _ starts: [String]) async throws {
        let gym = try await GymFixture.make(timezone: zone)
        let answer = try await gym.call("view_class_schedule", [:])
        #expect(column("starts", answer) == starts)
        #expect(answer["timezone"] == .string(zone))
    }

    @Test func `several days are counted from the first`() async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call("view_class_schedule", ["from": "tomorrow", "days": 2])
        #expect(column("date", answer) == ["2026-11-22", "2026-11-22", "2026-11-23", "2026-11-23"])
        #expect(
            answer["summary"]
                == "4 sessions on Sunday 2026-11-22 to Monday 2026-11-23, 3 still to come, 1 cancelled.")
    }

    @Test func `a class alone is shown for a week`() async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call("view_class_schedule", ["class_name": "yoga"])
        #expect(column("class", answer) == ["Yin Yoga", "Yoga Flow"])
    }

    @Test func `a class that is full or cancelled has no spots left`() async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call("view_class_schedule", ["from": "monday"])
        #expect(column("spots_left", answer) == ["0", "0"])
        #expect(column("state", answer) == ["upcoming", "cancelled"])
    }

    @Test func `an empty day names the next session`() async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call("view_class_schedule", ["from": "today", "class_name": "Yoga Flow"])
        #expect(
            answer["summary"] == """
                No Yoga Flow sessions on Saturday 2026-11-21. The next is Yoga Flow on Monday 2026-11-23 at 07:30.
                """)
        #expect(answer["sessions"] == [])
    }

    @Test func `an unknown class is a failure that names those there are`() async throws {
        let gym = try await GymFixture.make()
        #expect(
            try await gym.failure("view_class_schedule", ["class_name": "Spim"])
                == "There is no class \"Spim\"; did you mean \"Spin\"? The classes are: Spin, Yin Yoga, Yoga Flow.")
        #expect(
            try await gym.failure("view_class_schedule", ["class_name": "Underwater Chess"])
                == "There is no class \"Underwater Chess\". The classes are: Spin, Yin Yoga, Yoga Flow.")
    }

    @Test func `a day on which the clocks go back has 25 hours`() async throws {
        // London, 25 October 2026: from 00:00 BST (23:00Z the day before) to 24:00 GMT.
        let gym = try await GymFixture.make(now: "2026-10-24T12:00:00Z")
        let stores = gym.home.stores
        let id: GymClassID = gym.home.id()
        let night = GymClass(id: id, name: "Night", description: "", durationMinutes: 30, capacity: 5)
        let starts = ["2026-10-24T22:30:00Z", "2026-10-24T23:00:00Z", "2026-10-25T23:30:00Z", "2026-10-26T00:00:00Z"]
        let sessions = try starts.map { text in
            let start = try #require(Timestamp.date(from: text))
            return ClassSession(
                id: gym.home.id(), classId: id, className: "Night", instructor: "X", startsAt: start,
                endsAt: start.addingTimeInterval(1800), capacity: 5, booked: 0)
        }
        try await stores.schedule.add(classes: [night], sessions: sessions, bookings: [], in: gym.home.scope)
        let answer = try await gym.call("view_class_schedule", ["from": "2026-10-25", "class_name": "Night"])
        #expect(column("starts", answer) == ["00:00", "23:30"])
        #expect(column("date", answer) == ["2026-10-25", "2026-10-25"])
    }

    @Test func `an unknown time zone is an error and not a wrong day`() async throws {
        let gym = try await GymFixture.make(timezone: "Mars/Olympus")
        let error = await #expect(throws: SpotterError.self) { try await gym.call("view_class_schedule", [:]) }
        #expect(error?.message.contains("Mars/Olympus") == true)
    }
}
