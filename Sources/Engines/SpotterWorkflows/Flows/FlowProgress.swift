import Foundation
public import SpotterDomain

/// How far a run of a plan or a workflow is, for people.
public struct FlowProgress: Sendable, Codable, Hashable {
    /// One node.
    public struct Node: Sendable, Codable, Hashable {
        /// As the document has it.
        public let id: String
        /// For people.
        public let name: String
        /// `pending`, `running`, `completed`, `failed` or `skipped`.
        public let state: String
        /// In which round of a loop it is, from 1 on.
        public let round: Int
        /// How many tries it has begun in that round.
        public let attempts: Int
    }

    /// An error of a node.
    public struct NodeError: Sendable, Codable, Hashable {
        /// The node that failed.
        public let node: String
        /// Stable, snake_case.
        public let code: String
        /// For people.
        public let message: String
    }

    /// In the order of the document.
    public let nodes: [Node]
    /// The ids of the nodes under way.
    public let currentNodes: [String]
    /// The ids of the nodes that have ended, in order; one that was done again is there again.
    public let executionPath: [String]
    /// Errors so far, also those that were taken care of.
    public let errors: [NodeError]
    /// How much has ended or will not come any more, 0 to 100.
    public let percentage: Int
}

/// What a plan came to: per step, and in all.
public struct PlanReport: Sendable, Codable, Hashable {
    /// What one step came to.
    public struct StepResult: Sendable, Codable, Hashable {
        /// Whether it ended well.
        public let success: Bool
        /// What came of it; nil unless it ended well.
        public let data: JSONValue?
        /// Why it failed; nil unless it did.
        public let error: String?
    }

    /// The run.
    public let executionId: ExecutionID
    /// Whether the plan, or what was run in its place, ended well.
    public let success: Bool
    /// How far the run is.
    public let state: ExecutionState
    /// How long it took, in milliseconds; nil while it runs.
    public let durationMs: Int?
    /// By the ids of the steps; those that never ran are not there.
    public let results: [String: StepResult]
    /// What went wrong; nil if nothing did.
    public let errors: [String]?
    /// Whether the fallback plan was taken; nil if not.
    public let fallback: Bool?
}

extension FlowLibrary {
    /// How far a run of a plan or a workflow is; nil for any other run, and for one whose graph is gone.
    public func progress(of journal: Journal, in scope: OrganizationScope) async throws -> FlowProgress? {
        guard let state = try await state(of: journal, in: scope) else { return nil }
        return FlowProgress(state, journal)
    }

    /// What a plan has come to so far.
    public func report(on journal: Journal, in scope: OrganizationScope) async throws -> PlanReport {
        PlanReport(journal, try await state(of: journal, in: scope))
    }

    /// The states of the nodes of a run, by id, in the words of ``FlowProgress/Node/state``, and its definition: for a
    /// picture. Nil for what is no workflow's run.
    public func picture(
        of journal: Journal, in scope: OrganizationScope
    ) async throws -> (definition: WorkflowDefinition, states: [String: String])? {
        guard journal.execution.kind == .workflow,
            let order = try? journal.execution.input.decodedUnchecked(as: WorkflowOrder.self),
            let settled = WorkflowOrder(settledIn: journal, order), let id = settled.workflowId,
            let version = settled.version, let progress = try await progress(of: journal, in: scope)
        else { return nil }
        let states = Dictionary(progress.nodes.map { ($0.id, $0.state) }, uniquingKeysWith: { first, _ in first })
        return (try await definition(version, of: id, in: scope), states)
    }

    private func state(of journal: Journal, in scope: OrganizationScope) async throws -> FlowState? {
        guard journal.execution.kind == .plan || journal.execution.kind == .workflow else { return nil }
        do {
            let flow = try await flow(of: journal, in: scope)
            return FlowState(flow.graph, journal, input: flow.input)
        } catch is ExecutionError { return nil }
    }
}

extension FlowProgress {
    init(_ state: FlowState, _ journal: Journal) {
        let nodes = state.graph.workflow.nodes.enumerated().map { place, node in
            Node(
                id: node.id, name: node.name, state: state.word(for: place, hasEnded: journal.hasEnded),
                round: state.rounds[place], attempts: state.attempts[place])
        }
        self.nodes = nodes
        currentNodes = nodes.filter { $0.state == "running" }.map(\.id)
        executionPath = state.path
        errors = state.errors
        let done = nodes.count { $0.state != "pending" && $0.state != "running" }
        percentage = journal.execution.state == .completed ? 100 : nodes.isEmpty ? 0 : done * 100 / nodes.count
    }
}

extension Journal {
    fileprivate var hasEnded: Bool { execution.state.isTerminal }
}

extension PlanReport {
    init(_ journal: Journal, _ state: FlowState?) {
        let execution = journal.execution
        executionId = execution.id
        self.state = execution.state
        success = execution.state == .completed
        durationMs = execution.completedAt.map { end in
            max(0, Int(end.timeIntervalSince(execution.startedAt ?? execution.createdAt) * 1_000))
        }
        let isFallback = execution.output?["fallback"]?.bool ?? false
        fallback = journal.step(named: FlowProgram.OwnStep.fallback) == nil ? nil : true
        var results = isFallback ? Self.results(in: execution.output) : [:]
        for (id, result) in state?.results ?? [:] where results[id] == nil { results[id] = result }
        self.results = results
        let own = state?.errors.map { "\($0.node): \($0.message)" } ?? []
        let last = execution.error.map { error in own.contains(error.message) ? [] : [error.message] } ?? []
        let all = own + last
        errors = all.isEmpty ? nil : all
    }

    private static func results(in output: JSONValue?) -> [String: StepResult] {
        var results: [String: StepResult] = [:]
        for (id, result) in output?["results"]?.object ?? JSONObject() {
            results[id] = StepResult(
                success: result["success"]?.bool ?? false, data: result["data"], error: result["error"]?.string)
        }
        return results
    }
}

extension FlowState {
    fileprivate func word(for place: Int, hasEnded: Bool) -> String {
        let word = word(for: place)
        // Nothing comes any more where the run has ended.
        return hasEnded && word == "running" ? "failed" : hasEnded && word == "pending" ? "skipped" : word
    }

    fileprivate var errors: [FlowProgress.NodeError] {
        graph.workflow.nodes.enumerated().compactMap { place, node in
            switch phases[place] {
            case .failed(let error), .passed(let error?), .failing(let error, _, _):
                FlowProgress.NodeError(node: node.id, code: error.code, message: error.message)
            default: nil
            }
        }
    }

    fileprivate var results: [String: PlanReport.StepResult] {
        var results: [String: PlanReport.StepResult] = [:]
        for (place, node) in graph.workflow.nodes.enumerated() {
            switch phases[place] {
            case .failed(let error), .passed(let error?):
                results[node.id] = .init(success: false, data: nil, error: error.message)
            case .ended, .passed(error: nil):
                results[node.id] = .init(success: true, data: outputs[place], error: nil)
            case .open, .ready, .running, .failing, .skipped: break
            }
        }
        return results
    }
}
