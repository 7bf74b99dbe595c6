import Foundation
import SpotterDomain

/// Signs people in to the dashboard and out of it.
struct DashboardSessions: Sendable {
    let tokens: any TokenStore
    let signer: any DashboardSigner
    let authenticator: Authenticator
    let access: AccessGate
    let ids: any IDGenerator

    /// A session that has begun: what the browser keeps, and until when.
    struct Begun: Sendable {
        let text: String
        let session: DashboardSession
    }

    /// So many sessions of one token live at once; one more ends the oldest.
    static let most = 10

    /// The name under which sessions stand in the list of tokens.
    private static let name = "Dashboard"

    /// Signs in with a token. Throws `unauthenticated`, always alike.
    func begin(withToken token: String, at now: Date) async throws -> Begun {
        let caller = try await authenticator.caller(authorization: "Bearer \(token)", at: now)
        let id: TokenID = SessionIDs(token: caller.token, ids: ids).id(at: now)
        AuditSlip.current?.note(RequestAudit.actor(caller), on: id.description)
        return try await begin(id, for: caller.token, at: now, in: caller.scope)
    }

    /// Signs in with a link, which can be used once. Throws `unauthenticated`, always alike.
    func begin(withLink link: String, at now: Date) async throws -> Begun {
        let link = try signer.session(of: link, as: .link)
        AuditSlip.current?.note(AuditActor(.link), on: link.id.description)
        // The session takes the link's id, and there is one token of an id at most.
        return try await begin(link.id, for: link.token, at: now, in: OrganizationScope(link.organization))
    }

    private func begin(
        _ id: TokenID, for token: TokenID, at now: Date, in scope: OrganizationScope
    ) async throws -> Begun {
        try await access.admitSignIn(with: token, in: scope)
        guard let record = try await tokens.use(token, in: scope), record.revokedAt == nil, record.expiresAt > now,
            try await tokens.use(id, in: scope) == nil
        else { throw Authenticator.refusal }
        let start = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
        let end = min(start + DashboardSession.lifetime, record.expiresAt)
        // It has no scope of its own: what its holder may do is read from the token each time.
        let kept = TokenRecord(
            id: id, organization: scope.organization, name: Self.name, subject: record.subject, role: record.role,
            permissions: [], issuedAt: start, expiresAt: end)
        do {
            try await tokens.create(kept, receipt: nil, in: scope)
        } catch let error as SpotterError where error.code == .conflict {
            throw Authenticator.refusal
        }
        try await endOldest(of: token, at: now, in: scope)
        let session = DashboardSession(id: id, token: token, organization: scope.organization, expiresAt: end)
        return Begun(text: try signer.text(for: session, as: .session), session: session)
    }

    /// Ends all but the newest sessions of a token. Each sign-in does, so those that live stand near the top of the list.
    private func endOldest(of token: TokenID, at now: Date, in scope: OrganizationScope) async throws {
        var (live, after) = (0, nil as Cursor?)
        for _ in 0..<5 {
            let page = try await tokens.list(PageRequest(limit: 200, after: after), in: scope)
            for record in page.items
            where record.name == Self.name && record.permissions.isEmpty && record.revokedAt == nil
                && record.expiresAt > now && SessionIDs.isSession(record.id, of: token)
            {
                live += 1
                guard live > Self.most else { continue }
                _ = try await tokens.revoke(record.id, at: now, in: scope)
                authenticator.forget(record.id)
            }
            // What is older than a session's life has ended by itself.
            guard live <= Self.most, let next = page.next, let last = page.items.last,
                last.issuedAt > now - DashboardSession.lifetime
            else { return }
            after = next
        }
    }

    /// Ends a session everywhere. One that is none has ended already.
    func end(_ text: String, at now: Date) async throws {
        guard let session = try? signer.session(of: text, as: .session) else { return }
        _ = try await tokens.revoke(session.id, at: now, in: OrganizationScope(session.organization))
        authenticator.forget(session: text)
    }
}
