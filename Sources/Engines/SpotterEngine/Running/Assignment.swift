public import SpotterDomain

/// What a run is told at its start.
public struct Assignment: Sendable {
    /// What is recorded of the execution so far.
    public var journal: Journal
    /// Decides what comes next.
    public let program: any Program
    /// For whom it runs.
    public let scope: OrganizationScope
    /// The organisation itself; nil for programs that call neither models nor tools.
    public let organization: Organization?
    /// The agent in the version that the execution began with; nil for programs without one.
    public let agent: Agent?
    /// How long this process may work on it without a wait.
    public let timeout: Duration

    /// An assignment.
    public init(
        journal: Journal, program: any Program, scope: OrganizationScope, organization: Organization?, agent: Agent?,
        timeout: Duration
    ) {
        self.journal = journal
        self.program = program
        self.scope = scope
        self.organization = organization
        self.agent = agent
        self.timeout = timeout
    }
}

/// What a process let go of an execution with.
public struct RunOutcome: Sendable, Hashable {
    /// In a terminal state; or waiting, paused or queued: it goes on later, perhaps elsewhere.
    public let execution: Execution
    /// The answer, if the run was a chat turn that ended well.
    public let message: Message?

    /// What a run came to.
    public init(execution: Execution, message: Message?) {
        self.execution = execution
        self.message = message
    }
}
