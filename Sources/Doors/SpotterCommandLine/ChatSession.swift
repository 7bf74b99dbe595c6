public import SpotterDomain

/// A conversation in the terminal.
public protocol ChatSession: Sendable {
    /// Whom one talks to.
    var agent: Agent { get }
    /// Says something; `onEvent` gets the turn's events in order, until it has ended. The next waits until it has returned.
    func send(_ content: String, onEvent: @escaping @Sendable (Event) async throws -> Void) async throws
    /// Decides on what the turn waits for, as whoever is at the console.
    func decide(_ decision: ConsoleDecision, on id: ApprovalID) async throws
    /// Cancels the answer that is being given, if one is; `send` then returns after the events that tell of it.
    func cancel() async throws
    /// From here on Ctrl-C does this and does not end the process.
    func onInterrupt(_ act: @escaping @Sendable () -> Void)
    /// Lets go of everything the session holds.
    func close() async
}
