public import Foundation

/// Marks the ids of tokens.
public enum TokenKind: IdentifierKind {
    /// Ids begin with `tok_`.
    public static let prefix = "tok"
}

/// The id of a token, such as `tok_01h…`.
public typealias TokenID = Identifier<TokenKind>

/// What is kept of an issued token: enough to list and revoke it, and to sign the same text again, but no secret.
public struct TokenRecord: Sendable, Codable, Hashable {
    /// Stands in the token itself.
    public let id: TokenID
    /// The organisation it lets in to.
    public let organization: OrganizationID
    /// What people call it in lists.
    public var name: String
    /// Whom it was issued for, such as `front-desk` or an e-mail address.
    public let subject: String
    /// What its holder is in the organisation.
    public let role: Role
    /// What its holder may do.
    public let permissions: [Permission]
    /// When it was made.
    public let issuedAt: Date
    /// When it stops being valid.
    public let expiresAt: Date
    /// How many requests a minute may be made with it; nil leaves that to the organisation.
    public let requestsPerMinute: Int?
    /// When it was revoked; nil while it is not.
    public var revokedAt: Date?
    /// When it was last used, to the minute; nil if never.
    public var lastUsedAt: Date?

    /// A record; with the defaults, of a token just issued.
    public init(
        id: TokenID, organization: OrganizationID, name: String, subject: String, role: Role,
        permissions: [Permission], issuedAt: Date, expiresAt: Date, requestsPerMinute: Int? = nil,
        revokedAt: Date? = nil, lastUsedAt: Date? = nil
    ) {
        self.requestsPerMinute = requestsPerMinute
        self.id = id
        self.organization = organization
        self.name = name
        self.subject = subject
        self.role = role
        self.permissions = permissions
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
    }
}

/// Where tokens are kept.
public protocol TokenStore: Sendable {
    func create(_ token: TokenRecord, receipt: Receipt?, in scope: OrganizationScope) async throws
    /// The token, and notes that it was used (at most once a minute). nil if there is none in the organisation.
    func use(_ id: TokenID, in scope: OrganizationScope) async throws -> TokenRecord?
    func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<TokenRecord>
    /// Revokes for ever; false when there is no such token. Revoking twice changes nothing.
    func revoke(_ id: TokenID, at now: Date, in scope: OrganizationScope) async throws -> Bool
}
