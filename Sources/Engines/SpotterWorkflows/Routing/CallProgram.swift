import Foundation
import SpotterDomain
import SpotterEngine

/// A call of an agent: waits until somebody is free, has the agent do it, and says what it answered.
///
/// Who is called is not decided here: whoever makes the program has reserved the agent, or says that nobody is free.
struct CallProgram: Program {
    let order: CallOrder
    let choice: Choice
    /// When it has to be over.
    let deadline: Date
    /// When the program was made: what is left of the time counts from here.
    let now: Date
    /// What the session came to before; nil where nobody has made a block of it.
    let session: String?

    /// Of a summary nobody can tell any more who said what.
    var past: RunPast { RunPast(isOfUnknownOrigin: session != nil) }

    /// Who is called.
    enum Choice: Sendable {
        case inHouse(ReservedCall, Agent)
        case external(ReservedCall, Agent)
        /// Nobody is free; why.
        case busy([String])
        /// It cannot be done.
        case impossible(ExecutionError)
    }

    /// The tool that sends a call to an external agent.
    static let tool = "call_external_agent"
    private static let turn = "turn"
    private static let answer = Execution.lateAnswerStep
    private static let firstWait: TimeInterval = 2
    private static let longestWait: TimeInterval = 30
    private static let longestPatientWait: TimeInterval = 300

    func decide(_ journal: Journal) -> [Command] {
        switch choice {
        case .impossible(let error): return [.fail(error)]
        case .busy(let reasons): return wait(journal, because: reasons)
        case .inHouse(let call, let agent): return haveDone(by: agent, call, journal)
        case .external(let call, let agent): return send(to: agent, call, journal)
        }
    }

    // MARK: Waiting

    /// Looks again when a place is given back, and after a while in any case.
    private func wait(_ journal: Journal, because reasons: [String]) -> [Command] {
        guard now < deadline else { return [.fail(CallRouter.nobody(reasons))] }
        let waits = journal.steps.filter { $0.kind == .timer && $0.state != .superseded }
        // It was woken early, for nothing: the wait goes on.
        if waits.contains(where: { $0.state == .waiting }) { return [] }
        let longest = order.isPatient == true ? Self.longestPatientWait : Self.longestWait
        let pause = min(Self.firstWait * pow(2, Double(min(waits.count, 10))), longest)
        let until = min(now.addingTimeInterval(pause), deadline)
        return [.wait(.timer(until: until), name: "free-agent-\(waits.count + 1)")]
    }

    private func routed(_ call: ReservedCall, _ agent: Agent) -> Command {
        .emit(
            .callRouted,
            [
                "agent_id": .string(agent.id.description), "agent": .string(agent.settings.name),
                "action": .string(order.action), "capability": order.capability.map { .string($0) } ?? .null,
                "session_id": order.sessionId.map { .string($0) } ?? .null, "score": .double(call.score),
                "reasons": .array(call.reasons.map { .string($0) }),
                "request_contract_id": call.contracts.map { .string($0.request.description) } ?? .null,
            ])
    }

    // MARK: In the house

    private func haveDone(by agent: Agent, _ call: ReservedCall, _ journal: Journal) -> [Command] {
        guard let step = journal.step(named: Self.turn) else {
            guard now < deadline else { return [.fail(Self.late(agent))] }
            let child = ChildOrder(
                name: Self.turn, kind: .task, agent: agent.id, agentVersion: agent.version,
                input: CallBrief.input(for: order, agent, seconds: secondsLeft, session: session),
                timeout: .seconds(workDeadline.timeIntervalSince(now)))
            return [routed(call, agent), .startChild(child)]
        }
        switch step.state {
        case .completed where order.requiresModel == true && step.output?["output"]?["is_offline"]?.bool == true:
            return fail(Self.noModel(agent), agent)
        case .completed: return finish(CallBrief.answer(to: order, step.output?["output"]), call, agent)
        case .failed: return fail(step.error, agent)
        default: return []
        }
    }

    private var secondsLeft: Int { max(1, Int(workDeadline.timeIntervalSince(now).rounded(.up))) }

