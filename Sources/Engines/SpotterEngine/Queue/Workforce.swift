import Foundation
public import ServiceKit
public import SpotterDomain

/// Everything of one process that works on executions, put together.
public struct Workforce: Sendable {
    /// Keeps the process alive in the eyes of the others.
    public let heart: Heart
    /// What runs.
    public let pool: WorkerPool
    /// What runs work with.
    public let environment: ExecutionRun.Environment
    /// What people do to executions.
    public let control: ExecutionControl
    /// Takes executions from the queue.
    public let dispatcher: Dispatcher
    /// Wakes, passes on and rescues.
    public let caretaker: Caretaker
    /// Tells the processes that there is work.
    public let announce: @Sendable () -> Void
    private let passOn: @Sendable (ExecutionID) -> Void
    private let wake: @Sendable (OrganizationScope) -> Void

    /// How a process works.
    public struct Options: Sendable {
        /// How long the process is thought alive after a sign of life.
        public var lease: Duration
        /// How long runs may go on after a stop was asked for, before they are handed back.
        public var drain: Duration
        /// How many runs may be under way.
        public var runs: Int
        /// The most steps of one execution, whatever its program does: what goes round for ever stops here.
        public var steps: Int

        /// Options with their defaults.
        public init(
            lease: Duration = .seconds(24), drain: Duration = .seconds(15), runs: Int = 10_000, steps: Int = 2_000
        ) {
            self.lease = lease
            self.drain = drain
            self.runs = runs
            self.steps = steps
        }
    }

    /// Chance and waiting, which tests decide themselves.
    public struct Timing: Sendable {
        /// Draws from 0 up to 1.
        public var random: @Sendable () -> Double
        /// Waits.
        public var sleep: @Sendable (Duration) async throws -> Void
        /// The time that only goes on.
        public var monotonic: @Sendable () -> ContinuousClock.Instant

        /// Real chance and real time, unless others are given.
        public init(
            random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
            sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
            monotonic: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
        ) {
            self.random = random
            self.sleep = sleep
            self.monotonic = monotonic
        }
    }

    /// - Parameters:
    ///   - programs: for what is taken from the queue.
    ///   - timing: chance and waiting.
    ///   - executor: where the next run's task prefers to run.
    ///   - onEnd: lets go of what was kept for a run that has ended in this process.
    ///   - onApproval: told when those who may decide are to be told again, or others are asked, too.
    public init(
        store: any ExecutionStore, queue: any WorkQueue, heartbeat: any Heartbeat, signals: Signals, bus: EventBus,
        models: ModelCaller, tools: ToolCaller, programs: ProgramCatalog, options: Options = Options(),
        timing: Timing = Timing(), executor: @escaping @Sendable () -> (any TaskExecutor)? = { nil },
        clock: any WallClock, ids: any IDGenerator, log: Log,
        onEnd: @escaping @Sendable (ExecutionID, OrganizationScope) async -> Void = { _, _ in },
        onApproval: @escaping @Sendable (Approval, EventType, OrganizationScope) async -> Void = { _, _, _ in }
    ) {
        let announce: @Sendable () -> Void = { signals.send(.work) }
        let pool = WorkerPool(
            limit: options.runs, drain: options.drain, sleep: timing.sleep, executor: executor, log: log,
            onEnd: onEnd)
        let heart = Heart(
            heartbeat, lease: options.lease, ids: ids, clock: clock, monotonic: timing.monotonic, log: log)
        heart.onLoss { pool.abandonAll() }
        control = ExecutionControl(store: store, clock: clock, onApproval: onApproval) { execution, scope in
            bus.wake(scope.organization)
            if execution.state == .running { pool.pass(execution.requested, to: execution.id) }
            if execution.requested != nil { signals.send(.control(execution.id)) }
            // What has ended may have been waited for.
            let isAwaited = execution.taskId != nil || execution.takesTurns
            let mayBeAwaited = execution.parentId != nil || (isAwaited && execution.state.isTerminal)
            if execution.state == .queued || mayBeAwaited { announce() }
        }
        environment = ExecutionRun.Environment(
            store: store,
            recorder: RecordWriter(store: store, bus: bus, clock: clock, executor: executor, onWork: announce),
            control: control, models: models, tools: tools, clock: clock, ids: ids, random: timing.random,
            sleep: timing.sleep, mostSteps: options.steps, log: log)
        dispatcher = Dispatcher(
            queue: queue, store: store, programs: programs, pool: pool, heart: heart, environment: environment,
            signals: signals, monotonic: timing.monotonic, log: log)
        caretaker = Caretaker(
            queue: queue, store: store, pool: pool, heart: heart, control: control, signals: signals, bus: bus,
            clock: clock, log: log)
        passOn = { execution in
            pool.pass(.cancel, to: execution)
            signals.send(.control(execution))
        }
        wake = { bus.wake($0.organization) }
        self.announce = announce
        self.pool = pool
        self.heart = heart
    }

    /// Has `action` told of what runs of this process have written, after they have. It must not wait.
    public func observe(_ action: @escaping @Sendable ([ExecutionRecord], OrganizationScope) -> Void) {
        environment.recorder.observe(action)
    }

    /// Wakes whom fires concern: readers of the log, those who take work, those who run what is to end.
    public func heed(_ report: FireReport, in scope: OrganizationScope) {
        wake(scope)
        for execution in report.asked { passOn(execution) }
        if report.fired > 0 || !report.ended.isEmpty { announce() }
    }
}
