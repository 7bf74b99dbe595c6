public import SpotterDomain

/// A tool that acts on the run that calls it: an agent on its own has it whatever its list says, and the run's program
/// answers. Called by anybody else it says so.
protocol RunTool: Tool {
    var tool: ProgramTool { get }
}

extension RunTool {
    /// As the program knows it.
    public var name: String { tool.rawValue }
    /// What a model is told.
    public var summary: String { tool.summary }
    /// For every agent on its own.
    public var category: ToolCategory { .core }
    /// Touches nothing but the run.
    public var access: ToolAccess { .read }
    /// Nothing outside changes.
    public var effect: ToolEffect { .none }

    /// - Throws: `ToolFailure`: there is no run here that could be acted on.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        throw ToolFailure(
            "\(name) acts on the run of an agent that works on its own. Outside of a task of kind autonomous there is "
                + "nothing for it to act on; do without it.")
    }
}

/// Makes or replaces the plan of a run.
public struct UpdatePlan: RunTool {
    /// What the program reads.
    public typealias Arguments = PlanArguments
    let tool = ProgramTool.updatePlan
}

/// Goes on to the next phase of a run's plan.
public struct AdvancePhase: RunTool {
    /// What the program reads.
    public typealias Arguments = AdvanceArguments
    let tool = ProgramTool.advancePhase
}

/// Asks a person, and rests until somebody answers.
public struct AskUser: RunTool {
    /// What the program reads.
    public typealias Arguments = QuestionArguments
    let tool = ProgramTool.askUser
}

/// Gives a part of the work to another agent.
public struct Delegate: RunTool {
    /// What the program reads.
    public typealias Arguments = DelegationArguments
    let tool = ProgramTool.delegate
}
