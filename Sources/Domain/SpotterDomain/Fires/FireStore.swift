public import Foundation

/// Whether an organisation's schedules fire.
public enum SchedulerState: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// They do.
    case running
    /// They do not. What falls due meanwhile is decided on, as `catch_up` says, when they do again.
    case stopped
}

/// Tasks of one organisation that are due.
public struct DueTasks: Sendable, Hashable {
    /// Whose they are.
    public let organization: OrganizationID
    /// Which.
    public var tasks: [WorkItemID]

    /// Some tasks.
    public init(organization: OrganizationID, tasks: [WorkItemID]) {
        self.organization = organization
        self.tasks = tasks
    }
}

/// What a look at all organisations found.
public struct ScheduleLook: Sendable, Hashable {
    /// What is due, some of it if there is much.
    public let due: [DueTasks]
    /// How long it is until the next becomes due, in seconds, below 0 if one is; nil if there is none.
    public let next: TimeInterval?

    /// A look.
    public init(due: [DueTasks] = [], next: TimeInterval? = nil) {
        self.due = due
        self.next = next
    }
}

/// How much one look takes.
public struct LookBounds: Sendable, Hashable {
    /// Tasks in all.
    public let most: Int
    /// Tasks of one organisation.
    public let share: Int
    /// The look begins behind this organisation, and goes round; nil begins with the first.
    public let after: OrganizationID?

    /// Bounds.
    public init(most: Int = 4_000, share: Int = 500, after: OrganizationID? = nil) {
        self.most = most
        self.share = share
        self.after = after
    }
}

/// What one transaction of fires did.
public struct FireReport: Sendable {
    /// What was written, task by task; empty where nothing was due, or the organisation's schedules do not fire.
    public var plans: [FirePlan] = []
    /// Runs that ended because a newer one takes their place: what they began is still to be cancelled.
    public var ended: [ExecutionID] = []
    /// Runs in the hands of a process that were asked to end.
    public var asked: [ExecutionID] = []

    /// A report; empty unless something was done.
    public init(plans: [FirePlan] = [], ended: [ExecutionID] = [], asked: [ExecutionID] = []) {
        self.plans = plans
        self.ended = ended
        self.asked = asked
    }

    /// Slots that became runs.
    public var fired: Int { plans.reduce(0) { $0 + $1.runs.count } }
    /// Slots that did not.
    public var skipped: Int { plans.reduce(0) { $0 + $1.fires.count - $1.runs.count } }
}

/// A task whose schedule fires in time to come.
public struct ComingFire: Sendable, Hashable, Codable {
    /// Which task.
    public let task: WorkItemID
    /// Its title.
    public let title: String
    /// Its next slot.
    public let fireAt: Date
    /// When that is released: the slot and its jitter.
    public let releaseAt: Date

    /// The names by which the API shows them.
    private enum CodingKeys: String, CodingKey {
        case title, fireAt, releaseAt
        case task = "taskId"
    }

    /// A coming fire.
    public init(task: WorkItemID, title: String, fireAt: Date, releaseAt: Date) {
        self.task = task
        self.title = title
        self.fireAt = fireAt
        self.releaseAt = releaseAt
    }
}

/// How an organisation's schedules are.
public struct SchedulerStatus: Sendable, Hashable, Codable {
    /// Whether they fire.
    public var state: SchedulerState
    /// Tasks that fire by a schedule.
    public var scheduled: Int
    /// Those of them whose time has come and that were not decided on yet.
    public var due: Int
    /// The next of them, in order.
    public var coming: [ComingFire]
    /// When a process last looked for what is due; nil if none does.
    public var lastLookAt: Date?
    /// Which process that was.
    public var lookedBy: WorkerID?

    /// A status.
    public init(
        state: SchedulerState, scheduled: Int = 0, due: Int = 0, coming: [ComingFire] = [], lastLookAt: Date? = nil,
        lookedBy: WorkerID? = nil
    ) {
        self.state = state
        self.scheduled = scheduled
        self.due = due
        self.coming = coming
        self.lastLookAt = lastLookAt
        self.lookedBy = lookedBy
    }
}

/// Where schedules fire.
///
/// Any number of processes look; a slot is decided on once, because the transaction that decides locks the task, writes
/// the slot down under a key that is there once, adds the run and moves the task on to its next slot: all or nothing.
public protocol FireStore: Sendable {
    /// What is due in all organisations whose schedules fire, a share of each in turn, and how long it is to the next.
    /// Only ids cross organisations here. Notes that `worker` has looked.
    func look(_ bounds: LookBounds, by worker: WorkerID?) async throws -> ScheduleLook
    /// Tasks of one organisation that are due, at most `limit`, whether or not its schedules fire.
    func due(limit: Int, in scope: OrganizationScope) async throws -> [WorkItemID]
    /// Fires those of `tasks` that are due still and that nobody else is at; the others are left out. What `plan` makes
    /// of each is written in one transaction. Nothing is done while the organisation's schedules do not fire.
    func fire(
        _ tasks: [WorkItemID], in scope: OrganizationScope,
        plan: @escaping @Sendable (_ task: DueTask, _ agents: [Agent], _ now: Date) throws -> FirePlan
    ) async throws -> FireReport
    /// What became of the task's slots, newest first. Throws `notFound` for an unknown task.
    func fires(of task: WorkItemID, _ page: PageRequest, in scope: OrganizationScope) async throws -> Page<ScheduleFire>
    /// Forgets what became of slots that were decided on before `date` and are behind the next of their task, at most
    /// `limit`. None younger than a month goes. Returns how many went.
    func forget(before date: Date, limit: Int, in scope: OrganizationScope) async throws -> Int
    /// How the organisation's schedules are, with at most `coming` fires to come.
    func status(coming: Int, in scope: OrganizationScope) async throws -> SchedulerStatus
    /// Lets the organisation's schedules fire, or not. When it has returned, no fire is under way that does not heed it.
    func setState(_ state: SchedulerState, at now: Date, in scope: OrganizationScope) async throws
}

extension SchedulerState {
    /// What it is for an organisation that was never told.
    public static func `default`(_ startsByDefault: Bool) -> SchedulerState { startsByDefault ? .running : .stopped }
}

extension Cursor {
    /// The place behind a fire, in a list that begins with the newest.
    public init(afterFire date: Date) { self.init(version: Int((date.timeIntervalSince1970 * 1_000).rounded())) }
}

extension PageRequest {
    /// Before which slot the page goes on; nil for the first page.
    ///
    /// - Throws: `invalid` for a cursor of another list.
    public var beforeFire: Date? {
        get throws {
            guard let after else { return nil }
            guard let milliseconds = after.version else { throw Cursor.refusal }
            return Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        }
    }
}
