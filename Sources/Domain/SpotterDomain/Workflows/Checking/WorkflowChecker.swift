extension CheckedWorkflow {
    /// The workflow of a definition.
    ///
    /// - Parameter vocabulary: what there is in the organisation; nil leaves names of agents, tools and the like unchecked.
    /// - Throws: `SpotterError` with code `.invalid` and everything that is wrong, at most 100 issues, each with the JSON
    ///   pointer of its place and the name of its node.
    public init(checking definition: WorkflowDefinition, knowing vocabulary: WorkflowVocabulary? = nil) throws {
        var checker = WorkflowChecker(definition, vocabulary)
        self = try checker.checked()
    }
}

/// Finds everything that is wrong with a workflow before it is run.
struct WorkflowChecker {
    let definition: WorkflowDefinition
    let vocabulary: WorkflowVocabulary?
    var issues = IssueList()
    /// The first node of each id.
    private(set) var places: [String: Int] = [:]

    init(_ definition: WorkflowDefinition, _ vocabulary: WorkflowVocabulary?) {
        self.definition = definition
        self.vocabulary = vocabulary
    }

    var nodes: [WorkflowNode] { definition.nodes }
    var edges: [WorkflowEdge] { definition.edges }

    mutating func checked() throws -> CheckedWorkflow {
        checkBounds()
        checkVariables()
        checkNodes()
        let links = readEdges()
        guard issues.issues.isEmpty else { throw SpotterError.invalid(issues.issues) }
        let graph = WorkflowGraph(
            count: nodes.count,
            edges: links.map { .init(from: $0.from, to: $0.to, isReturning: $0.maxIterations != nil) })
        checkShape(graph, links)
        let (bodies, before) = checkCircles(graph, links)
        let names = names()
        let checkedNodes = readNodes(graph, before, names)
        let checkedEdges = readConditions(links, bodies, before, names)
        guard issues.issues.isEmpty else { throw SpotterError.invalid(issues.issues) }
        return CheckedWorkflow(
            timeout: definition.timeoutMs.map { .milliseconds($0) }, maxParallel: definition.maxParallel ?? 100,
            variables: definition.variables ?? [:], nodes: checkedNodes, edges: checkedEdges,
            catchAll: handlers(graph).first)
    }

    // MARK: Bounds

    private mutating func checkBounds() {
        if let problem = DisplayName.problem(with: definition.name) { issues.add("/name", problem) }
        if definition.name.unicodeScalars.count > 200 { issues.add("/name", "must have at most 200 characters") }
        let described = definition.description?.unicodeScalars.count ?? 0
        if described > 2_000 { issues.add("/description", "must have at most 2000 characters") }
        if !(1...500).contains(nodes.count) { issues.add("/nodes", "must be 1 to 500, not \(nodes.count)") }
        if edges.count > 2_000 { issues.add("/edges", "must be at most 2000, not \(edges.count)") }
        if let timeout = definition.timeoutMs, !(1...31_536_000_000).contains(timeout) {
            issues.add("/timeout_ms", "must be from 1 to 31536000000, a year")
        }
        if let most = definition.maxParallel, !(1...200).contains(most) {
            issues.add("/max_parallel", "must be from 1 to 200")
        }
    }

