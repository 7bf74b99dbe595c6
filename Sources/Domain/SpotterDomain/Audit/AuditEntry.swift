public import Foundation

/// Marks the ids of entries of the audit log.
public enum AuditEntryKind: IdentifierKind {
    /// Ids begin with `act_`.
    public static let prefix = "act"
}

/// The id of an entry of the audit log, such as `act_01h…`.
public typealias AuditEntryID = Identifier<AuditEntryKind>

/// Who did something.
public struct AuditActor: Sendable, Codable, Hashable {
    /// As what.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// The holder of a token.
        case token
        /// An agent, within an execution.
        case agent
        /// Another system, by a signed message.
        case hook
        /// Whoever follows a signed link.
        case link
        /// Whoever works at the console, or holds an operator's token.
        case `operator`
        /// The program itself.
        case system
    }

    /// As what somebody acted.
    public let kind: Kind
    /// The id of the token, agent or hook; nil for those that have none.
    public let id: String?
    /// What the holder of the token is in the organisation.
    public let role: Role?

    /// An actor.
    public init(_ kind: Kind, id: String? = nil, role: Role? = nil) {
        self.kind = kind
        self.id = id
        self.role = role
    }
}

/// What came of an act.
public enum AuditOutcome: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// It was done.
    case done
    /// A policy, or the lack of a right, kept it from being done.
    case denied
    /// It was tried, and went wrong.
    case failed
}

/// An entry of the audit log before it is written: what the database adds is its time and its place.
///
/// It names what was changed and never what it was changed to: ids and names of fields, no contents.
public struct AuditDraft: Sendable, Hashable {
    /// Two drafts of the same id are one entry.
    public let id: AuditEntryID
    /// Who did it.
    public var actor: AuditActor
    /// What was done: the name of the operation, such as `createAgent`, `cli token issue`, `tool.send_email`.
    public var action: String
    /// The id of what it was done to.
    public var resource: String?
    /// The request in which it was done.
    public var requestId: String?
    /// The execution in which it was done.
    public var executionId: ExecutionID?
    /// The agent that did it.
    public var agentId: AgentID?
    /// What came of it.
    public var outcome: AuditOutcome
    /// The names of the fields that were given, or other short words; at most `mostFields`.
    public var fields: [String]

    /// The most fields that an entry names.
    public static let mostFields = 64
    /// The longest name of a field that is kept, in characters.
    public static let longestField = 64

    /// A draft.
    public init(
        id: AuditEntryID, actor: AuditActor, action: String, resource: String? = nil, requestId: String? = nil,
        executionId: ExecutionID? = nil, agentId: AgentID? = nil, outcome: AuditOutcome = .done, fields: [String] = []
    ) {
        self.id = id
        self.actor = actor
        self.action = action
        self.resource = resource
        self.requestId = requestId
        self.executionId = executionId
        self.agentId = agentId
        self.outcome = outcome
        self.fields = fields.prefix(Self.mostFields).map { String($0.prefix(Self.longestField)) }
    }
}

/// An entry of the audit log.
public struct AuditEntry: Sendable, Codable, Hashable {
    /// Never changes, as nothing of an entry does.
    public let id: AuditEntryID
    /// Its place in the organisation's chain, from 1; nil until it is sealed, some seconds after it was written.
    public let position: Int64?
    /// When, by the database's clock.
    public let at: Date
    /// Who did it.
    public let actor: AuditActor
    /// What was done.
    public let action: String
    /// The id of what it was done to.
    public let resourceId: String?
    /// The request in which it was done.
    public let requestId: String?
    /// The execution in which it was done.
    public let executionId: ExecutionID?
    /// The agent that did it.
    public let agentId: AgentID?
    /// What came of it.
    public let outcome: AuditOutcome
    /// The names of the fields that were given.
    public let fields: [String]
    /// The hash of the chain up to this entry, 64 hexadecimal digits; nil until it is sealed.
    public let hash: String?

    /// An entry as it was written.
    public init(_ draft: AuditDraft, at: Date, position: Int64? = nil, hash: String? = nil) {
        id = draft.id
        self.position = position
        self.at = at
        actor = draft.actor
        action = draft.action
        resourceId = draft.resource
        requestId = draft.requestId
        executionId = draft.executionId
        agentId = draft.agentId
        outcome = draft.outcome
        fields = draft.fields
        self.hash = hash
    }
}

/// Which entries are wanted. What is nil is not asked for.
public struct AuditFilter: Sendable, Hashable {
    /// The id of a token, agent or hook, or a kind of actors such as `operator`.
    public var actor: String?
    /// The whole name of the action.
    public var action: String?
    /// The id of what it was done to.
    public var resource: String?
    /// Not before.
    public var from: Date?
    /// Before.
    public var until: Date?
    /// A part of the action's name, of an id, or of a field's name.
    public var search: String?

    /// A filter of nothing, unless there is more to say.
    public init(
        actor: String? = nil, action: String? = nil, resource: String? = nil, from: Date? = nil, until: Date? = nil,
        search: String? = nil
    ) {
        self.actor = actor
        self.action = action
        self.resource = resource
        self.from = from
        self.until = until
        self.search = search
    }
}

/// The audit log. Entries are written by the stores themselves, in the transactions that they tell of: see `AuditSlip`.
public protocol AuditStore: Sendable {
    /// Writes an entry that no other write goes with. One whose id is there already is left as it is.
    func note(_ draft: AuditDraft, in scope: OrganizationScope) async throws
    /// Entries, newest first.
    func list(_ filter: AuditFilter, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<AuditEntry>
}
