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
        /// A run of a task.
        case task
        /// An agent on its own, until its goal is reached.
        case autonomous
        /// Makes a memory block of what was said in a session.
        case compression
        /// One call of a tool by hand, for which somebody has to be asked first.
        case tool
        /// One call of an agent, by its id or by what it must be able to do: see `CallOrder`.
        case call
        /// Steps that depend on each other.
        case plan
        /// A graph of work.
        case workflow
        /// Does nothing: shows that the queue turns, and how fast.
        case probe
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
    /// Tokens of all its model calls so far, and of those of executions that it began and that have ended.
    public var usage: TokenUsage
    /// Cost of the same.
    public var cost: Cost
    /// Steps known of so far, the one in progress among them; grows while it runs.
    public var stepsTotal: Int
    /// Steps that have ended.
    public var stepsCompleted: Int
    /// What it is doing now, for people; nil when it is between steps or has ended.
    public var currentStep: String?
    /// The task it is a run of; nil outside of one.
    public let taskId: WorkItemID?
    /// The execution that waits for it; nil if none does.
    public let parentId: ExecutionID?
    /// How soon its turn comes.
    public let priority: Priority
    /// What happens when it fails.
    public let retryPolicy: RetryPolicy
    /// When it fails, however far it is; nil for no such time.
    public let deadlineAt: Date?
    /// No other with this key is queued before it has ended; nil lets any number be.
    public let uniqueKey: String?
    /// How often it has failed and been tried again.
    public var failures: Int
    /// How often its process was gone before it ended.
    public var crashes: Int
    /// When it becomes ready by itself; nil if it does not, or is.
    public var wakeAt: Date?
    /// What somebody asked of it while it ran; nil if nothing.
    public var requested: ControlRequest?
    /// When it was given up; nil unless it was.
    public var deadAt: Date?
    /// How often something from outside has happened to it.
    public var signals: Int
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
        stepsCompleted: Int = 0, currentStep: String? = nil, taskId: WorkItemID? = nil,
        parentId: ExecutionID? = nil, priority: Priority = .medium, retryPolicy: RetryPolicy = .once,
        deadlineAt: Date? = nil, uniqueKey: String? = nil, failures: Int = 0, crashes: Int = 0,
        wakeAt: Date? = nil, requested: ControlRequest? = nil, deadAt: Date? = nil, signals: Int = 0,
        createdAt: Date, startedAt: Date? = nil, completedAt: Date? = nil
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
        self.taskId = taskId
        self.parentId = parentId
        self.priority = priority
        self.retryPolicy = retryPolicy
        self.deadlineAt = deadlineAt
        self.uniqueKey = uniqueKey
        self.failures = failures
        self.crashes = crashes
        self.wakeAt = wakeAt
        self.requested = requested
        self.deadAt = deadAt
        self.signals = signals
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.completedAt = completedAt
    }
}
