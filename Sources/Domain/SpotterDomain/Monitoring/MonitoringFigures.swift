public import Foundation

/// A stretch of time that is cut into equal parts.
public struct MetricRange: Sendable, Hashable {
    /// Its beginning, and that of the first part.
    public let from: Date
    /// Its end, which does not belong to it.
    public let to: Date
    /// How long a part is, in seconds.
    public let bucketSeconds: Int

    /// A stretch; its length need not be a multiple of its parts'.
    public init(from: Date, to: Date, bucketSeconds: Int) {
        self.from = from
        self.to = to
        self.bucketSeconds = bucketSeconds
    }

    /// How many parts there are.
    public var buckets: Int { max(1, Int((to.timeIntervalSince(from) / Double(bucketSeconds)).rounded(.up))) }

    /// Which part a moment is in; nil outside.
    public func bucket(of moment: Date) -> Int? {
        guard moment >= from, moment < to else { return nil }
        return Int(moment.timeIntervalSince(from) / Double(bucketSeconds))
    }

    /// When a part begins.
    public func start(of bucket: Int) -> Date { from + Double(bucket * bucketSeconds) }

    /// In minutes.
    public var minutes: Double { to.timeIntervalSince(from) / 60 }
}

/// How many there were, and what they came to.
public struct SampleFigures: Sendable, Hashable {
    /// How many.
    public var count: Int
    /// All together.
    public var sum: Double
    /// The least; nil where there were none.
    public var minimum: Double?
    /// The most; nil where there were none.
    public var maximum: Double?

    /// Figures; by default of nothing.
    public init(count: Int = 0, sum: Double = 0, minimum: Double? = nil, maximum: Double? = nil) {
        self.count = count
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Adds one.
    public mutating func add(_ value: Double) {
        self = self + SampleFigures(count: 1, sum: value, minimum: value, maximum: value)
    }

    /// The average; nil where there were none.
    public var average: Double? { count > 0 ? sum / Double(count) : nil }

    /// Both together.
    public static func + (left: SampleFigures, right: SampleFigures) -> SampleFigures {
        SampleFigures(
            count: left.count + right.count, sum: left.sum + right.sum,
            minimum: [left.minimum, right.minimum].compactMap(\.self).min(),
            maximum: [left.maximum, right.maximum].compactMap(\.self).max())
    }
}

/// Runs that have ended.
public struct RunFigures: Sendable, Hashable {
    /// Those that completed.
    public var completed: Int
    /// Those that failed.
    public var failed: Int
    /// Those that were cancelled.
    public var cancelled: Int
    /// How long they took, in milliseconds.
    public var durations: SampleFigures

    /// Figures; by default of nothing.
    public init(
        completed: Int = 0, failed: Int = 0, cancelled: Int = 0, durations: SampleFigures = SampleFigures()
    ) {
        self.completed = completed
        self.failed = failed
        self.cancelled = cancelled
        self.durations = durations
    }

    /// All of them.
    public var total: Int { completed + failed + cancelled }
    /// Of those that were not cancelled, the share that failed, in percent; nil where there were none.
    public var errorRate: Double? {
        completed + failed > 0 ? Double(failed) * 100 / Double(completed + failed) : nil
    }
    /// Of those that were not cancelled, the share that completed, in percent; nil where there were none.
    public var successRate: Double? { errorRate.map { 100 - $0 } }

    /// Both together.
    public static func + (left: RunFigures, right: RunFigures) -> RunFigures {
        RunFigures(
            completed: left.completed + right.completed, failed: left.failed + right.failed,
            cancelled: left.cancelled + right.cancelled, durations: left.durations + right.durations)
    }
}

/// What was done in one part of a stretch of time.
public struct RunBucket: Sendable, Hashable {
    /// Which part.
    public let bucket: Int
    /// Runs of agents: messages, tasks, runs on their own, calls, tools by hand.
    public var agents: RunFigures
    /// Runs of plans and workflows.
    public var flows: RunFigures

