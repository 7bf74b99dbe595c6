import Foundation
public import SigningKit
public import SpotterDomain

/// Tokens as PASETO v4.public, printed as `spotter_live_<token>_<checksum>`.
///
/// Claims: `tid`, `org`, `sub`, `role`, `scopes`, `iat`, `nbf`, `exp`, `aud`. The implicit assertion binds a token to its
/// deployment: one of another installation never verifies, even if they share a key by mistake.
public struct PasetoTokenSigner: TokenSigner {
    let keys: KeyRing
    private let assertion: [UInt8]
    let linkAssertion: [UInt8]
    let unsubscribeAssertion: [UInt8]
    let checkpointAssertion: [UInt8]
    let deployment: String
    let clock: any WallClock

    /// How far another machine's clock may be off, in seconds.
    private static let leeway: TimeInterval = 60
    private static let audience = "spotter-api"
    /// What tokens start with.
    public static let prefix = "spotter"

    /// - Parameter deployment: the installation's id.
    public init(keys: KeyRing, deployment: String, clock: any WallClock) {
        self.keys = keys
        self.clock = clock
        self.deployment = deployment
        assertion = Array("\(Self.audience)|\(deployment)".utf8)
        linkAssertion = Array("spotter-approval-link|\(deployment)".utf8)
        unsubscribeAssertion = Array("spotter-unsubscribe-link|\(deployment)".utf8)
        checkpointAssertion = Array("spotter-audit-checkpoint|\(deployment)".utf8)
    }

    struct Claims: Codable {
        var tid: TokenID
        var org: OrganizationID
        var sub: String
        var role: String
        var scopes: [String]?
        var iat: Date
        var nbf: Date
        var exp: Date
        var aud: String
    }

    /// The record's claims, signed and printed: kind `adm` for an operator, `live` for everybody else.
    ///
    /// `scopes` is left out when the permissions are exactly the role's own.
    /// - Throws: `SigningError.noSigningKey` when the ring only verifies.
    public func text(for token: TokenRecord) throws -> String {
        // A role's own scopes go without saying, which keeps tokens short enough to paste.
        let isWholeRole = Set(token.permissions) == token.role.permissions
        let scopes = isWholeRole ? nil : token.permissions.map(\.rawValue)
        let claims = Claims(
            tid: token.id, org: token.organization, sub: token.subject, role: token.role.rawValue,
            scopes: scopes, iat: token.issuedAt, nbf: token.issuedAt, exp: token.expiresAt,
            aud: Self.audience)
        let signed = try keys.sign(JSONWriter.encode(claims), implicitAssertion: assertion)
        let kind: PrintedToken.Kind = token.role == .operator ? .adm : .live
        return try PrintedToken(signed, prefix: Self.prefix, kind: kind).text
    }

    /// The token's id and organization, if checksum, signature, audience and times hold.
    ///
    /// Clocks may differ by 60 seconds either way. Whether the token was revoked is not looked at.
    /// - Throws: `SpotterError` with code `.unauthenticated`, always with the same message.
    public func claims(of text: String) throws -> TokenClaims {
        do {
            let printed = try PrintedToken.parse(text, prefix: Self.prefix)
            let payload = try keys.verify(printed.token, implicitAssertion: assertion)
            let claims = try JSONParser.parse(payload).decodedUnchecked(as: Claims.self)
            let now = clock.now()
            guard claims.aud == Self.audience, claims.nbf <= now + Self.leeway, claims.exp > now - Self.leeway else {
                throw Self.refusal
            }
            return TokenClaims(token: claims.tid, organization: claims.org)
        } catch {
            throw Self.refusal
        }
    }

    private static let refusal = SpotterError(
        .unauthenticated, "The token is missing, malformed, expired or revoked.")
}
