import Foundation
import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

struct DemoGymTests {
    private static let morning = Date(timeIntervalSince1970: 1_795_248_000)  // 2026-11-21T08:00:00Z
    private static let size = TenantDefinition.Demo(members: 40, classes: 8)

    private func organization(_ slug: String, _ timezone: String = "Europe/London") -> Organization {
        let id: OrganizationID = RandomIDGenerator().id(at: Self.morning)
        return Organization(
            id: id, slug: slug, name: slug, timezone: timezone, currency: "GBP", plan: .pro,
            createdAt: Self.morning, updatedAt: Self.morning)
    }

    private func load(
        _ home: TestOrganization, _ organization: Organization, at now: Date = morning,
        size: TenantDefinition.Demo = size
    ) async throws -> DemoGym.Loaded? {
        try await DemoGym(organization).load(
            into: home.stores.clients, home.stores.schedule, now: now, size: size)
    }

    /// An organisation of the memory stores, under a slug that decides the records.
    private func home(_ slug: String, _ zone: String = "Europe/London") async throws -> (TestOrganization, Organization)
    {
        let home = try await TestOrganization.make(in: StoreSet.memory())
        var organization = organization(slug, zone)
        organization = Organization(
            id: home.organization.id, slug: slug, name: slug, timezone: zone, currency: "GBP", plan: .pro,
            createdAt: Self.morning, updatedAt: Self.morning)
        return (home, organization)
    }

    private func sessions(_ home: TestOrganization) async throws -> [ClassSession] {
        try await home.stores.schedule.sessions(
            startingIn: Date.distantPast..<Date.distantFuture, className: nil, limit: 10_000, in: home.scope)
    }

    @Test func `loading twice changes nothing`() async throws {
        let (home, gym) = try await home("iron-temple")
        let first = try #require(try await load(home, gym))
        let before = try await sessions(home)
        let again = try #require(try await load(home, gym))
        #expect(first == again)
        #expect(first.members == 40 && first.classes == 8 && first.sessions == before.count)
        #expect(try await sessions(home) == before)
        #expect(try await home.stores.clients.count(in: home.scope) == 40)
    }

    @Test func `a later day adds the sessions that are missing and keeps those there are`() async throws {
        let (home, gym) = try await home("iron-temple")
        _ = try await load(home, gym)
        let before = try await sessions(home)
        _ = try await load(home, gym, at: Self.morning.addingTimeInterval(3 * 86_400))
        let after = try await sessions(home)
        #expect(Array(after.prefix(before.count)) == before)
        #expect(after.count > before.count)
        let days = Set(after.map { Timestamp.string(from: $0.startsAt).prefix(10) })
        #expect(days.count == 19)
    }

    @Test func `the same gym is the same everywhere, another gym is another`() throws {
        let iron = try DemoGym(organization("iron-temple"))
        let same = try DemoGym(organization("iron-temple"))
        let harbour = try DemoGym(organization("harbour-fitness"))
        #expect(iron.members(40) == same.members(40))
        #expect(iron.classes(8) == same.classes(8))
        #expect(Set(iron.members(40).map(\.id)).isDisjoint(with: harbour.members(40).map(\.id)))
        #expect(iron.members(40).map(\.name) != harbour.members(40).map(\.name))
        #expect(Array(iron.members(60).prefix(40)) == iron.members(40))
    }

    @Test func `the first member is this one, on every machine`() throws {
        // Stands here so that a change of the generator is noticed: it would double every demo gym.
        let first = try #require(try DemoGym(organization("iron-temple")).members(1).first)
        #expect("\(first.id) \(first.name)" == DemoGymTests.firstMember)
    }

    private static let firstMember = "client_01jfxhsy00f8crxj964zpzm68j Quinn Nakamura"

