public import Foundation

/// Whether a run of a task may begin, as the tasks say that it depends on.
public enum WorkItemReadiness: Sendable, Hashable {
    /// The last runs of all of them have completed.
    case ready
    /// The last run of some has not ended, or there was none.
    case blocked
    /// The last run of this one has failed or was cancelled.
    case failed(WorkItemID)

    /// - Parameter dependencies: each with the state of its last run; nil if there was none.
    public init(_ dependencies: [(id: WorkItemID, state: ExecutionState?)]) {
        if let failed = dependencies.first(where: { $0.state == .failed || $0.state == .cancelled }) {
            self = .failed(failed.id)
        } else {
            self = dependencies.allSatisfy { $0.state == .completed } ? .ready : .blocked
        }
    }
}

extension Execution {
    /// What the current step of a run is that waits for the tasks that its task depends on.
    public static let dependenciesStep = "dependencies"

    /// What the current step of a run is that waits for those of the same task that came before it.
    public static let previousRunStep = "previous_run"

    /// Whether it waits for those of the same task that came before it.
    public var isNextRun: Bool { state == .waiting && currentStep == Self.previousRunStep }

    /// The same run, waiting for those that came before it; then it is judged by its dependencies.
    public var waitingForPreviousRun: Execution {
        var execution = self
        execution.state = .waiting
        execution.currentStep = Self.previousRunStep
        return execution
    }

    /// Whether it waits for the tasks that its task depends on.
    public var isBlocked: Bool { state == .waiting && currentStep == Self.dependenciesStep }

    /// A run of a task that has not begun, as it is while its dependencies are so: in the queue, waiting, or failed
    /// like them.
    public func judged(_ readiness: WorkItemReadiness, at now: Date) -> Execution {
        var execution = self
        execution.currentStep = nil
        execution.wakeAt = nil
        switch readiness {
        case .ready:
            execution.state = .queued
        case .blocked:
            execution.state = .waiting
            execution.currentStep = Self.dependenciesStep
        case .failed(let dependency):
            execution.state = .failed
            execution.completedAt = now
            execution.error = ExecutionError(
                code: "dependency_failed",
                message: "The last run of \(dependency), which this task depends on, failed or was cancelled.")
        }
        return execution
    }

    /// A run that is about to be added, as its dependencies have it; see ``judged(_:at:)``. One with a time of its own
    /// is judged when that has come: what matters is how its dependencies are then.
    public func judged(by readiness: WorkItemReadiness, at now: Date) -> Execution {
        readiness == .ready || wakeAt != nil ? self : judged(readiness, at: now)
    }

    /// Before which time a run of a task does not begin; nil if it has none of its own.
    public var runAt: Date? { input["run_at"]?.string.flatMap(Timestamp.date(from:)) }

    /// What the log says of a run that waits for what its task depends on.
    public static func blockedEvent(of id: ExecutionID, task: WorkItemID) -> EventDraft {
        EventDraft(
            .executionWaiting, execution: id,
            data: ["reason": .string(dependenciesStep), "task_id": .string(task.description)])
    }

    /// What the log says when a run of a task has been judged.
    public var judgementEvent: EventDraft {
        let task = JSONValue.string(taskId?.description ?? "")
        switch state {
        case .waiting:
            return EventDraft(
                .executionWaiting, execution: id,
                data: ["reason": .string(currentStep ?? Self.dependenciesStep), "task_id": task])
        case .failed:
            return EventDraft(
                .executionFailed, execution: id,
                data: ["code": .string(error?.code ?? ""), "message": .string(error?.message ?? ""), "task_id": task])
        default:
            return queuedEvent
        }
    }
}

/// What a change of an execution from outside means for tasks.
public struct TaskEffect: Sendable {
    /// What is to be written of the execution.
    public let execution: Execution
    /// The task of which a run is to be judged, because it is put into the queue without having begun.
    public let begun: [WorkItemID]
    /// The task of which a run ends, or of which the runs that wait for one before are to be looked at.
    public let ended: [WorkItemID]

    /// Whether tasks have nothing to do with it.
    public var isNone: Bool { begun.isEmpty && ended.isEmpty }

    /// A run that has not begun, and is resumed or tried again, still waits for its time or for the run before it, and
    /// then for what its task depends on: so it is written as waiting, and judged in the same transaction.
    public init(of new: Execution, on old: Execution, at now: Date) {
        let isBegun = old.attempt == 0 && old.state != .queued && new.state == .queued
        let isEnded = !old.state.isTerminal && new.state.isTerminal
        let task = [old.taskId].compactMap(\.self)
        if isBegun, let runAt = old.runAt, runAt > now {
            (begun, ended) = ([], [])
            var early = new
            early.wakeAt = runAt
            execution = early
        } else if isBegun, old.state == .paused, old.currentStep == Execution.previousRunStep {
            // As if the run before had just ended: if it has not, this one waits on.
            (begun, ended) = ([], task)
            execution = new.waitingForPreviousRun
        } else {
            ended = isEnded ? task : []
            begun = isBegun ? task : []
            execution = begun.isEmpty ? new : new.judged(.blocked, at: now)
        }
    }
}

/// Which task depends on which. It never has a circle: a run in one would wait for ever.
public enum WorkItemGraph {
    /// The first of `dependsOn` that leads back to `item`, and the way there, `item` at both ends; nil if none does.
    ///
    /// - Parameter edges: what each task that can be reached from `dependsOn` depends on.
    public static func circle(
        from item: WorkItemID, dependsOn: [WorkItemID], edges: [WorkItemID: [WorkItemID]]
    ) -> (index: Int, path: [WorkItemID])? {
        // Each task that was reached, and from where. What was reached before leads nowhere new.
        var cameFrom: [WorkItemID: WorkItemID] = [:]
        for (index, first) in dependsOn.enumerated() {
            var open = [(item, first)]
            while let (from, task) = open.popLast() {
                if task == item { return (index, way(from: item, to: from, cameFrom) + [item]) }
                guard cameFrom[task] == nil else { continue }
                cameFrom[task] = from
                open += (edges[task] ?? []).reversed().map { (task, $0) }
            }
        }
        return nil
    }

    private static func way(
        from start: WorkItemID, to end: WorkItemID, _ cameFrom: [WorkItemID: WorkItemID]
    ) -> [WorkItemID] {
        var way = [end]
        while let last = way.last, last != start, let previous = cameFrom[last] { way.append(previous) }
        return way.reversed()
    }

    /// Throws `invalid`, which names the field and the way round, if `dependsOn` closes a circle.
    public static func check(
        _ item: WorkItemID, dependsOn: [WorkItemID], edges: [WorkItemID: [WorkItemID]]
    ) throws {
        guard let (index, path) = circle(from: item, dependsOn: dependsOn, edges: edges) else { return }
        let way = path.map(\.description).joined(separator: " → ")
        throw SpotterError.invalid("/depends_on/\(index)", "leads back to the task itself: \(way)")
    }

    /// What is said of a dependency that does not exist.
    public static func unknown(at index: Int) -> SpotterError {
        .invalid("/depends_on/\(index)", "is not a task of this organisation")
    }
}
