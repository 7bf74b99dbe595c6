import SpotterDomain
import SpotterEngine

/// An agent on its own: plan, act, observe, until the goal is reached.
///
/// Each iteration has seven steps, which the events of type `step.progress` name: analyse the context, update the plan,
/// think, select tools, execute them, observe what they answer, and iterate.
struct AutonomousProgram: Program {
    let context: ChatContext
    let prompts: AutonomyPrompts
    let brief: AutonomousBrief

    /// The most calls of one answer; the model is told that the others were not made.
    static let mostCalls = 32

    /// What memory holds.
    var past: RunPast { context.origins }

    func decide(_ journal: Journal) -> [Command] {
        let state = AutonomousState(journal, prompts)
        if let failure = state.turn.failure { return [.fail(failure)] }
        if !state.turn.pendingCalls.isEmpty { return act(on: state, journal) }
        if let stop = halt(state) { return [stop] }
        if state.consecutiveErrors >= brief.maxConsecutiveErrors { return askForHelp(state, journal) }
        if let text = state.finalText, !text.isEmpty, !state.stoppedEarly { return [finish(state, text)] }
        return think(state)
    }

    /// What was found out by then is kept in the journal; nobody reads an answer.
    func answer(brokenOff journal: Journal, heard: String) -> Answer? { nil }
}

// MARK: Analyse the context, update the plan, think

extension AutonomousProgram {
    private func think(_ stopped: AutonomousState) -> [Command] {
        let state = stopped.goingOn()
        switch context.next(after: state.turn) {
        case .send(var request):
            add(note(state), to: &request)
            return [
                progress("analyze_context", state), progress("update_plan", state), progress("think", state),
                .callModel(request, name: "think-\(state.iterations + 1)"),
            ]
        case .perform(let command): return [command]
        case .impossible(let error): return [.fail(error)]
        }
    }

    /// Where things stand, said to the model before it thinks. It is not kept: the next one says it anew.
    private func note(_ state: AutonomousState) -> String {
        var warning = ""
        if case .warning(let text) = ProgressGuard.verdict(on: state.rounds) { warning = text }
        if state.iterations + 1 == brief.maxIterations {
            warning += "\nThis is the last iteration: give the final answer, and say what is still open."
        }
        if brief.isDryRun {
            warning += "\nThis is a dry run: tools that change something show what they would do, and do not do it."
        }
        let last = state.rounds.last.map { "Last called: \($0.names.joined(separator: ", "))." } ?? ""
        var text = prompts.fill(
            .observation,
            [
                "iteration": "\(state.iterations + 1)", "max_iterations": "\(brief.maxIterations)",
                "plan": state.plan?.text ?? "There is no plan yet: make one with update_plan.", "last": last,
                "warning": warning,
            ])
        if state.consecutiveErrors > 0 {
            text +=
                "\n"
                + prompts.fill(
                    .errorRecovery,
                    [
                        "errors": state.lastErrors.map { "- \($0)" }.joined(separator: "\n"),
                        "attempt": "\(state.consecutiveErrors)", "max_attempts": "\(brief.maxConsecutiveErrors)",
                    ])
        }
        return text
    }

    private func add(_ note: String, to request: inout ModelRequest) {
        if let last = request.messages.last, last.role == .user {
            request.messages[request.messages.count - 1].parts.append(.text("\n\n" + note))
        } else {
            request.messages.append(.user(note))
        }
    }

    private func progress(_ stage: String, _ state: AutonomousState, _ extra: JSONObject = JSONObject()) -> Command {
        var data = extra
        data["stage"] = .string(stage)
        // An iteration has begun before its model is asked, and is counted when that has answered.
        let hasBegun = ["analyze_context", "update_plan", "think"].contains(stage)
        data["iteration"] = .int(Int64(state.iterations + (hasBegun ? 1 : 0)))
        data["max_iterations"] = .int(Int64(brief.maxIterations))
        if let plan = state.plan {
            data["percentage"] = .int(Int64(plan.percentage))
            data["phase"] = plan.current.map { .string(plan.phases[$0].title) } ?? .null
        }
        return .emit(.stepProgress, .object(data))
    }
}

// MARK: Select tools, execute them

extension AutonomousProgram {
    /// Begins what is not begun yet; nothing while all of it is awaited.
    private func act(on state: AutonomousState, _ journal: Journal) -> [Command] {
        var (answers, calls, others): ([AnsweredCall], [ToolCall], [Command]) = ([], [], [])
        var plan = state.plan
        var advanced: [Command] = []
        for (place, call) in state.turn.pendingCalls.enumerated() {
            if place >= Self.mostCalls {
                answers.append(AnsweredCall(call, .string(Self.tooMany), isError: true))
            } else if let tool = ProgramTool(rawValue: call.name) {
                if journal.step(named: state.waitName(of: call)) != nil { continue }
                switch reply(to: call, tool, state, &plan) {
                case .now(let answer):
                    answers.append(answer)
                    if !answer.isError, let plan { advanced.append(.emit(.phaseAdvanced, plan.report)) }
                case .later(let command): others.append(command)
                }
            } else {
                calls.append(call)
            }
        }
        return commands(answers, calls, advanced + others, state)
    }

