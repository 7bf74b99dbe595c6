public import Foundation

/// Marks the ids of workers.
public enum WorkerKind: IdentifierKind {
    /// Ids begin with `worker_`.
    public static let prefix = "worker"
}

/// The id of a process that works on executions, for as long as it is not thought dead.
public typealias WorkerID = Identifier<WorkerKind>

/// One execution taken up by a worker.
public struct Claim: Sendable, Hashable {
    /// Whose it is.
    public let organization: OrganizationID
    /// Which one.
    public let execution: ExecutionID
    /// Its new attempt, the fencing token.
    public let attempt: Int

    /// A claim as the queue hands it out.
    public init(organization: OrganizationID, execution: ExecutionID, attempt: Int) {
        self.organization = organization
        self.execution = execution
        self.attempt = attempt
    }
}

/// What became of the executions of a process that is gone.
public struct Rescue: Sendable, Hashable {
    /// Back in the queue.
    public var requeued: [ExecutionID] = []
    /// Given up: no process survived them.
    public var dead: [ExecutionID] = []
    /// Ended, because somebody had asked to cancel them.
    public var cancelled: [ExecutionID] = []

    /// A rescue; empty unless something was found.
    public init(requeued: [ExecutionID] = [], dead: [ExecutionID] = [], cancelled: [ExecutionID] = []) {
        self.requeued = requeued
        self.dead = dead
        self.cancelled = cancelled
    }

    /// How often an execution may be left behind by its process before it is given up.
    public static let crashesAllowed = 3

    /// What is written of one that was given up.
    public static let givenUp = ExecutionError(
        code: "process_lost",
        message: "The process that ran this went away \(crashesAllowed) times before it ended; it was given up.")

    /// What the log says of it.
    public var events: [EventDraft] {
        let error: JSONValue = ["code": .string(Self.givenUp.code), "message": .string(Self.givenUp.message)]
        return requeued.map { EventDraft(.executionQueued, execution: $0, data: ["reason": "process_lost"]) }
            + dead.map { EventDraft(.executionFailed, execution: $0, data: error) }
            + cancelled.map { EventDraft(.executionCancelled, execution: $0) }
    }
}

/// The queue as one organisation sees it.
public struct QueueStatistics: Sendable, Codable, Hashable {
    /// Ready to be taken up.
    public var ready: Int
    /// Not before a time: planned, or waiting for another try.
    public var scheduled: Int
    /// Under way.
    public var running: Int
    /// Waiting for an answer, a timer or another execution.
    public var waiting: Int
    /// Held back by somebody.
    public var paused: Int
    /// Given up and not put back, as far as they have not gone to the history.
    public var dead: Int
    /// How long the first of the ready ones has been ready, in milliseconds; 0 if there is none.
    public var oldestReadyMs: Int
    /// Whether the whole queue is held back.
    public var isPaused: Bool
    /// Runs that may be under way at one time.
    public var maxRunning: Int
    /// Runs that may begin in a minute; nil for no limit.
    public var startsPerMinute: Int?

    /// The names by which the API shows them.
    private enum CodingKeys: String, CodingKey {
        case ready, scheduled, running, waiting, dead, oldestReadyMs, maxRunning, startsPerMinute
        case isPaused = "paused"
        case paused = "held"
    }

    /// Figures of one moment.
    public init(
        ready: Int = 0, scheduled: Int = 0, running: Int = 0, waiting: Int = 0, paused: Int = 0, dead: Int = 0,
        oldestReadyMs: Int = 0, isPaused: Bool = false, maxRunning: Int = 100, startsPerMinute: Int? = 100
    ) {
        self.ready = ready
        self.scheduled = scheduled
        self.running = running
        self.waiting = waiting
        self.paused = paused
        self.dead = dead
        self.oldestReadyMs = oldestReadyMs
        self.isPaused = isPaused
        self.maxRunning = maxRunning
        self.startsPerMinute = startsPerMinute
    }
}

/// What came of a look for executions whose time has come.
public struct Woken: Sendable, Hashable {
    /// How many were made ready.
    public var ready: Int
    /// The organisations with runs whose time has come and whose tasks depend on others.
    public var toJudge: [OrganizationID]

    /// What came of a look.
    public init(ready: Int = 0, toJudge: [OrganizationID] = []) {
        self.ready = ready
        self.toJudge = toJudge
    }
}

/// The queue of all organisations, as the processes see it that work on it.
///
/// Only ids cross organisations here; what an execution holds is read in its organisation's scope.
public protocol WorkQueue: Sendable {
    /// Enters a worker, alive for `lease`.
    func register(_ worker: WorkerID, lease: Duration) async throws
    /// Prolongs the worker's life. False when it is thought dead already: it must then let go of everything.
    func beat(_ worker: WorkerID, lease: Duration) async throws -> Bool
    /// Removes a worker that holds nothing any more.
    func leave(_ worker: WorkerID) async throws
    /// Forgets workers that were thought dead a day ago and hold nothing any more. Returns how many.
    func forgetWorkers() async throws -> Int
    /// Takes up to `wanted` executions that are ready: each organisation in turn, from the one behind `after` on,
    /// within its cap and its allowance, none while its queue is paused. Begins nothing for a worker thought dead.
    func claim(_ wanted: Int, for worker: WorkerID, after: OrganizationID?) async throws -> [Claim]
    /// Makes those ready whose time has come, but for runs of tasks that depend on others: those are to be judged.
    func wakeDue() async throws -> Woken
    /// Judges the runs whose time has come by what their tasks depend on, with the events; at most `limit` at once.
    /// Returns how many there were.
    func judgeDue(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int
    /// The organisations that have executions left behind by a process thought dead.
    func organizationsToRescue() async throws -> [OrganizationID]
    /// Puts what such processes held back into the queue, or gives it up after `Rescue.crashesAllowed` times, with
    /// its events. At most `limit` at once.
    func rescue(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Rescue
    /// Open executions whose parents have ended, and which nobody has asked to end: at most `limit` of all organisations'
    /// that come behind `after`.
    func orphans(limit: Int, after: Claim.Name?) async throws -> [Claim.Name]
    /// Those held by `worker` of which somebody asked something.
    func requested(of worker: WorkerID) async throws -> [Claim.Name]
    /// The organisation's own figures.
    func statistics(in scope: OrganizationScope) async throws -> QueueStatistics
    /// Holds the organisation's queue back, or lets it go on. What runs already is not touched.
    func setPaused(_ isPaused: Bool, at now: Date, in scope: OrganizationScope) async throws
    /// How much the organisation may have going; nil is no limit of starts.
    func setLimits(maxRunning: Int, startsPerMinute: Int?, in scope: OrganizationScope) async throws
}

extension Claim {
    /// Which execution of which organisation.
    public struct Name: Sendable, Hashable {
        /// Whose it is.
        public let organization: OrganizationID
        /// Which one.
        public let execution: ExecutionID

        /// A name.
        public init(organization: OrganizationID, execution: ExecutionID) {
            self.organization = organization
            self.execution = execution
        }
    }
}
