public import ServiceKit
public import SpotterDomain
import Synchronization

/// Runs executions beside the requests or claims that started them: a run goes on when its caller leaves, and ends,
/// or is handed back, before the process does.
public final class WorkerPool: Service {
    /// The name in logs.
    public let serviceName = "workers"
    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation
    private let state = Mutex(State())
    private let executor: @Sendable () -> (any TaskExecutor)?
    private let drain: Duration
    private let log: Log
    private let limit: Int

    private struct State {
        var reserved = 0
        var runs: [ExecutionID: RunHandle] = [:]
        var isStopping = false
    }

    private struct Job: Sendable {
        let assignment: Assignment
        let environment: ExecutionRun.Environment
        let handle: RunHandle
        var id: ExecutionID { assignment.journal.execution.id }
    }

    /// - Parameters:
    ///   - limit: how many runs may be under way; more are refused with `unavailable`.
    ///   - drain: how long runs may go on after `shutDown()` before they are handed back.
    ///   - executor: where the next run's task prefers to run.
    public init(
        limit: Int = 10_000, drain: Duration = .seconds(15),
        executor: @escaping @Sendable () -> (any TaskExecutor)? = { nil }, log: Log
    ) {
        self.limit = limit
        self.drain = drain
        self.executor = executor
        self.log = log
        (jobs, queue) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .unbounded)
    }

    /// Runs under way.
    public var running: Int { state.withLock(\.reserved) }

    /// How many more there may be; 0 when the pool is stopping.
    public var free: Int { state.withLock { $0.isStopping ? 0 : max(0, limit - $0.reserved) } }

    /// Throws `unavailable` when the pool is full or stopping. Asked before an execution is begun.
    public func reserve(_ places: Int = 1) throws {
        try state.withLock { state in
            guard !state.isStopping else {
                throw SpotterError(.unavailable, "This server is shutting down. Try again.", retryAfter: 1)
            }
            guard state.reserved + places <= limit else {
                throw SpotterError(.unavailable, "Too many runs are under way. Try again.", retryAfter: 5)
            }
            state.reserved += places
        }
    }

    /// Gives back reservations that were not used.
    public func release(_ places: Int = 1) { state.withLock { $0.reserved -= places } }

    /// Starts a run for a reservation made before.
    @discardableResult
    public func start(_ assignment: Assignment, in environment: ExecutionRun.Environment) -> RunHandle {
        let handle = RunHandle()
        let job = Job(assignment: assignment, environment: environment, handle: handle)
        state.withLock { $0.runs[job.id] = handle }
        if case .terminated = queue.yield(job) {
            handle.complete(.failure(SpotterError(.unavailable, "This server is shutting down.", retryAfter: 1)))
            forget(job)
        }
        return handle
    }

    /// Passes on what somebody asked of an execution, if it runs here.
    public func pass(_ request: ControlRequest, to execution: ExecutionID) {
        state.withLock { $0.runs[execution] }?.request(request)
    }

    /// Stops everything at once and discards it: other processes think this one dead.
    public func abandonAll() {
        for handle in state.withLock({ Array($0.runs.values) }) { handle.stop(.leaseLost) }
    }

    /// Runs what is submitted, until `shutDown()` and the end of the last run.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            for await job in jobs {
                group.addTask(executorPreference: executor()) { [self] in await run(job) }
            }
            group.addTask { [self] in await handBackLate() }
        }
    }

    /// Takes nothing new. What runs may go on for a while and is then handed back.
    public func shutDown() {
        state.withLock { $0.isStopping = true }
        queue.finish()
    }

    /// After the last submission: what takes too long goes back into the queue.
    private func handBackLate() async {
        let deadline = ContinuousClock.now + drain
        while running > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
            if Task.isCancelled { break }
        }
        for handle in state.withLock({ Array($0.runs.values) }) { handle.stop(.shutDown) }
    }

    private func run(_ job: Job) async {
        // Unstructured, because it alone can be cancelled by name; it is awaited here and nowhere else.
        let task = Task(executorPreference: executor()) { await RunAttempts(job.assignment, job.handle, job.environment).run() }
        job.handle.attach { task.cancel() }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            job.handle.stop(.shutDown)
        }
        if case .failure(let error) = result, !(error is LeaseLost), !(error is CancellationError) {
            log.error("run broke off", ["execution": "\(job.id)", "error": String(reflecting: error)])
        }
        forget(job)
        job.handle.complete(result)
    }

    private func forget(_ job: Job) {
        state.withLock { state in
            state.reserved -= 1
            if state.runs[job.id] === job.handle { state.runs[job.id] = nil }
        }
    }
}
