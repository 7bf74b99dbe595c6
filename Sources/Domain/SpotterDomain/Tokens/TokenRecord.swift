public import Foundation

public enum TokenKind: IdentifierKind { public static let prefix = "tok" }
public typealias TokenID = Identifier<TokenKind>

/// What is kept of an issued token: enough to list and revoke it, and to sign the same text again, but no secret.
public struct TokenRecord: Sendable, Codable, Hashable {
    public let id: TokenID
    public let organization: OrganizationID
    public var name: String
    public let subject: String
    public let role: Role
    public let permissions: [Permission]
    public let issuedAt: Date
    public let expiresAt: Date
    public var revokedAt: Date?
    public var lastUsedAt: Date?

    public init(
        id: TokenID, organization: OrganizationID, name: String, subject: String, role: Role,
        permissions: [Permission], issuedAt: Date, expiresAt: Date, revokedAt: Date? = nil, lastUsedAt: Date? = nil
    ) {
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
