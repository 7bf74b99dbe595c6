import Foundation
import PostgresKit
import ServiceKit

/// Starts the private database again when it has died: nobody else looks after it.
///
/// It looks every second. Where a start fails, as it does while the last of the old server's processes are still
/// ending, the next second tries again.
final class DatabaseKeeper: Service {
    let serviceName = "database-keeper"
    private let cluster: PrivateCluster
    private let log: Log
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    init(_ cluster: PrivateCluster, log: Log) {
        self.cluster = cluster
        self.log = log
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                while (try? await Task.sleep(for: .seconds(1))) != nil { await lookAfter() }
            }
            group.addTask { [stopped] in for await _ in stopped {} }
            // A stop, or the cancellation of both, ends the other.
            await group.next()
            group.cancelAll()
        }
    }

    func shutDown() { stop.finish() }

    private func lookAfter() async {
        guard cluster.hasDied else { return }
        log.error("the private database has died; starting it again")
        let outcome = await withCheckedContinuation { done in
            // Starting blocks, which the tasks' threads must not.
            Thread.detachNewThread { [cluster] in done.resume(returning: Result { try cluster.start() }) }
        }
        switch outcome {
        case .success: log.info("the private database is back")
        case .failure(let error): log.warning("the private database does not start", ["error": "\(error)"])
        }
    }
}
