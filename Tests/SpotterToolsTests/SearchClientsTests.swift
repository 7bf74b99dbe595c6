import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

struct SearchClientsTests {
    @Test(arguments: [
        ("Anna", ["Anna Lindqvist", "Anna Silva"]), ("anna lind", ["Anna Lindqvist"]),
        ("  Silva ", ["Anna Silva"]), ("anna@example.org", ["Anna Silva"]), ("7700 900456", ["Ben Carver"]),
        ("Nobody", []),
    ])
    func `members are found by name, e-mail and phone`(_ query: String, _ names: [String]) async throws {
        let gym = try await GymFixture.make()
        try await gym.addMembers()
        let answer = try await gym.call("search_clients", ["query": .string(query)])
        #expect(column("name", answer, "clients") == names)
        #expect(answer["has_more"] == false)
    }

    @Test func `a row holds what is known and nothing else`() async throws {
        let gym = try await GymFixture.make()
        try await gym.addMembers()
        let answer = try await gym.call("search_clients", ["query": "Carver"])
        let row = try #require(answer["clients"]?[0]?.object)
        #expect(row.keys == ["id", "name", "phone", "status", "tags", "joined"])
        #expect(row["joined"] == "2022-01-01")
        #expect(row["status"] == "cancelled")
        #expect(answer["summary"] == "1 member matches \"Carver\".")
    }

    @Test func `the status narrows, and who has another is said`() async throws {
        let gym = try await GymFixture.make()
        try await gym.addMembers()
        let paused = try await gym.call("search_clients", ["query": "Anna", "status": "paused"])
        #expect(column("name", paused, "clients") == ["Anna Silva"])
        let none = try await gym.call("search_clients", ["query": "Carver", "status": "active"])
        #expect(none["summary"] == "No active member matches \"Carver\". With another status: Ben Carver (cancelled).")
        #expect(none["clients"] == [])
    }

    @Test func `more matches than the limit are said and not shown`() async throws {
        let gym = try await GymFixture.make()
        try await gym.addMembers()
        let answer = try await gym.call("search_clients", ["query": "Anna", "limit": 1])
        #expect(column("name", answer, "clients") == ["Anna Lindqvist"])
        #expect(answer["has_more"] == true)
        #expect(answer["summary"]?.string?.hasPrefix("More than 1 members match") == true)
    }

    @Test(
        arguments: [
            ([:], "/query"), (["query": ""], "/query"), (["query": 7], "/query"),
            (["query": "a", "limit": 0], "/limit"),
            (["query": "a", "limit": 51], "/limit"), (["query": "a", "status": "gone"], "/status"),
            (["query": "a", "staus": "active"], "/staus"),
        ] as [(JSONValue, String)])
    func `arguments outside the schema never reach the store`(_ arguments: JSONValue, _ pointer: String) async throws {
        let gym = try await GymFixture.make()
        let error = await #expect(throws: SpotterError.self) { try await gym.call("search_clients", arguments) }
        #expect(error?.issues.map(\.pointer) == [pointer])
    }

    @Test func `a query of blanks is a failure that says what to give`() async throws {
        let gym = try await GymFixture.make()
        #expect(try await gym.failure("search_clients", ["query": "  "]).contains("name, e-mail"))
    }

    @Test func `another gym's members are never found`() async throws {
        let gym = try await GymFixture.make()
        try await gym.addMembers()
        let other = OrganizationScope(gym.home.id())
        let tool = try #require(gym.tools["search_clients"])
        let context = ToolContext(scope: other, organization: gym.organization, now: gym.now, effectKey: "k")
        #expect(try await tool.call(["query": "Anna"], in: context)["clients"] == [])
    }
}
