public import SpotterDomain

/// How far an agent on its own is, for people.
public struct RunProgress: Sendable, Codable, Hashable {
    /// Answers of its model so far.
    public let iteration: Int
    /// What is to be reached; nil before there is a plan.
    public let goal: String?
    /// The phases on the way; empty before there is a plan.
    public let phases: [RunPlan.Phase]
    /// The place of the phase it is in, from 1; nil before there is a plan and when all have completed.
    public let currentPhase: Int?
    /// How many of the phases have completed, in percent; 100 at the end of a run that went well.
    public let percentage: Int
    /// What it said last besides calling tools; nil if nothing.
    public let lastThought: String?
    /// Tools called so far.
    public let toolCalls: Int
    /// Iterations in which everything failed.
    public let errors: Int
    /// How many of them were the last ones in a row.
    public let consecutiveErrors: Int

    /// As the journal tells.
    public init(_ journal: Journal) {
        let state = AutonomousState(journal, .blank)
        iteration = state.iterations
        goal = state.plan?.goal
        phases = state.plan?.phases ?? []
        currentPhase = state.plan?.current.map { $0 + 1 }
        percentage = journal.execution.state == .completed ? 100 : state.plan?.percentage ?? 0
        lastThought = state.thoughts.last
        toolCalls = journal.steps.count { $0.kind == .tool && $0.state == .completed }
        errors = state.errors
        consecutiveErrors = state.consecutiveErrors
    }
}
