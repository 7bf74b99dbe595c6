import SpotterDomain
import SpotterEngine

/// A call that makes or moves the plan.
enum PlanCall {
    case update(PlanArguments)
    case advance(AdvanceArguments)

    /// Reads the arguments; nil for tools that have nothing to do with the plan.
    ///
    /// - Throws: `SpotterError` that names the argument.
    init?(_ tool: ProgramTool, _ arguments: JSONValue) throws {
        switch tool {
        case .updatePlan: self = .update(try arguments.decoded(as: PlanArguments.self))
        case .advancePhase: self = .advance(try arguments.decoded(as: AdvanceArguments.self))
        case .askUser, .delegate: return nil
        }
    }

    /// The plan as the call leaves it.
    ///
    /// - Throws: `ToolFailure` where there is nothing to advance.
    func plan(after old: RunPlan?) throws -> RunPlan {
        switch self {
        case .update(let wanted):
            let fresh = try RunPlan(goal: wanted.goal, titles: wanted.phases.map(\.title))
            return old.map { fresh.replacing($0) } ?? fresh
        case .advance(let wanted):
            guard var plan = old else {
                throw ToolFailure("There is no plan yet. Make one with update_plan first.")
            }
            try plan.advance(summary: wanted.summary)
            return plan
        }
    }
}

extension RunPlan {
    /// As a model and people read it.
    var report: JSONValue {
        [
            "goal": .string(goal), "percentage": .int(Int64(percentage)),
            "current_phase": current.map { .int(Int64($0 + 1)) } ?? .null,
            "phases": .array(
                phases.map { phase in
                    var row = JSONObject()
                    row["title"] = .string(phase.title)
                    row["state"] = .string(phase.state.rawValue)
                    row["summary"] = phase.summary.map(JSONValue.string)
                    return .object(row)
                }),
        ]
    }
}
