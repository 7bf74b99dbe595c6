import Foundation
import HTTPServerKit
import SpotterDomain
import Synchronization

/// Finds out who a bearer token belongs to.
///
/// What was found is remembered for four seconds, so that a busy token costs one look-up in that time and a revocation
/// is felt by every process within five.
final class Authenticator: Sendable {
    private struct Known {
        let caller: Caller
        let expiresAt: Date
        let checked: ContinuousClock.Instant
    }

    private let signer: any TokenSigner
    private let store: any TokenStore
    private let refused: RefusedTokens
    private let sessions: any DashboardSigner
    /// By the whole `Authorization` field, so that the token in it need not be cut out for each request.
    private let known = Mutex<[String: Known]>([:])
    /// By the text of the session, apart from the tokens: what one of them says is never taken for the other.
    private let signedIn = Mutex<[String: Known]>([:])
    static let memory = Duration.seconds(4)
    private static let capacity = 10_000
    /// Whether every client comes by TLS.
    private let isSecure = Atomic(false)

    init(signer: any TokenSigner & DashboardSigner, store: any TokenStore, refused: RefusedTokens) {
        self.refused = refused
        self.signer = signer
        sessions = signer
        self.store = store
    }

    /// Who makes the request, by its token or, without one, by the dashboard's session; and the field that said so.
    ///
    /// - Throws: `unauthenticated`, always alike; `forbidden` where a session's request may be another site's.
    func caller(of request: HTTPRequest, at now: Date) async throws -> (Caller, authorization: String?) {
        let authorization = request.headers.single("authorization")
        guard authorization == nil, request.headers.values(of: "authorization").isEmpty,
            let session = session(in: request)
        else { return (try await caller(authorization: authorization, at: now), authorization) }
        try SessionCookie.check(request)
        return (try await caller(session: session, at: now), nil)
    }

    /// The caller. Throws `unauthenticated`, always alike: nothing tells a forged token from a revoked one.
    func caller(authorization: String?, at now: Date) async throws -> Caller {
        guard let authorization else { throw Self.refusal }
        if let entry = known.withLock({ $0[authorization] }), entry.expiresAt > now,
            entry.checked.duration(to: .now) < Self.memory
        {
            return entry.caller
        }
        guard let token = Self.token(in: authorization) else { throw Self.refusal }
        let claims = try await verify(token)
        let scope = OrganizationScope(claims.organization)
        guard let record = try await store.use(claims.token, in: scope), record.revokedAt == nil,
            record.expiresAt > now
        else {
            known.withLock { $0[authorization] = nil }
            refused.note(claims.token, of: claims.organization)
            throw Self.refusal
        }
        let caller = Self.caller(record, in: scope)
        remember(Known(caller: caller, expiresAt: record.expiresAt, checked: .now), for: authorization, in: known)
        return caller
    }

    /// The caller that a session of the dashboard stands for: the session and its token must both be good.
    func caller(session text: String, at now: Date) async throws -> Caller {
        if let entry = signedIn.withLock({ $0[text] }), entry.expiresAt > now,
            entry.checked.duration(to: .now) < Self.memory
        {
            return entry.caller
        }
        let sessions = sessions
        let session = try await Task(executorPreference: globalConcurrentExecutor) {
            try sessions.session(of: text, as: .session)
        }.value
        let scope = OrganizationScope(session.organization)
        guard try await isGood(session.id, at: now, in: scope),
            let record = try await store.use(session.token, in: scope), record.revokedAt == nil,
            record.expiresAt > now
        else {
            forget(session: text)
            throw Self.refusal
        }
        let caller = Self.caller(record, in: scope)
        remember(
            Known(caller: caller, expiresAt: min(session.expiresAt, record.expiresAt), checked: .now), for: text,
            in: signedIn)
        return caller
    }

    private static func caller(_ record: TokenRecord, in scope: OrganizationScope) -> Caller {
        Caller(
            token: record.id, subject: record.subject, role: record.role, permissions: Set(record.permissions),
            scope: scope, tokenExpiresAt: record.expiresAt, requestsPerMinute: record.requestsPerMinute)
    }

    /// Whether a token holds, for what was made with it.
    func isGood(_ token: TokenID, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        guard let record = try await store.use(token, in: scope) else { return false }
        return record.revokedAt == nil && record.expiresAt > now
    }

    /// Forgets what is known of a token, so that this process at least feels its revocation at once.
    func forget(_ id: TokenID) {
        known.withLock { known in known = known.filter { $0.value.caller.token != id } }
        // A session's own id is not known here: all of them are looked up again.
        signedIn.withLock { $0.removeAll() }
    }

    /// For how long what is known of a caller is still believed without looking it up.
    func timeRemembered(_ authorization: String?, of request: HTTPRequest) -> Duration {
        let checked =
            if let authorization {
                known.withLock { $0[authorization]?.checked }
            } else {
                session(in: request).flatMap { text in signedIn.withLock { $0[text]?.checked } }
            }
        return checked.map { max(.zero, Self.memory - $0.duration(to: .now)) } ?? .zero
    }

    /// Whether the request shows a token or a session that was good a while ago: no guess, whatever has become of it.
    func knows(_ request: HTTPRequest) -> Bool {
        if let authorization = request.headers.single("authorization") {
            return known.withLock { $0[authorization] != nil }
        }
        guard let session = session(in: request) else { return false }
        return signedIn.withLock { $0[session] != nil }
    }

    /// The text of the dashboard's session that a request brings.
    func session(in request: HTTPRequest) -> String? {
        SessionCookie.text(in: request.headers, isSecure: isSecure.load(ordering: .relaxed))
    }

    /// Clients come by TLS from now on: no cookie counts that a page without it could have set.
    func takeSecureCookiesOnly() { isSecure.store(true, ordering: .relaxed) }

    /// Forgets what is known of a session.
    func forget(session text: String) { signedIn.withLock { $0[text] = nil } }

    // Ed25519 costs more than the rest of a request: it runs beside the loop.
    private func verify(_ token: String) async throws -> TokenClaims {
        let signer = signer
        return try await Task(executorPreference: globalConcurrentExecutor) { try signer.claims(of: token) }.value
    }

    private func remember(_ entry: Known, for text: String, in memory: borrowing Mutex<[String: Known]>) {
        memory.withLock { known in
            if known.count >= Self.capacity {
                known = known.filter { $0.value.checked.duration(to: .now) < Self.memory }
                if known.count >= Self.capacity { known.removeAll() }
            }
            known[text] = entry
        }
    }

    private static func token(in authorization: String) -> String? {
        guard authorization.utf8.count <= 8_192, authorization.utf8.count > 7,
            authorization.prefix(7).lowercased() == "bearer "
        else { return nil }
        return String(authorization.dropFirst(7))
    }

    static let refusal = SpotterError(.unauthenticated, "The token is missing, malformed, expired or revoked.")
}
