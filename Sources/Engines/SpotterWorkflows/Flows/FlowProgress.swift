import Foundation
public import SpotterDomain

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
    ) async throws -> (definition: WorkflowDefinition, states: [String: WorkflowDrawing.NodeState])? {
        guard journal.execution.kind == .workflow,
            let order = try? journal.execution.input.decodedUnchecked(as: WorkflowOrder.self),
            let progress = try await progress(of: journal, in: scope)
        else { return nil }
        let states = Dictionary(
            progress.nodes.map { ($0.id, WorkflowDrawing.NodeState(rawValue: $0.state) ?? .waiting) },
            uniquingKeysWith: { first, _ in first })
        if let definition = order.definition { return (definition, states) }
        guard let settled = WorkflowOrder(settledIn: journal, order), let id = settled.workflowId,
            let version = settled.version
        else { return nil }
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
        let hasEnded = journal.execution.state.isTerminal
        let nodes = state.graph.workflow.nodes.enumerated().map { place, node in
            Node(
                id: node.id, name: node.name, state: state.word(for: place, hasEnded: hasEnded),
                round: state.rounds[place], attempts: state.attempts[place])
        }
        // Of a run that has failed what was done counts, and not what will not be.
        let done = nodes.count {
            $0.state == "completed" || !hasEnded && ($0.state == "skipped" || $0.state == "failed")
        }
        self.init(
            nodes: nodes, currentNodes: nodes.filter { $0.state == "running" }.map(\.id), executionPath: state.path,
            errors: state.errors,
            percentage: journal.execution.state == .completed ? 100 : nodes.isEmpty ? 0 : done * 100 / nodes.count)
    }
}

extension PlanReport {
    init(_ journal: Journal, _ state: FlowState?) {
        let execution = journal.execution
        var results = execution.output?["fallback"]?.bool == true ? Self.results(in: execution.output) : [:]
        for (id, result) in state?.results ?? [:] where results[id] == nil { results[id] = result }
        var errors = state?.errors.map { "\($0.node): \($0.message)" } ?? []
        if let last = execution.error?.message, !errors.contains(last) { errors.append(last) }
        self.init(
            executionId: execution.id, success: execution.state == .completed, state: execution.state,
            durationMs: execution.completedAt.map { end in
                max(0, Int(end.timeIntervalSince(execution.startedAt ?? execution.createdAt) * 1_000))
            }, results: results, errors: errors.isEmpty ? nil : errors,
            fallback: journal.step(named: FlowProgram.OwnStep.fallback) == nil ? nil : true)
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
