public import Foundation

/// Marks the ids of notifications.
public enum StaffNoticeKind: IdentifierKind {
    /// Ids begin with `notif_`.
    public static let prefix = "notif"
}

/// The id of a notification, such as `notif_01h…`.
public typealias StaffNoticeID = Identifier<StaffNoticeKind>

/// What the staff is told inside Spotter.
public struct StaffNotice: Sendable, Codable, Hashable {
    /// How much it matters.
    public enum Level: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case info, warning, urgent
    }

    /// Never changes.
    public let id: StaffNoticeID
    /// Whom it is for; nil for all of a role, or for everybody.
    public let staffId: StaffID?
    /// Which role it is for; nil for one person, or for everybody.
    public let role: String?
    /// A line.
    public let title: String
    /// The rest.
    public let body: String
    /// How much it matters.
    public let level: Level
    /// Who says so: an agent's id or a token's subject.
    public let sentBy: String
    /// When it was said.
    public let createdAt: Date
    /// When somebody read it; nil if nobody has.
    public var readAt: Date?
    /// Who read it first.
    public var readBy: String?

    /// A notification that nobody has read yet, unless `readAt` says otherwise.
    public init(
        id: StaffNoticeID, staffId: StaffID?, role: String?, title: String, body: String, level: Level, sentBy: String,
        createdAt: Date, readAt: Date? = nil, readBy: String? = nil
    ) {
        self.id = id
        self.staffId = staffId
        self.role = role
        self.title = title
        self.body = body
        self.level = level
        self.sentBy = sentBy
        self.createdAt = createdAt
        self.readAt = readAt
        self.readBy = readBy
    }
}

/// A ticket to be opened.
public struct TicketOrder: Sendable, Hashable {
    /// The new ticket's id.
    public let id: TicketID
    /// A line.
    public let subject: String
    /// Everything that a colleague needs to act.
    public let body: String
    /// How urgent it is.
    public let priority: Priority
    /// Such as `billing`.
    public let category: String?
    /// Whom it is about: a member or a lead.
    public let person: MessagePerson?
    /// Where it comes from.
    public let conversation: ConversationID?
    /// Who opens it: an agent's id or a token's subject.
    public let openedBy: String
    /// When it is opened.
    public let at: Date

    /// A ticket with nothing left to default.
    public init(
        id: TicketID, subject: String, body: String, priority: Priority, category: String?, person: MessagePerson?,
        conversation: ConversationID?, openedBy: String, at: Date
    ) {
        self.id = id
        self.subject = subject
        self.body = body
        self.priority = priority
        self.category = category
        self.person = person
        self.conversation = conversation
        self.openedBy = openedBy
        self.at = at
    }
}

/// Where the staff is told things, and given things to do.
public protocol StaffDesk: Sendable {
    /// Keeps a notification; under the same key the one that is there already is answered.
    func notify(_ notice: StaffNotice, key: String?, in scope: OrganizationScope) async throws -> StaffNotice
    /// Newest first; those for one of the staff are those for them, and for everybody where no role is named.
    func notices(
        for staff: StaffID?, unreadOnly: Bool, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<StaffNotice>
    /// Marks a notification as read; the first reader stays. Throws `notFound`.
    func markRead(
        _ id: StaffNoticeID, by reader: String, at now: Date, in scope: OrganizationScope
    ) async throws -> StaffNotice
    /// Opens a ticket; under the same key the one that is there already is answered, by its id.
    func open(_ ticket: TicketOrder, key: String, in scope: OrganizationScope) async throws -> TicketID
}