    /// Lower-case letters, digits and underscores, a letter first; 1 to 64.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    private mutating func checkVariables() {
        let variables = definition.variables ?? [:]
        if variables.count > 100 { issues.add("/variables", "must be at most 100, not \(variables.count)") }
        for (name, variable) in variables.sorted(by: { $0.key < $1.key }).prefix(100) {
            let pointer = "/variables/\(JSONSchema.escape(name))"
            if !Self.isName(name) {
                issues.add(pointer, "must be called in lower-case letters, digits and underscores, a letter first")
            }
            if let values = variable.values {
                if variable.type != .string { issues.add("\(pointer)/values", "are for variables of type string") }
                if values.isEmpty || values.count > 100 { issues.add("\(pointer)/values", "must be 1 to 100") }
            }
            if let problem = variable.problem(with: variable.default ?? .null) {
                issues.add("\(pointer)/default", problem)
            }
        }
    }

    private mutating func checkNodes() {
        for (place, node) in nodes.prefix(500).enumerated() {
            let pointer = "/nodes/\(place)"
            if !Self.isName(node.id) {
                issues.add(
                    "\(pointer)/id",
                    "must be 1 to 64 lower-case letters, digits and underscores, a letter first, not \"\(node.id.prefix(80))\""
                )
            }
            if let name = node.name, let problem = DisplayName.problem(with: name) {
                issues.add("\(pointer)/name", "of node \(node.id.prefix(64)) \(problem)")
            }
            if let first = places[node.id] {
                issues.add("\(pointer)/id", "must be unique: node \(first) is called \(node.id.prefix(64)) as well")
            } else {
                places[node.id] = place
            }
        }
    }

    // MARK: Edges

    /// An edge whose ends are known.
    struct Link {
        let from: Int
        let to: Int
        let maxIterations: Int?
        let isError: Bool
    }

    private mutating func readEdges() -> [Link] {
        var seen: Set<WorkflowEdge> = []
        let ids = nodes.map(\.id)
        return edges.prefix(2_000).enumerated().compactMap { place, edge in
            let pointer = "/edges/\(place)"
            for (end, id) in [("from", edge.from), ("to", edge.to)] where places[id] == nil {
                let hint = issues.hint(for: id, among: ids)
                issues.add("\(pointer)/\(end)", "must be the id of a node, which \"\(id.prefix(64))\" is not\(hint)")
            }
            guard let from = places[edge.from], let to = places[edge.to] else { return nil }
            if !seen.insert(edge).inserted {
                issues.add(pointer, "is there twice: from \(edge.from) to \(edge.to)")
            }
            if let most = edge.maxIterations, !(1...1_000).contains(most) {
                issues.add("\(pointer)/max_iterations", "\(whose(edge)) must be from 1 to 1000")
            }
            return Link(
                from: from, to: to, maxIterations: edge.maxIterations, isError: nodes[to].type == .errorHandler)
        }
    }

    func whose(_ edge: WorkflowEdge) -> String { "of the edge from \(edge.from) to \(edge.to)" }

    // MARK: Parts

    private func names() -> WorkflowNames.Document {
        WorkflowNames.Document(
            family: .nodes, ids: nodes.map(\.id), places: places, isApproval: nodes.map { $0.type == .humanApproval },
            variables: definition.variables ?? [:])
    }

    private mutating func readNodes(
        _ graph: WorkflowGraph, _ before: [NodeSet]?, _ document: WorkflowNames.Document
    ) -> [CheckedNode] {
        var checked: [CheckedNode] = []
        for (place, node) in nodes.enumerated() {
            guard !issues.isFull else { break }
            var names = WorkflowNames(document: document, before: before?[place])
            func reader() -> ActionReader {
                ActionReader(
                    pointer: "/nodes/\(place)/config", whose: "of node \(node.id)", names: names,
                    vocabulary: vocabulary)
            }
            let first = reader()
            names.hasOutput = true
            let node = NodeReader(
                node: node, reader: first, setter: reader(), variables: definition.variables ?? [:],
                incoming: graph.incoming[place])
            if let node = node.checked(in: &issues) { checked.append(node) }
        }
        return checked
    }

    private mutating func readConditions(
        _ links: [Link], _ bodies: [Int: [Int]], _ before: [NodeSet]?, _ document: WorkflowNames.Document
    ) -> [CheckedEdge] {
        links.enumerated().map { place, link in
            let edge = edges[place]
            var condition: Expression?
            if let text = edge.condition, !issues.isFull {
                var known = before?[link.from]
                known?.insert(link.from)
                condition = read(text, edge, place, WorkflowNames(document: document, before: known))
            }
            let loop = link.maxIterations.map {
                CheckedEdge.Loop(maxIterations: $0, body: bodies[place] ?? [])
            }
            return CheckedEdge(from: link.from, to: link.to, condition: condition, isError: link.isError, loop: loop)
        }
    }

    private mutating func read(
        _ text: String, _ edge: WorkflowEdge, _ place: Int, _ names: WorkflowNames
    ) -> Expression? {
        let pointer = "/edges/\(place)/condition"
        do throws(ExpressionError) {
            let condition = try Expression(text)
            var checker = ExpressionChecker(names)
            checker.checkCondition(condition)
            for error in checker.errors { issues.add(pointer, whose(edge), error) }
            if checker.errors.isEmpty, condition.root.isConstant,
                try !condition.isTrue(in: ExpressionScope())
            {
                issues.add(pointer, "\(whose(edge)) never holds, so that \(edge.to) is never reached by it")
            }
            return condition
        } catch {
            issues.add(pointer, whose(edge), error)
            return nil
        }
    }
}
