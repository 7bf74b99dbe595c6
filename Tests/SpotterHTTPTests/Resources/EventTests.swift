import Foundation
import HTTPServerKit
import PostgresKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterHTTP

/// The event log, listed and published to.
struct EventTests {
    private static let json = [("accept", "application/json")]

    private static func publish(
        _ api: TestAPI, _ type: String, _ data: JSONValue = [:], headers: [(String, String)] = []
    ) async throws -> Answer {
        try await api.ask(.post, "/v1/events", ["type": .string(type), "data": data], headers: headers)
    }

    @Test func `what is published is answered with its place, and listed`() async throws {
        try await TestAPI.with { api in
            let first = try await Self.publish(api, "custom.door.opened", ["door": "front"])
            #expect(first.status == 201, "\(first.text)")
            #expect(first["id"] == "1")
            _ = try await Self.publish(api, "agent.insight", ["text": "Busy."])
            _ = try await Self.publish(api, "agent.error")
            let all = try await api.ask(.get, "/v1/events", headers: Self.json)
            #expect(all.data.map { $0["id"]?.string } == ["1", "2", "3"])
            #expect(all.data.first == first.json)
            #expect(all["next_cursor"] == .null)
            let page = try await api.ask(.get, "/v1/events?limit=2", headers: Self.json)
            #expect(page.data.count == 2 && page["next_cursor"] == "2")
            let rest = try await api.ask(.get, "/v1/events?limit=2&after=2", headers: Self.json)
            #expect(rest.data.map { $0["type"]?.string } == ["agent.error"])
            let some = try await api.ask(.get, "/v1/events?types=agent.*", headers: Self.json)
            #expect(some.data.map { $0["id"]?.string } == ["2", "3"])
        }
    }

    @Test func `whoever stopped before what is kept is told, and begins anew`() async throws {
        try await TestAPI.with(inDatabase: true) { api in
            for number in 1...4 { _ = try await Self.publish(api, "custom.n\(number)") }
            let id = api.ours.scope.organization.uuid.uuidString
            try await Administration.run(
                script: """
                    DELETE FROM spotter.events WHERE organization_id = '\(id)' AND position <= 2;
                    UPDATE spotter.event_logs SET forgotten_position = 2 WHERE organization_id = '\(id)';
                    """, on: try await TestStores.shared.administrator)
            for headers in [Self.json, [], [("accept", "text/event-stream")]] {
                let answer = try await api.ask(.get, "/v1/events", headers: headers + [("last-event-id", "1")])
                #expect(answer.status == 410, "\(answer.text)")
                #expect(answer["code"] == "gone")
            }
            #expect(try await api.ask(.get, "/v1/events/ws?after=1").status == 410)
            for (after, ids) in [("0", ["3", "4"]), ("2", ["3", "4"]), ("3", ["4"])] {
                let page = try await api.ask(.get, "/v1/events?after=\(after)", headers: Self.json)
                #expect(page.data.map { $0["id"]?.string } == ids)
            }
        }
    }

    @Test func `the same key publishes once, and is answered as the first time`() async throws {
        try await TestAPI.with { api in
            let key = [("idempotency-key", "door-17")]
            let first = try await Self.publish(api, "custom.door", ["n": 1], headers: key)
            let again = try await Self.publish(api, "custom.door", ["n": 1], headers: key)
            #expect(again.status == 201)
            #expect(again.body == first.body)
            #expect(again.headers["idempotency-replayed"] == "true")
            #expect(try await Self.publish(api, "custom.door", ["n": 2], headers: key).status == 422)
            #expect(try await api.stores.events.lastPosition(in: api.ours.scope) == 1)
        }
    }

    private static let faults: [String: (body: JSONValue, pointer: String)] = [
        "one of Spotter's own types": (["type": "execution.completed", "data": [:]], "/type"),
        "a name with capitals": (["type": "custom.Door", "data": [:]], "/type"),
        "data that is no object": (["type": "custom.door", "data": [1]], "/data"),
        "an id that is none": (["type": "custom.door", "data": [:], "execution_id": "exec_1"], "/execution_id"),
        "an unknown field": (["type": "custom.door", "data": [:], "dat": [:]], "/dat"),
    ]

    @Test(arguments: faults.keys.sorted())
    func `what cannot be published is refused by its field`(_ name: String) async throws {
        let fault = try #require(Self.faults[name])
        try await TestAPI.with { api in
            let answer = try await api.ask(.post, "/v1/events", fault.body)
            #expect(answer.status == 400, "\(answer.text)")
            #expect(answer["errors"]?[0]?["pointer"]?.string == fault.pointer)
            #expect(try await api.stores.events.lastPosition(in: api.ours.scope) == 0)
        }
    }

    @Test(arguments: [Role.owner, .admin, .staff, .readOnly, .hook])
    func `publishing needs the scope for it`(_ role: Role) async throws {
        try await TestAPI.with { api in
            let token = try await api.ours.token(role: role)
            let body: JSONValue = ["type": "custom.door", "data": [:]]
            let answer = try await api.send(.post, "/v1/events", body, token: token)
            #expect(answer.status == (role == .readOnly ? 403 : 201))
        }
    }

    @Test func `an unknown type of event is named with the nearest`() async throws {
        try await TestAPI.with { api in
            for path in ["/v1/events", "/v1/events/ws"] {
                let answer = try await api.ask(.get, "\(path)?types=step.startd", headers: Self.json)
                #expect(answer.status == 400)
                #expect(answer.text.contains("step.started"))
            }
        }
    }

    @Test func `a stream resumes from every place without gap or repeat, with and without a filter`() async throws {
        try await TestAPI.with { api in
            for number in 1...6 { _ = try await Self.publish(api, number % 2 == 0 ? "custom.even" : "custom.odd") }
            for place in Int64(0)...6 {
                for (query, wanted) in [("", [Int64(1), 2, 3, 4, 5, 6]), ("?types=custom.even", [2, 4, 6])] {
                    let rest = wanted.filter { $0 > place }
                    #expect(try await Self.ids(of: rest.count, after: place, query, in: api) == rest)
                }
            }
        }
    }

    /// The ids that the stream gives, up to the write in which the last one expected comes.
    private static func ids(of count: Int, after place: Int64, _ query: String, in api: TestAPI) async throws -> [Int64]
    {
        guard count > 0 else { return [] }
        var headers = HTTPHeaders()
        headers.append("authorization", "Bearer \(api.ours.token)")
        headers.append("last-event-id", "\(place)")
        let request = HTTPRequest(method: .get, target: "/v1/events\(query)", headers: headers)
        guard case .stream(let produce) = await APIResponder(api.services).respond(to: request).body else { return [] }
        let written = Mutex("")
        struct Enough: Error {}
        try? await produce(
            HTTPBodyWriter { bytes in
                let text = written.withLock { text in
                    text += String(decoding: bytes, as: UTF8.self)
                    return text
                }
                if StreamedEvent.parse(text).count >= count { throw Enough() }
            })
        return StreamedEvent.parse(written.withLock { $0 }).map(\.id)
    }
}
