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

    /// How a process works.
    public struct Options: Sendable {
        /// How long the process is thought alive after a sign of life.
        public var lease: Duration
        /// How long runs may go on after a stop was asked for, before they are handed back.
        public var drain: Duration
        /// How many runs may be under way.
        public var runs: Int

        /// Options with their defaults.
        public init(lease: Duration = .seconds(24), drain: Duration = .seconds(15), runs: Int = 10_000) {
            self.lease = lease
            self.drain = drain
            self.runs = runs
        }
    }

    /// - Parameters:
    ///   - programs: for what is taken from the queue.
    ///   - executor: where the next run's task prefers to run.
    public init(
        store: any ExecutionStore, queue: any WorkQueue, heartbeat: any Heartbeat, signals: Signals, bus: EventBus,
        models: ModelCaller, tools: ToolCaller, programs: ProgramCatalog, options: Options = Options(),
        executor: @escaping @Sendable () -> (any TaskExecutor)? = { nil }, clock: any WallClock,
        ids: any IDGenerator, log: Log
    ) {
        let announce: @Sendable () -> Void = { signals.send(.work) }
        let pool = WorkerPool(limit: options.runs, drain: options.drain, executor: executor, log: log)
        let heart = Heart(heartbeat, lease: options.lease, ids: ids, clock: clock, log: log)
        heart.onLoss { pool.abandonAll() }
        environment = ExecutionRun.Environment(
            store: store, recorder: RecordWriter(store: store, bus: bus, clock: clock, onWork: announce),
            models: models, tools: tools, clock: clock, ids: ids, log: log)
        control = ExecutionControl(store: store, clock: clock) { execution, scope in
            bus.wake(scope.organization)
            if let request = execution.requested {
                pool.pass(request, to: execution.id)
                signals.send(.control(execution.id))
            }
            // What has ended may have been waited for.
            let mayBeAwaited = execution.parentId != nil || (execution.taskId != nil && execution.state.isTerminal)
            if execution.state == .queued || mayBeAwaited { announce() }
        }
        dispatcher = Dispatcher(
            queue: queue, store: store, programs: programs, pool: pool, heart: heart, environment: environment,
            signals: signals, log: log)
        caretaker = Caretaker(
            queue: queue, store: store, pool: pool, heart: heart, signals: signals, bus: bus, clock: clock, log: log)
        self.announce = announce
        self.pool = pool
        self.heart = heart
    }
}
