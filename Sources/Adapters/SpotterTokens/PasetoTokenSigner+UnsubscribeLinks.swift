import Foundation
import SigningKit
public import SpotterDomain

/// Links that end marketing mail as PASETO v4.public, with an implicit assertion of their own: none can be used as a token
/// or as another link.
extension PasetoTokenSigner: UnsubscribeLinkSigner {
    /// The link's members, signed. The same link gives the same text.
    public func text(for link: UnsubscribeLink) throws -> String {
        try keys.sign(JSONWriter.encode(link), implicitAssertion: unsubscribeAssertion)
    }

    /// The link, if its signature is that of a key that the ring still knows.
    public func unsubscribeLink(of text: String) throws -> UnsubscribeLink {
        do {
            guard text.utf8.count <= 4_096 else { throw Self.unknownUnsubscribeLink }
            let payload = try keys.verify(text, implicitAssertion: unsubscribeAssertion)
            return try JSONParser.parse(payload).decodedUnchecked(as: UnsubscribeLink.self)
        } catch { throw Self.unknownUnsubscribeLink }
    }

    private static let unknownUnsubscribeLink = SpotterError(.notFound, "This link is not valid.")
}
