public import Foundation

/// Somebody as a CRM has them, whichever CRM it is.
public struct CRMContact: Sendable, Hashable {
    /// What the CRM calls them.
    public var id: String
    /// First and last name.
    public var name: String?
    /// An e-mail address.
    public var email: String?
    /// A phone number, as the CRM writes it.
    public var phone: String?
    /// The CRM's labels.
    public var tags: [String]
    /// Where they came from.
    public var source: String?
    /// Ways by which they do not want to be written to.
    public var blocked: Set<MessageChannel>
    /// Fields of the account's own, by their ids.
    public var customFields: [String: String]
    /// When they last changed.
    public var updatedAt: Date?

    /// A contact; whatever is not known is left out.
    public init(
        id: String, name: String? = nil, email: String? = nil, phone: String? = nil, tags: [String] = [],
        source: String? = nil, blocked: Set<MessageChannel> = [], customFields: [String: String] = [:],
        updatedAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.phone = phone
        self.tags = tags
        self.source = source
        self.blocked = blocked
        self.customFields = customFields
        self.updatedAt = updatedAt
    }
}

/// What is to be different about a contact. What is nil stays as it is; an empty text clears.
public struct CRMContactChange: Sendable, Hashable {
    /// First and last name.
    public var name: String?
    /// An e-mail address.
    public var email: String?
    /// A phone number, in E.164 where its country is known.
    public var phone: String?
    /// All labels that it is to have.
    public var tags: [String]?
    /// Whether messages by a channel are refused.
    public var blocked: [MessageChannel: Bool] = [:]
    /// Fields of the account's own, by their ids.
    public var customFields: [String: String] = [:]

    /// No change.
    public init() {}

    /// Whether nothing is different.
    public var isEmpty: Bool { self == CRMContactChange() }
}

/// A chance of a sale: somebody's place in a pipeline.
public struct CRMOpportunity: Sendable, Hashable {
    /// How it stands.
    public enum Status: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case open, won, lost, abandoned
    }

    /// What the CRM calls it.
    public var id: String
    /// For people.
    public var name: String
    /// Whose it is.
    public var contactId: String
    /// Which pipeline it is in.
    public var pipelineId: String
    /// How far it has come.
    public var stageId: String
    /// How it stands.
    public var status: Status
    /// What it is worth, in the account's currency.
    public var value: Double?
    /// When it last changed.
    public var updatedAt: Date?

    /// An opportunity.
    public init(
        id: String, name: String, contactId: String, pipelineId: String, stageId: String, status: Status,
        value: Double? = nil, updatedAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.contactId = contactId
        self.pipelineId = pipelineId
        self.stageId = stageId
        self.status = status
        self.value = value
        self.updatedAt = updatedAt
    }
}

/// What is to be different about an opportunity. What is nil stays as it is.
public struct CRMOpportunityChange: Sendable, Hashable {
    /// For people.
    public var name: String?
    /// Which pipeline it is in.
    public var pipelineId: String?
    /// How far it has come.
    public var stageId: String?
    /// How it stands.
    public var status: CRMOpportunity.Status?
    /// What it is worth, in the account's currency.
    public var value: Double?

    /// No change.
    public init() {}
}

/// A message in somebody's conversation.
public struct CRMMessage: Sendable, Hashable {
    /// What the CRM calls it.
    public let id: String
    /// Whether they wrote it.
    public let isInbound: Bool
    /// By which way, as the CRM names it, such as `sms`.
    public let channel: String
    /// Plain text.
    public let body: String
    /// What became of it, as the CRM names it.
    public let status: String?
    /// When it was written.
    public let at: Date?

    /// A message.
    public init(id: String, isInbound: Bool, channel: String, body: String, status: String?, at: Date?) {
        self.id = id
        self.isInbound = isInbound
        self.channel = channel
        self.body = body
        self.status = status
        self.at = at
    }
}

/// A message that is to go out through the CRM.
public struct CRMOutgoingMessage: Sendable, Hashable {
    /// Whom it is for.
    public var contactId: String
    /// By which way.
    public var channel: MessageChannel
    /// Of an e-mail.
    public var subject: String?
    /// Plain text.
    public var body: String

    /// A message.
    public init(to contactId: String, by channel: MessageChannel, subject: String? = nil, body: String) {
        self.contactId = contactId
        self.channel = channel
        self.subject = subject
        self.body = body
    }
}

/// Some of what a CRM has, and where the rest begins.
public struct CRMPage<Item: Sendable>: Sendable {
    /// In the CRM's order.
    public let items: [Item]
    /// Asks for what follows; nil at the end.
    public let next: String?
    /// What could not be read, in words: one entry for each.
    public let unreadable: [String]

    /// A page.
    public init(_ items: [Item], next: String?, unreadable: [String] = []) {
        self.items = items
        self.next = next
        self.unreadable = unreadable
    }
}
