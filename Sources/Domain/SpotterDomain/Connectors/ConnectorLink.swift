public import Foundation

/// Who is whom: a record here and what the CRM calls the same.
public struct ConnectorLink: Sendable, Hashable {
    /// What is linked.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case contact, opportunity
    }

    /// Whether both are still there.
    public enum State: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case linked
        /// The record here was deleted; it does not come back.
        case localGone = "local_gone"
        /// What the CRM had was deleted; it is not made again.
        case remoteGone = "remote_gone"
    }

    /// Which connector.
    public let connector: String
    /// What is linked.
    public let kind: Kind
    /// The member or lead.
    public let person: MessagePerson
    /// What the CRM calls it.
    public let remoteId: String
    /// Marks of what is here, from when both last agreed.
    public var localMarks: [String: String]
    /// Marks of what the CRM has.
    public var remoteMarks: [String: String]
    /// Whether both are still there.
    public var state: State
    /// When both last agreed.
    public var syncedAt: Date

    /// A link.
    public init(
        connector: String, kind: Kind, person: MessagePerson, remoteId: String, localMarks: [String: String] = [:],
        remoteMarks: [String: String] = [:], state: State = .linked, syncedAt: Date
    ) {
        self.connector = connector
        self.kind = kind
        self.person = person
        self.remoteId = remoteId
        self.localMarks = localMarks
        self.remoteMarks = remoteMarks
        self.state = state
        self.syncedAt = syncedAt
    }
}

/// Something that a run could not do, or decided for somebody.
public struct ConnectorNote: Sendable, Hashable, Codable {
    /// What sort.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Both sides had changed the same.
        case conflict
        /// One row could not be brought over.
        case failure
        /// Somebody was deleted on one side.
        case deletion
    }

    /// What sort.
    public var kind: Kind
    /// The member or lead, where one is known.
    public var localId: String?
    /// What the CRM calls it, where that is known.
    public var remoteId: String?
    /// In words, without any of the values.
    public var message: String
    /// When.
    public var at: Date

    /// A note; its text is cut at 500 characters.
    public init(_ kind: Kind, localId: String? = nil, remoteId: String? = nil, _ message: String, at: Date) {
        self.kind = kind
        self.localId = localId
        self.remoteId = remoteId
        self.message = String(message.prefix(500))
        self.at = at
    }
}

extension ConnectorNote: FieldsDescribed {
    /// Meaning of the members.
    public static let fields: [String: Field] = [
        "kind": Field("A conflict that was decided, a row that could not be brought over, or a deletion."),
        "local_id": Field("The member or lead."),
        "remote_id": Field("What the CRM calls it."),
        "message": Field("In words, without any of the values."),
        "at": Field("When."),
    ]
}
