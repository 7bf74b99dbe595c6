import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import SpotterTokens
import Testing

@testable import SpotterHTTP

/// A stream of events ends when what opened it no longer opens anything.
@Suite(.timeLimit(.minutes(5))) struct StreamEndTests {
    private static let page: [(String, String)] = [
        ("host", "gym.test"), ("origin", "http://gym.test"), ("sec-fetch-site", "same-origin"),
        ("x-spotter-dashboard", "1"),
    ]

    /// What opens the stream, and how it ends.
    enum Ending: CaseIterable, Sendable { case revoked, expired, signedOut, sessionRevoked, tokenOfSessionRevoked }

    /// Which stream.
    enum Kind: CaseIterable, Sendable { case events, execution }

    @Test(arguments: Ending.allCases, Kind.allCases)
    func `a stream ends with its token or session`(_ ending: Ending, _ kind: Kind) async throws {
        try await TestAPI.with { api in
            let record = Tenant.record(
                api.ours.home, role: .staff, name: "wall", lifetime: ending == .expired ? 63 : 86_400)
            try await api.stores.tokens.create(record, receipt: nil, in: api.ours.scope)
            let token = try api.signer.text(for: record)
            var fields = [("authorization", "Bearer \(token)")]
            if ![Ending.revoked, .expired].contains(ending) {
                fields = try await Self.page + [("cookie", Self.signIn(with: token, api))]
            }
            try await Self.read(kind, as: fields, api) {
                try await Self.end(ending, record.id, fields, api)
            }
        }
    }

    private static func signIn(with token: String, _ api: TestAPI) async throws -> String {
        let answer = try await api.send(
            .post, "/v1/dashboard/session", ["token": .string(token)], token: nil, headers: page)
        #expect(answer.status == 200, "\(answer.text)")
        return try String(#require(answer.headers["set-cookie"]).prefix { $0 != ";" })
    }

    private static func end(
        _ ending: Ending, _ token: TokenID, _ fields: [(String, String)], _ api: TestAPI
    ) async throws {
        switch ending {
        case .expired: return
        case .revoked, .tokenOfSessionRevoked:
            #expect(try await api.ask(.delete, "/v1/tokens/\(token)").status == 204)
        case .signedOut:
            #expect(try await api.send(.delete, "/v1/dashboard/session", token: nil, headers: fields).status == 204)
        case .sessionRevoked:
            let listed = try await api.ask(.get, "/v1/tokens").data
            let id = try #require(listed.first { $0["name"] == "Dashboard" }?["id"]?.string)
            #expect(try await api.ask(.delete, "/v1/tokens/\(id)").status == 204)
        }
    }

    /// Opens a stream that has no end of its own, does `work`, and returns when the stream has ended without an error.
    private static func read(
        _ kind: Kind, as fields: [(String, String)], _ api: TestAPI, _ work: () async throws -> Void
    ) async throws {
        let target = kind == .events ? "/v1/events" : try await "/v1/executions/\(execution(in: api))/events"
        var headers = HTTPHeaders()
        for (name, value) in fields { headers.append(name, value) }
        let response = await APIResponder(api.services).respond(
            to: HTTPRequest(method: .get, target: target, headers: headers))
        guard case .stream(let produce) = response.body else { throw SpotterError(.internal, "no stream") }
        let (opened, tell) = AsyncStream.makeStream(of: Void.self)
        let reading = Task {
            defer { tell.finish() }
            try await produce(HTTPBodyWriter { _ in tell.finish() })
        }
        for await _ in opened {}
        try await work()
        try await reading.value
    }

    /// The answer to a request for a stream that is held open; a refusal is read.
    private static func open(_ api: TestAPI, token: String) async throws -> HTTPResponse {
        await APIResponder(api.services).respond(
            to: HTTPRequest(
                method: .get, target: "/v1/events", headers: ["authorization": "Bearer \(token)"]))
    }

    @Test func `a token has no more streams open than it may, nor has the organisation`() async throws {
        try await TestAPI.with { api in
            var held: [HTTPResponse] = []
            for _ in 0..<20 { held.append(try await Self.open(api, token: api.ours.token)) }
            #expect(held.allSatisfy { $0.status == 200 })
            let refused = try await Answer(Self.open(api, token: api.ours.token))
            #expect(refused.status == 429)
            #expect(refused["code"] == "rate_limited")
            #expect(refused.headers["retry-after"] == "5")
            #expect(refused["detail"]?.string?.contains("20 event streams") == true, "\(refused.text)")
            // A turn that nobody could follow is not begun.
            let things = try await Belongings(of: api.ours, in: api)
            let before = try await api.ours.everything()
            let turn = try await api.ask(
                .post, "/v1/conversations/\(things.conversation)/messages", ["content": "Hi"],
                headers: [("accept", "text/event-stream")])
            #expect(turn.status == 429, "\(turn.text)")
            #expect(try await api.ours.everything() == before)
            // Others of the organisation have what is left, and other organisations all of theirs.
            let colleague = try await api.ours.token(role: .staff)
            for _ in 0..<10 { held.append(try await Self.open(api, token: colleague)) }
            #expect(try await Self.open(api, token: colleague).status == 429)
            #expect(try await Self.open(api, token: api.theirs.token).status == 200)
            #expect(held.allSatisfy { $0.status == 200 })
            // Who lets go of one may open another.
            held.removeFirst()
            held.append(try await Self.open(api, token: api.ours.token))
            #expect(held.last?.status == 200)
            held.removeAll()
            #expect(api.services.access.seats.count(of: api.ours.tokenID) == 0)
        }
    }

    /// An execution in the queue, where nobody takes it up.
    private static func execution(in api: TestAPI) async throws -> ExecutionID {
        let execution = Execution(
            id: api.ours.home.id(), kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: [:], createdAt: Date())
        return try await api.stores.executions.enqueue([execution], receipt: nil, in: api.ours.scope)[0]
    }
}
