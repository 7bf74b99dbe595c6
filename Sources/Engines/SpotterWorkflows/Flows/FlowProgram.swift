import Foundation
public import SpotterDomain
public import SpotterEngine

/// Runs a graph of work: a workflow, or a plan, which is a graph of tasks.
///
/// - A node begins when all edges that lead to it are settled and one of them at least was taken; a join by its rule.
/// - Where the run goes from a decision, and what variables become, is written into the journal once.
/// - A node that fails for good goes to a handler of errors. Where there is none, the run fails, and what is still under
///   way is cancelled.
public struct FlowProgram: Program {
    /// What a run needs beside its journal.
    public struct Setting: Sendable {
        /// The noun for messages: `workflow` or `plan`.
        public let noun: Noun
        /// What the run was started with.
        public let input: JSONValue
        /// The agents that nodes call by name.
        public let agents: [String: AgentID]
        /// What is run in place of a plan that fails; nil for nothing.
        public let fallback: JSONValue?
        /// Written down with the first step: which version of which workflow it is. Nil where there are no versions.
        public let version: JSONValue?

        /// A setting.
        public init(
            noun: Noun, input: JSONValue, agents: [String: AgentID] = [:], fallback: JSONValue? = nil,
            version: JSONValue? = nil
        ) {
            self.noun = noun
            self.input = input
            self.agents = agents
            self.fallback = fallback
            self.version = version
        }
    }

    /// What it is that runs.
    public enum Noun: String, Sendable {
        case workflow, plan
    }

    let graph: FlowGraph
    let setting: Setting

    init(_ graph: FlowGraph, _ setting: Setting) {
        self.graph = graph
        self.setting = setting
    }

    /// A program that runs `workflow`.
    public init(_ workflow: CheckedWorkflow, _ setting: Setting) { self.init(FlowGraph(workflow), setting) }

    /// The names of steps that are no node's.
    enum OwnStep {
        static let version = ":version"
        static let timeout = ":timeout"
        static let fallback = ":fallback"
    }

    /// What comes next for the nodes.
    public func decide(_ journal: Journal) -> [Command] {
        if let fallback = journal.step(named: OwnStep.fallback) { return goOn(with: fallback) }
        let state = FlowState(graph, journal, input: setting.input)
        let start = beginning(journal)
        if let version = setting.version, journal.step(named: OwnStep.version) == nil {
            return start + [.settle([SettledNode(OwnStep.version, version, isTold: false)])]
        }
        if let over = timeIsOver(journal) { return start + fail(over, state, journal) }
        var turn = FlowTurn(state, journal, setting)
        turn.take()
        if let error = turn.failure { return start + fail(error, state, journal) }
        if !turn.commands.isEmpty { return start + turn.commands }
        if turn.isWaiting { return start }
        return start + finish(state)
    }

    // MARK: Time

    /// What is done once, at the beginning: the log is told, and the time begins that all of it may take.
    private func beginning(_ journal: Journal) -> [Command] {
        var commands: [Command] = []
        if setting.noun == .plan, journal.steps.isEmpty {
            commands.append(.emit(.planStarted, ["steps": .int(Int64(graph.workflow.nodes.count))]))
        }
        if let timeout = graph.workflow.timeout, timer(of: journal) == nil {
            commands.append(.wait(.pause(timeout), name: OwnStep.timeout))
        }
        return commands
    }

    /// The time that all of it may take. One that began before steps were done again does not count any more.
    private func timer(of journal: Journal) -> Step? {
        let timer = journal.step(named: OwnStep.timeout)
        guard let timer, timer.state == .completed else { return timer }
        let redone = journal.steps.last { $0.state == .superseded }?.index ?? -1
        return redone < timer.index ? timer : nil
    }

    private func timeIsOver(_ journal: Journal) -> ExecutionError? {
        guard let timeout = graph.workflow.timeout, timer(of: journal)?.state == .completed else { return nil }
        return ExecutionError(
            code: "timed_out",
            message: "The \(setting.noun.rawValue) took longer than \(Int(timeout / .milliseconds(1))) ms.")
    }

    // MARK: Ends

    private func fail(_ error: ExecutionError, _ state: FlowState, _ journal: Journal) -> [Command] {
        guard let fallback = setting.fallback else { return [.fail(error)] }
        let open = journal.steps.filter(\.isOpen).map(\.id)
        let order = ChildOrder(name: OwnStep.fallback, kind: .plan, agent: nil, agentVersion: nil, input: fallback)
        return (open.isEmpty ? [] : [.abandon(open)]) + [
            .emit(.planFallback, ["code": .string(error.code), "message": .string(error.message)]),
            .startChild(order),
        ]
    }

    /// The plan that is run in place of this one decides how this one ends.
    private func goOn(with fallback: Step) -> [Command] {
        switch fallback.state {
        case .completed:
            var output = fallback.output?["output"]?.object ?? JSONObject()
            output["fallback"] = true
            return [.emit(.planCompleted, ["fallback": true]), .finish(output: .object(output), answer: nil)]
        case .failed:
            let error = fallback.error ?? ExecutionError(code: "internal", message: "It failed without a reason.")
            return [.fail(ExecutionError(code: error.code, message: "The fallback plan failed too: \(error.message)"))]
        case .started, .waiting, .needsReview, .superseded: return []
        }
    }

    private func finish(_ state: FlowState) -> [Command] {
        switch setting.noun {
        case .plan:
            var results = JSONObject()
            for (place, node) in graph.workflow.nodes.enumerated() {
                guard let output = state.outputs[place] else { continue }
                results[node.id] = ["success": true, "data": output]
            }
            return [
                .emit(.planCompleted, ["steps": .int(Int64(results.count))]),
                .finish(output: ["success": true, "results": .object(results)], answer: nil),
            ]
        case .workflow:
            var (outputs, variables) = (JSONObject(), JSONObject())
            for (place, node) in graph.workflow.nodes.enumerated() where graph.workflow.outgoing[place].isEmpty {
                if let output = state.outputs[place] { outputs[node.id] = output }
            }
            for name in state.variables.keys.sorted() { variables[name] = state.variables[name] }
            return [
                .finish(
                    output: [
                        "outputs": .object(outputs), "variables": .object(variables),
                        "path": .array(state.path.map(JSONValue.string)),
                    ], answer: nil)
            ]
        }
    }
}