    /// What was done.
    public init(bucket: Int, agents: RunFigures = RunFigures(), flows: RunFigures = RunFigures()) {
        self.bucket = bucket
        self.agents = agents
        self.flows = flows
    }
}

/// What one agent has done in a stretch of time.
public struct AgentRunFigures: Sendable, Hashable {
    /// Which agent.
    public let agent: AgentID
    /// Its name.
    public let name: String
    /// Whether it may be given work.
    public let isEnabled: Bool
    /// How many calls it takes at one time; nil for any number.
    public let maxConcurrent: Int?
    /// Its runs that ended.
    public let runs: RunFigures
    /// Its runs under way, now.
    public let running: Int

    /// What it has done.
    public init(
        agent: AgentID, name: String, isEnabled: Bool, maxConcurrent: Int?, runs: RunFigures, running: Int
    ) {
        self.agent = agent
        self.name = name
        self.isEnabled = isEnabled
        self.maxConcurrent = maxConcurrent
        self.runs = runs
        self.running = running
    }

    /// The share of `seconds` in which it was at work, in percent, at most 100.
    public func utilization(over seconds: Double) -> Double {
        guard seconds > 0 else { return 0 }
        return min(100, runs.durations.sum / 1_000 * 100 / (seconds * Double(max(1, maxConcurrent ?? 1))))
    }
}

/// What calls of models came to in a stretch of time.
public struct CallFigures: Sendable, Hashable {
    /// How many.
    public var calls: Int
    /// How many of them failed.
    public var failed: Int
    /// Tokens of the questions.
    public var inputTokens: Int
    /// Tokens of the answers.
    public var outputTokens: Int
    /// What is billed for them.
    public var billed: Money

    /// Figures; by default of nothing.
    public init(
        calls: Int = 0, failed: Int = 0, inputTokens: Int = 0, outputTokens: Int = 0, billed: Money = Cost.zero.billed
    ) {
        self.calls = calls
        self.failed = failed
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.billed = billed
    }

    /// The share that failed, in percent; nil where there were none.
    public var errorRate: Double? { calls > 0 ? Double(failed) * 100 / Double(calls) : nil }
}

/// How an organisation's work stands now.
public struct WorkGauges: Sendable, Hashable {
    /// Runs that are ready and wait for a worker.
    public var queued: Int
    /// For how long the oldest of these has waited; nil where there is none.
    public var oldestReadySeconds: Double?
    /// Runs of agents under way.
    public var running: Int
    /// Runs that wait for a time, a person or another run.
    public var waiting: Int
    /// Plans and workflows under way or waiting.
    public var flows: Int
    /// Runs that were given up.
    public var dead: Int
    /// Approvals that nobody has decided on.
    public var approvals: Int
    /// For how long the oldest of these has waited; nil where there is none.
    public var oldestApprovalSeconds: Double?
    /// Processes that work on the queue, of the whole deployment.
    public var workers: Int
    /// Messages of the last day that could not be sent.
    public var outboxFailed: Int

    /// Gauges; by default of an organisation without work.
    public init(
        queued: Int = 0, oldestReadySeconds: Double? = nil, running: Int = 0, waiting: Int = 0, flows: Int = 0,
        dead: Int = 0, approvals: Int = 0, oldestApprovalSeconds: Double? = nil, workers: Int = 0,
        outboxFailed: Int = 0
    ) {
        self.queued = queued
        self.oldestReadySeconds = oldestReadySeconds
        self.running = running
        self.waiting = waiting
        self.flows = flows
        self.dead = dead
        self.approvals = approvals
        self.oldestApprovalSeconds = oldestApprovalSeconds
        self.workers = workers
        self.outboxFailed = outboxFailed
    }
}

/// What was measured of an organisation over a stretch of time.
public struct MonitoringReport: Sendable {
    /// Those parts in which something ended, in order.
    public var buckets: [RunBucket]
    /// How long 95 of 100 runs of agents took at most, in milliseconds; nil where there were none.
    public var p95: Double?
    /// Calls of models.
    public var calls: CallFigures
    /// How it stands now.
    public var gauges: WorkGauges

