import Foundation
public import SpotterDomain

extension StoreConformance {
    /// What people and other programs do to executions from outside.
    static let control: [StoreBehaviour] = changes + keptChanges + requests

    private static let keptChanges: [StoreBehaviour] = [
        StoreBehaviour("a change is written with its receipt, and its answer is what the execution is then") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let work = gym.work()
            _ = try await stores.executions.enqueue([work], receipt: nil, in: gym.scope)
            let paused = try await gym.pause(work.id, key: "key")
            try requireEqual(paused.state, .paused)
            let receipt = try await stores.receipts.receipt(forKey: "key", in: gym.scope)
            try requireEqual(receipt?.response, .init(status: 200, body: Array("paused 1".utf8)))
            // The key stops a second one before it looks at anything, and before anybody knows whether there is one.
            try await requireThrows(ReceiptExists.self) { _ = try await gym.pause(work.id, key: "key") }
            try await requireThrows(ReceiptExists.self) { _ = try await gym.pause(gym.id(), key: "key") }
            try requireEqual(try await stores.executions.execution(work.id, in: gym.scope), paused)
            // What changes nothing has an answer, too.
            _ = try await gym.pause(work.id, key: "another")
            let another = try await stores.receipts.receipt(forKey: "another", in: gym.scope)
            try requireEqual(another?.response, .init(status: 200, body: Array("paused 1".utf8)))
        },
        StoreBehaviour("a change that throws leaves its key free") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let work = gym.work()
            try await requireError(.notFound) { try await gym.pause(work.id, key: "key") }
            _ = try await stores.executions.enqueue([work], receipt: nil, in: gym.scope)
            try await requireError(.conflict) {
                try await stores.executions.change(
                    work.id, at: TestOrganization.start, receipt: .told("key"), in: gym.scope
                ) { _ in throw SpotterError(.conflict, "It has ended.") }
            }
            try requireEqual(try await stores.receipts.receipt(forKey: "key", in: gym.scope), nil)
            try requireEqual(try await gym.pause(work.id, key: "key").state, .paused)
        },
    ]

    private static let changes: [StoreBehaviour] = [
        StoreBehaviour("a change sees the journal, writes what it says, and counts as a signal") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var run = try await gym.begunTurn()
            let question = gym.step(0, of: run, kind: .input, state: .waiting)
            run.state = .waiting
            try await gym.record(ExecutionRecord(execution: run, steps: [question]))
            let stored = try await stores.executions.change(run.id, at: TestOrganization.start + 5, in: gym.scope) {
                journal in
                try requireEqual(journal.steps, [question])
                var answered = question
                answered.state = .completed
                answered.output = "yes"
                answered.completedAt = TestOrganization.start + 5
                var ready = journal.execution
                ready.state = .queued
                return ExecutionChange(
                    execution: ready, steps: [answered],
                    events: [EventDraft(.stepCompleted, execution: ready.id)])
            }
            try requireEqual(stored.state, .queued)
            try requireEqual(stored.signals, 1)
            let journal = try await stores.executions.journal(of: run.id, in: gym.scope)
            try requireEqual(journal.execution, stored)
            try requireEqual(journal.steps.map(\.output), ["yes"])
            let event = try await stores.events.events(after: 1, execution: run.id, limit: 9, in: gym.scope)
            try requireEqual(event.map(\.at), [TestOrganization.start + 5])
            try requireEqual(try await stores.queue.statistics(in: gym.scope).ready, 1)
        },
        StoreBehaviour("a change that says nothing or throws writes nothing") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            let unchanged = try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) {
                _ in nil
            }
            try requireEqual(unchanged, run)
            try await requireError(.conflict) {
                try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) { _ in
                    throw SpotterError(.conflict, "It has ended.")
                }
            }
            // Nor does one that cannot be written.
            let elsewhere = gym.step(0, of: run, kind: .tool, state: .started)
            try await gym.record(ExecutionRecord(execution: try await gym.begunTurn(), steps: [elsewhere]))
            try await requireError(.conflict) {
                try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) {
                    ExecutionChange(
                        execution: $0.execution, steps: [elsewhere],
                        events: [EventDraft(.stepFailed, execution: run.id)])
                }
            }
            try requireEqual(
                try await stores.executions.journal(of: run.id, in: gym.scope), Journal(execution: run))
            let events = try await stores.events.events(after: 0, execution: run.id, limit: 9, in: gym.scope)
            try requireEqual(events.count, 1)
        },
        StoreBehaviour("of many changes at once none is lost") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        _ = try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) {
                            var more = $0.execution
                            more.stepsTotal += 1
                            return ExecutionChange(execution: more)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let stored = try await stores.executions.execution(run.id, in: gym.scope)
            try requireEqual([stored.stepsTotal, stored.signals], [8, 8])
        },
        StoreBehaviour("a change ends what runs: the worker's records are discarded") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            _ = try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) {
                var cancelled = $0.execution
                cancelled.state = .cancelled
                return ExecutionChange(execution: cancelled)
            }
            try await gym.requireDiscarded(run)
            try requireEqual(try await stores.queue.statistics(in: gym.scope).running, 0)
        },
        StoreBehaviour("a dead execution is put back by a change, unless its key has gone to another") { stores in
            let gym = try await TestOrganization.make(in: stores)
            func dead(_ key: String) -> Execution {
                var dead = gym.work(uniqueKey: key)
                dead.state = .failed
                dead.deadAt = TestOrganization.start
                dead.error = Rescue.givenUp
                return dead
            }
            let (free, taken) = (dead("free"), dead("taken"))
            _ = try await stores.executions.enqueue(
                [free, taken, gym.work(uniqueKey: "taken")], receipt: nil, in: gym.scope)
            let putBack: @Sendable (Journal) -> ExecutionChange? = { journal in
                var back = journal.execution
                back.state = .queued
                back.deadAt = nil
                back.error = nil
                back.crashes = 0
                return ExecutionChange(execution: back)
            }
            let back = try await stores.executions.change(
                free.id, at: TestOrganization.start, in: gym.scope, putBack)
            try requireEqual(back.state, .queued)
            try requireEqual(back.deadAt, nil)
            try await requireError(.conflict) {
                try await stores.executions.change(taken.id, at: TestOrganization.start, in: gym.scope, putBack)
            }
            let figures = try await stores.queue.statistics(in: gym.scope)
            try requireEqual([figures.ready, figures.dead], [2, 1])
        },
    ]

    private static let requests: [StoreBehaviour] = [
        StoreBehaviour("what is asked of a running execution is told with its next record, and to its worker") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            let asked = try await gym.begunTurn(worker: worker)
            let other = try await gym.begunTurn(worker: worker)
            try requireEqual(try await stores.queue.requested(of: worker), [])
            try await gym.ask(.pause, of: asked)
            let name = Claim.Name(organization: gym.scope.organization, execution: asked.id)
            try requireEqual(try await stores.queue.requested(of: worker), [name])
            try requireEqual(try await stores.queue.requested(of: try await gym.worker()), [])
            let report = try await gym.record(ExecutionRecord(execution: asked), ExecutionRecord(execution: other))
            try requireEqual(report.requested, [asked.id: .pause])
            // It is told until it is done.
            try requireEqual(
                try await gym.record(ExecutionRecord(execution: asked)).requested, [asked.id: .pause])
            var paused = asked
            paused.state = .paused
            try requireEqual(try await gym.record(ExecutionRecord(execution: paused)).requested, [:])
            let stored = try await stores.executions.execution(asked.id, in: gym.scope)
            try requireEqual(stored.state, .paused)
            try requireEqual(stored.requested, nil)
            try requireEqual(try await stores.queue.requested(of: worker), [])
        },
        StoreBehaviour("what is asked while an execution parks is not lost") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let cases: [(ControlRequest, ExecutionState)] = [
                (.cancel, .waiting), (.pause, .waiting), (.cancel, .paused), (.cancel, .queued), (.pause, .queued),
            ]
            for (request, state) in cases {
                let run = try await gym.begunTurn()
                try await gym.ask(request, of: run)
                var parked = run
                parked.state = state
                parked.wakeAt = TestOrganization.start + 1e9
                try await gym.record(ExecutionRecord(execution: parked))
                // It is taken up again, by somebody who sees what was asked.
                let stored = try await stores.executions.execution(run.id, in: gym.scope)
                try requireEqual(stored.state, .queued)
                try requireEqual(stored.wakeAt, nil)
                try requireEqual(stored.requested, request)
            }
            let figures = try await stores.queue.statistics(in: gym.scope)
            try requireEqual([figures.ready, figures.scheduled], [5, 0])
        },
        StoreBehaviour("a pause that was taken back meanwhile does not come about") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let run = try await gym.begunTurn()
            try await gym.ask(.pause, of: run)
            try await gym.ask(nil, of: run)
            var paused = run
            paused.state = .paused
            try await gym.record(ExecutionRecord(execution: paused))
            try requireEqual(try await stores.executions.execution(run.id, in: gym.scope).state, .queued)
            try requireEqual(try await stores.queue.statistics(in: gym.scope).ready, 1)
        },
        StoreBehaviour("nothing is asked any more of an execution that has ended") { stores in
            let gym = try await TestOrganization.make(in: stores)
            for state in [ExecutionState.completed, .failed, .cancelled] {
                var run = try await gym.begunTurn()
                try await gym.ask(.cancel, of: run)
                run.state = state
                try requireEqual(try await gym.record(ExecutionRecord(execution: run)).requested, [:])
                try requireEqual(try await stores.executions.execution(run.id, in: gym.scope).requested, nil)
            }
        },
    ]
}

extension TestOrganization {
    /// Asks something of a running execution.
    public func ask(_ request: ControlRequest?, of execution: Execution) async throws {
        _ = try await stores.executions.change(execution.id, at: Self.start, in: scope) {
            var asked = $0.execution
            asked.requested = request
            return ExecutionChange(execution: asked)
        }
    }
}

extension ExecutionReceipt {
    /// A receipt whose answer tells the execution's state and how many signals it has had.
    fileprivate static func told(_ key: String) -> ExecutionReceipt {
        ExecutionReceipt(Receipt(key: key, fingerprint: [1], createdAt: TestOrganization.start)) { execution in
            .init(status: 200, body: Array("\(execution.state.rawValue) \(execution.signals)".utf8))
        }
    }
}

extension TestOrganization {
    /// Pauses an execution for a request with a key; one that is paused stays as it is.
    fileprivate func pause(_ id: ExecutionID, key: String) async throws -> Execution {
        try await stores.executions.change(id, at: Self.start, receipt: .told(key), in: scope) { journal in
            guard journal.execution.state != .paused else { return nil }
            var paused = journal.execution
            paused.state = .paused
            return ExecutionChange(execution: paused)
        }
    }
}
