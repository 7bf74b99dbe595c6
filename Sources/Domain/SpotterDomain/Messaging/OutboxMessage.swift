public import Foundation

/// Marks the ids of messages on their way out.
public enum OutboxKind: IdentifierKind {
    /// Ids begin with `out_`.
    public static let prefix = "out"
}

/// The id of a message on its way out, such as `out_01h…`.
public typealias OutboxID = Identifier<OutboxKind>

/// A message on its way out, and what became of it.
public struct OutboxMessage: Sendable, Codable, Hashable {
    /// How far a message is.
    public enum Status: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// No way out is configured for its channel: it rests until one is.
        case held
        /// It goes out when `dueAt` has come.
        case queued
        /// A courier has it.
        case sending
        /// The mail server or the provider has taken it.
        case sent
        /// It was refused for good, or tried too often.
        case failed
        /// Whether it was taken, nobody knows: a person decides whether to send it again.
        case needsReview = "needs_review"
        case cancelled
        /// The rules do not let it go: no consent, or too many already.
        case suppressed

        /// Whether nothing more happens to it by itself.
        public var isFinal: Bool { ![.held, .queued, .sending].contains(self) }
    }

    /// A file that goes along.
    public struct Attachment: Sendable, Codable, Hashable {
        /// Such as `report.csv`.
        public let name: String
        /// Such as `text/csv`.
        public let type: String
        /// In base64.
        public let content: String

        /// A file of this name, type and content in base64.
        public init(name: String, type: String, content: String) {
            self.name = name
            self.type = type
            self.content = content
        }
    }

    /// Never changes.
    public let id: OutboxID
    /// By which way it goes.
    public let channel: MessageChannel
    /// What it is for.
    public let purpose: MessagePurpose
    /// The address, or the number in E.164, as it was when the message was written.
    public let recipient: String
    /// The member it is for.
    public let clientId: ClientID?
    /// The lead it is for.
    public let leadId: LeadID?
    /// Whom of the staff it is for.
    public let staffId: StaffID?
    /// Of an e-mail.
    public let subject: String?
    /// Plain text.
    public var body: String
    /// The same as HTML; nil sends the text alone.
    public var html: String?
    /// Files that go along.
    public let attachments: [Attachment]
    /// How far it is.
    public var status: Status
    /// Why it is held, delayed, suppressed or failed.
    public var reason: String?
    /// Who wrote it: an agent's id or a token's subject.
    public let sentBy: String
    /// The conversation it comes from.
    public let conversationId: ConversationID?
    /// Not before this.
    public var dueAt: Date
    /// How often it was tried since it was last queued by a person.
    public var attempt: Int
    /// What the provider calls it.
    public var providerId: String?
    /// When it was written.
    public let createdAt: Date
    /// When it was taken.
    public var sentAt: Date?
    /// The approval that it asks for a decision on: the link that decides is put in when it goes, so that nobody finds one
    /// in the outbox.
    public var approvalId: ApprovalID?
    /// Whose vote that link is.
    public var approverTokenId: TokenID?
    /// Where the receiver says that they want no more of these: known only while it is handed over, and kept nowhere.
    public var unsubscribeURL: String?

    private enum CodingKeys: String, CodingKey {
        case id, channel, purpose, recipient, clientId, leadId, staffId, subject, body, html, attachments, status,
            reason,
            sentBy, conversationId, dueAt, attempt, providerId, createdAt, sentAt, approvalId, approverTokenId
    }

    /// A message with nothing left to default.
    public init(
        id: OutboxID, channel: MessageChannel, purpose: MessagePurpose, recipient: String, person: MessagePerson?,
        subject: String?, body: String, html: String?, attachments: [Attachment], status: Status, reason: String?,
        sentBy: String, conversationId: ConversationID?, dueAt: Date, attempt: Int, providerId: String?,
        createdAt: Date, sentAt: Date?
    ) {
        self.id = id
        self.channel = channel
        self.purpose = purpose
        self.recipient = recipient
        clientId = person?.clientID
        leadId = person?.leadID
        staffId = person?.staffID
        self.subject = subject
        self.body = body
        self.html = html
        self.attachments = attachments
        self.status = status
        self.reason = reason
        self.sentBy = sentBy
        self.conversationId = conversationId
        self.dueAt = dueAt
        self.attempt = attempt
        self.providerId = providerId
        self.createdAt = createdAt
        self.sentAt = sentAt
    }

    /// Whom it is for; nil where the record is gone.
    public var person: MessagePerson? {
        clientId.map { .client($0) } ?? leadId.map { .lead($0) } ?? staffId.map { .staff($0) }
    }
}

/// A message to be put into the outbox.
public struct OutboxDraft: Sendable, Hashable {
    /// The message, `held`, `queued` or `suppressed`.
    public let message: OutboxMessage
    /// The same key is the same message, however often it is put in.
    public let key: String

    /// - Parameter key: 1 to 300 characters.
    public init(_ message: OutboxMessage, key: String) {
        self.message = message
        self.key = key
    }

    /// What must be the same where the key is: what was asked, and not what the rules made of it.
    public var content: String {
        let parts: [String?] = [
            message.channel.rawValue, message.purpose.rawValue, message.person?.id, message.subject, message.body,
            message.html,
        ]
        return parts.map { $0.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined()
    }
}
