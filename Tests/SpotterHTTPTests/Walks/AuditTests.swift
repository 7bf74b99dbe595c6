import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import SpotterTokens
import Testing

@testable import SpotterHTTP

/// The audit log holds every change, and nothing that was none. Every route of the table is walked, on PostgreSQL.
struct AuditTests {
    /// Operations that change nothing as they are called here: a tool that reads, a workflow that is only looked at, a
    /// replacement by what is there, and an end of a session that nobody has.
    private static let idle: Set<String> = [
        "invokeTool", "validateWorkflow", "replaceBooking", "replaceCheckIn", "signOut",
    ]

    /// Operations that change something each time they are called.
    private static let anew: Set<String> = ["testHook", "syncConnector"]

    /// Operations that are refused as they are called here: for a tenant's file that is not there, and from no
    /// page of the dashboard.
    private static let refused: Set<String> = ["seedAgents", "correctLine", "signIn"]

    @Test(arguments: TestAPI.operations)
    func `a change leaves one entry, a reading none, and the same request again no other`(_ name: String) async throws {
        try await TestAPI.with(inDatabase: true) { api in
            let route = try api.route(name)
            guard !route.isWebSocket, name != "streamEvents",
                ![ApprovalLinkRoutes.tag, UnsubscribeRoutes.tag, HookReceptionRoutes.tag].contains(route.tag)
            else { return }
            var things = try await Belongings(of: api.ours, in: api)
            try await things.arrange(for: name, of: api.ours, in: api)
            let token = route.permission == .admin ? api.operatorToken : api.ours.token
            let (path, body) = (try things.path(of: route), try things.body(of: route))
            let key = route.method == .post ? [("idempotency-key", "the-same")] : []
            let before = try await Self.entries(of: name, api)
            let answer = try await api.send(route.method, path, body, token: token, headers: key)
            guard (200..<300).contains(answer.status) else {
                // The refusal at least is no entry.
                #expect(Self.refused.contains(name), "\(answer.status) \(answer.text)")
                #expect(try await Self.entries(of: name, api).count == before.count)
                return
            }
            let after = try await Self.entries(of: name, api)
            let isChange = Self.changes(route)
            if let id = answer["id"]?.string.flatMap(OrganizationID.init) {
                // A new organisation's log begins with its making.
                let first = try await api.stores.audit.list(AuditFilter(), PageRequest(), in: OrganizationScope(id))
                #expect(first.items.map(\.action) == [name])
                return
            }
            #expect(after.count - before.count == (isChange ? 1 : 0), "\(answer.text)")
            guard isChange, let entry = after.first else { return }
            #expect(entry.actor.id?.hasPrefix("tok_") == true)
            #expect(entry.actor.role == (route.permission == .admin ? .operator : .owner))
            #expect(entry.requestId == answer.headers["x-request-id"])
            #expect(entry.fields == (body?.object?.keys ?? []).prefix(64).map { $0 })
            guard route.method == .post, !Self.anew.contains(name) else { return }
            _ = try await api.send(route.method, path, body, token: token, headers: key)
            #expect(try await Self.entries(of: name, api).count == after.count)
        }
    }

