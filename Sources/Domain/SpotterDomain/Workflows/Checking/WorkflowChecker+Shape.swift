extension WorkflowChecker {
    /// The handlers of errors that no edge leads to.
    func handlers(_ graph: WorkflowGraph) -> [Int] {
        nodes.indices.filter { nodes[$0].type == .errorHandler && graph.incoming[$0] == 0 }
    }

    /// Reports nodes that are never reached and those from which nothing leads on.
    mutating func checkShape(_ graph: WorkflowGraph, _ links: [Link]) {
        var outgoing = [[Int]](repeating: [], count: nodes.count)
        for (place, link) in links.enumerated() { outgoing[link.from].append(place) }
        // Where a run begins, apart from what is done about errors.
        let begins = nodes.indices.contains { place in
            nodes[place].type != .errorHandler && graph.incoming[place] == 0 && !outgoing[place].isEmpty
        }
        for (place, node) in nodes.enumerated() {
            let pointer = "/nodes/\(place)"
            let leaving = outgoing[place].filter { !links[$0].isError }
            if begins, node.type != .errorHandler, graph.incoming[place] == 0, outgoing[place].isEmpty {
                issues.add(pointer, "is node \(node.id), which cannot be reached: no edge leads to it or from it")
            }
            switch node.type {
            case .decision: checkDecision(place, leaving, links)
            case .parallel where leaving.isEmpty:
                issues.add(pointer, "is node \(node.id), a parallel without exit: no edge leads from it")
            case .join where graph.incoming[place] == 0:
                issues.add(pointer, "is node \(node.id), a join that waits for nothing: no edge leads to it")
            default: break
            }
        }
        checkEntries(graph)
    }

    private mutating func checkDecision(_ place: Int, _ leaving: [Int], _ links: [Link]) {
        let node = nodes[place]
        if leaving.isEmpty {
            issues.add("/nodes/\(place)", "is node \(node.id), a decision without exit: no edge leads from it")
        } else if leaving.allSatisfy({ links[$0].maxIterations != nil }) {
            issues.add(
                "/nodes/\(place)",
                "is node \(node.id), a decision without exit: when it has led back as often as it may, no edge leads on"
            )
        }
        let unconditional = leaving.filter { edges[$0].condition == nil }
        for edge in unconditional.dropFirst() {
            issues.add(
                "/edges/\(edge)",
                "is a second edge without a condition from the decision \(node.id), which takes one edge only")
        }
    }

    private mutating func checkEntries(_ graph: WorkflowGraph) {
        let handlers = handlers(graph)
        for place in handlers.dropFirst() {
            issues.add(
                "/nodes/\(place)",
                "is node \(nodes[place].id), which cannot be reached: no edge leads to it, and \(nodes[handlers[0]].id) takes the errors that no edge leads from"
            )
        }
        let entries = nodes.indices.contains { graph.incoming[$0] == 0 && nodes[$0].type != .errorHandler }
        if !entries, graph.isAcyclic { issues.add("/nodes", "must have one to begin with: to which no edge leads") }
    }

    // MARK: Circles

    /// The bodies of the loops, by the places of their edges, and the nodes that may have run before each node; the latter
    /// nil where there is a circle without a bound.
    mutating func checkCircles(_ graph: WorkflowGraph, _ links: [Link]) -> ([Int: [Int]], [NodeSet]?) {
        if let circle = graph.circle() {
            let names = circle.prefix(20).map { nodes[$0].id } + (circle.count > 20 ? ["…"] : [nodes[circle[0]].id])
            issues.add(
                "/nodes/\(circle[0])",
                "is node \(nodes[circle[0]].id), on a circle without a bound: \(names.joined(separator: " → ")); the edge that leads back needs max_iterations"
            )
            return ([:], nil)
        }
        var before = graph.ancestors()
        addCatchAll(graph, to: &before)
        var bodies: [Int: [Int]] = [:]
        for (place, link) in links.enumerated() where link.maxIterations != nil {
            guard !issues.isFull else { break }
            bodies[place] = body(of: place, link, before)
        }
        for (place, body) in bodies.sorted(by: { $0.key < $1.key }) { checkWays(of: place, body, links) }
        // A node of a loop may have been run in an earlier round, and with it every other one.
        var widened = before
        for body in bodies.values {
            var members = NodeSet(count: nodes.count)
            for node in body { members.insert(node) }
            for node in body { widened[node].formUnion(members) }
        }
        return (bodies, widened)
    }

    /// The handler of all errors may come after any node, and so may what follows it.
    private func addCatchAll(_ graph: WorkflowGraph, to before: inout [NodeSet]) {
        guard let handler = handlers(graph).first else { return }
        let following = nodes.indices.filter { $0 == handler || before[$0].contains(handler) }
        var others = NodeSet(count: nodes.count)
        for node in Set(nodes.indices).subtracting(following) { others.insert(node) }
        for node in following { before[node].formUnion(others) }
    }

    private mutating func body(of place: Int, _ link: Link, _ before: [NodeSet]) -> [Int] {
        let edge = edges[place]
        if link.isError {
            issues.add("/edges/\(place)/to", "\(whose(edge)) must not be a handler of errors where it leads back")
            return []
        }
        guard link.from == link.to || before[link.from].contains(link.to) else {
            issues.add(
                "/edges/\(place)/max_iterations",
                "\(whose(edge)) must be left out: it closes no circle, because no way leads from \(edge.to) to \(edge.from)"
            )
            return []
        }
        return nodes.indices.filter { node in
            (node == link.to || before[node].contains(link.to))
                && (node == link.from || before[link.from].contains(node))
        }
    }

    /// A loop is entered at its first node and left from its last one, so that its rounds do not overlap.
    private mutating func checkWays(of loop: Int, _ body: [Int], _ links: [Link]) {
        guard !body.isEmpty, !issues.isFull else { return }
        var members = NodeSet(count: nodes.count)
        for node in body { members.insert(node) }
        let (first, last) = (links[loop].to, links[loop].from)
        for (place, link) in links.enumerated() where place != loop {
            guard !issues.isFull else { return }
            let (fromInside, toInside) = (members.contains(link.from), members.contains(link.to))
            let name = "the loop of \(nodes[first].id) and \(nodes[last].id)"
            if fromInside, !toInside, link.from != last, !link.isError {
                issues.add(
                    "/edges/\(place)",
                    "leads from \(nodes[link.from].id) to \(nodes[link.to].id) and so out of \(name), which can be left only from \(nodes[last].id)"
                )
            } else if !fromInside, toInside, link.to != first {
                issues.add(
                    "/edges/\(place)",
                    "leads from \(nodes[link.from].id) to \(nodes[link.to].id) and so into \(name), which can be entered only at \(nodes[first].id)"
                )
            }
        }
    }
}
