public import SpotterDomain

/// What a run is told at its start.
///
/// A class, because it is in everybody's hands while a run waits.
public final class Assignment: Sendable {
    /// What is recorded of the execution so far.
    public let journal: Journal
    /// Decides what comes next.
    public let program: any Program
    /// For whom it runs.
    public let scope: OrganizationScope
    /// The organisation itself; nil for programs that call neither models nor tools.
    public let organization: Organization?
    /// The agent in the version that the execution began with; nil for programs without one.
    public let agent: Agent?
    /// The tools that may be called; by default those of the agent's list.
    public let tools: [String]
    /// Tools show what they would do and do nothing.
    public let isDryRun: Bool
    /// How long this process may work on it without a wait.
    public let timeout: Duration
    /// With how many steps it is stopped; nil for as many as all runs may have.
    public let mostSteps: Int?
    /// The run's first call of a model, if something was set aside for it together with the execution's beginning.
    let foretold: LedgerLine.Call?
    /// Whether a budget has appeared that has a say in that call: the run asks it itself.
    let isBudgeted: Bool

    /// An assignment.
    public convenience init(
        journal: Journal, program: any Program, scope: OrganizationScope, organization: Organization?, agent: Agent?,
        tools: [String]? = nil, isDryRun: Bool = false, timeout: Duration, mostSteps: Int? = nil
    ) {
        self.init(
            journal: journal, program: program, scope: scope, organization: organization, agent: agent,
            tools: tools ?? agent?.settings.tools ?? [], isDryRun: isDryRun, timeout: timeout, mostSteps: mostSteps,
            foretold: nil, isBudgeted: false)
    }

    private init(
        journal: Journal, program: any Program, scope: OrganizationScope, organization: Organization?, agent: Agent?,
        tools: [String], isDryRun: Bool, timeout: Duration, mostSteps: Int?, foretold: LedgerLine.Call?,
        isBudgeted: Bool
    ) {
        self.journal = journal
        self.program = program
        self.scope = scope
        self.organization = organization
        self.agent = agent
        self.tools = tools
        self.isDryRun = isDryRun
        self.timeout = timeout
        self.mostSteps = mostSteps
        self.foretold = foretold
        self.isBudgeted = isBudgeted
    }

    /// The same whose first call something is set aside for.
    ///
    /// - Parameter isBudgeted: whether a budget had a say in it after all, so that the run has to ask for itself.
    public func foretelling(_ reservation: Reservation?, isBudgeted: Bool = false) -> Assignment {
        Assignment(
            journal: journal, program: program, scope: scope, organization: organization, agent: agent,
            tools: tools, isDryRun: isDryRun, timeout: timeout, mostSteps: mostSteps,
            foretold: reservation?.call, isBudgeted: isBudgeted)
    }

    /// The same with what is recorded by now.
    func with(_ journal: Journal) -> Assignment {
        Assignment(
            journal: journal, program: program, scope: scope, organization: organization, agent: agent,
            tools: tools, isDryRun: isDryRun, timeout: timeout, mostSteps: mostSteps,
            foretold: nil, isBudgeted: isBudgeted)
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
