import Foundation
import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

/// A gym in London with a handful of records, and the tools over it. It is 10:00 on Saturday 21 November 2026.
struct GymFixture {
    let home: TestOrganization
    let organization: Organization
    let tools: ToolSet
    let now: Date
    let sessions: [String: ClassSession]

    static func make(timezone: String = "Europe/London", now: String = "2026-11-21T10:00:00Z") async throws
        -> GymFixture
    {
        let stores = StoreSet.memory()
        let home = try await TestOrganization.make(in: stores)
        var organization = home.organization
        organization.timezone = timezone
        let spin = GymClass(id: home.id(), name: "Spin", description: "", durationMinutes: 45, capacity: 10)
        let flow = GymClass(id: home.id(), name: "Yoga Flow", description: "", durationMinutes: 60, capacity: 12)
        let yin = GymClass(id: home.id(), name: "Yin Yoga", description: "", durationMinutes: 60, capacity: 1)
        func session(_ it: GymClass, _ start: String, booked: Int, cancelled: Bool = false) throws -> ClassSession {
            let start = try #require(Timestamp.date(from: start))
            return ClassSession(
                id: home.id(), classId: it.id, className: it.name, instructor: "Dana Whitlock", startsAt: start,
                endsAt: start.addingTimeInterval(Double(it.durationMinutes) * 60), capacity: it.capacity,
                booked: booked, isCancelled: cancelled)
        }
        let sessions = try [
            "spin over": session(spin, "2026-11-21T07:00:00Z", booked: 4),
            "spin running": session(spin, "2026-11-21T09:30:00Z", booked: 4),
            "spin evening": session(spin, "2026-11-21T18:30:00Z", booked: 7),
            "spin tomorrow": session(spin, "2026-11-22T18:30:00Z", booked: 13),
            "spin tomorrow early": session(spin, "2026-11-22T07:00:00Z", booked: 0),
            "spin cancelled": session(spin, "2026-11-23T18:30:00Z", booked: 0, cancelled: true),
            "flow monday": session(flow, "2026-11-23T07:30:00Z", booked: 12),
            "yin late": session(yin, "2026-11-21T23:30:00Z", booked: 0),
        ]
        try await stores.schedule.add(
            classes: [spin, flow, yin], sessions: Array(sessions.values), bookings: [], in: home.scope)
        let tools = ToolCatalog.tools(clients: stores.clients, schedule: stores.schedule)
        let moment = try #require(Timestamp.date(from: now))
        return GymFixture(home: home, organization: organization, tools: tools, now: moment, sessions: sessions)
    }

    /// Runs a tool as the engine does: arguments checked against the schema first.
    func call(_ name: String, _ arguments: JSONValue) async throws -> JSONValue {
        let tool = try #require(tools[name])
        let context = ToolContext(scope: home.scope, organization: organization, now: now, effectKey: "k")
        return try await tool.call(arguments, in: context)
    }

    /// What a tool says to arguments that it cannot use.
    func failure(_ name: String, _ arguments: JSONValue) async throws -> String {
        let error = await #expect(throws: ToolFailure.self) { try await call(name, arguments) }
        return try #require(error).message
    }

    func addMembers() async throws {
        func member(_ name: String, _ email: String?, _ phone: String?, _ status: Client.Status) -> Client {
            Client(
                id: home.id(), name: name, email: email, phone: phone, status: status, tags: ["evening"],
                joinedOn: Date(timeIntervalSince1970: 1_640_995_200))
        }
        try await home.stores.clients.add(
            [
                member("Anna Lindqvist", "anna.lindqvist@example.com", "+44 7700 900123", .active),
                member("Anna Silva", "anna@example.org", nil, .paused),
                member("Ben Carver", nil, "+44 7700 900456", .cancelled),
            ], in: home.scope)
    }
}

/// Rows of an answer by one member of each.
func column(_ key: String, _ answer: JSONValue, _ list: String = "sessions") -> [String] {
    (answer[list]?.array ?? []).map { $0[key].map { $0.string ?? $0.description } ?? "-" }
}
