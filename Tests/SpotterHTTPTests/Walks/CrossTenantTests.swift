import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// No operation reaches, or tells of, what belongs to another organisation. Every route of the table is walked.
struct CrossTenantTests {
    @Test(arguments: TestAPI.operations)
    func `what is another organisation's is as unknown as what never was`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            var foreign = try await Belongings(of: api.theirs, in: api)
            try await foreign.arrange(for: name, of: api.theirs, in: api)
            var mine = try await Belongings(of: api.ours, in: api)
            try await mine.arrange(for: name, of: api.ours, in: api)
            let unknown = Belongings.unknown(api.theirs)
            let (before, own) = (try await api.theirs.everything(), try await api.ours.everything())
            // To whoever has no signature all hooks are alike, their own too: `HookTests` see to it.
            guard route.tag != HookReceptionRoutes.tag else { return }
            guard try foreign.isOwned(route) || foreign.namesIDs(route), route.permission != .admin else { return }

            let stranger = try await Self.send(route, foreign, api.ours.token, api)
            let nobody = try await Self.send(route, unknown, api.ours.token, api)
            #expect(try foreign.isOwned(route) ? stranger.status == 404 : [400, 404].contains(stranger.status))
            #expect(stranger.status == nobody.status)
            #expect(stranger.problem == nobody.problem)
            #expect(stranger.contentType == "application/problem+json")
            Self.expectNothing(of: foreign, api.theirs, in: stranger)
            #expect(try await api.theirs.everything() == before)
            #expect(try await api.ours.everything() == own)

            // Something of ours in the path does not open the way for what is theirs in the body.
            if try foreign.isOwned(route), try foreign.namesIDs(route) {
                let mixed = try await api.ask(route.method, mine.path(of: route), foreign.body(of: route))
                #expect([400, 404].contains(mixed.status))
                #expect(try await api.ours.everything() == own)
            }
        }
    }

    @Test(arguments: TestAPI.operations)
    func `the same request reaches its owner's things`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            var foreign = try await Belongings(of: api.theirs, in: api)
            // To whoever has no signature all hooks are alike, their own too: `HookTests` see to it.
            guard route.tag != HookReceptionRoutes.tag else { return }
            guard try foreign.isOwned(route) || foreign.namesIDs(route), route.permission != .admin else { return }
            try await foreign.arrange(for: name, of: api.theirs, in: api)
            let answer = try await Self.send(route, foreign, api.theirs.token, api)
            #expect((200..<300).contains(answer.status), "\(answer.text)")
        }
    }

    @Test(arguments: TestAPI.operations)
    func `filters and cursors of another organisation find nothing of it`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            let foreign = try await Belongings(of: api.theirs, in: api)
            // A filter that is not heeded would show what is ours.
            _ = try await Belongings(of: api.ours, in: api)
            guard route.method == .get, try !foreign.isOwned(route), route.permission != .admin else { return }
            guard !route.answers.contains(where: { $0.contentType == "text/event-stream" }), !route.isWebSocket
            else { return }
            let path = try foreign.path(of: route)
            Self.expectNothing(of: foreign, api.theirs, in: try await api.ask(.get, path))
            // What is found by a name of its own is not found in another's.
            for parameter in route.query where route.pathParameters.isEmpty {
                if let id = try foreign.id(for: parameter.schema) {
                    let answer = try await api.ask(.get, "\(path)?\(parameter.name)=\(id)")
                    #expect(answer.status == 200)
                    if name == "getUsage" {
                        #expect(answer["lines"] == 0)
                        #expect(answer["breakdown"] == [])
                    } else {
                        #expect(answer.json == ["data": [], "next_cursor": nil])
                    }
                }
            }
            for id in foreign.all where route.query.contains(where: { $0.name == "after" }) {
                let suffix = id.drop { $0 != "_" }
                let answer = try await api.ask(.get, "\(path)?after=cur\(suffix)")
                #expect(answer.status == 200)
                Self.expectNothing(of: foreign, api.theirs, in: answer)
            }
        }
    }

    @Test func `the event stream carries nothing of another organisation`() async throws {
        try await TestAPI.with { api in
            let mine = try await Belongings(of: api.ours, in: api)
            let foreign = try await Belongings(of: api.theirs, in: api)
            var headers = HTTPHeaders()
            headers.append("authorization", "Bearer \(api.ours.token)")
            let request = HTTPRequest(method: .get, target: "/v1/events?after=0", headers: headers)
            let answer = try await Answer(APIResponder(api.services).respond(to: request), limit: .milliseconds(300))
            #expect(answer.status == 200)
            #expect(answer.events.contains { $0.data["execution_id"]?.string == mine.execution })
            Self.expectNothing(of: foreign, api.theirs, in: answer)
        }
    }

    @Test func `an idempotency key of another organisation is not known here`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = ["name": "Desk", "system_prompt": "Help.", "model": "offline"]
            let key = [("idempotency-key", "the-same")]
            let theirs = try await api.send(.post, "/v1/agents", body, token: api.theirs.token, headers: key)
            let ours = try await api.ask(.post, "/v1/agents", body, headers: key)
            #expect(theirs.status == 201)
            #expect(ours.status == 201)
            #expect(ours.headers["idempotency-replayed"] == nil)
            #expect(ours["id"] != theirs["id"])
        }
    }

    private static func send(
        _ route: Route, _ belongings: Belongings, _ token: String, _ api: TestAPI
    ) async throws -> Answer {
        try await api.send(
            route.method, belongings.path(of: route), belongings.body(of: route), token: token)
    }

    private static func expectNothing(of foreign: Belongings, _ tenant: Tenant, in answer: Answer) {
        let text = answer.text
        for secret in foreign.all + [Tenant.foreignName, tenant.scope.organization.description] {
            #expect(!text.contains(secret))
        }
    }
}
