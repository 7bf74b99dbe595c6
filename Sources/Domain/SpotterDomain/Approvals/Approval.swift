public import Foundation

/// Marks the ids of approvals.
public enum ApprovalKind: IdentifierKind {
    /// Ids begin with `appr_`.
    public static let prefix = "appr"
}

/// The id of an approval, such as `appr_01h…`.
public typealias ApprovalID = Identifier<ApprovalKind>

/// A question to people, on whose answer an execution waits: may this be done, exactly as it stands here?
///
/// It is a step of the execution's journal, of kind `approval`, and has that step's id under a prefix of its own. So there
/// is one truth: what is decided is written with the step, in one transaction, and whoever reads the journal knows it.
public struct Approval: Sendable, Codable, Hashable {
    /// How far it is.
    public enum State: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case pending, approved, rejected
        /// Nobody decided in time, or what asked has ended without an answer.
        case expired
    }

    /// What happens when nobody decides in time.
    public enum Timeout: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// It counts as rejected.
        case reject
        /// It counts as approved: for steps that only give people a chance to object, never for a call of a tool that a
        /// policy wants asked about.
        case approve
        /// It expires: the step fails, as a wait does for which nobody came.
        case expire
    }

    /// Further people whose word counts when nobody has decided for a while.
    public struct Escalation: Sendable, Codable, Hashable {
        /// From when on.
        public let at: Date
        /// Who they are.
        public let to: [Approver]

        /// An escalation.
        public init(at: Date, to: [Approver]) {
            self.at = at
            self.to = to
        }
    }

    /// What somebody said.
    public struct Decision: Sendable, Codable, Hashable {
        /// Yes or no.
        public let approved: Bool
        /// Why, in their words; nil for none.
        public let comment: String?
        /// Whose token it was.
        public let token: TokenID
        /// Whom that token was issued for.
        public let subject: String
        /// What they are in the organisation.
        public let role: Role
        /// When.
        public let at: Date

        /// A decision.
        public init(approved: Bool, comment: String?, token: TokenID, subject: String, role: Role, at: Date) {
            self.approved = approved
            self.comment = comment
            self.token = token
            self.subject = subject
            self.role = role
            self.at = at
        }
    }

    /// Never changes.
    public let id: ApprovalID
    /// What waits for it.
    public let execution: ExecutionID
    /// What people are asked.
    public let message: String
    /// The tool that is to be called; nil where no tool is.
    public let tool: String?
    /// Exactly what the tool will be given; nil where no tool is.
    public let arguments: JSONValue?
    /// The SHA-256 of tool and arguments, or of the message where there is no tool, as 64 hexadecimal digits: what is
    /// approved is this and nothing else.
    public let argumentsHash: String
    /// Whose word counts.
    public let approvers: [Approver]
    /// How many of them must agree.
    public let mode: ApprovalMode
    /// How far it is.
    public var state: State
    /// When it was asked.
    public let createdAt: Date
    /// Until when it can be decided; nil for ever.
    public let expiresAt: Date?
    /// What happens then.
    public let onTimeout: Timeout
    /// When those who may decide are told again; nil for never.
    public var remindAt: Date?
    /// Who may decide, too, and from when on; nil for nobody.
    public var escalation: Escalation?
    /// Whether they were told again.
    public var isReminded = false
    /// Whether the others were asked.
    public var isEscalated = false
    /// What was said so far, in order.
    public var decisions: [Decision]
    /// When its state became final; nil while it is pending.
    public var decidedAt: Date?

    /// An approval; pending unless said otherwise.
    public init(
        id: ApprovalID, execution: ExecutionID, message: String, tool: String?, arguments: JSONValue?,
        argumentsHash: String, approvers: [Approver], mode: ApprovalMode, state: State = .pending, createdAt: Date,
        expiresAt: Date?, onTimeout: Timeout, decisions: [Decision] = [], decidedAt: Date? = nil
    ) {
        self.id = id
        self.execution = execution
        self.message = message
        self.tool = tool
        self.arguments = arguments
        self.argumentsHash = argumentsHash
        self.approvers = approvers
        self.mode = mode
        self.state = state
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.onTimeout = onTimeout
        self.decisions = decisions
        self.decidedAt = decidedAt
    }

    /// The longest comment of a decision, in characters.
    public static let longestComment = 2_000
}

/// The terms on which people are asked: whose word counts, how many must agree, and for how long.
public struct ApprovalTerms: Sendable, Hashable {
    /// Whose word counts; never empty.
    public var approvers: [Approver]
    /// How many of them must agree.
    public var mode: ApprovalMode
    /// For how long it can be decided; nil for ever.
    public var timeout: Duration?
    /// What happens then.
    public var onTimeout: Approval.Timeout
    /// After how long those who may decide are told again; nil for never.
    public var reminder: Duration?
    /// After how long others may decide, too; nil for never.
    public var escalation: Escalation?

    /// Who is asked, too, and after how long.
    public struct Escalation: Sendable, Hashable {
        /// After how long.
        public var after: Duration
        /// Who they are; never empty.
        public var to: [Approver]

        /// An escalation.
        public init(after: Duration, to: [Approver]) {
            self.after = after
            self.to = to
        }
    }

    /// For how long it can be decided where nothing else is said, in milliseconds: a day.
    static let usualTimeoutMs = 86_400_000

    /// Terms; with the defaults any owner or admin decides within a day, and nobody's answer is a no.
    public init(
        approvers: [Approver] = [.role(.owner), .role(.admin)], mode: ApprovalMode = .any,
        timeout: Duration? = .seconds(86_400), onTimeout: Approval.Timeout = .reject, reminder: Duration? = nil,
        escalation: Escalation? = nil
    ) {
        self.reminder = reminder
        self.escalation = escalation
        self.approvers = approvers
        self.mode = mode
        self.timeout = timeout
        self.onTimeout = onTimeout
    }
}

/// What an execution asks people for: by `Wait.approval` of its program, or by the engine for a call that a policy says to
/// ask about.
public struct ApprovalOrder: Sendable, Hashable {
    /// What people are asked.
    public let message: String
    /// The call that is to be made; nil where none is.
    public let call: ToolCall?
    /// On which terms.
    public let terms: ApprovalTerms

    /// An order.
    public init(message: String, call: ToolCall? = nil, terms: ApprovalTerms) {
        self.message = message
        self.call = call
        self.terms = terms
    }

    /// What the hash of an approval is made of: the same for the same tool and arguments, in whatever order their members
    /// came.
    public var content: [UInt8] {
        let content: JSONValue =
            if let call { ["tool": .string(call.name), "arguments": call.arguments] } else {
                ["message": .string(message)]
            }
        return content.canonical.bytes
    }
}

/// Makes a digest of bytes that nobody can find other bytes for: SHA-256, as 64 lower-case hexadecimal digits.
public protocol ContentDigest: Sendable {
    func hex(_ bytes: [UInt8]) throws -> String
}

extension JSONValue {
    /// The same value with the members of every object in the order of their names.
    var canonical: JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.canonical))
        case .object(let object):
            var sorted = JSONObject()
            for key in object.keys.sorted() { sorted[key] = object[key]?.canonical }
            return .object(sorted)
        case .double(let value): return Int64(exactly: value).map(JSONValue.int) ?? self
        default: return self
        }
    }
}
