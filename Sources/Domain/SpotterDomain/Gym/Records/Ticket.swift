public import Foundation

/// Marks the ids of support tickets.
public enum TicketKind: RecordKind {
    public typealias Fields = TicketFields

    /// Ids begin with `ticket_`.
    public static let prefix = "ticket"
    /// What people call one.
    public static let noun = "ticket"
    /// As in `/v1/crm/tickets`.
    public static let plural = "tickets"
    /// Whom it is about, who sees to it, and where it came up.
    public static let references = [
        RecordReference("client_id", .client), RecordReference("lead_id", .lead),
        RecordReference("assigned_to", .staff), RecordReference("conversation_id", .conversation),
    ]
    /// By when it was opened, among others; `kind` is the category.
    public static let filters: [RecordFilter.Member] = [
        .externalId, .status, .kind, .clientId, .leadId, .assignedTo, .from, .to, .words,
    ]
}

/// The id of a ticket, such as `ticket_01h…`.
public typealias TicketID = Identifier<TicketKind>

/// What somebody on the staff has to see to.
public typealias Ticket = GymRecord<TicketKind>

/// How far a ticket has come.
public enum TicketStatus: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case open, pending, resolved, closed

    /// Whether nothing more is to be done.
    public var isDone: Bool { self == .resolved || self == .closed }
}

/// What a ticket says.
public struct TicketFields: RecordFields {
    /// In one line.
    public var subject: String
    /// The whole of it; may be empty.
    public var body: String
    /// How far it has come.
    public var status: TicketStatus
    /// How much it matters.
    public var priority: Priority
    /// What it is about, such as `billing`.
    public var category: String?
    /// The member it is about.
    public var clientId: ClientID?
    /// The lead it is about.
    public var leadId: LeadID?
    /// Who of the staff sees to it.
    public var assignedTo: StaffID?
    /// The conversation in which it came up.
    public var conversationId: ConversationID?
    /// Who opened it: a token's subject or an agent's id.
    public var openedBy: String
    /// When it has to be done.
    public var dueAt: Date?
    /// When it was done; nil while it is not.
    public var resolvedAt: Date?

    /// An open ticket, unless said otherwise.
    public init(
        subject: String, body: String = "", status: TicketStatus = .open, priority: Priority = .medium,
        category: String? = nil, clientId: ClientID? = nil, leadId: LeadID? = nil, assignedTo: StaffID? = nil,
        conversationId: ConversationID? = nil, openedBy: String, dueAt: Date? = nil, resolvedAt: Date? = nil
    ) {
        self.subject = subject
        self.body = body
        self.status = status
        self.priority = priority
        self.category = category
        self.clientId = clientId
        self.leadId = leadId
        self.assignedTo = assignedTo
        self.conversationId = conversationId
        self.openedBy = openedBy
        self.dueAt = dueAt
        self.resolvedAt = resolvedAt
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "subject": Field("In one line.", length: 1...300, example: "Locker 12 does not close"),
        "body": Field("The whole of it.", length: 0...20_000),
        "status": Field("How far it has come: `open` unless given."),
        "priority": Field("How much it matters: `medium` unless given."),
        "category": Field("What it is about, such as `billing`.", length: 1...100),
        "client_id": Field("The member it is about."),
        "lead_id": Field("The lead it is about."),
        "assigned_to": Field("Who of the staff sees to it."),
        "conversation_id": Field("The conversation in which it came up."),
        "opened_by": Field("Who opened it."),
        "due_at": Field("When it has to be done."),
        "resolved_at": Field("When it was done."),
    ]

    /// An open ticket of medium priority.
    public static func defaults(_ setting: RecordSetting) -> JSONObject {
        ["body": "", "status": "open", "priority": "medium", "opened_by": .string(setting.actor)]
    }

    /// What follows from who opens it and when it is done.
    public static let readOnly: Set<String> = ["opened_by", "resolved_at"]

    /// Rules of the subject.
    public var issues: [FieldIssue] { [FieldRules.name(subject, at: "/subject")].compactMap(\.self) }

    /// It was done when its status says so for the first time.
    public mutating func settle(after old: Self?, _ setting: RecordSetting) throws {
        resolvedAt = status.isDone ? resolvedAt ?? setting.now : nil
    }

    /// Subject and category.
    public var searchTexts: [String] { [subject, category ?? ""] }
}
