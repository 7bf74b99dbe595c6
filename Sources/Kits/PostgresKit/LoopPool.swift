import EventLoopKit
import ServiceKit

/// All connections of one loop.
///
/// `@unchecked Sendable`: everything but the immutable `loop` is touched on the loop's thread alone.
final class LoopPool: @unchecked Sendable {
    let loop: EventLoop
    let shared: SharedConnections
    let interactive: InteractiveConnections
    private let statistics: DatabaseStatistics

    init(
        loop: EventLoop, configuration: PostgresConfiguration, log: Log, outage: Outage,
        statistics: DatabaseStatistics
    ) {
        self.loop = loop
        self.statistics = statistics
        let opener = ConnectionOpener(configuration: configuration, loop: loop, log: log, outage: outage)
        shared = SharedConnections(opener: opener, statistics: statistics)
        interactive = InteractiveConnections(opener: opener)
        loop.execute { self.shared.start() }
    }

    func close() {
        shared.close()
        interactive.close()
    }

    /// Runs `work` on the loop's thread: now if this is it, else soon.
    func run(_ work: @escaping @Sendable () -> Void) {
        if loop.isCurrent { work() } else { loop.execute(work) }
    }

    /// Sends the request through `submit` and waits for its answer.
    ///
    /// When the task is cancelled the wait ends at once; the answer, when it comes, is thrown away.
    func perform(_ request: Request, _ submit: @escaping @Sendable (Request) -> Void) async throws -> [Rows] {
        if Task.isCancelled { throw CancellationError() }
        let start = statistics.begin()
        do {
            let rows = try await withTaskCancellationHandler {
                try await withUnsafeThrowingContinuation { continuation in
                    run {
                        request.onCompletion(continuation)
                        submit(request)
                    }
                }
            } onCancel: {
                loop.execute { request.finish(throwing: CancellationError()) }
            }
            statistics.end(start)
            return rows
        } catch {
            statistics.end(start, error)
            throw error
        }
    }

    /// A connection to hold alone; give it back by `interactive.release`.
    func acquire() async throws -> Waiter {
        if Task.isCancelled { throw CancellationError() }
        let waiter = Waiter()
        statistics.wait(1)
        defer { statistics.wait(-1) }
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                run {
                    waiter.start(continuation)
                    self.interactive.acquire(waiter)
                }
            }
        } onCancel: {
            loop.execute { waiter.fail(CancellationError()) }
        }
        return waiter
    }
}
