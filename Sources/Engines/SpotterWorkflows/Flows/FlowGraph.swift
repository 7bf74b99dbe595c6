import SpotterDomain

/// A checked workflow with what a program looks up in it all the time.
///
/// A class, because runs that wait share it.
final class FlowGraph: Sendable {
    let workflow: CheckedWorkflow
    /// The places of the nodes, by id.
    let places: [String: Int]
    /// The places of the nodes, each behind all from which edges lead to it, those that lead back left out.
    let order: [Int]
    /// Whether a join may go on before all that leads to it has come.
    let hasEarlyJoins: Bool

    init(_ workflow: CheckedWorkflow) {
        self.workflow = workflow
        places = Dictionary(uniqueKeysWithValues: workflow.nodes.enumerated().map { ($1.id, $0) })
        order = Self.sorted(workflow)
        hasEarlyJoins = workflow.nodes.contains { node in
            if case .join(let rule) = node.action { rule != .all } else { false }
        }
    }

    private static func sorted(_ workflow: CheckedWorkflow) -> [Int] {
        var open = workflow.incoming.map(\.count)
        var order = workflow.nodes.indices.filter { open[$0] == 0 }
        var next = 0
        while next < order.count {
            for place in workflow.outgoing[order[next]] where workflow.edges[place].loop == nil {
                let target = workflow.edges[place].to
                open[target] -= 1
                if open[target] == 0 { order.append(target) }
            }
            next += 1
        }
        return order
    }

    /// The handlers of errors that a node's own edges lead to, in the order of the document.
    func handlers(of node: Int) -> [Int] {
        workflow.outgoing[node].compactMap { workflow.edges[$0].isError ? workflow.edges[$0].to : nil }
    }

    /// Whether where the run goes from a node has to be written down, because it depends on what is known then, or
    /// because variables change.
    func isNoted(_ node: Int) -> Bool {
        switch workflow.nodes[node].action {
        case .decide, .ask: return true
        default: break
        }
        if !workflow.nodes[node].sets.isEmpty { return true }
        return workflow.outgoing[node].contains { place in
            let edge = workflow.edges[place]
            return edge.condition != nil || edge.loop != nil
        }
    }
}
