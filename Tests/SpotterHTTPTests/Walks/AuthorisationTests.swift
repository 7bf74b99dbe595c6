import Foundation
import HTTPServerKit
import SigningKit
import SpotterDomain
import SpotterTesting
import SpotterTokens
import Testing

@testable import SpotterHTTP

/// Every operation asks for its scope, and for a token that is good today. Every route of the table is walked.
struct AuthorisationTests {
    /// Ways to come without a good token.
    enum Credential: String, CaseIterable, Sendable {
        case none, garbage, expired, wrongKey, truncated, twoHeaders, long, inQuery, otherScheme, revoked
        case unknownRecord, future, extraDots, versionThree, unsignedJWT, hundredKilobytes, checksum
    }

    @Test(arguments: TestAPI.operations)
    func `only a good token opens an operation that asks for one`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            guard route.permission != nil else { return }
            let things = try await Belongings(of: api.ours, in: api)
            let before = try await api.ours.everything()
            var bodies: Set<JSONValue> = []
            for credential in Credential.allCases {
                let answer = try await Self.send(route, things, credential, api)
                #expect(answer.status == 401, "\(credential)")
                #expect(answer.headers["www-authenticate"] != nil)
                #expect(answer.contentType == "application/problem+json")
                bodies.insert(answer.problem)
            }
            #expect(bodies.count == 1)
            // Making the tokens is all that happened.
            let after = try await api.ours.everything().filter { !$0.contains("TokenRecord") }
            #expect(after == before.filter { !$0.contains("TokenRecord") })
        }
    }

    @Test(arguments: TestAPI.operations)
    func `a token with every scope but the right one is refused`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            guard let permission = route.permission else { return }
            let things = try await Belongings(of: api.ours, in: api)
            let others = Set(Permission.allCases).subtracting([permission])
            let token = try await api.ours.token(role: .operator, permissions: others)
            let before = try await api.ours.everything()
            let answer = try await api.send(
                route.method, things.path(of: route), things.body(of: route), token: token)
            #expect(answer.status == 403)
            #expect(answer["code"] == "forbidden")
            #expect(try await api.ours.everything() == before)
        }
    }

    @Test(arguments: TestAPI.operations)
    func `the right scope alone is enough`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            guard let permission = route.permission, name != "streamEvents" else { return }
            let things = try await Belongings(of: api.ours, in: api)
            // Who has a hook, or its secret, may do what it starts.
            let isOfHook = ["createHook", "updateHook", "rotateHook", "replayHook", "replayHookDelivery"].contains(
                name)
            let token = try await api.ours.token(
                role: .operator, permissions: isOfHook ? [permission, .executionsWrite] : [permission])
            let answer = try await api.send(
                route.method, things.path(of: route), things.body(of: route), token: token)
            // A token may not issue one that may more than itself: that 403 is of another kind.
            let isRefused = answer.status == 401 || answer.status == 403
            #expect(name == "issueToken" || !isRefused, "\(answer.text)")
        }
    }

    @Test(arguments: TestAPI.operations)
    func `an operation without a scope answers everybody`(_ name: String) async throws {
        try await TestAPI.with { api in
            let route = try api.route(name)
            // A link is its own scope: without one it answers nobody. Signing in asks for a token in its own way.
            guard route.permission == nil,
                ![ApprovalLinkRoutes.tag, UnsubscribeRoutes.tag, HookReceptionRoutes.tag, DashboardRoutes.tag].contains(
                    route.tag)
            else { return }
            let path = try Belongings.unknown(api.ours).path(of: route)
            for token in [nil, "garbage", api.ours.token] {
                #expect(try await api.send(route.method, path, token: token).status == 200)
            }
        }
    }

    @Test func `only documentation, health and problems are open`() async throws {
        try await TestAPI.with { api in
            let open = api.table.routes.filter { $0.permission == nil }.map(\.tag)
            #expect(
                Set(open) == [
                    "Health", "Documentation", ApprovalLinkRoutes.tag, UnsubscribeRoutes.tag, HookReceptionRoutes.tag,
                    MetricsRoutes.tag,
                    DashboardRoutes.tag,
                ])
            let admin = api.table.routes.filter { $0.path.hasPrefix("/v1/admin") }
            #expect(!admin.isEmpty)
            #expect(admin.allSatisfy { $0.permission == .admin })
            for role in Role.allCases where role != .operator { #expect(!role.permissions.contains(.admin)) }
        }
    }

    @Test func `a token is felt as revoked at once by the server that revoked it`() async throws {
        try await TestAPI.with { api in
            let issued = try await api.ask(.post, "/v1/tokens", ["name": "CRM", "role": "staff"])
            let (id, text) = (try #require(issued["id"]?.string), try #require(issued["token"]?.string))
            #expect(try await api.send(.get, "/v1/agents", token: text).status == 200)
            #expect(try await api.ask(.delete, "/v1/tokens/\(id)").status == 204)
            #expect(try await api.send(.get, "/v1/agents", token: text).status == 401)
        }
    }

    @Test func `a token revoked by another server is refused, and no server remembers it for five seconds`()
        async throws
    {
        try await TestAPI.with { api in
            let (here, there) = (
                Authenticator(signer: api.signer, store: api.stores.tokens, refused: RefusedTokens()),
                Authenticator(signer: api.signer, store: api.stores.tokens, refused: RefusedTokens())
            )
            let text = try await api.ours.token(role: .staff)
            let caller = try await here.caller(authorization: "Bearer \(text)", at: Date())
            _ = try await api.stores.tokens.revoke(caller.token, at: Date() - 1, in: api.ours.scope)
            await #expect(throws: SpotterError.self) {
                try await there.caller(authorization: "Bearer \(text)", at: Date())
            }
            #expect(try await here.isGood(caller.token, at: Date(), in: api.ours.scope) == false)
            #expect(Authenticator.memory < .seconds(5))
        }
    }

    private static func send(
        _ route: Route, _ things: Belongings, _ credential: Credential, _ api: TestAPI
    ) async throws -> Answer {
        var target = try things.path(of: route)
        let body = try things.body(of: route)
        var headers = HTTPHeaders()
        if body != nil { headers.append("content-type", "application/json") }
        switch credential {
        case .none: break
        case .inQuery: target += "?access_token=\(api.operatorToken)"
        case .otherScheme: headers.append("authorization", "Basic \(api.operatorToken)")
        case .twoHeaders:
            for _ in 0..<2 { headers.append("authorization", "Bearer \(api.operatorToken)") }
        default: headers.append("authorization", "Bearer \(try await text(credential, api))")
        }
        return try await api.send(
            HTTPRequest(method: route.method, target: target, headers: headers, body: body?.bytes ?? []))
    }

    private static func text(_ credential: Credential, _ api: TestAPI) async throws -> String {
        let home = api.ours.home
        switch credential {
        case .expired: return try await api.ours.token(role: .operator, age: 86_400 * 2)
        case .revoked: return try await api.ours.token(role: .operator, revoked: true)
        case .truncated: return String(api.operatorToken.dropLast())
        case .long: return api.operatorToken + String(repeating: "a", count: 8_192)
        case .future: return try await api.ours.token(role: .operator, age: -3_600)
        case .extraDots: return api.operatorToken + ".e30.e30"
        case .versionThree: return "v3.public." + String(repeating: "A", count: 200)
        case .unsignedJWT: return "eyJhbGciOiJub25lIn0.eyJvcmciOiJvcmdfMSIsImV4cCI6OTk5OTk5OTk5OX0."
        case .hundredKilobytes: return api.operatorToken + String(repeating: "a", count: 100_000)
        case .checksum: return String(api.operatorToken.dropLast(6)) + "AAAAAA"
        case .unknownRecord: return try api.signer.text(for: Tenant.record(home, role: .operator, name: "nobody"))
        case .wrongKey:
            let keys = try KeyRing(signingWith: .generate())
            let signer = PasetoTokenSigner(keys: keys, deployment: "test", clock: SystemClock())
            let record = Tenant.record(home, role: .operator, name: "forged")
            try await api.stores.tokens.create(record, receipt: nil, in: home.scope)
            return try signer.text(for: record)
        default: return "garbage"
        }
    }
}
