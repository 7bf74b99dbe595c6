public import Foundation

/// One vote of one approver on one approval, as a link that somebody without a token can open: it counts once, for exactly
/// what is asked about, until it expires or the token of whoever made it is revoked.
public struct ApprovalLink: Sendable, Codable, Hashable {
    /// Its own id: the vote is noted under it, so that it has only one.
    public let id: TokenID
    /// Whose approval it is.
    public let organization: OrganizationID
    /// What it decides on.
    public let approval: ApprovalID
    /// The hash of what is asked about.
    public let argumentsHash: String
    /// The token of whoever made it: the vote is theirs.
    public let maker: TokenID
    /// Whom the vote is written down for.
    public let subject: String
    /// What they are in the organisation.
    public let role: Role
    /// Until when it can be used.
    public let expiresAt: Date

    /// A link of a caller who may decide; it never outlives the approval.
    ///
    /// - Throws: `unprocessable` and `conflict`, as a vote of theirs would.
    public init(
        id: TokenID, to approval: Approval, by caller: Caller, for lifetime: TimeInterval, at now: Date
    ) throws {
        // Whoever may not vote may not have somebody else do it.
        let vote = ApprovalVote(approved: true, comment: nil, argumentsHash: nil, by: caller)
        _ = try approval.taking(vote, at: now)
        self.id = id
        organization = caller.scope.organization
        self.approval = approval.id
        argumentsHash = approval.argumentsHash
        maker = caller.token
        subject = caller.subject
        role = caller.role
        let end = now.addingTimeInterval(lifetime)
        expiresAt = min(end, approval.expiresAt ?? end)
    }

    /// The vote that it stands for.
    public func vote(_ approved: Bool) -> ApprovalVote {
        ApprovalVote(
            approved: approved, comment: nil, argumentsHash: argumentsHash, link: id, madeBy: maker, subject: subject,
            role: role)
    }
}

/// Makes the text of a link, and reads it.
public protocol ApprovalLinkSigner: Sendable {
    /// The text, which nobody can make without our key.
    func text(for link: ApprovalLink) throws -> String
    /// What a text says, if its signature is ours and it has not expired.
    ///
    /// - Throws: `SpotterError` with code `.notFound`, always with the same message.
    func link(of text: String) throws -> ApprovalLink
}
