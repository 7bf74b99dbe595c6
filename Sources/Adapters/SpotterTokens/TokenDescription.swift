public import Foundation
import SigningKit
public import SpotterDomain

/// What a token says of itself, read without any key: not to be believed.
public struct TokenDescription: Sendable {
    /// `live` or `adm`.
    public let kind: String
    /// What may be shown of the text.
    public let masked: String
    /// The token's id.
    public let token: TokenID
    /// The organisation it says it is for.
    public let organization: OrganizationID
    /// Whom it was issued for.
    public let subject: String
    /// The role it was issued for.
    public let role: String
    /// The scopes it names; nil for all of the role's.
    public let scopes: [String]?
    /// When it says it was made.
    public let issuedAt: Date
    /// When it says it ends.
    public let expiresAt: Date
    /// Which key it says it was signed with.
    public let keyID: String?

    /// Reads a printed token.
    ///
    /// - Throws: `SpotterError` with code `.unauthenticated` that says what is wrong with its form.
    public init(of text: String) throws {
        do {
            let printed = try PrintedToken.parse(text, prefix: PasetoTokenSigner.prefix)
            let parsed = try PASETO.UnverifiedToken(printed.token)
            let claims = try JSONParser.parse(parsed.unverifiedPayload).decodedUnchecked(
                as: PasetoTokenSigner.Claims.self)
            kind = printed.kind.rawValue
            masked = printed.masked
            token = claims.tid
            organization = claims.org
            subject = claims.sub
            role = claims.role
            scopes = claims.scopes
            issuedAt = claims.iat
            expiresAt = claims.exp
            keyID = (try? JSONParser.parse(parsed.footer))?["kid"]?.string
        } catch let error as SigningError {
            throw SpotterError(.unauthenticated, "This is no token of Spotter: \(Self.reason(error)).")
        } catch {
            throw SpotterError(.unauthenticated, "This is no token of Spotter: what it says cannot be read.")
        }
    }

    private static func reason(_ error: SigningError) -> String {
        switch error {
        case .tooLong: "it is too long"
        case .wrongPrefix:
            "it does not begin with \(PasetoTokenSigner.prefix)_live_ or \(PasetoTokenSigner.prefix)_adm_"
        case .checksumMismatch: "its checksum is wrong, so that a part of it is missing or was changed"
        case .wrongHeader: "it is of another version"
        default: "it does not have the form of one"
        }
    }
}
