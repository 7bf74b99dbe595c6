import Foundation
import SpotterDomain

extension FlowTurn {
    // MARK: Where the run goes

    /// Where the run goes from a node that has ended well, and what it sets.
    func passage(from place: Int) throws(FlowFailure) -> PassageRecord {
        let node = nodes[place]
        let output = state.outputs[place] ?? .null
        let (variables, set) = try settings(of: node, output)
        let scope = scope(variables).with("output", output)
        let next = try ways(from: place, output, scope).map { nodes[graph.workflow.edges[$0].to].id }
        return PassageRecord(next: next, variables: set)
    }

    private typealias Setting = (name: String, value: JSONValue)

    private func settings(
        of node: CheckedNode, _ output: JSONValue
    ) throws(FlowFailure) -> ([String: JSONValue], [(name: String, value: JSONValue)]) {
        var variables = variables
        var set: [Setting] = []
        for setting in node.sets {
            let value = try evaluate("set \(setting.variable)") { () throws(TemplateError) in
                try setting.value.evaluate(in: scope(variables).with("output", output))
            }
            if let problem = graph.workflow.variables[setting.variable]?.problem(with: value) {
                throw FlowFailure("variable_type", "The variable `\(setting.variable)` \(problem).")
            }
            variables[setting.variable] = value
            set.append((setting.variable, value))
        }
        return (variables, set)
    }

    private func ways(from place: Int, _ output: JSONValue, _ scope: ExpressionScope) throws(FlowFailure) -> [Int] {
        let node = nodes[place]
        var (taken, exhausted): ([Int], Int?) = ([], nil)
        var fallback: Int?
        for way in graph.workflow.outgoing[place] where !graph.workflow.edges[way].isError {
            let edge = graph.workflow.edges[way]
            if edge.condition == nil, node.action == .decide {
                fallback = fallback ?? way
                continue
            }
            guard try holds(edge, from: node, output, scope) else { continue }
            if let loop = edge.loop {
                guard state.loopsTaken[way, default: 0] < loop.maxIterations else {
                    exhausted = way
                    continue
                }
                // Going back is all that is done then: what comes behind is for the last round.
                return [way]
            }
            taken.append(way)
            if node.action == .decide { break }
        }
        if taken.isEmpty, let fallback { return [fallback] }
        if taken.isEmpty { try refuse(node, output, exhausted: exhausted) }
        return taken
    }

    private func holds(
        _ edge: CheckedEdge, from node: CheckedNode, _ output: JSONValue, _ scope: ExpressionScope
    ) throws(FlowFailure) -> Bool {
        guard let condition = edge.condition else {
            if case .ask = node.action { return output["approved"]?.bool ?? false }
            return true
        }
        return try evaluate("the condition of the edge to \(nodes[edge.to].id)") { () throws(ExpressionError) in
            try condition.isTrue(in: scope)
        }
    }

    /// Where nothing comes behind a node that should have something behind it.
    private func refuse(_ node: CheckedNode, _ output: JSONValue, exhausted: Int?) throws(FlowFailure) {
        if let exhausted {
            let edge = graph.workflow.edges[exhausted]
            throw FlowFailure(
                "loop_limit_reached",
                "It has gone back to \(nodes[edge.to].id) \(edge.loop?.maxIterations ?? 0) times, and may not again.")
        }
        switch node.action {
        case .decide: throw FlowFailure("no_branch_taken", "No condition holds, and there is no edge without one.")
        case .ask where output["approved"]?.bool != true:
            throw FlowFailure("approval_rejected", "It was not approved.")
        default: break
        }
    }

    // MARK: Values

    func value(of template: JSONTemplate) throws(FlowFailure) -> JSONValue {
        try evaluate("what it is given") { () throws(TemplateError) in
            try template.evaluate(in: scope(variables))
        }
    }

    func text(of template: JSONTemplate) throws(FlowFailure) -> String {
        let value = try value(of: template)
        return value.string ?? value.description
    }

    /// The times that can be stored: those of the years 1 to 9999.
    private static let times =
        Date(timeIntervalSince1970: -62_135_596_800)...Date(timeIntervalSince1970: 253_402_300_799)

    func date(of template: JSONTemplate) throws(FlowFailure) -> Date {
        let text = try text(of: template)
        guard let date = Timestamp.date(from: text), Self.times.contains(date) else {
            throw FlowFailure("time_unreadable", "\"\(text)\" is no RFC 3339 time.")
        }
        return date
    }

    func duration(of template: JSONTemplate) throws(FlowFailure) -> Duration {
        let value = try value(of: template)
        guard let number = value.double, number >= 0, number <= Double(WorkflowLimits.longestPauseMs) else {
            let most = WorkflowLimits.longestPauseMs
            let given = value.description.prefix(80)
            throw FlowFailure("wait_unreadable", "A wait lasts from 0 to \(most) ms, not \(given).")
        }
        return .milliseconds(Int64(number.rounded()))
    }

    private func evaluate<Value, Failure: Error>(
        _ what: String, _ work: () throws(Failure) -> Value
    ) throws(FlowFailure) -> Value {
        do throws(Failure) { return try work() } catch {
            throw FlowFailure("expression_failed", "\(what): \(error)")
        }
    }

    private func scope(_ variables: [String: JSONValue]) -> ExpressionScope {
        var object = JSONObject()
        for name in variables.keys.sorted() { object[name] = variables[name] }
        let (state, graph) = (state, graph)
        return ExpressionScope(
            ["input": setting.input, "vars": .object(object)],
            families: [
                "nodes": { id in graph.places[id].map { state.node($0) } },
                "steps": { id in
                    graph.places[id].map { ["data": state.outputs[$0] ?? .null, "success": .bool(state.hasEnded($0))] }
                },
            ])
    }
}

extension FlowState {
    /// A node as expressions see it.
    func node(_ place: Int) -> JSONValue {
        var object = JSONObject()
        object["state"] = .string(word(for: place))
        object["output"] = outputs[place] ?? .null
        if case .ask = graph.workflow.nodes[place].action {
            // Of this round: what was said in an earlier one is not said of this.
            object["approved"] = hasEnded(place) ? outputs[place]?["approved"] ?? .null : .null
        }
        if case .passed(let error?) = phases[place] {
            object["error"] = ["code": .string(error.code), "message": .string(error.message)]
        }
        return .object(object)
    }

    func hasEnded(_ place: Int) -> Bool {
        switch phases[place] {
        case .passed(error: nil), .ended: true
        default: false
        }
    }

    /// How far a node is, in a word.
    func word(for place: Int) -> String {
        switch phases[place] {
        case .open, .ready: "pending"
        case .running, .failing: "running"
        case .ended, .passed(error: nil): "completed"
        case .failed, .passed: "failed"
        case .skipped: "skipped"
        }
    }
}
