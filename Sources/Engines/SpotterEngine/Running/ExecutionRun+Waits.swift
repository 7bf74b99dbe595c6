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
        journal.execution.currentStep = journal.parkedStep
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
        if !waits.isEmpty { try await settleOrWaitOut(waits) }
    }

    /// The database's clock wakes and this process's clock judges. Where nothing has come, it was a time that woke, and
    /// this clock is a little behind: that is waited out. A time never ends early because something else has come.
    private func settleOrWaitOut(_ waits: [Step]) async throws {
        let isAsParked = execution.currentStep == journal.parkedStep
        guard try await !settle(waits, at: environment.clock.now()), isAsParked else { return }
        let turns = waits.map { $0.nextTurn(of: execution.id) } + [execution.deadlineAt]
        guard let next = turns.compactMap(\.self).min() else { return }
        let early = next.timeIntervalSince(environment.clock.now())
        guard early > 0, early <= Step.clockTolerance else { return }
        try await Task.sleep(for: .seconds(early))
        _ = try await settle(waits, at: max(next, environment.clock.now()))
    }

    /// Ends the timers whose time has come while the run was at work.
    @inline(never)
    func endTimers() {
        let now = environment.clock.now()
        let due = journal.steps.filter { step in
            step.kind == .timer && step.state == .waiting && step.until.map { $0 <= now } ?? false
        }
        if !due.isEmpty { end(due, with: [], at: now) }
    }

    /// Whether anything has come.
    private func settle(_ waits: [Step], at now: Date) async throws -> Bool {
        let isTurning = waits.contains { Approval($0, of: execution.id)?.turn(at: now) != nil }
        if isTurning { try await turnApprovals(at: now) }
        let children = try await environment.store.ended(of: waits.compactMap(\.child), in: scope)
        return end(waits, with: children, at: now) || isTurning
    }

    @inline(never)
    @discardableResult
    private func end(_ waits: [Step], with children: [Execution], at now: Date) -> Bool {
        let byID = Dictionary(uniqueKeysWithValues: children.map { ($0.id, $0) })
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
        return !settled.isEmpty
    }
}

extension Journal {
    /// What it waits for, for people, while it is parked.
    fileprivate var parkedStep: String { openWaits.map(\.name).joined(separator: ", ") }

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

    /// By how much this process's clock may be behind the database's, in seconds.
    static let clockTolerance: TimeInterval = 1

    func isOver(at now: Date) -> Bool { until.map { $0 <= now } ?? false }

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
