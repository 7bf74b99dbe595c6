public import SpotterDomain

/// What a run is told at its start.
public struct Assignment: Sendable {
    /// What does not change, in one piece: small where many assignments wait.
    private final class Terms: Sendable {
        let program: any Program
        let scope: OrganizationScope
        let organization: Organization?
        let agent: Agent?
        let timeout: Duration

        init(
            program: any Program, scope: OrganizationScope, organization: Organization?, agent: Agent?,
            timeout: Duration
        ) {
            self.program = program
            self.scope = scope
            self.organization = organization
            self.agent = agent
            self.timeout = timeout
        }
    }

    /// What is recorded of the execution so far.
    public var journal: Journal
    private let terms: Terms

    /// Decides what comes next.
    public var program: any Program { terms.program }
    /// For whom it runs.
    public var scope: OrganizationScope { terms.scope }
    /// The organisation itself; nil for programs that call neither models nor tools.
    public var organization: Organization? { terms.organization }
    /// The agent in the version that the execution began with; nil for programs without one.
    public var agent: Agent? { terms.agent }
    /// How long this process may work on it without a wait.
    public var timeout: Duration { terms.timeout }

    /// An assignment.
    public init(
        journal: Journal, program: any Program, scope: OrganizationScope, organization: Organization?, agent: Agent?,
        timeout: Duration
    ) {
        self.journal = journal
        terms = Terms(program: program, scope: scope, organization: organization, agent: agent, timeout: timeout)
    }
}

/// What a process let go of an execution with.
public struct RunOutcome: Sendable, Hashable {
    private final class Parts: Sendable {
        let execution: Execution
        let message: Message?

        init(_ execution: Execution, _ message: Message?) {
            self.execution = execution
            self.message = message
        }
    }

    /// In one piece, because everybody on the way out of a run keeps room for it from the start.
    private let parts: Parts

    /// In a terminal state; or waiting, paused or queued: it goes on later, perhaps elsewhere.
    public var execution: Execution { parts.execution }
    /// The answer, if the run was a chat turn that ended well.
    public var message: Message? { parts.message }

    /// What a run came to.
    public init(execution: Execution, message: Message?) { parts = Parts(execution, message) }

    /// Whether both parts are equal.
    public static func == (one: RunOutcome, other: RunOutcome) -> Bool {
        one.execution == other.execution && one.message == other.message
    }

    /// By both parts.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(execution)
        hasher.combine(message)
    }
}
