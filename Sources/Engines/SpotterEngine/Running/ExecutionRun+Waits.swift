import Foundation
import SpotterDomain

extension ExecutionRun {
    /// How many executions one may have going at a time, and how deep they may begin each other.
    static let childrenAtOnce = 200
    static let deepest = 8

    /// Why another execution may not be begun; nil if it may. What begins others without end stops here.
    func refusalOfChild() async throws -> ExecutionError? {
        let waiting = journal.steps.count { $0.kind == .child && $0.state == .waiting }
        guard waiting < Self.childrenAtOnce else {
            let message = "It has \(waiting) executions going at once, and may have no more."
            return ExecutionError(code: "child_limit_reached", message: message)
        }
        var (depth, parent) = (1, execution.parentId)
        while let id = parent {
            depth += 1
            guard depth < Self.deepest else {
                let message = "Executions have begun each other \(Self.deepest) deep, and may go no deeper."
                return ExecutionError(code: "depth_limit_reached", message: message)
            }
            parent = try await environment.store.execution(id, in: scope).parentId
        }
        return nil
    }

    /// Begins another execution, written together with the step that awaits it.
    func startChild(_ order: ChildOrder) throws {
        let given = try inherited(order.input)
        let now = environment.clock.now()
        let id: ExecutionID = environment.ids.id(at: now)
        let ownDeadline = order.timeout.map { now.addingTimeInterval($0 / .seconds(1)) }
        unwritten.children.append(
            Execution(
                id: id, kind: order.kind, state: .queued, attempt: 0, conversationId: nil, agentId: order.agent,
                agentVersion: order.agentVersion, input: given, parentId: execution.id,
                priority: execution.priority, retryPolicy: order.retryPolicy,
                deadlineAt: [ownDeadline, execution.deadlineAt].compactMap { $0 }.min(), createdAt: now))
        let input: JSONValue = ["execution_id": .string(id.description), "input": order.input]
        enter([step(order.name, kind: .child, state: .waiting, input: input, child: id)])
        announceStart(of: order.name)
    }

    /// Begins a wait for something from outside.
    func begin(_ wait: Wait, name: String) throws {
        let now = environment.clock.now()
        switch wait {
        case .timer(let until): beginTimer(until, name: name)
        case .pause(let duration): beginTimer(now.addingTimeInterval(duration / .seconds(1)), name: name)
        case .input(let question, let timeout):
            let until = timeout.map { now.addingTimeInterval($0 / .seconds(1)) }
            let input: JSONValue = [
                "question": .string(question), "until": until.map { .string(Timestamp.string(from: $0)) } ?? .null,
            ]
            enter([step(name, kind: .input, state: .waiting, input: input)])
        case .approval(let order): return try ask(order, name: name)
        }
        announceStart(of: name)
    }

    private func beginTimer(_ until: Date, name: String) {
        let input: JSONValue = ["until": .string(Timestamp.string(from: until))]
        enter([step(name, kind: .timer, state: .waiting, input: input)])
    }

    func announceStart(of name: String) {
        unwritten.events.append(
            EventDraft(.stepStarted, execution: execution.id, data: ["step": .string(name)]))
    }

    /// Lets the execution go until something happens: it is a row then, and nothing else.
    func park() async throws -> RunOutcome {
        let waits = journal.openWaits
        guard !waits.isEmpty else {
            let message = "The program asked for nothing and waits for nothing."
            return try await fail(ExecutionError(code: "internal", message: message))
        }
        journal.execution.state = .waiting
        journal.execution.currentStep = waits.map(\.name).joined(separator: ", ")
        journal.execution.wakeAt =
            (waits.compactMap { $0.nextTurn(of: execution.id) } + [execution.deadlineAt].compactMap { $0 }).min()
        unwritten.events.append(
            EventDraft(
                .executionWaiting, execution: execution.id,
                data: ["for": .array(waits.map { ["step": .string($0.name), "kind": .string($0.kind.rawValue)] })]))
        return try await letGo()
    }

