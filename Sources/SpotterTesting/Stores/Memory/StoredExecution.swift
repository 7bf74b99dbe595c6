import Foundation
import SpotterDomain

extension OrganizationRecords {
    /// An execution with its journal and what the queue knows of it.
    struct StoredExecution: Sendable {
        var execution: Execution
        var steps: [StepID: Step] = [:]
        /// The process that holds it; set exactly while it runs.
        var worker: WorkerID?
        /// Its place in the queue; set exactly while it may be taken up.
        var placeAt: Date?
        /// Whether it has gone to the history.
        var isArchived = false
        /// Where in a trace it was asked for; nil for what another waits for.
        var traceParent: TraceParent?

        var journal: Journal {
            Journal(execution: execution, steps: steps.values.sorted { $0.index < $1.index })
        }
    }
}

extension OrganizationRecords.StoredExecution {
    /// Where one is in the queue that became ready at `ready`: before what came later, moved by its priority, and
    /// before all that was never begun.
    func place(readyAt ready: Date) -> Date {
        let minutes: Double =
            switch execution.priority {
            case .critical: 60
            case .high: 10
            case .medium: 0
            case .low: -10
            }
        return ready - minutes * 60 - (execution.attempt > 0 ? 1_000 * 86_400 : 0)
    }

    /// A new one: held by `worker` if it runs, in the queue if it is ready.
    init(new execution: Execution, worker: WorkerID?, at now: Date) {
        self.execution = execution
        traceParent = execution.parentId == nil ? TraceParent.current : nil
        if execution.state == .running { self.worker = worker }
        // A run of a task with a time of its own is judged when it is woken.
        if let wake = execution.wakeAt, wake <= now, execution.taskId == nil { self.execution.wakeAt = nil }
        if execution.state == .queued, self.execution.wakeAt == nil { placeAt = place(readyAt: now) }
    }

    /// Takes over what a record may change, and lets go of it unless it runs on.
    mutating func take(record new: Execution, at now: Date) {
        let isMissed = new.state == .waiting && execution.signals > new.signals
        // To be cancelled, or to go on: the pause was taken back.
        let isUnwanted = new.state == .paused && execution.requested != .pause
        let requested = execution.requested
        take(progress: new)
        execution.startedAt = execution.startedAt ?? new.startedAt
        if isMissed || isUnwanted { execution.state = .queued }
        if new.state != .running { worker = nil }
        let isWoken = new.state == .queued && (requested != nil || new.wakeAt == nil)
        placeAt = isMissed || isUnwanted || isWoken ? place(readyAt: now) : nil
        execution.wakeAt = execution.state == .waiting || execution.state == .queued ? new.wakeAt : nil
        if placeAt != nil { execution.wakeAt = nil }
        if new.state.isTerminal || (new.state == .paused && requested == .pause) { execution.requested = nil }
    }

    /// Takes over what somebody's decision may change, with one more signal.
    mutating func take(decision new: Execution, at now: Date) throws {
        guard new.state != .running || worker != nil else {
            throw SpotterError(.internal, "An execution runs only in the hands of a worker.")
        }
        take(progress: new)
        execution.crashes = new.crashes
        execution.requested = new.requested
        execution.signals += 1
        if new.state != .running { worker = nil }
        let isReady = new.state == .queued && (new.wakeAt ?? now) <= now
        placeAt = isReady ? placeAt ?? place(readyAt: now) : nil
        execution.wakeAt = new.state == .waiting || (new.state == .queued && !isReady) ? new.wakeAt : nil
    }

    private mutating func take(progress new: Execution) {
        execution.state = new.state
        execution.output = new.output
        execution.error = new.error
        execution.usage = new.usage
        execution.cost = new.cost
        execution.stepsTotal = new.stepsTotal
        execution.stepsCompleted = new.stepsCompleted
        execution.currentStep = new.currentStep
        execution.failures = new.failures
        execution.deadAt = new.deadAt
        execution.completedAt = new.completedAt
    }

    /// Something that it waits for has happened.
    mutating func signal(at now: Date) {
        guard !execution.state.isTerminal else { return }
        execution.signals += 1
        if execution.state == .waiting { makeReady(at: now) }
    }

    /// Puts it into the queue, as one that has been ready since `ready`.
    mutating func makeReady(at ready: Date) {
        execution.state = .queued
        execution.wakeAt = nil
        worker = nil
        placeAt = place(readyAt: ready)
    }

    /// Gives it to a worker, under a new attempt.
    mutating func hand(to worker: WorkerID, at now: Date) {
        self.worker = worker
        placeAt = nil
        execution.state = .running
        execution.attempt += 1
        execution.startedAt = execution.startedAt ?? now
    }

    /// Its conversation is deleted before its turn has come.
    mutating func dismiss(at now: Date) { if execution.isInLine { end(.cancelled, at: now) } }

    /// Its process is gone: back into the queue, or ended.
    mutating func leaveBehind(at clock: Date, recordedAt now: Date) {
        execution.crashes += 1
        execution.error = nil
        if execution.requested == .cancel {
            end(.cancelled, at: now)
        } else if execution.crashes >= Rescue.crashesAllowed {
            end(.failed, at: now)
            execution.deadAt = now
            execution.error = Rescue.givenUp
        } else {
            makeReady(at: clock)
        }
    }

    private mutating func end(_ state: ExecutionState, at now: Date) {
        worker = nil
        execution.state = state
        execution.completedAt = now
        execution.requested = nil
        execution.currentStep = nil
    }
}