    @Test func `members are believable and reach nobody`() throws {
        let members = try DemoGym(organization("harbour-fitness")).members(400)
        #expect(Set(members.map(\.name)).count == 400)
        #expect(Set(members.map(\.id)).count == 400)
        #expect(Set(members.map(\.email)).count == 400)
        for member in members {
            let email = try #require(member.email)
            let domain = try #require(email.split(separator: "@").last)
            #expect(["example.com", "example.org", "example.net", "mail.example.com"].contains(domain))
            #expect(email.allSatisfy { $0.isASCII })
            if let phone = member.phone { #expect(phone.hasPrefix("+44 7700 900")) }
            #expect(member.joinedOn.start < Self.morning)
        }
        for status in Client.Status.allCases { #expect(members.contains { $0.status == status }) }
        let active = members.count { $0.status == .active }
        #expect((220...340).contains(active))
        let american = try DemoGym(organization("x-gym", "America/New_York")).members(50).compactMap(\.phone)
        #expect(american.allSatisfy { $0.contains(" 555 01") })
    }

    @Test(arguments: ["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
    func `sessions are held at believable local times, from yesterday to two weeks ahead`(_ zone: String) async throws {
        let (home, gym) = try await home("iron-temple", zone)
        _ = try await load(home, gym)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: zone))
        let sessions = try await sessions(home)
        let today = calendar.startOfDay(for: Self.morning)
        for session in sessions {
            let parts = calendar.dateComponents([.hour, .minute], from: session.startsAt)
            let hour = try #require(parts.hour)
            #expect((6...19).contains(hour))
            #expect([0, 15, 30].contains(parts.minute))
            #expect(session.endsAt > session.startsAt)
        }
        let first = try #require(sessions.first), last = try #require(sessions.last)
        #expect(calendar.dateComponents([.day], from: calendar.startOfDay(for: first.startsAt), to: today).day == 1)
        #expect(calendar.dateComponents([.day], from: today, to: calendar.startOfDay(for: last.startsAt)).day == 14)
        #expect(Set(sessions.map(\.id)).count == sessions.count)
    }

    @Test func `Spin and Yoga Flow are on every day, and classes are neither all empty nor all full`() async throws {
        let (home, gym) = try await home("harbour-fitness")
        _ = try await load(home, gym)
        let sessions = try await sessions(home)
        #expect(sessions.count { $0.className == "Spin" } == 16)
        #expect(sessions.count { $0.className == "Yoga Flow" } == 16)
        #expect(Set(sessions.map(\.className)).count == 8)
        #expect(sessions.contains { $0.booked > $0.capacity })
        #expect(sessions.count { $0.free > 0 } > sessions.count / 2)
        #expect(sessions.count { $0.booked > $0.capacity / 3 } > sessions.count / 2)
        #expect(sessions.filter(\.isCancelled).allSatisfy { $0.booked == 0 })
    }

    @Test func `a gym with members of its own is left alone`() async throws {
        let (home, gym) = try await home("iron-temple")
        let real = Client(
            id: home.id(), name: "Real Person", email: "real@example.com", phone: nil, status: .active,
            joinedOn: Self.morning)
        try await home.stores.clients.add([real], in: home.scope)
        #expect(try await load(home, gym) == nil)
        #expect(try await home.stores.clients.count(in: home.scope) == 1)
        #expect(try await sessions(home).isEmpty)
    }

    @Test(arguments: [(0, 0), (-5, -5), (0, 3), (3, 0), (1, 1), (3, 99)])
    func `odd sizes are met`(_ members: Int, _ classes: Int) async throws {
        let (home, gym) = try await home("iron-temple")
        let loaded = try #require(try await load(home, gym, size: .init(members: members, classes: classes)))
        #expect(loaded.members == max(0, members))
        #expect(loaded.classes == min(max(0, classes), 12))
        #expect((loaded.sessions > 0) == (classes > 0))
    }

    @Test func `an unknown time zone is an error`() {
        let error = #expect(throws: SpotterError.self) { try DemoGym(organization("iron-temple", "Mars/Olympus")) }
        #expect(error?.message.contains("Mars/Olympus") == true)
    }

    @Test func `the real tools answer over it`() async throws {
        let (home, gym) = try await home("iron-temple")
        _ = try await load(home, gym)
        let tools = ToolCatalog.tools(clients: home.stores.clients, schedule: home.stores.schedule)
        let context = ToolContext(scope: home.scope, organization: gym, now: Self.morning, effectKey: "k")
        let tool = try #require(tools["check_class_availability"])
        let answer = try await tool.call(["class_name": "Spin", "date": "tomorrow"], in: context)
        #expect(answer["summary"]?.string?.hasPrefix("Spin on Sunday 2026-11-22 at 09:30") == true)
    }
}