    private static let tooMany = "Not made: at most \(mostCalls) calls at a time. Call it again, with fewer others."

    private func commands(
        _ answers: [AnsweredCall], _ calls: [ToolCall], _ others: [Command], _ state: AutonomousState
    ) -> [Command] {
        guard !(answers.isEmpty && calls.isEmpty && others.isEmpty) else { return [] }
        var names = JSONObject()
        names["tools"] = .array(state.turn.pendingCalls.map { .string($0.name) })
        var commands = [progress("select_tool", state, names), progress("execute_action", state, names)]
        if !answers.isEmpty { commands.append(.answer(answers)) }
        commands += others
        if !calls.isEmpty { commands.append(.callTools(calls)) }
        // What was delegated, or asked of a person, is observed when it comes.
        guard others.isEmpty else { return commands }
        return commands + [progress("observe_result", state), progress("iterate", state)]
    }

    private enum Reply {
        case now(AnsweredCall)
        case later(Command)
    }

    /// What becomes of a call that acts on the run itself.
    private func reply(
        to call: ToolCall, _ tool: ProgramTool, _ state: AutonomousState, _ plan: inout RunPlan?
    ) -> Reply {
        do {
            if let text = call.invalidArguments {
                throw ToolFailure("The arguments must be one JSON object, but were: \(text.prefix(200))")
            }
            if let change = try PlanCall(tool, call.arguments) {
                let changed = try change.plan(after: plan)
                plan = changed
                return .now(AnsweredCall(call, changed.report))
            }
            return .later(try begin(call, tool, state))
        } catch let failure as ToolFailure {
            return .now(AnsweredCall(call, .string(failure.message), isError: true))
        } catch {
            let issues = (error as? SpotterError)?.issues.map { "\($0.pointer) \($0.message)" } ?? ["\(error)"]
            let text = "The arguments are not valid: " + issues.joined(separator: "; ")
            return .now(AnsweredCall(call, .string(text), isError: true))
        }
    }

    private func begin(_ call: ToolCall, _ tool: ProgramTool, _ state: AutonomousState) throws -> Command {
        if tool == .askUser {
            let wanted = try call.arguments.decoded(as: QuestionArguments.self)
            let options = wanted.options.map { "\n" + $0.map { "- \($0)" }.joined(separator: "\n") } ?? ""
            return .wait(.input(question: wanted.question + options, timeout: nil), name: state.waitName(of: call))
        }
        let wanted = try call.arguments.decoded(as: DelegationArguments.self)
        return .startChild(try brief.order(for: wanted, name: state.waitName(of: call)))
    }
}

// MARK: Iterate, or end

extension AutonomousProgram {
    /// Why there is no further iteration; nil where there may be one.
    private func halt(_ state: AutonomousState) -> Command? {
        if case .stop(let reason) = ProgressGuard.verdict(on: state.rounds) {
            return .fail(ExecutionError(code: "no_progress", message: "The agent made no progress. \(reason)"))
        }
        let isDone = state.finalText.map { !$0.isEmpty && !state.stoppedEarly } ?? false
        guard state.iterations >= brief.maxIterations, !isDone else { return nil }
        // What it says at the end counts, also with phases left open.
        if let text = state.finalText, !text.isEmpty { return finish(state, text) }
        let message = "The agent used all \(state.iterations) iterations without reaching its goal."
        return .fail(ExecutionError(code: "iteration_limit_reached", message: message))
    }

    private func askForHelp(_ state: AutonomousState, _ journal: Journal) -> [Command] {
        let name = "\(AutonomousState.interventionPrefix)\(state.interventions + 1)"
        if journal.step(named: name) != nil { return [] }
        let tried = state.rounds.suffix(state.consecutiveErrors).map { "- \($0.calls.prefix(300))" }
        let question = """
            Everything failed \(state.consecutiveErrors) times in a row, and the agent needs help.
            What it tried:
            \(tried.joined(separator: "\n"))
            What came of it last:
            \(state.lastErrors.map { "- \($0)" }.joined(separator: "\n"))
            What should it do? Cancel the run if there is nothing to be done.
            """
        return [.wait(.input(question: question, timeout: nil), name: name)]
    }

    private func finish(_ state: AutonomousState, _ text: String) -> Command {
        var output = JSONObject()
        output["content"] = .string(text)
        output["iterations"] = .int(Int64(state.iterations))
        output["errors"] = .int(Int64(state.errors))
        output["plan"] = state.plan?.report
        if brief.isDryRun { output["dry_run"] = true }
        return .finish(output: .object(output), answer: nil)
    }
}
