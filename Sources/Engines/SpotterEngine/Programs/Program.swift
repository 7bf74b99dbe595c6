public import SpotterDomain

/// What comes next, given what has happened: the only thing in which chats, agents, plans and workflows differ.
///
/// Pure: no clock, no randomness, no effects. Given the same journal it gives the same commands, so any process can go
/// on where another stopped.
public protocol Program: Sendable {
    /// The next commands; empty only if something already asked for is still under way.
    func decide(_ journal: Journal) -> [Command]
}

/// What a program may ask the engine to do.
public enum Command: Sendable, Hashable {
    /// Becomes one step of kind `model`, named `name`.
    case callModel(ModelRequest, name: String)
    /// Each becomes one step of kind `tool`. Calls of one command run side by side.
    case callTools([ToolCall])
    /// Ends the execution well. `answer` becomes a message of its conversation.
    case finish(output: JSONValue, answer: Answer?)
    case fail(ExecutionError)
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
