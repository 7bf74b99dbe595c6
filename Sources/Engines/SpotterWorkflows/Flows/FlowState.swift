import SpotterDomain

/// How far a run of a workflow is: worked out from its journal, and from nothing else.
struct FlowState {
    /// How far one node is, in its present round.
    enum Phase: Equatable {
        /// Not all that leads to it is settled.
        case open
        /// Its turn has come.
        case ready
        /// It has begun, and something is awaited: the step, or a wait before the next try.
        case running(StepID?)
        /// It has failed, and may be tried again after a wait that has not begun.
        case failing(ExecutionError, attempt: Int, step: StepID)
        /// It has ended well, and where the run goes from there is not written down yet.
        case ended
        /// It has failed for good, and nobody has taken the error yet.
        case failed(ExecutionError)
        /// Where the run goes from it is settled; `error` is one that a handler took.
        case passed(error: ExecutionError?)
        /// Nothing leads to it any more.
        case skipped
    }

    /// How far an edge is.
    enum Way { case open, taken, dead }

    let graph: FlowGraph
    /// By the places of the nodes.
    private(set) var phases: [Phase]
    /// In which round of a loop each node is, from 1 on.
    private(set) var rounds: [Int]
    /// What the tries of each node came to that ended last, in whatever round.
    private(set) var outputs: [JSONValue?]
    /// How many tries each node has begun in its round.
    private(set) var attempts: [Int]
    /// What the variables are.
    private(set) var variables: [String: JSONValue]
    /// The nodes in the order in which they ended.
    private var ended: [NodeKey] = []
    /// Open steps of rounds that are over.
    private(set) var stale: [StepID] = []
    /// For each handler of errors, the error that it has to do with.
    private(set) var caught: [Int: CaughtError] = [:]
    /// How often each edge that leads back was taken, by the places of the edges.
    private(set) var loopsTaken: [Int: Int] = [:]
    /// Nodes that nothing depends on any more: whatever comes of them, all that is behind them has begun without them.
    private(set) var idle: Set<Int> = []
    private var taken: [Int: Set<String>] = [:]

    /// The names of the nodes' steps in the order in which they ended.
    var path: [String] { ended.map(\.text) }

    /// An error that a handler has been given.
    struct CaughtError {
        let node: String
        let error: ExecutionError
    }

    private struct Note {
        let place: Int
        let round: Int
        let record: PassageRecord
    }

    init(_ graph: FlowGraph, _ journal: Journal, input: JSONValue) {
        let count = graph.workflow.nodes.count
        self.graph = graph
        phases = [Phase](repeating: .open, count: count)
        rounds = [Int](repeating: 1, count: count)
        outputs = [JSONValue?](repeating: nil, count: count)
        attempts = [Int](repeating: 0, count: count)
        variables = graph.workflow.variables.mapValues { $0.default ?? .null }
        for name in graph.workflow.variables.keys { if let given = input[name] { variables[name] = given } }
        let steps = read(journal)
        for place in graph.workflow.nodes.indices { look(at: place, steps[place] ?? []) }
        settle()
    }

    // MARK: Reading the journal

    private typealias Keyed = (key: NodeKey, step: Step)

    /// Follows what was written down about ways and variables, in order, and returns the steps of each node's present
    /// round.
    private mutating func read(_ journal: Journal) -> [Int: [Keyed]] {
        var steps: [Int: [Keyed]] = [:]
        var last: [Int: Step] = [:]
        for step in journal.steps where step.state != .superseded {
            guard let key = NodeKey(of: step), let place = graph.places[key.node] else { continue }
            if key.role == .passed {
                follow(Note(place: place, round: key.round, record: PassageRecord(step.output)))
            } else {
                steps[place, default: []].append((key, step))
            }
            if key.role == .work, step.state == .completed {
                last[place] = step
                ended.append(key)
            }
        }
        // What a step came to is read of the last alone: in a loop the others are many.
        for (place, step) in last { outputs[place] = step.nodeOutput }
        for (place, keyed) in steps {
            stale += keyed.filter { $0.key.round < rounds[place] && $0.step.isOpen }.map(\.step.id)
            steps[place] = keyed.filter { $0.key.round == rounds[place] }
        }
        return steps
    }

