import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

struct CheckClassAvailabilityTests {
    private let name = "check_class_availability"

    @Test func `a session by its id says how full it is`() async throws {
        let gym = try await GymFixture.make()
        let session = try #require(gym.sessions["spin tomorrow"])
        let answer = try await gym.call(name, ["session_id": .string(session.id.description)])
        #expect(
            answer["summary"] == """
                Spin on Sunday 2026-11-22 at 18:30 is full: all 10 places are booked, with 3 waiting.
                """)
        let row = try #require(answer["sessions"]?[0])
        #expect(row["capacity"] == 10 && row["booked"] == 10 && row["free"] == 0 && row["waiting"] == 3)
        #expect(row["is_available"] == false)
    }

    @Test(
        arguments: [
            (["class_name": "Spin", "date": "today", "time": "18:30"], "has 3 of 10 places free."),
            (["class_name": "spin", "date": "tomorrow", "time": "6:30pm"], "is full"),
            (["class_name": "spin", "date": "sunday", "time": "7 am"], "has 10 of 10 places free."),
            (["class_name": "Yoga Flow", "date": "2026-11-23"], "is full: all 12 places are booked."),
            (["class_name": "Yin", "date": "today"], "has 1 of 1 place free."),
            (["class_name": "spin", "date": "monday"], "is cancelled."),
            (["class_name": "spin", "date": "today", "time": "07:00"], "is over."),
            (["class_name": "spin", "date": "today", "time": "9.30"], "has begun already."),
        ] as [(JSONValue, String)])
    func `a session by what people call it`(_ arguments: JSONValue, _ said: String) async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call(name, arguments)
        let summary = try #require(answer["summary"]?.string)
        #expect(summary.hasSuffix(said) || summary.contains(said), "\(summary)")
        #expect(answer["sessions"]?.array?.count == 1)
    }

    @Test func `nothing that has begun is free`() async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call(name, ["class_name": "spin", "date": "today"])
        #expect(column("is_available", answer) == ["false", "false", "true"])
        #expect(column("free", answer) == ["0", "0", "3"])
    }

    @Test func `without a date the next sessions are answered, none of them past or cancelled`() async throws {
        let gym = try await GymFixture.make()
        let answer = try await gym.call(name, ["class_name": "Spin"])
        #expect(column("date", answer) == ["2026-11-21", "2026-11-22", "2026-11-22"])
        #expect(column("starts", answer) == ["18:30", "07:00", "18:30"])
        let evenings = try await gym.call(name, ["class_name": "Spin", "time": "18:30"])
        #expect(column("date", evenings) == ["2026-11-21", "2026-11-22"])
    }

    @Test(
        arguments: [
            (
                [:],
                "Say which class: give class_name, perhaps with date and time, or session_id. The classes are: Spin, "
            ),
            (["date": "today"], "Say which class"),
            (["class_name": "Boxing"], "There is no class \"Boxing\". The classes are: Spin, Yin Yoga, Yoga Flow."),
            (
                ["class_name": "Yoga Flow", "date": "tomorrow"],
                "There is no Yoga Flow session on Sunday 2026-11-22. The nearest after it: Yoga Flow on Monday 2026-11-23 at 07:30."
            ),
            (
                ["class_name": "Spin", "date": "today", "time": "20:00"],
                "No Spin session starts at 20:00 on Saturday 2026-11-21. That day: Spin on Saturday 2026-11-21 at 07:00; "
            ),
            (["class_name": "Spin", "time": "20:00"], "No Spin session starts at 20:00. The next are: "),
            (["class_name": "Spin", "date": "today", "time": "late"], "\"late\" is not a time."),
            (["class_name": "Spin", "date": "whenever"], "is not a date. Use YYYY-MM-DD"),
        ] as [(JSONValue, String)])
    func `where nothing matches, what there is is said`(_ arguments: JSONValue, _ said: String) async throws {
        let gym = try await GymFixture.make()
        let message = try await gym.failure(name, arguments)
        #expect(message.contains(said), "\(message)")
    }

    @Test func `a session of nobody, or of another gym, does not exist`() async throws {
        let gym = try await GymFixture.make()
        let other = try await GymFixture.make()
        let foreign = try #require(other.sessions["spin tomorrow"])
        #expect(try await gym.failure(name, ["session_id": .string(foreign.id.description)]).contains("no session"))
    }

    @Test func `an id that is none is refused by the schema`() async throws {
        let gym = try await GymFixture.make()
        let error = await #expect(throws: SpotterError.self) {
            try await gym.call(name, ["session_id": "client_01kah2wz00e2fvd6rpmhk1s5xv"])
        }
        #expect(error?.issues.map(\.pointer) == ["/session_id"])
    }

    @Test func `a gym without classes says so`() async throws {
        let gym = try await GymFixture.make()
        let tool = try #require(gym.tools[name])
        let context = ToolContext(
            scope: OrganizationScope(gym.home.id()), organization: gym.organization, now: gym.now, effectKey: "k")
        let error = await #expect(throws: ToolFailure.self) { try await tool.call(["class_name": "Spin"], in: context) }
        #expect(error?.message == "This gym has no classes yet.")
    }
}
