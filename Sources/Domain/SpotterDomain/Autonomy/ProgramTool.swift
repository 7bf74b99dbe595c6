/// The tools that act on a run itself: its program answers them, nothing outside does.
public enum ProgramTool: String, Sendable, CaseIterable {
    case updatePlan = "update_plan"
    case advancePhase = "advance_phase"
    case askUser = "ask_user"
    case delegate

    /// What a model is told.
    public var summary: String {
        switch self {
        case .updatePlan:
            """
            Make the plan of this task, or replace it: the goal and the phases on the way. Call it first, and again \
            when what you learn changes the way. Phases that have completed keep their state where their title stays.
            """
        case .advancePhase:
            """
            Mark the active phase of the plan as completed and begin the next one. Say in the summary what came of it: \
            people follow the task by it.
            """
        case .askUser:
            """
            Ask a person for what you cannot find out yourself: a decision, a preference, a missing fact. The task \
            rests until somebody answers, which may take days, so ask once and ask for everything you need.
            """
        case .delegate:
            """
            Give a part of the task to a colleague, another agent, named by role or id or found by what it must be able \
            to do. It works on its own and its result comes back to you. Several calls at once run side by side.
            """
        }
    }

    /// The schema of its arguments.
    public var parameters: JSONSchema {
        switch self {
        case .updatePlan: .derived(from: PlanArguments.self)
        case .advancePhase: .derived(from: AdvanceArguments.self)
        case .askUser: .derived(from: QuestionArguments.self)
        case .delegate: .derived(from: DelegationArguments.self)
        }
    }

    /// As a model is told of it.
    public var description: ToolDescription {
        ToolDescription(name: rawValue, summary: summary, parameters: parameters)
    }
}

/// Arguments of `update_plan`.
public struct PlanArguments: Codable, Sendable, FieldsDescribed {
    /// One phase.
    public struct Phase: Codable, Sendable, FieldsDescribed {
        /// What is to be reached in it.
        public let title: String

        /// Meaning and bounds of the members.
        public static let fields: [String: Field] = [
            "title": Field("What is to be reached in this phase.", length: 1...200, example: "Find the members at risk")
        ]
    }

    /// What is to be reached.
    public let goal: String
    /// In their order.
    public let phases: [Phase]

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "goal": Field("What is to be reached in the end, in a sentence.", length: 1...500),
        "phases": Field("The phases on the way, in their order.", count: 1...RunPlan.mostPhases),
    ]
}

/// Arguments of `advance_phase`.
public struct AdvanceArguments: Codable, Sendable, FieldsDescribed {
    /// What came of the phase.
    public let summary: String?

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "summary": Field("What came of the phase that ends, in a sentence.", length: 1...1_000)
    ]
}

/// Arguments of `ask_user`.
public struct QuestionArguments: Codable, Sendable, FieldsDescribed {
    /// What is asked.
    public let question: String
    /// Answers to choose from, if there are such.
    public let options: [String]?

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "question": Field("The question, with what the person must know to answer it.", length: 1...4_000),
        "options": Field("Answers to choose from, where there are only some.", count: 1...10),
    ]
}

/// Arguments of `delegate`.
public struct DelegationArguments: Codable, Sendable, FieldsDescribed {
    /// The colleague's role, name or id.
    public let agent: String?
    /// What the colleague must be able to do.
    public let capability: String?
    /// What is to be done.
    public let task: String
    /// What the colleague is given to work on.
    public let input: JSONValue?

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "agent": Field("The colleague's role, name or id. Give this or capability.", length: 1...100),
        "capability": Field("What the colleague must be able to do. Give this or agent.", length: 1...100),
        "task": Field("What is to be done, with all that the colleague must know.", length: 1...20_000),
        "input": Field("Data for the colleague to work on: an object."),
    ]
}
