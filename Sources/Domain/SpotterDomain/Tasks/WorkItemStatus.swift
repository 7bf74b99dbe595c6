public import Foundation

/// How a task is. Derived from its last run and its plan whenever somebody looks, and stored nowhere.
public enum WorkItemState: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// Never run, and nothing makes it run by itself.
    case pending
    /// Runs by itself at a time to come.
    case scheduled
    /// Its run waits for the tasks that it depends on.
    case blocked
    /// Its run is ready, or will be tried again.
    case queued
    case running
    /// Its run waits for an answer, a timer or another execution.
    case waiting
    /// Its run is held back by somebody.
    case paused
    /// Its last run did, and nothing makes it run again by itself. So for `failed` and `cancelled`.
    case completed
    case failed, cancelled
}

/// A task as it is now: what people set, and what came of it.
public struct WorkItemStatus: Sendable, Hashable {
    /// What people set.
    public var item: WorkItem
    /// The last run that was asked for; nil if none ever was.
    public var lastRun: Run?
    /// When the run that `run_at` asked for begins; nil if there is none, or it has begun.
    public var plannedAt: Date?
    /// How many runs were ever asked for.
    public var executionsCount: Int

    /// What a task's state depends on in a run of it.
    public struct Run: Sendable, Hashable {
        /// Which one.
        public var id: ExecutionID
        /// How far it is.
        public var state: ExecutionState
        /// What it is doing now.
        public var currentStep: String?
        /// How often work on it has begun.
        public var attempt: Int
        /// When it becomes ready by itself; nil if it does not, or is.
        public var wakeAt: Date?

        /// A run.
        public init(id: ExecutionID, state: ExecutionState, currentStep: String?, attempt: Int, wakeAt: Date?) {
            self.id = id
            self.state = state
            self.currentStep = currentStep
            self.attempt = attempt
            self.wakeAt = wakeAt
        }

        /// What matters of an execution.
        public init(_ execution: Execution) {
            self.init(
                id: execution.id, state: execution.state, currentStep: execution.currentStep,
                attempt: execution.attempt, wakeAt: execution.wakeAt)
        }
    }

    /// A task with its runs; none unless said otherwise.
    public init(item: WorkItem, lastRun: Run? = nil, plannedAt: Date? = nil, executionsCount: Int = 0) {
        self.item = item
        self.lastRun = lastRun
        self.plannedAt = plannedAt
        self.executionsCount = executionsCount
    }

    /// A task that has just been made, with the run that was asked for at once, if one was.
    public init(creating item: WorkItem, run: Execution?) {
        let isPlanned = item.settings.runAt != nil && run?.state == .queued
        self.init(
            item: item, lastRun: run.map(Run.init), plannedAt: isPlanned ? run?.wakeAt : nil,
            executionsCount: run == nil ? 0 : 1)
    }

    /// The first time to come at which it runs by itself; nil if there is none.
    public var nextRunAt: Date? {
        let wake = lastRun?.state == .queued ? lastRun?.wakeAt : nil
        let fire = item.settings.enabled ?? true ? item.nextFireAt : nil
        return [wake, plannedAt, fire].compactMap { $0 }.min()
    }

    /// How it is:
    /// - while its last run has not ended, as that run is; a run that waits for dependencies is `blocked`, and one that
    ///   has not begun because its time has not come is `scheduled`;
    /// - otherwise `scheduled` if it runs again by itself;
    /// - otherwise as its last run ended, or `pending` if there was none.
    public var state: WorkItemState {
        if let lastRun, !lastRun.state.isTerminal {
            switch lastRun.state {
            case .waiting where lastRun.currentStep == Execution.dependenciesStep: return .blocked
            case .queued where lastRun.attempt == 0 && lastRun.wakeAt != nil: return .scheduled
            default: return WorkItemState(lastRun.state)
            }
        }
        if nextRunAt != nil { return .scheduled }
        return lastRun.map { WorkItemState($0.state) } ?? .pending
    }

    /// Tells when it runs next by itself, where that is news; of the run that has made it, where one has.
    public func scheduledEvent(after before: Date?, madeBy maker: ExecutionID? = nil) -> EventDraft? {
        guard let nextRunAt, nextRunAt != before else { return nil }
        return EventDraft(
            .taskScheduled, execution: maker ?? (lastRun?.wakeAt == nil ? nil : lastRun?.id),
            data: ["task_id": .string(item.id.description), "next_run_at": .string(Timestamp.string(from: nextRunAt))])
    }
}

extension WorkItemState {
    fileprivate init(_ state: ExecutionState) {
        self =
            switch state {
            case .queued: .queued
            case .running: .running
            case .waiting: .waiting
            case .paused: .paused
            case .completed: .completed
            case .failed: .failed
            case .cancelled: .cancelled
            }
    }
}

extension WorkItem {
    /// Tells that people, or a run, have made, changed or deleted the task.
    ///
    /// - Parameter maker: the run that did; nil where none did. What an event starts counts on from its run, so that
    ///   triggers and tools that start each other come to an end.
    public func event(_ type: EventType, of maker: ExecutionID? = nil) -> EventDraft {
        EventDraft(
            type, execution: maker,
            data: ["task_id": .string(id.description), "version": .int(Int64(version))])
    }
}

/// How many tasks an organisation has, in all and in each state.
public struct WorkItemStatistics: Sendable, Codable, Hashable {
    /// In all.
    public var total = 0
    /// In state `pending`; the others likewise.
    public var pending = 0
    /// In state `scheduled`.
    public var scheduled = 0
    /// In state `blocked`.
    public var blocked = 0
    /// In state `queued`.
    public var queued = 0
    /// In state `running`.
    public var running = 0
    /// In state `waiting`.
    public var waiting = 0
    /// In state `paused`.
    public var paused = 0
    /// In state `completed`.
    public var completed = 0
    /// In state `failed`.
    public var failed = 0
    /// In state `cancelled`.
    public var cancelled = 0

    /// No tasks.
    public init() {}

    /// Counts `count` more tasks in `state`.
    public mutating func add(_ count: Int, in state: WorkItemState) {
        total += count
        self[keyPath: Self.member(for: state)] += count
    }

    private static func member(for state: WorkItemState) -> WritableKeyPath<WorkItemStatistics, Int> {
        switch state {
        case .pending: \.pending
        case .scheduled: \.scheduled
        case .blocked: \.blocked
        case .queued: \.queued
        case .running: \.running
        case .waiting: \.waiting
        case .paused: \.paused
        case .completed: \.completed
        case .failed: \.failed
        case .cancelled: \.cancelled
        }
    }
}
