public import Foundation

/// What the front desk changes in the gym's records, each change in one transaction.
///
/// Whatever is not in the organisation is nil, as if it never was. With `isDryRun` everything is checked and nothing is
/// changed.
public protocol FrontDeskChanges: Sendable {
    /// Sets a member's status, and notes the step. The day of a cancellation is `change.day`.
    func setStatus(
        of client: ClientID, _ change: StatusOrder, in scope: OrganizationScope
    ) async throws -> StatusOutcome?
    /// Sets a lead's status, and notes the step. What `lost` was for stays with the lead.
    func setStatus(
        of lead: LeadID, _ change: StatusOrder, in scope: OrganizationScope
    ) async throws -> StatusOutcome?
    /// Adds and removes labels.
    func setTags(of person: PersonID, _ change: TagChange, in scope: OrganizationScope) async throws -> TagOutcome?
    /// Opens a ticket, once for each key.
    func openTicket(_ ticket: TicketDraft, in scope: OrganizationScope) async throws -> TicketOutcome
    /// Who works at the gym, by a part of the name; all of them for nil.
    func staff(named part: String?, in scope: OrganizationScope) async throws -> [StaffView]
}

/// A member or somebody who may become one.
public enum PersonID: Sendable, Hashable, CustomStringConvertible {
    /// A member.
    case client(ClientID)
    /// A lead.
    case lead(LeadID)

    /// The id as text.
    public var description: String {
        switch self {
        case .client(let id): id.description
        case .lead(let id): id.description
        }
    }

    /// The member's id; nil for a lead.
    public var client: ClientID? { if case .client(let id) = self { id } else { nil } }
    /// The lead's id; nil for a member.
    public var lead: LeadID? { if case .lead(let id) = self { id } else { nil } }
}

/// A step of a status.
public struct StatusOrder: Sendable {
    /// Under which the step is noted.
    public let id: UUID
    /// What it becomes.
    public let to: String
    /// Why.
    public let reason: String?
    /// Who does it.
    public let by: String
    /// When.
    public let at: Date
    /// The gym's day then, such as `2026-11-21`.
    public let day: String
    /// Whether it is only asked what would happen.
    public let isDryRun: Bool

    /// A step.
    public init(
        id: Identifier<StatusStepKind>, to: String, reason: String?, by: String, at: Date, day: String, isDryRun: Bool
    ) {
        self.id = id.uuid
        self.to = to
        self.reason = reason
        self.by = by
        self.at = at
        self.day = day
        self.isDryRun = isDryRun
    }
}

/// Marks the ids of steps of a status.
public enum StatusStepKind: IdentifierKind {
    /// Ids begin with `change_`.
    public static let prefix = "change"
}

/// What a status was before it was set.
public struct StatusOutcome: Sendable, Decodable {
    /// Whose it is.
    public let name: String
    /// Before.
    public let before: String
}

/// Labels to be added and removed.
public struct TagChange: Sendable {
    /// To be added, where they are not there.
    public let add: [String]
    /// To be removed, where they are there.
    public let remove: [String]
    /// The most that one person may have.
    public let most: Int
    /// When.
    public let at: Date
    /// Whether it is only asked what would happen.
    public let isDryRun: Bool

    /// A change of labels.
    public init(add: [String], remove: [String], most: Int, at: Date, isDryRun: Bool) {
        self.add = add
        self.remove = remove
        self.most = most
        self.at = at
        self.isDryRun = isDryRun
    }
}

/// Labels before and after.
public struct TagOutcome: Sendable {
    /// Whose they are.
    public let name: String
    /// Before.
    public let before: [String]
    /// After; more than `most` were not written.
    public let after: [String]

    /// An outcome.
    public init(name: String, before: [String], after: [String]) {
        self.name = name
        self.before = before
        self.after = after
    }
}

/// Somebody who works at the gym.
public struct StaffView: Sendable, Decodable {
    /// Who.
    public let id: StaffID
    /// First and last name.
    public let name: String
    /// `owner`, `manager`, `coach` or `front_desk`.
    public let role: String
}

/// A ticket to be opened.
public struct TicketDraft: Sendable {
    /// Its id, unless its key opened one already.
    public let id: TicketID
    /// What it is, in a line.
    public var subject: String
    /// All that a colleague has to know.
    public var body: String
    /// How soon.
    public var priority: Priority
    /// What sort of work it is.
    public var category: String?
    /// Whom it is about.
    public var person: PersonID?
    /// Who is to see to it.
    public var staff: StaffID?
    /// Where it came up.
    public var conversation: ConversationID?
    /// Who opens it.
    public var by: String
    /// Until when.
    public var dueAt: Date?
    /// The same key is the same ticket.
    public var key: String
    /// When.
    public var at: Date
    /// Whether it is only asked what would happen.
    public var isDryRun: Bool

    /// A ticket of medium priority for nobody in particular.
    public init(
        id: TicketID, subject: String, body: String, by: String, key: String, at: Date, isDryRun: Bool
    ) {
        self.id = id
        self.subject = subject
        self.body = body
        priority = .medium
        self.by = by
        self.key = key
        self.at = at
        self.isDryRun = isDryRun
    }
}

/// What came of opening a ticket.
public enum TicketOutcome: Sendable, Hashable {
    /// It is open, under this id; `isNew` unless its key had opened it before.
    case opened(TicketID, person: String?, isNew: Bool)
    /// Whom it is about is not known here.
    case unknownPerson
    /// Who is to see to it is not known here.
    case unknownStaff
}
