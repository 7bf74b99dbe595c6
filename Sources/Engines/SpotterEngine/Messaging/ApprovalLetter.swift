import Foundation
import SpotterDomain

/// What somebody who may decide is written, without the link: that is made when the letter goes.
///
/// The same turn of the same approval gives the same words, so that writing it twice is writing it once.
struct ApprovalLetter: Sendable {
    /// Why it is written.
    enum Turn: String, Sendable {
        case requested, reminded, escalated
    }

    let approval: Approval
    let turn: Turn
    /// Whose vote the letter's link is.
    let token: TokenRecord
    /// The gym's name.
    let sender: String

    /// The letter on its way, under a key of its own for each turn and address.
    func draft(id: OutboxID, at now: Date) -> OutboxDraft {
        var message = OutboxMessage(
            id: id, channel: .email, purpose: .transactional, recipient: token.subject, person: nil, subject: subject,
            body: body, html: nil, attachments: [], status: .queued, reason: nil, sentBy: "approvals",
            conversationId: nil, dueAt: now, attempt: 0, providerId: nil, createdAt: now, sentAt: nil)
        message.approvalId = approval.id
        message.approverTokenId = token.id
        return OutboxDraft(message, key: key)
    }

    var key: String { "approval \(approval.id) \(turn.rawValue) \(token.subject.lowercased())" }

    private var subject: String {
        let line = Self.plain(approval.message).split(separator: "\n").first.map(String.init) ?? ""
        let begin =
            switch turn {
            case .requested: "Please decide"
            case .reminded: "Still to decide"
            case .escalated: "Nobody has decided yet"
            }
        return "\(begin): \(line.prefix(100))"
    }

    private var body: String {
        let why =
            switch turn {
            case .requested: "\(sender) needs your decision on this:"
            case .reminded: "\(sender) still needs your decision on this:"
            case .escalated: "Those who were asked first have not decided, so \(sender) needs your decision on this:"
            }
        var parts = [
            why, Self.plain(approval.message).split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"),
        ]
        if let tool = approval.tool {
            parts.append("What would be done: \(tool). The page shows exactly what it would be given.")
        }
        if let end = approval.expiresAt { parts.append("It can be decided until \(Timestamp.string(from: end)).") }
        return parts.joined(separator: "\n\n")
    }

    /// The letter's words with the link.
    static func finished(_ body: String, link: String) -> String {
        """
        \(body)

        Look at it, and decide:
        \(link)

        Opening the page decides nothing; its buttons do. The link is your vote: it counts once, and is for you alone.

        """
    }

    /// At most 4,000 characters, of which none hides or turns around what stands beside it.
    private static func plain(_ text: String) -> String {
        var plain = ""
        for scalar in text.prefix(4_000).unicodeScalars {
            let category = scalar.properties.generalCategory
            let isOdd = category == .control || category == .format
            plain.unicodeScalars.append(isOdd && scalar != "\n" ? " " : scalar)
        }
        return plain
    }
}
