import Synchronization

/// Starts services in the order of their dependence and stops them in reverse, in two steps: first gracefully, then,
/// when the grace time is up, by cancelling.
public final class ServiceGroup: Sendable {
    private let services: [any Service]
    private let grace: Duration
    private let log: Log
    private let stopping = Mutex(false)
    private let stopStream: AsyncStream<Void>
    private let stopSignal: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - services: in the order in which they start; each may rely on those before it.
    ///   - grace: how long a graceful stop may take before what is left is cancelled.
    public init(_ services: [any Service], grace: Duration = .seconds(25), log: Log) {
        self.services = services
        self.grace = grace
        self.log = log
        (stopStream, stopSignal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Asks for a graceful stop; further calls change nothing.
    public func shutDown() {
        stopping.withLock { $0 = true }
        stopSignal.yield()
        stopSignal.finish()
    }

    /// Runs until every service has ended. The first service that fails stops the others, and its error is thrown.
    public func run() async throws {
        var failure: (any Error)?
        await withTaskGroup(of: Outcome.self) { group in
            for (index, service) in services.enumerated() {
                group.addTask {
                    do {
                        try await service.run()
                        return .ended(index, nil)
                    } catch {
                        return .ended(index, error)
                    }
                }
            }
            group.addTask { [stopStream] in
                for await _ in stopStream { break }
                return .stopRequested
            }
            var running = Set(services.indices)
            var isStopping = false
            while let outcome = await group.next() {
                switch outcome {
                case .ended(let index, let error):
                    running.remove(index)
                    if let error, !(error is CancellationError) {
                        log.error("service failed", ["service": services[index].serviceName, "error": "\(error)"])
                        failure = failure ?? error
                    }
                    shutDown()
                case .stopRequested:
                    guard !isStopping else { continue }
                    isStopping = true
                    for service in services.reversed() { service.shutDown() }
                    group.addTask { [grace] in
                        try? await Task.sleep(for: grace)
                        return .graceIsOver
                    }
                case .graceIsOver:
                    if !running.isEmpty { log.warning("grace time is over; cancelling", [:]) }
                    group.cancelAll()
                }
                if running.isEmpty { group.cancelAll() }
            }
        }
        if let failure { throw failure }
    }

    private enum Outcome: Sendable {
        case ended(Int, (any Error)?)
        case stopRequested
        case graceIsOver
    }
}
