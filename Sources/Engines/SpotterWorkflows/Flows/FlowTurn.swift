import Foundation
import SpotterDomain
import SpotterEngine

/// One look at where a run stands, and what it wants done next.
///
/// What can be settled without anybody else comes first and by itself: the next look sees it. Then new nodes begin, calls
/// of tools last, because they are made here and now while others only wait.
struct FlowTurn {
    let state: FlowState
    let journal: Journal
    let setting: FlowProgram.Setting
    var graph: FlowGraph { state.graph }
    var nodes: [CheckedNode] { state.graph.workflow.nodes }

    /// What is to be done.
    private(set) var commands: [Command] = []
    /// Why the run cannot go on; nil while it can.
    private(set) var failure: ExecutionError?
    /// Whether something is under way that will let the run go on.
    private(set) var isWaiting = false
    /// What the variables are, with what this turn has settled: of two branches that end at once the second goes on from
    /// what the first has set.
    private(set) var variables: [String: JSONValue]
    private var settled: [SettledNode] = []
    private var calls: [ToolCall] = []

    init(_ state: FlowState, _ journal: Journal, _ setting: FlowProgram.Setting) {
        self.state = state
        self.journal = journal
        self.setting = setting
        variables = state.variables
    }

    mutating func take() {
        if !state.stale.isEmpty { commands.append(.abandon(state.stale)) }
        for place in nodes.indices {
            conclude(place)
            guard failure == nil else { return }
        }
        guard settled.isEmpty else {
            commands.append(.settle(settled))
            return
        }
        begin()
        guard failure == nil else { return }
        guard settled.isEmpty else {
            // What a node that has not begun yet failed with may change what others are given.
            commands = [.settle(settled)]
            return
        }
        if !calls.isEmpty { commands.append(.callTools(calls)) }
    }

    // MARK: What has ended

    private mutating func conclude(_ place: Int) {
        switch state.phases[place] {
        case .ended: pass(place)
        case .failed where state.idle.contains(place), .failing where state.idle.contains(place): break
        case .failed(let error): handle(error, of: place)
        case .failing(let error, let attempt, let step): tryAgain(place, after: error, attempt, step)
        case .running(let step):
            if !state.idle.contains(place) { isWaiting = true }
            redo(step, of: place)
        case .ready, .open, .passed, .skipped: break
        }
    }

    /// A call that somebody had begun who did not come to its end is made again, under its own id: whether that may be, the
    /// engine knows.
    private mutating func redo(_ step: StepID?, of place: Int) {
        guard case .tool = nodes[place].action,
            let begun = journal.steps.last(where: { $0.id == step && $0.kind == .tool && $0.state == .started }),
            let id = begun.input["call_id"]?.string
        else { return }
        calls.append(ToolCall(id: id, name: begun.name, arguments: begun.input["arguments"] ?? [:]))
    }

    private mutating func pass(_ place: Int) {
        do throws(FlowFailure) {
            let record = try passage(from: place)
            for (name, value) in record.variables { variables[name] = value }
            settle(record, of: place)
        } catch {
            handle(error.error, of: place)
        }
    }

    private mutating func settle(_ record: PassageRecord, of place: Int) {
        let key = NodeKey(nodes[place].id, round: state.rounds[place], role: .passed)
        settled.append(SettledNode(key.text, record.json, isTold: false))
    }

    private mutating func handle(_ error: ExecutionError, of place: Int) {
        let handlers = graph.handlers(of: place) + [graph.workflow.catchAll].compactMap { $0 }
        let handler = handlers.first { handler in
            guard case .handle(let codes) = nodes[handler].action, handler != place else { return false }
            // Who has an error already does not take another.
            return (codes.isEmpty || codes.contains(error.code)) && state.caught[handler] == nil
        }
        guard let handler else {
            // What no step of the node tells is written down, for those who look at the run.
            guard isTold(error, of: place) else {
                return settle(PassageRecord(next: [], error: error), of: place)
            }
            failure = ExecutionError(
                code: error.code, message: "\(nodes[place].id): \(error.message)", isTransient: nil)
            return
        }
        settle(PassageRecord(next: [nodes[handler].id], error: error), of: place)
    }

    private func isTold(_ error: ExecutionError, of place: Int) -> Bool {
        if case .failed(let told) = state.phases[place] { told == error } else { false }
    }

    private mutating func tryAgain(_ place: Int, after error: ExecutionError, _ attempt: Int, _ step: StepID) {
        let wait =
            nodes[place].retries.wait(
                afterFailure: attempt, draw: step.draw, retryAfter: error.retryAfter.map { .seconds($0) }) ?? .zero
        let key = NodeKey(nodes[place].id, round: state.rounds[place], attempt: attempt, role: .backoff)
        isWaiting = true
        commands += [
            .emit(
                .stepRetrying,
                [
                    "step": .string(nodes[place].id), "failures": .int(Int64(attempt)),
                    "delay_ms": .int(Int64(wait / .milliseconds(1))), "code": .string(error.code),
                    "message": .string(error.message),
                ]),
            .wait(.pause(wait), name: key.text),
        ]
    }

