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
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation
    private let state = Mutex(State())
    private let executor: @Sendable () -> (any TaskExecutor)?
    private let drain: Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let log: Log
    private let limit: Int
    private let onEnd: @Sendable (ExecutionID, OrganizationScope) async -> Void

    private struct State {
        var reserved = 0
        var runs: [ExecutionID: RunHandle] = [:]
        var isStopping = false
        var isHandingBack = false
        /// Tasks that have not ended, and who waits for the last of them.
        var begun = 0
        var waitsForLast: CheckedContinuation<Void, Never>?

        /// Nothing runs, and nothing can be started any more.
        var isOver: Bool { isStopping && reserved <= 0 }
    }

    private final class Job: Sendable {
        let assignment: Assignment
        let environment: ExecutionRun.Environment
        let isBeginInDoubt: Bool
        let handle = RunHandle()

        init(_ assignment: Assignment, in environment: ExecutionRun.Environment, isBeginInDoubt: Bool) {
            self.assignment = assignment
            self.environment = environment
            self.isBeginInDoubt = isBeginInDoubt
        }

        var id: ExecutionID { assignment.journal.execution.id }
    }

    /// - Parameters:
    ///   - limit: how many runs may be under way; more are refused with `unavailable`.
    ///   - drain: how long runs may go on after `shutDown()` before they are handed back.
    ///   - sleep: waits for that long.
    ///   - executor: where the next run's task prefers to run.
    ///   - onEnd: lets go of what was kept for a run that has ended.
    public init(
        limit: Int = 10_000, drain: Duration = .seconds(15),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        executor: @escaping @Sendable () -> (any TaskExecutor)? = { nil }, log: Log,
        onEnd: @escaping @Sendable (ExecutionID, OrganizationScope) async -> Void = { _, _ in }
    ) {
        self.limit = limit
        self.onEnd = onEnd
        self.drain = drain
        self.sleep = sleep
        self.executor = executor
        self.log = log
        (jobs, queue) = AsyncStream.makeStream(of: Job.self, bufferingPolicy: .unbounded)
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
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
    public func release(_ places: Int = 1) {
        let isOver = state.withLock { state in
            state.reserved -= places
            return state.isOver
        }
        if isOver { queue.finish() }
    }

    /// Starts a run for a reservation made before, also one made before the pool was told to stop.
    ///
    /// - Parameter isBeginInDoubt: whether the store did not say that the execution is there: the run looks first.
    @discardableResult
    public func start(
        _ assignment: Assignment, in environment: ExecutionRun.Environment, isBeginInDoubt: Bool = false
    ) -> RunHandle {
        start(Job(assignment, in: environment, isBeginInDoubt: isBeginInDoubt))
    }

    /// Lets go of what was claimed and cannot be run, as soon as the database takes it.
    func handBack(_ claim: Claim, in environment: ExecutionRun.Environment) {
        // All that is known of it: the rest is read before it is written.
        let execution = Execution(
            id: claim.execution, kind: .probe, state: .running, attempt: claim.attempt, conversationId: nil,
            agentId: nil, agentVersion: nil, input: .null, createdAt: environment.clock.now())
        let assignment = Assignment(
            journal: Journal(execution: execution), program: FailingProgram(error: .unexpected),
            scope: OrganizationScope(claim.organization), organization: nil, agent: nil, timeout: .seconds(60))
        let job = Job(assignment, in: environment, isBeginInDoubt: true)
        job.handle.stop(.unwanted)
        state.withLock { $0.reserved += 1 }
        start(job)
    }

    @discardableResult
    private func start(_ job: Job) -> RunHandle {
        let handle = job.handle
        let isLate = state.withLock { state in
            state.runs[job.id] = handle
            return state.isHandingBack
        }
        if isLate { handle.stop(.shutDown) }
        if case .terminated = queue.yield(job) {
            forget(job)
            handle.complete(.failure(SpotterError(.unavailable, "This server is shutting down.", retryAfter: 1)))
        }
        return handle
    }

    /// Passes on what somebody asked of an execution, if it runs here; nil takes back a pause.
    public func pass(_ request: ControlRequest?, to execution: ExecutionID) {
        state.withLock { $0.runs[execution] }?.heed(request)
    }

    /// Stops everything at once and discards it: other processes think this one dead.
    public func abandonAll() {
        for handle in state.withLock({ Array($0.runs.values) }) { handle.stop(.leaseLost) }
    }

    /// Runs what is submitted, until `shutDown()` and the end of the last run.
    public func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in await handBackLate() }
            await withTaskCancellationHandler {
                for await job in jobs { begin(job) }
            } onCancel: {
                for handle in state.withLock({ Array($0.runs.values) }) { handle.stop(.shutDown) }
            }
            await lastEnd()
            group.cancelAll()
        }
    }

    /// Takes nothing new. What runs may go on for a while and is then handed back.
    public func shutDown() {
        let isOver = state.withLock { state in
            state.isStopping = true
            return state.isOver
        }
        stop.finish()
        if isOver { queue.finish() }
    }

    /// What takes too long after a stop was asked for goes back into the queue.
    private func handBackLate() async {
        for await _ in stopped {}
        try? await sleep(drain)
        let late = state.withLock { state in
            state.isHandingBack = true
            return Array(state.runs.values)
        }
        for handle in late { handle.stop(.shutDown) }
    }

    /// Begins a run in a task of its own: unstructured, because it alone can be cancelled by name, and because a child
    /// that waits for it would cost as much as it. `run()` waits for all of them.
    private func begin(_ job: Job) {
        state.withLock { $0.begun += 1 }
        let task = Task(executorPreference: executor()) { [self] in
            let started = ContinuousClock.now
            let result = await RunAttempts(
                job.assignment, job.handle, job.environment, isBeginInDoubt: job.isBeginInDoubt
            ).run()
            // One that waits goes on later; what is kept for it in memory may still be of use then.
            if case .success(let outcome) = result, outcome.execution.state == .waiting {
            } else {
                await onEnd(job.id, job.assignment.scope)
            }
            if case .success(let outcome) = result { tell(outcome.execution, after: started.duration(to: .now)) }
            end(job, result)
        }
        job.handle.attach { task.cancel() }
    }

    private func tell(_ run: Execution, after elapsed: Duration) {
        log.debug(
            "run left",
            [
                "execution": "\(run.id)", "kind": run.kind.rawValue, "state": run.state.rawValue,
                "ms": "\(Int(elapsed / .milliseconds(1)))",
            ])
    }

    @inline(never)
    private func end(_ job: Job, _ result: Result<RunOutcome, any Error>) {
        if case .failure(let error) = result, !(error is LeaseLost), !(error is CancellationError) {
            log.error("run broke off", ["execution": "\(job.id)", "error": String(reflecting: error)])
        }
        forget(job)
        job.handle.complete(result)
        let waiting = state.withLock { state in
            state.begun -= 1
            guard state.begun == 0 else { return nil as CheckedContinuation<Void, Never>? }
            defer { state.waitsForLast = nil }
            return state.waitsForLast
        }
        waiting?.resume()
    }

    /// Returns when none of those that were begun runs any more.
    private func lastEnd() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.begun > 0 { state.waitsForLast = continuation }
                return state.begun == 0
            }
            if isOver { continuation.resume() }
        }
    }

    private func forget(_ job: Job) {
        state.withLock { state in
            if state.runs[job.id] === job.handle { state.runs[job.id] = nil }
        }
        release()
    }
}
