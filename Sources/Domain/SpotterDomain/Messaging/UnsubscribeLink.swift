/// What one person says by the link at the end of an e-mail: no more of these. It stays good, because old mail is read
/// late, and all it can do is to end something.
public struct UnsubscribeLink: Sendable, Codable, Hashable {
    /// Whose mail it stands in.
    public let organization: OrganizationID
    /// The member it was written to.
    public let clientId: ClientID?
    /// Or the lead.
    public let leadId: LeadID?

    /// The link of a message; nil for what is not marketing by e-mail to a member or a lead.
    public init?(in message: OutboxMessage, of organization: OrganizationID) {
        guard message.channel == .email, message.purpose == .marketing,
            (message.clientId == nil) != (message.leadId == nil)
        else { return nil }
        self.organization = organization
        clientId = message.clientId
        leadId = message.leadId
    }

    /// Who says it.
    public var person: MessagePerson? { clientId.map { .client($0) } ?? leadId.map { .lead($0) } }
}

/// Makes the text of a link, and reads it.
public protocol UnsubscribeLinkSigner: Sendable {
    /// The text, which nobody can make without our key; the same for the same link.
    func text(for link: UnsubscribeLink) throws -> String
    /// What a text says, if its signature is ours.
    ///
    /// - Throws: `SpotterError` with code `.notFound`, always with the same message.
    func unsubscribeLink(of text: String) throws -> UnsubscribeLink
}
