import Foundation
import SpotterDomain

extension StoreConformance {
    /// What records do to the place of an execution, and to those that wait for each other.
    static let waits: [StoreBehaviour] = batches + letGo + families

    private static let batches: [StoreBehaviour] = [
        StoreBehaviour("records of several executions are written together, their events in order") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            var runs: [Execution] = []
            for _ in 0..<3 { runs.append(try await gym.begunTurn(worker: worker)) }
            let records = runs.map { run in
                var ended = run
                ended.state = .completed
                return ExecutionRecord(
                    execution: ended, steps: [gym.step(0, of: run, kind: .model, state: .completed)],
                    events: [EventDraft(.stepCompleted, execution: run.id), EventDraft(.executionCompleted)])
            }
            let report = try await stores.executions.record(
                records.reversed(), at: TestOrganization.start, in: gym.scope)
            try requireEqual(report.events.map(\.position), Array(4...9))
            try requireEqual(report.events.compactMap(\.execution), runs.map(\.id))
            try requireEqual(report.requested, [:])
            for run in runs {
                let journal = try await stores.executions.journal(of: run.id, in: gym.scope)
                try requireEqual(journal.execution.state, .completed)
                try requireEqual(journal.steps.count, 1)
            }
        },
        StoreBehaviour("records of which one has lost its lease write nothing of any") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let held = try await gym.begunTurn()
            var lost = try await gym.begunTurn()
            lost.state = .cancelled
            try await gym.record(ExecutionRecord(execution: lost))
            lost.state = .running
            let position = try await stores.events.lastPosition(in: gym.scope)
            let before = try await stores.executions.journals(of: [held.id, lost.id], in: gym.scope)
            let child = gym.work(parent: held.id)
            let records = [held, lost].map { run in
                ExecutionRecord(
                    execution: run, steps: [gym.step(0, of: run, kind: .model, state: .completed)],
                    children: run.id == held.id ? [child] : [],
                    events: [EventDraft(.stepCompleted, execution: run.id)])
            }
            try await requireThrows(LeaseLost.self) { try await gym.record(records[0], records[1]) }
            try await requireThrows(LeaseLost.self) { try await gym.record(records[1], records[0]) }
            try await requireThrows(LeaseLost.self) { try await gym.record(records[0], records[0]) }
            let after = try await stores.executions.journals(of: [held.id, lost.id], in: gym.scope)
            try requireEqual(Set(after), Set(before))
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), position)
            try await requireError(.notFound) { try await stores.executions.execution(child.id, in: gym.scope) }
            try await gym.record(ExecutionRecord(execution: held))
        },
        StoreBehaviour("an execution that was let go of takes no record, though its attempt is the same") { stores in
            let gym = try await TestOrganization.make(in: stores)
            for state in [ExecutionState.waiting, .paused, .queued, .completed, .failed, .cancelled] {
                let run = try await gym.begunTurn()
                if state == .paused { try await gym.ask(.pause, of: run) }
                var parked = run
                parked.state = state
                try await gym.record(ExecutionRecord(execution: parked))
                try requireEqual(try await stores.executions.execution(run.id, in: gym.scope).attempt, run.attempt)
                try await gym.requireDiscarded(run)
            }
        },
    ]

    private static let letGo: [StoreBehaviour] = [
        StoreBehaviour("an execution that parks waits until its time, unless something happened to it meanwhile") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let later = TestOrganization.start + 1e9
            var quiet = try await gym.begunTurn()
            var signalled = try await gym.begunTurn()
            _ = try await stores.executions.change(signalled.id, at: TestOrganization.start, in: gym.scope) {
                ExecutionChange(execution: $0.execution)
            }
            for id in [quiet.id, signalled.id] {
                var run = id == quiet.id ? quiet : signalled
                run.state = .waiting
                run.wakeAt = later
                try await gym.record(ExecutionRecord(execution: run))
            }
            quiet = try await stores.executions.execution(quiet.id, in: gym.scope)
            try requireEqual(quiet.state, .waiting)
            try requireEqual(quiet.wakeAt, later)
            signalled = try await stores.executions.execution(signalled.id, in: gym.scope)
            try requireEqual(signalled.state, .queued)
            try requireEqual(signalled.wakeAt, nil)
            try requireEqual(try await stores.queue.statistics(in: gym.scope).ready, 1)
        },
        StoreBehaviour("an execution goes back into the queue at once or at a time") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let later = TestOrganization.start + 1e9
            for wake in [nil, later] {
                var run = try await gym.begunTurn()
                run.state = .queued
                run.wakeAt = wake
                run.failures = 1
                run.error = ExecutionError(code: "busy", message: "Later.", isTransient: true, retryAfter: 2)
                try await gym.record(ExecutionRecord(execution: run))
                try requireEqual(try await stores.executions.execution(run.id, in: gym.scope), run)
            }
            let figures = try await stores.queue.statistics(in: gym.scope)
            try requireEqual([figures.ready, figures.scheduled, figures.running], [1, 1, 0])
        },
    ]

    private static let families: [StoreBehaviour] = [
        StoreBehaviour("children are put into the queue with the record that waits for them") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var parent = try await gym.begunTurn()
            let children = [gym.work(parent: parent.id), gym.work(priority: .high, parent: parent.id)]
            parent.state = .waiting
            var step = gym.step(0, of: parent, kind: .child, state: .waiting)
            step = Step(
                id: step.id, index: 0, name: "child", kind: .child, state: .waiting, attempt: 1, input: [:],
                effect: .keyed, child: children[0].id, startedAt: TestOrganization.start)
            let report = try await gym.record(
                ExecutionRecord(
                    execution: parent, steps: [step], children: children,
                    events: [EventDraft(.executionWaiting, execution: parent.id)]))
            try requireEqual(report.events.map(\.type), [.executionWaiting, .executionQueued, .executionQueued].raw)
            try requireEqual(report.events.map(\.execution), [parent.id, children[0].id, children[1].id])
            for child in children {
                try requireEqual(try await stores.executions.execution(child.id, in: gym.scope), child)
            }
            let journal = try await stores.executions.journal(of: parent.id, in: gym.scope)
            try requireEqual(journal.steps, [step])
            try requireEqual(try await stores.queue.statistics(in: gym.scope).ready, 2)
        },
        StoreBehaviour("the end of a child makes a waiting parent ready and leaves a running one a signal") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let waiting = try await gym.begunTurn()
            let running = try await gym.begunTurn()
            let ended = try await gym.begunTurn()
            let children = [waiting, running, ended].map { gym.run(under: $0.id) }
            for child in children { try await gym.begin(child) }
            var parked = waiting
            parked.state = .waiting
            parked.wakeAt = TestOrganization.start + 1e9
            var gone = ended
            gone.state = .completed
            try await gym.record(ExecutionRecord(execution: parked), ExecutionRecord(execution: gone))
            // What is written of a child before its end tells nobody.
            try await gym.record(ExecutionRecord(execution: children[0]))
            try requireEqual(try await stores.executions.execution(waiting.id, in: gym.scope), parked)
            let records = children.map { child in
                var last = child
                last.state = .completed
                return ExecutionRecord(execution: last)
            }
            _ = try await stores.executions.record(records, at: TestOrganization.start, in: gym.scope)
            let woken = try await stores.executions.execution(waiting.id, in: gym.scope)
            try requireEqual([woken.signals, woken.attempt], [1, 1])
            try requireEqual(woken.state, .queued)
            try requireEqual(woken.wakeAt, nil)
            let told = try await stores.executions.execution(running.id, in: gym.scope)
            try requireEqual(told.state, .running)
            try requireEqual(told.signals, 1)
            // It saw no signal when it was read, and so it does not wait now.
            var late = running
            late.state = .waiting
            try await gym.record(ExecutionRecord(execution: late))
            try requireEqual(try await stores.executions.execution(running.id, in: gym.scope).state, .queued)
            try requireEqual(try await stores.executions.execution(ended.id, in: gym.scope), gone)
        },
        StoreBehaviour("a parent that parks in the same records as its child ends is ready at once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let parent = try await gym.begunTurn()
            let child = gym.run(under: parent.id)
            try await gym.begin(child)
            var (parked, ended) = (parent, child)
            parked.state = .waiting
            ended.state = .failed
            try await gym.record(ExecutionRecord(execution: ended), ExecutionRecord(execution: parked))
            try requireEqual(try await stores.executions.execution(parent.id, in: gym.scope).state, .queued)
        },
        StoreBehaviour("a child that somebody ends makes its parent ready too") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var parent = try await gym.begunTurn()
            let child = gym.work(parent: parent.id)
            parent.state = .waiting
            try await gym.record(ExecutionRecord(execution: parent, children: [child]))
            _ = try await stores.executions.change(child.id, at: TestOrganization.start, in: gym.scope) { journal in
                var cancelled = journal.execution
                cancelled.state = .cancelled
                return ExecutionChange(execution: cancelled)
            }
            try requireEqual(try await stores.executions.execution(parent.id, in: gym.scope).state, .queued)
        },
    ]
}

extension [EventType] {
    /// As the log names them.
    fileprivate var raw: [String] { map(\.rawValue) }
}

extension TestOrganization {
    /// A running execution that `parent` waits for, not stored yet.
    func run(under parent: ExecutionID) -> Execution {
        var run = work(parent: parent)
        run.state = .running
        run.attempt = 1
        run.startedAt = Self.start
        return run
    }

    /// Stores a running execution in a conversation of its own, held by `worker` or by a new one.
    func begin(_ execution: Execution, worker: WorkerID? = nil) async throws {
        let conversation = try await conversation(with: try await agent(named: word()))
        let holder = if let worker { worker } else { try await self.worker() }
        _ = try await stores.executions.begin(
            execution, message: message("Hello", in: conversation.id), events: [], receipt: nil, worker: holder,
            in: scope)
    }
}
