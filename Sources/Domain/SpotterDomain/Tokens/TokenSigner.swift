/// Makes the text of a token from its record, and finds out what a text claims.
public protocol TokenSigner: Sendable {
    /// The text to give out. The same record always gives the same text.
    func text(for token: TokenRecord) throws -> String
    /// What the text claims, if its signature is ours and it is valid now.
    ///
    /// That is not enough to let somebody in: the token may have been revoked.
    /// - Throws: `SpotterError` with code `.unauthenticated`, always with the same message.
    func claims(of text: String) throws -> TokenClaims
}

/// What a verified token says of itself.
public struct TokenClaims: Sendable, Hashable {
    /// The token's id.
    public let token: TokenID
    /// The organisation it was issued in.
    public let organization: OrganizationID

    /// Puts the claims together.
    public init(token: TokenID, organization: OrganizationID) {
        self.token = token
        self.organization = organization
    }
}
