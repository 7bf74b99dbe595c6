public import Foundation

/// Issues, lists and revokes an organisation's tokens.
public struct TokenIssuer: Sendable {
    private let store: any TokenStore
    private let signer: any TokenSigner
    private let clock: any WallClock
    private let ids: any IDGenerator

    /// The longest a token may be valid: two years.
    public static let longestLifetime: TimeInterval = 2 * 366 * 86_400

    /// Puts the issuer together.
    public init(store: any TokenStore, signer: any TokenSigner, clock: any WallClock, ids: any IDGenerator) {
        self.store = store
        self.signer = signer
        self.clock = clock
        self.ids = ids
    }

    /// What a new token is to be.
    public struct Order: Sendable {
        let name: String
        let subject: String
        let role: Role
        let permissions: [Permission]?
        let lifetime: TimeInterval
        let requestsPerMinute: Int?

        /// - Parameters:
        ///   - permissions: nil means all of the role's.
        ///   - lifetime: in seconds, at most `longestLifetime`.
        ///   - requestsPerMinute: with this token, never more than its organisation may; nil leaves it to that.
        public init(
            name: String, subject: String, role: Role, permissions: [Permission]? = nil,
            lifetime: TimeInterval = 365 * 86_400, requestsPerMinute: Int? = nil
        ) {
            self.requestsPerMinute = requestsPerMinute
            self.name = name
            self.subject = subject
            self.role = role
            self.permissions = permissions
            self.lifetime = lifetime
        }
    }

    /// A record for the order, not stored yet. It ends with its issuer's token at the latest, and has that one's rate
    /// unless it is to have a lower one.
    ///
    /// - Throws: `invalid` where the order asks for more than its role may have, or for too long; `forbidden` where it
    ///   asks for more than its issuer has, in role, in scopes or in requests a minute.
    public func draft(_ order: Order, by issuer: Caller?, in scope: OrganizationScope) throws -> TokenRecord {
        if let issuer, !issuer.role.mayGrant(order.role) {
            throw SpotterError(
                .forbidden, "A token of the role \(issuer.role.rawValue) cannot issue one of a higher role.",
                issues: [FieldIssue(pointer: "/role", message: "is above your own, \(issuer.role.rawValue)")])
        }
        let names = [("/name", order.name), ("/subject", order.subject)]
        let issues = names.compactMap { pointer, name in
            DisplayName.problem(with: name).map { FieldIssue(pointer: pointer, message: $0) }
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        let wanted = order.permissions ?? order.role.permissions.sorted { $0.rawValue < $1.rawValue }
        if let excess = wanted.first(where: { !order.role.permissions.contains($0) }) {
            throw SpotterError.invalid(
                "/permissions", "hold \(excess.rawValue), which the role \(order.role.rawValue) cannot have")
        }
        if let issuer, let excess = wanted.first(where: { !issuer.may($0) }) {
            throw SpotterError(.forbidden, "A token cannot issue one that may more than itself: \(excess.rawValue).")
        }
        let rate = try rate(of: order, by: issuer)
        guard order.lifetime > 0, order.lifetime <= Self.longestLifetime else {
            throw SpotterError.invalid("/expires_in_days", "must be at least 1 and at most 732")
        }
        // Whole seconds: the token's text carries no fractions, and must be the same when made again.
        let now = Date(timeIntervalSince1970: clock.now().timeIntervalSince1970.rounded(.down))
        let end = min(now + order.lifetime, issuer?.tokenExpiresAt ?? .distantFuture)
        return TokenRecord(
            id: ids.id(at: now), organization: scope.organization, name: order.name, subject: order.subject,
            role: order.role, permissions: wanted, issuedAt: now, expiresAt: end, requestsPerMinute: rate)
    }

    /// How many requests a minute the new token may make: what its issuer may, where nothing less is wanted.
    private func rate(of order: Order, by issuer: Caller?) throws -> Int? {
        guard let most = issuer?.requestsPerMinute else { return order.requestsPerMinute }
        guard let wanted = order.requestsPerMinute else { return most }
        guard wanted <= most else {
            throw SpotterError(
                .forbidden, "A token cannot issue one that may more than itself.",
                issues: [FieldIssue(pointer: "/requests_per_minute", message: "is above your own, \(most)")])
        }
        return wanted
    }

    /// Stores the record and gives its text.
    public func issue(_ record: TokenRecord, receipt: Receipt?, in scope: OrganizationScope) async throws -> String {
        let text = try signer.text(for: record)
        try await store.create(record, receipt: receipt, in: scope)
        return text
    }

    /// The text of a record, made again.
    public func text(of record: TokenRecord) throws -> String { try signer.text(for: record) }

    /// One page of the organisation's tokens, newest first.
    public func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<TokenRecord> {
        try await store.list(page, in: scope)
    }

    /// Revokes for ever.
    ///
    /// - Parameter revoker: whoever asks; nil for an operator at the console.
    /// - Throws: `notFound`; `forbidden` for a token of a role above the revoker's.
    public func revoke(_ id: TokenID, by revoker: Caller? = nil, in scope: OrganizationScope) async throws {
        if let revoker, revoker.token != id, let role = try await role(of: id, in: scope),
            !revoker.role.mayGrant(role)
        {
            throw SpotterError(.forbidden, "A token of the role \(role.rawValue) is not revoked by one below it.")
        }
        guard try await store.revoke(id, at: clock.now(), in: scope) else { throw SpotterError.notFound("token") }
    }

    private func role(of id: TokenID, in scope: OrganizationScope) async throws -> Role? {
        var after: Cursor?
        repeat {
            let page = try await store.list(PageRequest(limit: 200, after: after), in: scope)
            if let found = page.items.first(where: { $0.id == id }) { return found.role }
            after = page.next
        } while after != nil
        return nil
    }
}
