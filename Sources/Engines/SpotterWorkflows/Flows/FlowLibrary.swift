public import SpotterDomain
import Synchronization

/// The graphs that runs follow, read once and kept for a while: a run is taken up again with everything that it waited
/// for.
public final class FlowLibrary: Sendable {
    private let workflows: any WorkflowStore
    private let kept = Mutex(KeptGraphs())

    /// A library of the store's workflows.
    public init(workflows: any WorkflowStore) { self.workflows = workflows }

    /// What is run, and what it was started with.
    struct Flow {
        let graph: FlowGraph
        let input: JSONValue
        /// What is to be written into the journal about the version; nil where it says it already.
        var version: JSONValue?
        /// What is run in place of a plan that fails.
        var fallback: JSONValue?
    }

    /// The graph that the execution of `journal` follows.
    ///
    /// - Throws: an `ExecutionError` when there is none and never will be.
    func flow(of journal: Journal, in scope: OrganizationScope) async throws -> Flow {
        do {
            return journal.execution.kind == .plan
                ? try plan(of: journal, in: scope) : try await workflow(of: journal, in: scope)
        } catch let error as SpotterError where error.code == .invalid || error.code == .notFound {
            throw ExecutionError(code: "workflow_unusable", message: error.message)
        }
    }

    private func plan(of journal: Journal, in scope: OrganizationScope) throws -> Flow {
        let order = try journal.execution.input.decodedUnchecked(as: PlanOrder.self)
        let key = KeptGraphs.Key(organization: scope.organization, subject: .own(journal.execution.id))
        let graph = try keep(key) { FlowGraph(try order.checked()) }
        let fallback = try order.fallbackPlan.map { try JSONValue(encoding: $0.plan) }
        return Flow(graph: graph, input: order.input ?? .object(JSONObject()), fallback: fallback)
    }

    private func workflow(of journal: Journal, in scope: OrganizationScope) async throws -> Flow {
        let order = try journal.execution.input.decodedUnchecked(as: WorkflowOrder.self)
        if let definition = order.definition {
            let key = KeptGraphs.Key(organization: scope.organization, subject: .own(journal.execution.id))
            let graph = try keep(key) { FlowGraph(try CheckedWorkflow(checking: definition)) }
            return Flow(graph: graph, input: order.input)
        }
        if let settled = WorkflowOrder(settledIn: journal, order), let id = settled.workflowId,
            let version = settled.version
        {
            return Flow(graph: try await graph(id, version, in: scope), input: settled.input)
        }
        let workflow = try await current(order.workflow ?? "", in: scope)
        let graph = try await graph(workflow.id, workflow.version, in: scope)
        return Flow(
            graph: graph, input: order.input,
            version: [
                "workflow_id": .string(workflow.id.description), "version": .int(Int64(workflow.version)),
            ])
    }

    private func graph(_ id: WorkflowID, _ version: Int, in scope: OrganizationScope) async throws -> FlowGraph {
        let key = KeptGraphs.Key(organization: scope.organization, subject: .workflow(id, version: version))
        if let graph = kept.withLock({ $0[key] }) { return graph }
        let definition = try await definition(version, of: id, in: scope)
        return try keep(key) { FlowGraph(try CheckedWorkflow(checking: definition)) }
    }

    func definition(
        _ version: Int, of id: WorkflowID, in scope: OrganizationScope
    ) async throws -> WorkflowDefinition {
        try await workflows.version(version, of: id, in: scope).definition
    }

    /// The workflow of an id or a name, as it is now.
    public func current(_ name: String, in scope: OrganizationScope) async throws -> Workflow {
        if let id = WorkflowID(name) { return try await workflows.workflow(id, in: scope) }
        guard let workflow = try await workflows.workflow(named: name, in: scope) else {
            throw SpotterError(.notFound, "There is no workflow named \"\(name)\" in this organisation.")
        }
        return workflow
    }

    private func keep(_ key: KeptGraphs.Key, _ make: () throws -> FlowGraph) throws -> FlowGraph {
        if let graph = kept.withLock({ $0[key] }) { return graph }
        let graph = try make()
        kept.withLock { $0[key] = graph }
        return graph
    }
}

/// The graphs that were used last: never more nodes in all than a bound says.
private struct KeptGraphs {
    /// What a graph is of; never one organisation's for another.
    struct Key: Hashable {
        enum Subject: Hashable {
            case workflow(WorkflowID, version: Int)
            /// A graph that stands in the input of its run.
            case own(ExecutionID)
        }

        let organization: OrganizationID
        let subject: Subject
    }

    /// The nodes of all graphs together.
    static let mostNodes = 20_000

    private var graphs: [Key: FlowGraph] = [:]
    /// By when they were put here, oldest first.
    private var order: [Key] = []
    private var nodes = 0

    subscript(key: Key) -> FlowGraph? {
        get { graphs[key] }
        set {
            guard let newValue, graphs[key] == nil else { return }
            graphs[key] = newValue
            order.append(key)
            nodes += newValue.workflow.nodes.count
            while nodes > Self.mostNodes, order.count > 1 {
                let oldest = order.removeFirst()
                nodes -= graphs.removeValue(forKey: oldest)?.workflow.nodes.count ?? 0
            }
        }
    }
}
