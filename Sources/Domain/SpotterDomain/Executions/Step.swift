public import Foundation

public enum StepKindTag: IdentifierKind { public static let prefix = "step" }
public typealias StepID = Identifier<StepKindTag>

/// One entry of an execution's journal: something done once and never repeated.
public struct Step: Sendable, Codable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed { case model, tool }
    public enum State: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Begun; whether its effect happened is not known yet.
        case started
        case completed, failed
    }

    public let id: StepID
    /// Its place in the journal, from 0.
    public let index: Int
    public let name: String
    public let kind: Kind
    public var state: State
    public let attempt: Int
    public let input: JSONValue
    public var output: JSONValue?
    public var error: ExecutionError?
    public var usage: TokenUsage?
    public var cost: Cost?
    public let startedAt: Date
    public var completedAt: Date?

    public init(
        id: StepID, index: Int, name: String, kind: Kind, state: State, attempt: Int, input: JSONValue,
        output: JSONValue? = nil, error: ExecutionError? = nil, usage: TokenUsage? = nil, cost: Cost? = nil,
        startedAt: Date, completedAt: Date? = nil
    ) {
        self.id = id
        self.index = index
        self.name = name
        self.kind = kind
        self.state = state
        self.attempt = attempt
        self.input = input
        self.output = output
        self.error = error
        self.usage = usage
        self.cost = cost
        self.startedAt = startedAt
        self.completedAt = completedAt
    }
}

/// An execution and what has been done for it so far: all that a program decides from.
public struct Journal: Sendable, Hashable {
    public var execution: Execution
    /// By index.
    public var steps: [Step]

    public init(execution: Execution, steps: [Step] = []) {
        self.execution = execution
        self.steps = steps
    }
}
