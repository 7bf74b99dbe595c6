public import SpotterDomain

/// Ends marketing mail with a link by which its receiver wants no more of it.
///
/// The link is made when the courier hands the message over, and kept nowhere; every try at the message has the same.
public struct UnsubscribeNote: Sendable {
    private let links: any UnsubscribeLinkSigner
    private let publicURL: String?

    /// - Parameter publicURL: where people reach this server, without a slash at its end; nil leaves mail as it is.
    public init(links: any UnsubscribeLinkSigner, publicURL: String?) {
        self.links = links
        self.publicURL = publicURL
    }

    /// The message with its link; everything but marketing by e-mail to a member or a lead as it is.
    public func finish(_ message: OutboxMessage, in scope: OrganizationScope) throws -> OutboxMessage {
        guard let publicURL, let link = UnsubscribeLink(in: message, of: scope.organization) else { return message }
        let address = "\(publicURL)/v1/unsubscribe?link=\(try links.text(for: link))"
        var finished = message
        finished.unsubscribeURL = address
        finished.body += "\n\n-- \nTo get no more messages of this kind:\n\(address)\n"
        finished.html = message.html.map { Self.html($0, with: address) }
        return finished
    }

    /// A PASETO has no character that HTML would read as its own, and neither has a public address that was checked.
    private static func html(_ html: String, with address: String) -> String {
        let address = address.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
        let note = """
            <p style="font-size: 13px; color: #595959">You get this because you agreed to such messages. \
            <a href="\(address)">Unsubscribe</a></p>

            """
        guard let end = html.ranges(of: "</body>").last else { return html + note }
        return html[..<end.lowerBound] + note + html[end.lowerBound...]
    }
}
