public import Foundation

/// A task that is due, as its transaction sees it.
public struct DueTask: Sendable, Hashable {
    /// The task; its `nextFireAt` is the first slot to be decided on.
    public var item: WorkItem
    /// Its runs that have not ended.
    public var openRuns: [OpenRun]
    /// Slots from `nextFireAt` on that were decided on before.
    public var decided: Set<Date>

    /// A run that has not ended.
    public struct OpenRun: Sendable, Hashable {
        /// Which one.
        public let id: ExecutionID
        /// How far it is.
        public let state: ExecutionState
        /// Whether it waits for the run before.
        public let isNext: Bool

        /// A run.
        public init(id: ExecutionID, state: ExecutionState, isNext: Bool) {
            self.id = id
            self.state = state
            self.isNext = isNext
        }
    }

    /// A task that is due.
    public init(item: WorkItem, openRuns: [OpenRun] = [], decided: Set<Date> = []) {
        self.item = item
        self.openRuns = openRuns
        self.decided = decided
    }

    /// Whether a run of it may have to wait for something: it must then be added under the lock of dependencies.
    public var mayWait: Bool {
        let overlap = item.settings.schedule?.overlap
        return isDependent || overlap == .queue || overlap == .cancelRunning
    }

    /// Whether it depends on other tasks.
    public var isDependent: Bool { !(item.settings.dependsOn ?? []).isEmpty }
}

/// What is to be written for one task that was due: all of it or none.
public struct FirePlan: Sendable, Hashable {
    /// The task as it goes on: with its next slot.
    public var item: WorkItem
    /// What became of each slot, in order.
    public var fires: [ScheduleFire] = []
    /// The new runs, in the order of their slots, as they are added. Those of a task that depends on others wait; the
    /// store judges them when all that is written with them is there.
    public var runs: [Execution] = []
    /// The runs that are to be cancelled first.
    public var cancelled: [ExecutionID] = []

    init(_ item: WorkItem) { self.item = item }

    /// The task whose runs are to be judged by what it depends on.
    public var dependents: [WorkItemID] {
        runs.contains { $0.isBlocked } ? [item.id] : []
    }

    /// What the log says of it: one event for each slot, and one for each run.
    public var events: [EventDraft] {
        let next: JSONValue = item.nextFireAt.map { .string(Timestamp.string(from: $0)) } ?? .null
        let slots = fires.map { fire in
            var data = JSONObject()
            data["task_id"] = .string(item.id.description)
            data["fire_at"] = .string(Timestamp.string(from: fire.fireAt))
            data["outcome"] = .string(fire.outcome.rawValue)
            if let reason = fire.reason { data["reason"] = .string(reason.rawValue) }
            if let through = fire.throughAt { data["through_at"] = .string(Timestamp.string(from: through)) }
            data["next_run_at"] = next
            return EventDraft(.taskScheduled, execution: fire.executionId, data: .object(data))
        }
        return slots + runs.map(\.judgementEvent)
    }
}
