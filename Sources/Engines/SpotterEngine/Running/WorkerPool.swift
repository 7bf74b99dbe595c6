public import ServiceKit
import SpotterDomain
import Synchronization

/// Runs executions beside the requests that started them: a run goes on when its caller leaves, and ends before the
/// process does.
public final class WorkerPool: Service {
    /// The name in logs.
    public let serviceName = "workers"
    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation
    private let state = Mutex(State())
    private let executor: @Sendable () -> (any TaskExecutor)?
    private let log: Log
    private let limit: Int

    private struct State {
        var running = 0
        var isStopping = false
    }

    private struct Job: Sendable {
        let assignment: ExecutionRun.Assignment
        let environment: ExecutionRun.Environment
        let handle: RunHandle
    }

    /// - Parameters:
    ///   - limit: how many runs may be under way; more are refused with `unavailable`.
    ///   - executor: where the next run's task prefers to run.
    public init(limit: Int = 10_000, executor: @escaping @Sendable () -> (any TaskExecutor)? = { nil }, log: Log) {
        self.limit = limit
        self.executor = executor
        self.log = log
        (jobs, queue) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .bufferingOldest(limit))
    }

    /// Runs under way.
    public var running: Int { state.withLock(\.running) }

    /// Throws `unavailable` when the pool is full or stopping. Asked before an execution is begun.
    public func reserve() throws {
        try state.withLock { state in
            guard !state.isStopping else {
                throw SpotterError(.unavailable, "This server is shutting down. Try again.", retryAfter: 1)
            }
            guard state.running < limit else {
                throw SpotterError(.unavailable, "Too many runs are under way. Try again.", retryAfter: 5)
            }
            state.running += 1
        }
    }

    /// Gives back a reservation that was not used.
    public func release() { state.withLock { $0.running -= 1 } }

    /// Starts a run for a reservation made before.
    public func start(_ assignment: ExecutionRun.Assignment, in environment: ExecutionRun.Environment) -> RunHandle {
        let handle = RunHandle()
        let job = Job(assignment: assignment, environment: environment, handle: handle)
        if case .terminated = queue.yield(job) {
            handle.complete(.failure(SpotterError(.unavailable, "This server is shutting down.", retryAfter: 1)))
            release()
        }
        return handle
    }

    /// Runs what is submitted, until `shutDown()` and the end of the last run.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            for await job in jobs {
                group.addTask(executorPreference: executor()) { [self] in await run(job) }
            }
        }
    }

    /// Takes nothing new; what runs goes on to its end.
    public func shutDown() {
        state.withLock { $0.isStopping = true }
        queue.finish()
    }

    private func run(_ job: Job) async {
        var run = ExecutionRun(job.assignment, in: job.environment)
        do {
            job.handle.complete(.success(try await run.run()))
        } catch {
            if !(error is CancellationError) {
                let id = job.assignment.journal.execution.id
                log.error("run broke off", ["execution": "\(id)", "error": String(reflecting: error)])
            }
            job.handle.complete(.failure(error))
        }
        release()
    }
}
