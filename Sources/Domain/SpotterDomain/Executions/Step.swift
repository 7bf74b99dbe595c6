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
    /// What was done.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case model, tool
        /// Another execution, begun and waited for.
        case child
        /// A wait for a time.
        case timer
        /// A question to a person.
        case input
        /// A question to those who may allow something.
        case approval
        /// What came before was made shorter for the model's window.
        case compaction
        /// What a plan or a workflow settled by itself.
        case node
    }

    /// How far it is.
    public enum State: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// Begun; whether its effect happened is not known yet.
        case started
        /// Begun, and ended by something from outside: a time, an answer, another execution.
        case waiting
        /// Broken off with an effect that may or may not have happened and must not happen twice: a person decides.
        case needsReview = "needs_review"
        case completed, failed
        /// Failed, and done again by a later step: no program looks at it any more.
        case superseded
    }

    /// Never changes.
    public let id: StepID
    /// Its place in the journal, from 0.
    public let index: Int
    /// What was called or waited for, such as the name of a tool.
    public let name: String
    /// What was done.
    public let kind: Kind
    /// How far it is.
    public var state: State
    /// The execution's attempt that began it.
    public let attempt: Int
    /// What the model, the tool or the child was given; what is waited for.
    public var input: JSONValue
    /// What it answered; nil until it has completed, but for an approval, which holds what was said so far.
    public var output: JSONValue?
    /// Why it failed; nil unless it has.
    public var error: ExecutionError?
    /// Tokens used, of a child all of them; nil for tools.
    public var usage: TokenUsage?
    /// What it cost; nil for tools and for models without a price.
    public var cost: Cost?
    /// What repeating it would do; nil but for tools.
    public let effect: ToolEffect?
    /// The execution it waits for; nil but for children.
    public let child: ExecutionID?
    /// When it began.
    public let startedAt: Date
    /// When it ended; nil while it is under way.
    public var completedAt: Date?

    /// A step; with the defaults, one that has just begun.
    public init(
        id: StepID, index: Int, name: String, kind: Kind, state: State, attempt: Int, input: JSONValue,
        output: JSONValue? = nil, error: ExecutionError? = nil, usage: TokenUsage? = nil, cost: Cost? = nil,
        effect: ToolEffect? = nil, child: ExecutionID? = nil, startedAt: Date, completedAt: Date? = nil
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
        self.effect = effect
        self.child = child
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

    /// The last step of that name that has not been superseded; nil if there is none.
    public func step(named name: String) -> Step? {
        steps.last { $0.name == name && $0.state != .superseded }
    }

    /// Steps that end by something from outside, or by a person's decision.
    public var openWaits: [Step] { steps.filter { $0.state == .waiting || $0.state == .needsReview } }

    /// The place of the next step.
    public var nextIndex: Int { (steps.last?.index ?? -1) + 1 }
}
