public import Foundation

/// Marks the ids of executions.
public enum ExecutionKindTag: IdentifierKind {
    /// Ids begin with `exec_`.
    public static let prefix = "exec"
}

/// The id of an execution, such as `exec_01h…`.
public typealias ExecutionID = Identifier<ExecutionKindTag>

/// One run of anything.
public struct Execution: Sendable, Codable, Hashable {
    /// What is being run.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// A chat turn.
        case message
    }

    /// Never changes.
    public let id: ExecutionID
    /// What is being run; never changes.
    public let kind: Kind
    /// How far it is.
    public var state: ExecutionState
    /// How often work on it has begun; the fencing token of every later write.
    public var attempt: Int
    /// The conversation it answers in; nil outside of one.
    public let conversationId: ConversationID?
    /// The agent that works on it; nil if none does.
    public let agentId: AgentID?
    /// The agent's version when the execution began; it is kept to the end.
    public let agentVersion: Int?
    /// What it was started with.
    public let input: JSONValue
    /// What came of it; nil until it has completed.
    public var output: JSONValue?
    /// Why it failed; nil unless it has.
    public var error: ExecutionError?
    /// Tokens of all its model calls so far.
    public var usage: TokenUsage
    /// Cost of all its model calls so far.
    public var cost: Cost
    /// Steps known of so far, the one in progress among them; grows while it runs.
    public var stepsTotal: Int
    /// Steps that have ended.
    public var stepsCompleted: Int
    /// What it is doing now, for people; nil when it is between steps or has ended.
    public var currentStep: String?
    /// When it was asked for.
    public let createdAt: Date
    /// When work on it began; nil while it is queued.
    public var startedAt: Date?
    /// When it reached a terminal state; nil before.
    public var completedAt: Date?

    /// An execution in any state; by default one that has done nothing yet.
    public init(
        id: ExecutionID, kind: Kind, state: ExecutionState, attempt: Int, conversationId: ConversationID?,
        agentId: AgentID?, agentVersion: Int?, input: JSONValue, output: JSONValue? = nil,
        error: ExecutionError? = nil, usage: TokenUsage = TokenUsage(), cost: Cost = .zero, stepsTotal: Int = 0,
        stepsCompleted: Int = 0, currentStep: String? = nil, createdAt: Date, startedAt: Date? = nil,
        completedAt: Date? = nil
    ) {
        self.id = id
        self.kind = kind
        self.state = state
        self.attempt = attempt
        self.conversationId = conversationId
        self.agentId = agentId
        self.agentVersion = agentVersion
        self.input = input
        self.output = output
        self.error = error
        self.usage = usage
        self.cost = cost
        self.stepsTotal = stepsTotal
        self.stepsCompleted = stepsCompleted
        self.currentStep = currentStep
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.completedAt = completedAt
    }
}

/// How far an execution is.
public enum ExecutionState: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case queued, running, waiting, paused, completed, failed, cancelled

    /// Nothing changes a terminal execution any more.
    public var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
}

/// Why an execution or a step failed, for people and programs.
public struct ExecutionError: Error, Sendable, Codable, Hashable {
    /// Stable, snake_case.
    public let code: String
    /// What happened, for people; holds no secret.
    public let message: String

    /// An error of a stable code with words for people.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
