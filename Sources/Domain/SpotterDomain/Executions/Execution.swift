public import Foundation

public enum ExecutionKindTag: IdentifierKind { public static let prefix = "exec" }
public typealias ExecutionID = Identifier<ExecutionKindTag>

/// One run of anything.
public struct Execution: Sendable, Codable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// A chat turn.
        case message
    }

    public let id: ExecutionID
    public let kind: Kind
    public var state: ExecutionState
    /// How often work on it has begun; the fencing token of every later write.
    public var attempt: Int
    public let conversationId: ConversationID?
    public let agentId: AgentID?
    public let agentVersion: Int?
    public let input: JSONValue
    public var output: JSONValue?
    public var error: ExecutionError?
    public var usage: TokenUsage
    public var cost: Cost
    public var stepsTotal: Int
    public var stepsCompleted: Int
    public var currentStep: String?
    public let createdAt: Date
    public var startedAt: Date?
    public var completedAt: Date?

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

public enum ExecutionState: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case queued, running, waiting, paused, completed, failed, cancelled

    /// Nothing changes a terminal execution any more.
    public var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
}

/// Why an execution or a step failed, for people and programs.
public struct ExecutionError: Error, Sendable, Codable, Hashable {
    /// Stable, snake_case.
    public let code: String
    public let message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