    @Test(arguments: TestAPI.operations)
    func `what is refused leaves no entry`(_ name: String) async throws {
        try await TestAPI.with(inDatabase: true) { api in
            let route = try api.route(name)
            guard [.post, .put, .patch, .delete].contains(route.method), route.permission != nil else { return }
            let things = try await Belongings(of: api.ours, in: api)
            let unknown = Belongings.unknown(api.ours)
            let before = try await Self.everything(api)
            let nonsense: JSONValue = ["nonsense": 1]
            let wrong = try await api.ask(route.method, things.path(of: route), route.body == nil ? nil : nonsense)
            if !(200..<300).contains(wrong.status) { #expect(try await Self.everything(api) == before) }
            // What comes in by hooks may only tell of events, and who reads may tell of none.
            let role: Role = route.permission == .eventsWrite ? .readOnly : .hook
            let forbidden = try await api.send(
                route.method, things.path(of: route), things.body(of: route), token: api.ours.token(role: role))
            #expect(forbidden.status == 403)
            guard try unknown.isOwned(route) else { return }
            let middle = try await Self.everything(api)
            let missing = try await api.ask(route.method, unknown.path(of: route), things.body(of: route))
            if missing.status == 404 { #expect(try await Self.everything(api) == middle) }
        }
    }

    @Test func `who signs in with a token is the token, and who does with a link is a link`() async throws {
        try await TestAPI.with(inDatabase: true) { api in
            let link = DashboardSession(
                id: api.ours.home.id(), token: api.ours.tokenID, organization: api.ours.scope.organization,
                expiresAt: Date() + 60)
            let page = [
                ("host", "gym.test"), ("origin", "http://gym.test"), ("sec-fetch-site", "same-origin"),
                ("x-spotter-dashboard", "1"),
            ]
            let ways: [JSONValue] = [
                ["token": .string(api.ours.token)], ["link": .string(try api.signer.text(for: link, as: .link))],
            ]
            for way in ways {
                let answer = try await api.send(.post, "/v1/dashboard/session", way, token: nil, headers: page)
                #expect(answer.status == 200, "\(answer.text)")
            }
            let entries = try await Self.entries(of: "signIn", api)
            #expect(entries.map(\.actor.kind.rawValue).sorted() == ["link", "token"])
            let byToken = entries.first { $0.actor.kind == .token }
            #expect(byToken?.actor.id == api.ours.tokenID.description)
            #expect(byToken?.actor.role == .owner)
            #expect(entries.allSatisfy { $0.resourceId?.hasPrefix("tok_") == true })
        }
    }

    @Test func `acts of several that are written together are each an entry`() async throws {
        try await TestAPI.with(inDatabase: true) { api in
            let slips = (0..<3).map { number in
                AuditSlip(
                    AuditDraft(
                        id: AuditEntryID(api.services.ids.uuid(at: Date())), actor: AuditActor(.token, id: "\(number)"),
                        action: "together"))
            }
            try await AuditSlip.$current.withValue(AuditSlip.together(slips)) {
                let draft = try EventDraft(publishing: "custom.door", data: [:])
                _ = try await api.stores.events.append([draft], at: Date(), receipt: nil, in: api.ours.scope)
                // What is kept is not written again.
                _ = try await api.stores.events.append([draft], at: Date(), receipt: nil, in: api.ours.scope)
            }
            let kept = try await Self.entries(of: "together", api)
            #expect(kept.compactMap(\.actor.id).sorted() == ["0", "1", "2"])
        }
    }

    @Test func `a token's first use is told of once, and refusals of one that was revoked are counted`() async throws {
        try await TestAPI.with(inDatabase: true) { api in
            let record = Tenant.record(api.ours.home, role: .staff, name: "desk")
            try await api.stores.tokens.create(record, receipt: nil, in: api.ours.scope)
            let token = try api.signer.text(for: record)
            for _ in 0..<3 { _ = try await api.send(.get, "/v1/agents", token: token) }
            _ = try await api.ask(.delete, "/v1/tokens/\(record.id)")
            for _ in 0..<3 { #expect(try await api.send(.get, "/v1/agents", token: token).status == 401) }
            try await api.services.refusedTokens.tell(
                api.stores.audit, api.stores.organizations, api.services.ids, api.services.clock)
            try await api.services.refusedTokens.tell(
                api.stores.audit, api.stores.organizations, api.services.ids, api.services.clock)
            let told = try await api.ask(.get, "/v1/activity?resource_id=\(record.id)").data
            #expect(told.compactMap { $0["action"]?.string } == ["token.refused", "revokeToken", "token.first_use"])
            #expect(told.first?["fields"] == ["times=3"])
            #expect(told.first?["outcome"] == "denied")
        }
    }

    @Test func `nothing of another organisation's log is seen, and no secret is in one`() async throws {
        try await TestAPI.with(inDatabase: true) { api in
            let secret = "canary-5c7d1e"
            let made = try await api.ask(
                .post, "/v1/agents", ["name": "Canary", "system_prompt": .string(secret), "model": "offline"])
            #expect(made.status == 201)
            let ours = try await api.ask(.get, "/v1/activity?q=system_prompt")
            #expect(ours.data.first?["resource_id"] == made["id"])
            let exported = try await api.ask(.get, "/v1/activity/export?format=csv")
            #expect(exported.text.contains("createAgent"))
            #expect(try await api.ask(.get, "/v1/activity/export").text.contains("\"action\":\"createAgent\""))
            for text in [ours.text, exported.text] { #expect(!text.contains(secret)) }
            let theirs = try await api.send(.get, "/v1/activity?q=createAgent", token: api.theirs.token)
            #expect(theirs.data.isEmpty)
        }
    }

    private static func changes(_ route: Route) -> Bool {
        if idle.contains(route.name) { return false }
        if anew.contains(route.name) { return true }
        return switch route.method {
        case .put, .patch, .delete: true
        case .post: if case .none = route.idempotency { false } else { true }
        default: false
        }
    }

    private static func entries(of action: String, _ api: TestAPI) async throws -> [AuditEntry] {
        try await everything(api).filter { $0.action == action }
    }

    private static func everything(_ api: TestAPI) async throws -> [AuditEntry] {
        let page = PageRequest(limit: 200)
        return try await api.stores.audit.list(AuditFilter(), page, in: api.ours.scope).items
            .filter { $0.action != "token.first_use" }
    }
}
