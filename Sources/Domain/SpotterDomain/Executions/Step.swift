public import Foundation

/// Marks the ids of steps.
public enum StepKindTag: IdentifierKind {
    /// Ids begin with `step_`.
    public static let prefix = "step"
}

/// The id of a step, such as `step_01h…`.
public typealias StepID = Identifier<StepKindTag>

/// One entry of an execution's journal: something done once and never repeated.
public struct Step: Sendable, Codable, Hashable {
    /// What was called.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed { case model, tool }
    /// How far it is.
    public enum State: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Begun; whether its effect happened is not known yet.
        case started
        case completed, failed
    }

    /// Never changes.
    public let id: StepID
    /// Its place in the journal, from 0.
    public let index: Int
    /// What was called, such as the name of a tool.
    public let name: String
    /// Whether a model or a tool was called.
    public let kind: Kind
    /// How far it is.
    public var state: State
    /// The execution's attempt that began it.
    public let attempt: Int
    /// What the model or the tool was given.
    public let input: JSONValue
    /// What it answered; nil until it has completed.
    public var output: JSONValue?
    /// Why it failed; nil unless it has.
    public var error: ExecutionError?
    /// Tokens used; nil for tools.
    public var usage: TokenUsage?
    /// What it cost; nil for tools and for models without a price.
    public var cost: Cost?
    /// When it began.
    public let startedAt: Date
    /// When it ended; nil while it is under way.
    public var completedAt: Date?

    /// A step; with the defaults, one that has just begun.
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
    /// As it was last recorded.
    public var execution: Execution
    /// By index.
    public var steps: [Step]

    /// A journal; empty unless there are steps already.
    public init(execution: Execution, steps: [Step] = []) {
        self.execution = execution
        self.steps = steps
    }
}
