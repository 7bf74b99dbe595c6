extension PlanOrder {
    /// The plan as a workflow of tasks, one for each step, whose edges are the dependencies.
    ///
    /// Where steps are not done at once, they are done one after the other, each as soon as what it depends on is done, the
    /// earlier of the document first. The expressions of steps name `input` and `steps.<id>.data`.
    /// - Parameter vocabulary: what there is in the organisation; nil leaves names of agents, tools and the like unchecked.
    /// - Throws: `SpotterError` with code `.invalid` and everything that is wrong with it and its fallbacks, at most 100
    ///   issues, each with its JSON pointer.
    public func checked(knowing vocabulary: WorkflowVocabulary? = nil) throws -> CheckedWorkflow {
        var issues = IssueList()
        let checked = PlanChecker(plan: self, pointer: "", vocabulary: vocabulary).checked(in: &issues)
        checkFallbacks(knowing: vocabulary, in: &issues)
        guard let checked, issues.issues.isEmpty else { throw SpotterError.invalid(issues.issues) }
        return checked
    }

    private func checkFallbacks(knowing vocabulary: WorkflowVocabulary?, in issues: inout IssueList) {
        var pointer = ""
        var ids: [String: String] = id.map { [$0: "the plan"] } ?? [:]
        var next = fallbackPlan
        var depth = 0
        while let plan = next?.plan {
            pointer += "/fallback_plan"
            depth += 1
            guard depth <= Self.deepestFallback else {
                issues.add(pointer, "must not be there: fallbacks are at most \(Self.deepestFallback) deep")
                return
            }
            if let id = plan.id {
                if let owner = ids[id] {
                    issues.add("\(pointer)/id", "must differ from that of \(owner): a plan cannot fall back on itself")
                }
                ids[id] = "the fallback it stands in"
            }
            _ = PlanChecker(plan: plan, pointer: pointer, vocabulary: vocabulary).checked(in: &issues)
            next = plan.fallbackPlan
        }
    }
}

/// Finds everything that is wrong with one plan, its fallback left out.
private struct PlanChecker {
    let plan: PlanOrder
    /// The plan's place in the document.
    let pointer: String
    let vocabulary: WorkflowVocabulary?

    private static let most = 2_000

    /// The plan as a workflow; nil where something is wrong, which is reported.
    func checked(in issues: inout IssueList) -> CheckedWorkflow? {
        let before = issues.issues.count
        checkBounds(in: &issues)
        let places = readIDs(in: &issues)
        let edges = readDependencies(places, in: &issues)
        guard issues.issues.count == before else { return nil }
        let graph = WorkflowGraph(count: plan.steps.count, edges: edges)
        if let circle = graph.circle() {
            report(circle, in: &issues)
            return nil
        }
        let nodes = readSteps(graph, places, in: &issues)
        guard issues.issues.count == before else { return nil }
        return CheckedWorkflow(
            timeout: plan.timeoutMs.map { .milliseconds($0) }, maxParallel: plan.parallel == false ? 1 : 200,
            variables: [:], nodes: nodes,
            edges: edges.map { CheckedEdge(from: $0.from, to: $0.to, condition: nil, isError: false) }, catchAll: nil)
    }

    private func checkBounds(in issues: inout IssueList) {
        if !(1...Self.most).contains(plan.steps.count) {
            issues.add("\(pointer)/steps", "must be 1 to \(Self.most), not \(plan.steps.count)")
        }
        if let input = plan.input, input.object == nil {
            issues.add("\(pointer)/input", "must be an object, not \(input.kindName)")
        }
        if let timeout = plan.timeoutMs, !(1...31_536_000_000).contains(timeout) {
            issues.add("\(pointer)/timeout_ms", "must be from 1 to 31536000000, a year")
        }
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                    || [0x5F, 0x2D, 0x2E].contains(byte)
            }
    }

    private func readIDs(in issues: inout IssueList) -> [String: Int] {
        var places: [String: Int] = [:]
        for (place, step) in plan.steps.prefix(Self.most).enumerated() {
            let member = "\(pointer)/steps/\(place)/id"
            if !Self.isName(step.id) {
                issues.add(member, "must be 1 to 64 letters, digits, underscores, hyphens and dots")
            }
            if let first = places[step.id] {
                issues.add(member, "must be unique: step \(first) is called \(step.id.prefix(64)) as well")
            } else {
                places[step.id] = place
            }
        }
        return places
    }

    private func readDependencies(_ places: [String: Int], in issues: inout IssueList) -> [WorkflowGraph.Edge] {
        var edges: [WorkflowGraph.Edge] = []
        let ids = plan.steps.prefix(Self.most).map(\.id)
        for (place, step) in plan.steps.prefix(Self.most).enumerated() {
            var seen: Set<Int> = []
            for (index, name) in (step.dependencies ?? []).enumerated() {
                guard !issues.isFull else { return edges }
                let member = "\(pointer)/steps/\(place)/dependencies/\(index)"
                guard let from = places[name] else {
                    let hint = issues.hint(for: name, among: ids)
                    issues.add(
                        member,
                        "of step \(step.id.prefix(64)) must be the id of a step, which \"\(name.prefix(64))\" is not\(hint)"
                    )
                    continue
                }
                guard seen.insert(from).inserted else {
                    issues.add(member, "of step \(step.id.prefix(64)) is there twice: \(name)")
                    continue
                }
                edges.append(.init(from: from, to: place, isReturning: false))
            }
        }
        return edges
    }

    private func report(_ circle: [Int], in issues: inout IssueList) {
        // The way goes from what is depended on to what depends on it; people read it the other way round.
        let way = [circle[0]] + circle.dropFirst().reversed()
        let names = way.prefix(20).map { plan.steps[$0].id } + (way.count > 20 ? ["…"] : [plan.steps[way[0]].id])
        issues.add(
            "\(pointer)/steps/\(way[0])/dependencies",
            "of step \(plan.steps[way[0]].id) go round in a circle: \(names.joined(separator: " needs "))")
    }

    private func readSteps(
        _ graph: WorkflowGraph, _ places: [String: Int], in issues: inout IssueList
    ) -> [CheckedNode] {
        let ancestors = graph.ancestors()
        let document = WorkflowNames.Document(
            family: .steps, ids: plan.steps.map(\.id), places: places, isApproval: [], variables: nil)
        var nodes: [CheckedNode] = []
        for (place, step) in plan.steps.enumerated() {
            guard !issues.isFull else { break }
            let reader = ActionReader(
                pointer: "\(pointer)/steps/\(place)", whose: "of step \(step.id)",
                names: WorkflowNames(document: document, before: ancestors[place]), vocabulary: vocabulary,
                arguments: "/input")
            guard let action = reader.task(step.task, in: &issues) else { continue }
            nodes.append(
                CheckedNode(
                    id: step.id, name: step.id, type: .task, action: action,
                    retries: step.retryPolicy?.policy ?? .once))
        }
        return nodes
    }
}

extension PlanStep {
    /// What it does, as a node of a workflow says it; a tool's arguments are the step's input.
    fileprivate var task: NodeConfigs.Task {
        NodeConfigs.Task(
            agentId: agentId, agent: agent, capability: capability, optionalCapabilities: optionalCapabilities,
            tool: tool, action: action, input: tool == nil ? input : nil, arguments: tool == nil ? nil : input,
            timeoutMs: timeoutMs, retryPolicy: retryPolicy, set: nil)
    }
}