    /// Who has patience waits long for somebody, and gives him no longer than others do.
    private var workDeadline: Date {
        guard order.isPatient == true else { return deadline }
        return min(deadline, now.addingTimeInterval(Double(CallOrder.usualTimeoutMs) / 1_000))
    }

    // MARK: Outside

    /// The wait for a later answer begins before the request is sent: the answer may be quicker than the reply.
    private func send(to agent: Agent, _ call: ReservedCall, _ journal: Journal) -> [Command] {
        let waiting = journal.step(named: Self.answer)
        if let waiting, waiting.state == .completed { return take(waiting.output ?? .null, call, agent) }
        if waiting?.state == .failed { return [.fail(Self.late(agent))] }
        if let sent = journal.step(named: Self.tool), sent.state == .completed {
            guard let result = try? sent.output?.decodedUnchecked(as: ToolResult.self) else {
                return [.fail(.init(code: "journal_unreadable", message: "What came of the request cannot be read."))]
            }
            if result.isError {
                let text = result.output.string ?? result.output.description
                return fail(.init(code: "agent_unreachable", message: text, isTransient: true), agent)
            }
            return result.output["status"]?.string == "accepted" ? [] : take(result.output, call, agent)
        }
        let request = ToolCall(
            id: "call", name: Self.tool, arguments: CallBrief.request(for: order, agent, call, session: session))
        let left = Duration.seconds(max(0, workDeadline.timeIntervalSince(now)))
        return
            (waiting == nil
            ? [
                routed(call, agent),
                .wait(.input(question: "The answer of \(agent.settings.name).", timeout: left), name: Self.answer),
            ] : []) + [.callTools([request])]
    }

    /// An answer, whenever it came: `{data}`, or `{error: {code, message}}`.
    private func take(_ answer: JSONValue, _ call: ReservedCall, _ agent: Agent) -> [Command] {
        if let error = answer["error"], !error.isNull {
            return fail(
                ExecutionError(
                    code: error["code"]?.string ?? "agent_failed",
                    message: error["message"]?.string ?? "\(agent.settings.name) reported an error.",
                    isTransient: error["is_transient"]?.bool), agent)
        }
        return finish(answer["data"] ?? .null, call, agent)
    }

    // MARK: Ends

    private func finish(_ data: JSONValue, _ call: ReservedCall, _ agent: Agent) -> [Command] {
        var output = JSONObject()
        output["data"] = data
        output["agent_id"] = .string(agent.id.description)
        output["agent_version"] = .int(Int64(agent.version))
        if let contracts = call.contracts {
            output["request_contract_id"] = .string(contracts.request.description)
            output["response_contract_id"] = .string(contracts.response.description)
        }
        output["route"] = [
            "score": .double(call.score), "reasons": .array(call.reasons.map { .string($0) }),
        ]
        return [answered(agent, nil, call), .finish(output: .object(output), answer: nil)]
    }

    private func fail(_ error: ExecutionError?, _ agent: Agent) -> [Command] {
        let error = error ?? ExecutionError(code: "agent_failed", message: "\(agent.settings.name) failed.")
        let told = error.code == "timed_out" ? Self.late(agent) : error
        return [answered(agent, told, nil), .fail(told)]
    }

    private func answered(_ agent: Agent, _ error: ExecutionError?, _ call: ReservedCall?) -> Command {
        .emit(
            .callAnswered,
            [
                "agent_id": .string(agent.id.description), "success": .bool(error == nil),
                "error": error.map { ["code": .string($0.code), "message": .string($0.message)] } ?? .null,
                "response_contract_id": call?.contracts.map { .string($0.response.description) } ?? .null,
            ])
    }

    private static func noModel(_ agent: Agent) -> ExecutionError {
        ExecutionError(
            code: "no_model",
            message:
                "This needs a language model, and \(agent.settings.name) has only the offline one, which does not write: "
                + "set OPENAI_API_KEY or ANTHROPIC_API_KEY, or the keys in the gym's file.", isTransient: false)
    }

    private static func late(_ agent: Agent) -> ExecutionError {
        ExecutionError(
            code: "agent_timed_out", message: "\(agent.settings.name) did not answer in time.", isTransient: true)
    }
}