    private mutating func follow(_ note: Note) {
        for (name, value) in note.record.variables { variables[name] = value }
        guard note.round == rounds[note.place] else { return }
        taken[note.place] = note.record.next
        if let error = note.record.error {
            // Where nobody took it, it is still to be dealt with.
            phases[note.place] = note.record.next.isEmpty ? .failed(error) : .passed(error: error)
            let node = graph.workflow.nodes[note.place].id
            for handler in note.record.next.compactMap({ graph.places[$0] }) where caught[handler] == nil {
                caught[handler] = CaughtError(node: node, error: error)
            }
        } else {
            phases[note.place] = .passed(error: nil)
        }
        for place in graph.workflow.outgoing[note.place] {
            let edge = graph.workflow.edges[place]
            guard let loop = edge.loop, note.record.next.contains(graph.workflow.nodes[edge.to].id) else { continue }
            loopsTaken[place, default: 0] += 1
            begin(loop)
        }
    }

    private mutating func begin(_ loop: CheckedEdge.Loop) {
        for place in loop.body {
            rounds[place] += 1
            attempts[place] = 0
            phases[place] = .open
            taken[place] = nil
            caught[place] = nil
        }
    }

    private mutating func look(at place: Int, _ steps: [Keyed]) {
        let work = steps.filter { $0.key.role == .work }
        attempts[place] = work.map(\.key.attempt).max() ?? 0
        guard phases[place] == .open else { return }
        guard let last = work.last(where: { $0.key.attempt == attempts[place] }) else { return }
        switch last.step.state {
        case .started, .waiting, .needsReview: phases[place] = .running(last.step.id)
        case .superseded: break
        case .completed:
            if let error = last.step.nodeError { fail(place, with: error, last, steps) } else { end(place) }
        case .failed:
            let error = last.step.error ?? ExecutionError(code: "internal", message: "It failed without a reason.")
            fail(place, with: error, last, steps)
        }
    }

    /// What another try does not change.
    private static let isNeverRetried: Set<String> = ["cancelled", "no_model"]

    private mutating func end(_ place: Int) {
        phases[place] = graph.isNoted(place) ? .ended : .passed(error: nil)
    }

    private mutating func fail(_ place: Int, with error: ExecutionError, _ last: Keyed, _ steps: [Keyed]) {
        guard last.key.attempt < graph.workflow.nodes[place].retries.maxAttempts,
            !Self.isNeverRetried.contains(error.code)
        else {
            phases[place] = .failed(error)
            return
        }
        let backoff = steps.last { $0.key.role == .backoff && $0.key.attempt == last.key.attempt }?.step
        switch backoff?.state {
        case nil: phases[place] = .failing(error, attempt: last.key.attempt, step: last.step.id)
        case .completed: phases[place] = .ready
        default: phases[place] = .running(backoff?.id)
        }
    }

    // MARK: Working out what comes next

    /// Finds the nodes whose turn has come, and those to which nothing leads any more.
    private mutating func settle() {
        for place in graph.order where phases[place] == .open { phases[place] = phase(of: place) }
        findIdle()
    }

    /// The branches that a join did not wait for.
    private mutating func findIdle() {
        guard graph.hasEarlyJoins else { return }
        for place in graph.order.reversed() {
            let ways = graph.workflow.outgoing[place]
            guard !ways.isEmpty else { continue }
            let isNeeded = ways.contains { way in
                let target = graph.workflow.edges[way].to
                return hasNotBegun(target) && !idle.contains(target)
            }
            if !isNeeded { idle.insert(place) }
        }
    }

    private func hasNotBegun(_ place: Int) -> Bool { phases[place] == .open }

    private func phase(of place: Int) -> Phase {
        if place == graph.workflow.catchAll { return caught[place] == nil ? .open : .ready }
        let ways = graph.workflow.incoming[place].map(way)
        guard !ways.isEmpty else { return .ready }
        let (arrived, open) = (ways.count { $0 == .taken }, ways.count { $0 == .open })
        switch graph.workflow.nodes[place].action {
        case .join(.any) where arrived > 0: return .ready
        case .join(.quorum(let wanted)):
            if arrived >= wanted { return .ready }
            guard open == 0 else { return .open }
            guard arrived > 0 else { return .skipped }
            return .failed(
                ExecutionError(
                    code: "quorum_not_reached",
                    message: "Only \(arrived) of the \(wanted) branches that it waits for have come."))
        default:
            if open > 0 { return .open }
            return arrived > 0 ? .ready : .skipped
        }
    }

    private func way(_ place: Int) -> Way {
        let edge = graph.workflow.edges[place]
        switch phases[edge.from] {
        case .skipped: return .dead
        case .passed:
            guard let next = taken[edge.from] else { return edge.isError ? .dead : .taken }
            return next.contains(graph.workflow.nodes[edge.to].id) ? .taken : .dead
        default: return .open
        }
    }
}

extension Step {
    /// Whether something is awaited of it.
    var isOpen: Bool { state == .started || state == .waiting || state == .needsReview }
}
