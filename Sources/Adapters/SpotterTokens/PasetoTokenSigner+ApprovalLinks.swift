import Foundation
import SigningKit
public import SpotterDomain

/// Links to approvals as PASETO v4.public. Another implicit assertion than that of tokens: neither can be used as the other,
/// whatever its claims say.
extension PasetoTokenSigner: ApprovalLinkSigner {
    /// The link's members, signed.
    public func text(for link: ApprovalLink) throws -> String {
        try keys.sign(JSONWriter.encode(link), implicitAssertion: linkAssertion)
    }

    /// The link, if its signature is ours and it has not expired. Nobody else's clock has a say.
    public func link(of text: String) throws -> ApprovalLink {
        do {
            guard text.utf8.count <= 4_096 else { throw Self.unknownLink }
            let payload = try keys.verify(text, implicitAssertion: linkAssertion)
            let link = try JSONParser.parse(payload).decodedUnchecked(as: ApprovalLink.self)
            guard link.expiresAt > clock.now() else { throw Self.unknownLink }
            return link
        } catch { throw Self.unknownLink }
    }

    private static let unknownLink = SpotterError(.notFound, "This link is not valid, or not any more.")
}