    /// Ends the waits whose time has come or whose executions have ended.
    func settleWaits() async throws {
        let waits = journal.steps.filter { $0.state == .waiting }
        // Apart, because most runs wait for nothing, and what a call takes in memory is kept for later ones.
        if !waits.isEmpty { try await settle(waits) }
    }

    /// Ends the timers whose time has come while the run was at work.
    @inline(never)
    func endTimers() {
        let now = environment.clock.now()
        let due = journal.steps.filter { step in
            step.kind == .timer && step.state == .waiting && step.until.map { $0 <= now } ?? false
        }
        if !due.isEmpty { end(due, with: []) }
    }

    private func settle(_ waits: [Step]) async throws {
        if waits.contains(where: { step in
            Approval(step, of: execution.id)?.turn(at: environment.clock.now(), tolerance: Step.clockTolerance) != nil
        }) {
            try await turnApprovals()
        }
        end(waits, with: try await environment.store.ended(of: waits.compactMap(\.child), in: scope))
    }

    @inline(never)
    private func end(_ waits: [Step], with children: [Execution]) {
        let byID = Dictionary(uniqueKeysWithValues: children.map { ($0.id, $0) })
        let now = environment.clock.now()
        let settled = waits.compactMap { $0.settled(at: now, child: $0.child.flatMap { byID[$0] }) }
        enter(settled)
        for step in settled {
            // Whoever looks at a run sees what all of it came to, what it began included.
            if let usage = step.usage { journal.execution.usage = execution.usage + usage }
            if let cost = step.cost { journal.execution.cost = execution.cost + cost }
            let type: EventType = step.state == .completed ? .stepCompleted : .stepFailed
            unwritten.events.append(
                EventDraft(
                    type, execution: execution.id,
                    data: ["step": .string(step.name), "error": step.error.map { .string($0.message) } ?? .null]))
        }
    }
}

extension Journal {
    /// Whether a time is waited for.
    var hasTimers: Bool { steps.contains { $0.kind == .timer && $0.state == .waiting } }
}

extension Step {
    /// When a wait is over by itself; nil if it never is.
    var until: Date? { input["until"]?.string.flatMap(Timestamp.date(from:)) }

    /// When the time alone changes something about a wait; nil if it never does.
    func nextTurn(of execution: ExecutionID) -> Date? {
        kind == .approval ? Approval(self, of: execution)?.nextTurn : until
    }

    /// The database's clock wakes, this process's clock judges: they may differ by this much.
    static let clockTolerance: TimeInterval = 1

    func isOver(at now: Date) -> Bool { until.map { $0.timeIntervalSince(now) <= Self.clockTolerance } ?? false }

    /// The step as it is when what it waits for has come; nil while it has not.
    fileprivate func settled(at now: Date, child: Execution?) -> Step? {
        var step = self
        step.completedAt = now
        switch kind {
        case .timer:
            guard isOver(at: now) else { return nil }
            step.state = .completed
        case .input:
            guard isOver(at: now) else { return nil }
            step.state = .failed
            step.error = ExecutionError(code: "no_answer", message: "Nobody answered in time.")
        case .child:
            guard let child else { return nil }
            step.state = child.state == .completed ? .completed : .failed
            if child.usage.modelCalls > 0 { (step.usage, step.cost) = (child.usage, child.cost) }
            step.output = [
                "execution_id": .string(child.id.description), "output": child.output ?? .null,
                "is_untrusted": .bool(child.output?["is_untrusted"]?.bool ?? false),
            ]
            if child.state != .completed {
                step.error =
                    child.error ?? ExecutionError(code: "cancelled", message: "The execution was cancelled.")
            }
        // Who decides on an approval, or that its time is over, writes it: see `ExecutionControl`.
        case .model, .tool, .compaction, .approval, .node: return nil
        }
        return step
    }
}
