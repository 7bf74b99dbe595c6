import Foundation
import SpotterDomain
import SpotterTesting
import SpotterTokens

/// An organisation with an owner's token.
struct Tenant: Sendable {
    /// Part of everything that belongs to the other organisation, so that a leak of any of it is seen.
    static let foreignName = "Foreign Fitness"

    let home: TestOrganization
    let token: String
    let tokenID: TokenID
    private let signer: PasetoTokenSigner

    var scope: OrganizationScope { home.scope }
    private var stores: StoreSet { home.stores }

    init(named name: String, _ parts: Parts) async throws {
        home = try await TestOrganization.make(in: parts.stores, name: name)
        signer = parts.signer
        let record = Self.record(home, role: .owner, name: "\(name) owner")
        try await parts.stores.tokens.create(record, receipt: nil, in: home.scope)
        token = try parts.signer.text(for: record)
        tokenID = record.id
    }

    /// Members and classes to ask about: one of these is on every day of the next week.
    func openGym() async throws {
        let now = Date()
        let classes = ["Spin", "Yoga Flow", "Boxing"].map(home.gymClass)
        let sessions = (0..<7).map { day in
            home.session(of: classes[day % 3], at: now + Double(day) * 86_400 + 60, booked: day)
        }
        try await stores.clients.add((1...5).map { home.client("Member \($0)") }, in: home.scope)
        try await stores.schedule.add(classes: classes, sessions: sessions, bookings: [], in: home.scope)
    }

    /// A new token of this organisation.
    func token(
        role: Role, permissions: Set<Permission>? = nil, age: TimeInterval = 60, lifetime: TimeInterval = 86_400,
        revoked: Bool = false
    ) async throws -> String {
        let record = Self.record(
            home, role: role, name: "extra", permissions: permissions, age: age, lifetime: lifetime)
        try await stores.tokens.create(record, receipt: nil, in: scope)
        if revoked { _ = try await stores.tokens.revoke(record.id, at: Date(), in: scope) }
        return try signer.text(for: record)
    }

    static func record(
        _ home: TestOrganization, role: Role, name: String, permissions: Set<Permission>? = nil,
        age: TimeInterval = 60, lifetime: TimeInterval = 86_400
    ) -> TokenRecord {
        let issued = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 - age).rounded(.down))
        return TokenRecord(
            id: home.id(), organization: home.scope.organization, name: name, subject: name, role: role,
            permissions: (permissions ?? role.permissions).sorted { $0.rawValue < $1.rawValue }, issuedAt: issued,
            expiresAt: issued + lifetime)
    }

    /// Everything the organisation has, as text: two alike mean that nothing happened in between.
    ///
    /// When a token was last used is left out.
    func everything() async throws -> [String] {
        let page = PageRequest(limit: 200)
        let agents = try await stores.agents.list(AgentFilter(), page, in: scope).items
        let conversations = try await stores.conversations.list(ConversationFilter(), page, in: scope).items
        let executions = try await stores.executions.list(ExecutionFilter(), page, in: scope).items
        var tokens = try await stores.tokens.list(page, in: scope).items
        for index in tokens.indices { tokens[index].lastUsedAt = nil }
        var all = agents.map { "\($0)" } + conversations.map { "\($0)" } + executions.map { "\($0)" }
        all += tokens.map { "\($0)" }
        all += try await stores.tasks.list(WorkItemFilter(), page, in: scope).items.map { "\($0)" }
        all += try await stores.approvals.list(ApprovalFilter(), page, in: scope).items.map { "\($0)" }
        all += try await stores.memory.list(MemoryFilter(), page, in: scope).items.map { "\($0)" }
        all += try await stores.outbox.list(OutboxFilter(), page, in: scope).items.map { "\($0)" }
        all += try await stores.desk.notices(for: nil, unreadOnly: false, page, in: scope).items.map { "\($0)" }
        all += try await stores.triggers.list(page, in: scope).items.map { "\($0)" }
        all += try await stores.workflows.list(search: nil, page, in: scope).items.map { "\($0)" }
        for hook in try await stores.hooks.list(page, in: scope).items {
            all.append("\(hook)")
            if hook.settings.direction == .outbound {
                all += try await stores.outbound.deliveries(of: hook.id, page, in: scope).items.map { "\($0)" }
            }
            all += try await stores.hooks.deliveries(of: hook.id, page, in: scope).items.map { "\($0)" }
        }
        all += try await GymBelongings.everything(in: home)
        for conversation in conversations {
            all += try await stores.conversations.messages(of: conversation.id, page, in: scope).items.map { "\($0)" }
        }
        all += try await stores.events.events(after: 0, execution: nil, limit: 1_000, in: scope).map { "\($0)" }
        return all
    }
}
