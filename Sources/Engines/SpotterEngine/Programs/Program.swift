public import Foundation
public import SpotterDomain

/// What comes next, given what has happened: the only thing in which chats, agents, plans and workflows differ.
///
/// Pure: no clock, no randomness, no effects. Given the same journal it gives the same commands, so any process can go
/// on where another stopped.
public protocol Program: Sendable {
    /// The next commands; empty only if something already asked for is still awaited.
    func decide(_ journal: Journal) -> [Command]

    /// What is left to say when somebody cancels the run, and `heard` is what its last call of a model had said by then;
    /// nil for nothing. It becomes a message of the conversation, marked as partial.
    func answer(brokenOff journal: Journal, heard: String) -> Answer?

    /// What it looks back on beside the journal: whether words of strangers are among it decides what its calls of tools
    /// may reach (`Taint`).
    var past: RunPast { get }
}

extension Program {
    /// Nothing.
    public func answer(brokenOff journal: Journal, heard: String) -> Answer? { nil }

    /// Nothing.
    public var past: RunPast { RunPast() }
}

/// What a program may ask the engine to do.
public enum Command: Sendable, Hashable {
    /// Becomes one step of kind `model`, named `name`.
    case callModel(ModelRequest, name: String)
    /// From here on the past is looked at as this says: one step of kind `compaction`.
    case compact(Compaction)
    /// Each becomes one step of kind `tool`. Calls of one command run side by side.
    case callTools([ToolCall])
    /// Calls of tools that the program answers itself, because they act on nothing but the run: each becomes one
    /// completed step of kind `tool`, written together with what follows.
    case answer([AnsweredCall])
    /// What the program settles by itself: each becomes one completed step of kind `node`, written together with what
    /// follows.
    case settle([SettledNode])
    /// Nobody needs these open steps any more: what they began is cancelled, and they fail with `cancelled`.
    case abandon([StepID])
    /// Begins another execution and awaits its end: one step of kind `child`.
    case startChild(ChildOrder)
    /// Awaits something from outside: one step of kind `timer`, `input` or `approval`.
    case wait(Wait, name: String)
    /// Tells the readers of the log; written together with what follows.
    case emit(EventType, JSONValue)
    /// Ends the execution well. `answer` becomes a message of its conversation.
    case finish(output: JSONValue, answer: Answer?)
    /// Ends the execution, unless its retry policy has another try for this error.
    case fail(ExecutionError)
}

/// A call of a tool with what the program answers.
public struct AnsweredCall: Sendable, Hashable {
    /// What the model wanted.
    public let call: ToolCall
    /// What it is told.
    public let output: JSONValue
    /// Whether `output` tells of an error.
    public let isError: Bool

    /// A call with its answer.
    public init(_ call: ToolCall, _ output: JSONValue, isError: Bool = false) {
        self.call = call
        self.output = output
        self.isError = isError
    }
}

/// Something that a program has settled by itself, such as which way a decision goes.
public struct SettledNode: Sendable, Hashable {
    /// The step's name, unique in the journal.
    public let name: String
    /// What came of it.
    public let output: JSONValue
    /// Whether the readers of the log are told.
    public let isTold: Bool

    /// A node that was settled.
    public init(_ name: String, _ output: JSONValue, isTold: Bool = true) {
        self.name = name
        self.output = output
        self.isTold = isTold
    }
}

/// What an execution may wait for. It costs a row meanwhile, and nothing else.
public enum Wait: Sendable, Hashable {
    /// A time.
    case timer(until: Date)
    /// So long from now on.
    case pause(Duration)
    /// An answer to `question`, by `POST /v1/executions/{id}/input`; given up after `timeout`, if there is one.
    case input(question: String, timeout: Duration?)
    /// A decision of those who may allow something, by `POST /v1/approvals/{id}/decision`. The step completes with
    /// `{state, approved, decisions}`, also where it was rejected; it fails with `approval_expired` where nobody decided in
    /// time and the order's terms say so.
    case approval(ApprovalOrder)
}

/// Another execution to begin.
public struct ChildOrder: Sendable, Hashable {
    /// The step's name, unique in the journal.
    public let name: String
    /// What is to be run.
    public let kind: Execution.Kind
    /// Who works on it; nil if nobody does.
    public let agent: AgentID?
    /// The version of the agent, which is kept.
    public let agentVersion: Int?
    /// What it is started with.
    public let input: JSONValue
    /// What happens when it fails.
    public let retryPolicy: RetryPolicy
    /// How long it may take; nil for as long as what began it.
    public let timeout: Duration?

    /// An order; tried once unless `retryPolicy` says otherwise.
    public init(
        name: String, kind: Execution.Kind, agent: AgentID?, agentVersion: Int?, input: JSONValue,
        retryPolicy: RetryPolicy = .once, timeout: Duration? = nil
    ) {
        self.name = name
        self.kind = kind
        self.agent = agent
        self.agentVersion = agentVersion
        self.input = input
        self.retryPolicy = retryPolicy
        self.timeout = timeout
    }
}

/// What a turn says to the person who asked.
public struct Answer: Sendable, Hashable {
    /// What people read.
    public let content: String
    /// The turn in the neutral form that goes back to models.
    public let transcript: [ModelMessage]

    /// The answer of a turn that has ended well.
    public init(content: String, transcript: [ModelMessage]) {
        self.content = content
        self.transcript = transcript
    }
}
