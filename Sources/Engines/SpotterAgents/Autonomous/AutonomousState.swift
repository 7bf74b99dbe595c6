import SpotterDomain
import SpotterEngine

/// Where an agent on its own stands, as its journal tells: what was said and done, the plan, and what went wrong.
///
/// Pure: the same journal gives the same state in any process, which is what lets a run go on after a crash.
struct AutonomousState {
    /// What was said to the model and by it.
    private(set) var turn = Turn()
    /// What the agent means to do; nil before it has said so.
    private(set) var plan: RunPlan?
    /// One for each answer of the model whose calls have all been answered, oldest first.
    private(set) var rounds: [Round] = []
    /// What the model has said besides calling tools, oldest first.
    private(set) var thoughts: [String] = []
    /// Iterations in which everything failed, and how many of them were the last ones in a row.
    private(set) var errors = 0
    private(set) var consecutiveErrors = 0
    /// What failed in the last iteration.
    private(set) var lastErrors: [String] = []
    /// How often a person was asked because nothing worked.
    private(set) var interventions = 0
    /// Whether the agent was told that phases are open when it stopped.
    private(set) var wasTold = false

    private let prompts: AutonomyPrompts
    /// Results of the calls of the last answer, as they come.
    private var results: [ToolResult] = []

    /// An answer of the model with what its tools said.
    struct Round: Hashable {
        /// Names and arguments, in their order.
        let calls: String
        /// What they answered.
        let results: String
        /// Names of the tools.
        let names: [String]
    }

    init(_ journal: Journal, _ prompts: AutonomyPrompts) {
        self.prompts = prompts
        for step in journal.steps where step.state != .superseded { read(step) }
    }

    /// Answers of the model so far.
    var iterations: Int { turn.modelCalls }

    /// The name of the step that waits for what a call began: the same in every process.
    func waitName(of call: ToolCall) -> String {
        let place = turn.lastResponse?.message.toolCalls.firstIndex { $0.id == call.id } ?? 0
        return "\(call.name)-\(iterations).\(place + 1)"
    }

    /// The answer that the agent has stopped with; nil while it means to go on.
    var finalText: String? {
        guard turn.pendingCalls.isEmpty, let last = turn.lastResponse, !turn.wantsModel else { return nil }
        return last.message.text
    }

    /// Titles of the phases that have not completed.
    var openPhases: [String] { plan?.phases.filter { $0.state != .completed }.map(\.title) ?? [] }

    /// Whether the agent has stopped too early, and has not been told yet.
    var stoppedEarly: Bool { !openPhases.isEmpty && !wasTold }
}

// MARK: Reading the journal

extension AutonomousState {
    private mutating func read(_ step: Step) {
        switch (step.kind, step.state) {
        case (.model, .completed): readAnswer(of: step)
        case (.input, .completed) where step.name.hasPrefix(Self.interventionPrefix): readIntervention(step)
        case (.input, .completed), (.input, .failed), (.child, .completed), (.child, .failed): readEnd(of: step)
        case (.tool, .completed):
            turn.read(step)
            guard let result = try? step.output?.decodedUnchecked(as: ToolResult.self) else { return }
            follow(result, arguments: step.input["arguments"] ?? .null)
            note(result)
        default: turn.read(step)
        }
    }

    /// What comes before the name of a step that waits for a person because nothing worked.
    static let interventionPrefix = "intervention-"

    private mutating func readAnswer(of step: Step) {
        // The agent had stopped, and went on: it was told something in between.
        if let text = finalText, step.name.hasPrefix("think-") { tell(afterStopWith: text) }
        // A colleague whose failure was set aside by a retry, say: providers refuse a call without a result.
        for call in turn.pendingCalls {
            turn.resolve(
                ToolResult(
                    callId: call.id, name: call.name, output: "Its result is not known any more.", isError: true,
                    durationMs: 0))
        }
        let before = turn.modelCalls
        turn.read(step)
        guard turn.modelCalls > before else { return }
        results = []
        guard let message = turn.lastResponse?.message else { return }
        let text = message.text
        if !text.isEmpty { thoughts.append(text) }
        if message.toolCalls.isEmpty, text.isEmpty, !turn.wantsModel { fail(["The answer was empty."]) }
    }

    /// The same when the agent is to go on, told why if it has stopped: what a later reading of the journal finds, too.
    func goingOn() -> AutonomousState {
        guard let text = finalText else { return self }
        var state = self
        state.tell(afterStopWith: text)
        return state
    }

    private mutating func tell(afterStopWith text: String) {
        if text.isEmpty {
            turn.say("Your answer was empty. Call a tool, or give the final answer.")
        } else {
            wasTold = true
            turn.say(prompts.fill(.completion, ["open": openPhases.joined(separator: "; ")]))
        }
    }

    private mutating func readIntervention(_ step: Step) {
        interventions += 1
        consecutiveErrors = 0
        lastErrors = []
        turn.say("A person who was asked for help says: \(step.output.map(Self.text) ?? "")")
    }

    /// What a person answered, or a colleague came to.
    private mutating func readEnd(of step: Step) {
        guard let call = turn.pendingCalls.first(where: { waitName(of: $0) == step.name }) else { return }
        let output: JSONValue =
            if let error = step.error {
                .string(error.message)
            } else {
                step.kind == .input ? ["answer": step.output ?? .null] : step.output ?? .null
            }
        let result = ToolResult(
            callId: call.id, name: call.name, output: output, isError: step.state == .failed, durationMs: 0)
        turn.resolve(result)
        note(result)
    }

    private static func text(_ value: JSONValue) -> String { value.string ?? value.description }

    /// The plan as a call has changed it.
    private mutating func follow(_ result: ToolResult, arguments: JSONValue) {
        guard !result.isError, let tool = ProgramTool(rawValue: result.name) else { return }
        plan = (try? PlanCall(tool, arguments)?.plan(after: plan)) ?? plan
    }

    /// Ends the round when every call has its result.
    private mutating func note(_ result: ToolResult) {
        results.append(result)
        guard turn.pendingCalls.isEmpty, let calls = turn.lastResponse?.message.toolCalls, !calls.isEmpty else {
            return
        }
        rounds.append(
            Round(
                calls: calls.map { "\($0.name) \($0.arguments.description)" }.joined(separator: "\n"),
                results: results.map(\.text).joined(separator: "\n"), names: calls.map(\.name)))
        if results.allSatisfy(\.isError) {
            fail(results.map { "\($0.name): \($0.text.prefix(500))" })
        } else {
            consecutiveErrors = 0
            lastErrors = []
        }
    }

    private mutating func fail(_ messages: [String]) {
        errors += 1
        consecutiveErrors += 1
        lastErrors = messages
    }
}