    /// A report.
    public init(buckets: [RunBucket], p95: Double?, calls: CallFigures, gauges: WorkGauges) {
        self.buckets = buckets
        self.p95 = p95
        self.calls = calls
        self.gauges = gauges
    }

    /// Runs of agents of the whole stretch.
    public var agents: RunFigures { buckets.reduce(RunFigures()) { $0 + $1.agents } }
    /// Plans and workflows of the whole stretch.
    public var flows: RunFigures { buckets.reduce(RunFigures()) { $0 + $1.flows } }
}

/// Where an organisation's figures come from: its own rows.
public protocol MonitoringStore: Sendable {
    /// What was done in a stretch of time, and how it stands now.
    func report(over range: MetricRange, in scope: OrganizationScope) async throws -> MonitoringReport
    /// Each agent that was not deleted, by name.
    func agents(over range: MetricRange, in scope: OrganizationScope) async throws -> [AgentRunFigures]

    /// Keeps a value. Where the organisation has as many series as it may, it goes to the metric's `other` one.
    ///
    /// - Returns: the labels under which it was kept.
    /// - Throws: `invalid` where the metric is of another kind.
    func record(_ sample: CustomSample, at now: Date, in scope: OrganizationScope) async throws -> [String: String]
    /// Series with values in a stretch of time, by name and labels; of one metric where one is named.
    func series(
        named name: String?, over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [CustomSeries]
    /// What the values of a metric's series with these labels came to, minute by minute, where there were any.
    func minutes(
        of name: String, labels: [String: String], over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [SampleFigures]
    /// The single values that are kept of a metric: the last 100 of each minute and series, the newest
    /// ``CustomMetric/mostValues`` of all. None of minutes that an older version has written.
    func values(
        of name: String, labels: [String: String], over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [Double]
    /// How the work of all organisations together stands.
    func deployment() async throws -> DeploymentFigures
    /// Where in a trace each execution was asked for: that of the first of those that began it. Executions that are not
    /// there are left out.
    func origins(of executions: [ExecutionID], in scope: OrganizationScope) async throws -> [ExecutionID: TraceOrigin]

    /// Forgets measurements from before `date`, and series without any. Returns how many measurements there were.
    func forgetMeasurements(before date: Date, in scope: OrganizationScope) async throws -> Int
}

/// How the work of all organisations together stands: counts alone.
public struct DeploymentFigures: Sendable, Hashable {
    /// Runs that are ready and wait for a worker.
    public var ready: Int
    /// Runs under way.
    public var running: Int
    /// Runs that wait for a time, a person or another run.
    public var waiting: Int
    /// For how long the oldest ready one has waited; nil where there is none.
    public var oldestReadySeconds: Double?
    /// Processes that work on the queue.
    public var workers: Int
    /// Messages that should have gone out five minutes ago.
    public var outboxOverdue: Int

    /// Figures; by default of nothing.
    public init(
        ready: Int = 0, running: Int = 0, waiting: Int = 0, oldestReadySeconds: Double? = nil, workers: Int = 0,
        outboxOverdue: Int = 0
    ) {
        self.outboxOverdue = outboxOverdue
        self.ready = ready
        self.running = running
        self.waiting = waiting
        self.oldestReadySeconds = oldestReadySeconds
        self.workers = workers
    }
}

/// Where a run comes from.
public struct TraceOrigin: Sendable, Hashable {
    /// The first of those that began it; itself if nobody waits for it.
    public let root: ExecutionID
    /// Where in a trace that was asked for; nil where nobody said.
    public let parent: TraceParent?

    /// An origin.
    public init(root: ExecutionID, parent: TraceParent?) {
        self.root = root
        self.parent = parent
    }

    /// The trace that it belongs to.
    public var trace: TraceID { parent?.trace ?? TraceID(root) }
}