    // MARK: What begins

    private mutating func begin() {
        var busy = nodes.indices.count { isAtWork($0) }
        for place in nodes.indices where state.phases[place] == .ready {
            let takesRoom = nodes[place].takesRoom
            guard !takesRoom || busy < graph.workflow.maxParallel else {
                isWaiting = true
                continue
            }
            if takesRoom { busy += 1 }
            do throws(FlowFailure) { try start(place) } catch { handle(error.error, of: place) }
            guard failure == nil else { return }
        }
    }

    private func isAtWork(_ place: Int) -> Bool {
        if case .running = state.phases[place] { return nodes[place].takesRoom }
        return false
    }

    private mutating func start(_ place: Int) throws(FlowFailure) {
        let node = nodes[place]
        let key = NodeKey(node.id, round: state.rounds[place], attempt: state.attempts[place] + 1).text
        switch node.action {
        case .call(let call): try begin(call, key)
        case .tool(let name, let arguments):
            calls.append(ToolCall(id: key, name: name, arguments: try value(of: arguments)))
        case .run(let workflow, let input, let timeout):
            let order = WorkflowOrder(named: workflow, input: try value(of: input))
            begin(
                ChildOrder(
                    name: key, kind: .workflow, agent: nil, agentVersion: nil, input: try written(order),
                    timeout: timeout))
        case .decide, .fork, .join: settled.append(SettledNode(key, .object(JSONObject())))
        case .handle:
            let caught = state.caught[place]
            settled.append(
                SettledNode(
                    key,
                    [
                        "node": caught.map { .string($0.node) } ?? .null,
                        "code": caught.map { .string($0.error.code) } ?? .null,
                        "message": caught.map { .string($0.error.message) } ?? .null,
                    ]))
        case .ask(let message, let terms):
            begin(.approval(ApprovalOrder(message: try text(of: message), terms: terms)), key)
        case .pause(let duration): begin(.pause(try self.duration(of: duration)), key)
        case .pauseUntil(let time): begin(.timer(until: try date(of: time)), key)
        case .question(let question, let timeout):
            begin(.input(question: try text(of: question), timeout: timeout), key)
        }
    }

    private mutating func begin(_ wait: Wait, _ key: String) {
        isWaiting = true
        commands.append(.wait(wait, name: key))
    }

    private mutating func begin(_ order: ChildOrder) {
        isWaiting = true
        commands.append(.startChild(order))
    }

    private mutating func begin(_ call: AgentCall, _ key: String) throws(FlowFailure) {
        var order = CallOrder(
            action: call.action, parameters: try value(of: call.input),
            timeoutMs: call.timeout.map { Int($0 / .milliseconds(1)) })
        if call.requiresModel { order.requiresModel = true }
        switch call.target {
        case .agent(let id): order.agentId = id
        case .named(let name):
            guard let id = setting.agents[name] else {
                throw FlowFailure("agent_missing", "There is no agent named \"\(name)\".")
            }
            order.agentId = id
        case .capability(let name, let optional):
            order.capability = name
            order.optionalCapabilities = optional.isEmpty ? nil : optional
        }
        let input = try written(order)
        begin(
            ChildOrder(
                name: key, kind: .call, agent: order.agentId, agentVersion: nil, input: input, timeout: call.timeout))
    }
}

extension FlowTurn {
    fileprivate func written(_ order: some Encodable) throws(FlowFailure) -> JSONValue {
        do { return try JSONValue(encoding: order) } catch {
            throw FlowFailure("internal", "What it is given cannot be written down.")
        }
    }
}

/// Why a node cannot begin, or the run cannot go on from it.
struct FlowFailure: Error {
    let error: ExecutionError

    init(_ code: String, _ message: String) { error = ExecutionError(code: code, message: message) }
}

extension CheckedNode {
    /// Whether it counts among what is under way at once: what only waits does not.
    fileprivate var takesRoom: Bool {
        switch action {
        case .call, .tool, .run: true
        case .decide, .fork, .join, .ask, .handle, .pause, .pauseUntil, .question: false
        }
    }
}

extension Identifier {
    /// From 0 up to 1, the same for the same id: the waits before further tries differ, and a program stays pure.
    fileprivate var draw: Double {
        let bytes = uuid.uuid
        return Double(UInt16(bytes.14) << 8 | UInt16(bytes.15)) / 65_536
    }
}
