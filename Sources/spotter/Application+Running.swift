import HTTPServerKit
import ServiceKit
import SpotterEngine
import SpotterTools
import Synchronization

extension Application {
    /// The services of this process's roles, in the order of their dependence.
    ///
    /// - Parameters:
    ///   - server: bound already; nil for a process that answers no requests.
    ///   - others: services that outlive these, such as a private database.
    func serviceGroup(server: HTTPServer?, beside others: [any Service] = []) -> ServiceGroup {
        var services: [any Service] =
            others + [signals, bus, secrets, housekeeping, sealer, workforce.pool, workforce.caretaker, traces]
        if let exporter = monitoring.exporter { services.append(exporter) }
        if roles.contains(.worker) {
            services += [
                workforce.dispatcher, courier, postman, clerk, presence, triggers, hookCourier, connectorKeeper,
            ]
            services.append(monitoring.evaluator)
        }
        if roles.contains(.scheduler) { services.append(scheduler) }
        if let server { services.append(server) }
        return ServiceGroup(services, grace: workGrace, log: log)
    }

    /// Runs the services until they are told to stop. The heart beats from before the first to after the last: what
    /// still runs must be able to end under this process's name. What `started` throws stops the services, too.
    func run(_ group: ServiceGroup, started: @escaping @Sendable () async throws -> Void) async throws {
        let failure = Failure()
        try await secrets.load(requiringKeys: false)
        try workforce.heart.start()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await workforce.heart.run() }
            tasks.addTask {
                do { try await started() } catch {
                    failure.error.withLock { $0 = error }
                    group.shutDown()
                }
            }
            defer {
                workforce.heart.release()
                tasks.cancelAll()
            }
            do { try await group.run() } catch {
                await pages.shutDown()
                throw error
            }
            await pages.shutDown()
        }
        if let error = failure.error.withLock({ $0 }) { throw error }
    }
}

/// Why what was to be done while the services run could not be.
private final class Failure: Sendable {
    let error = Mutex<(any Error)?>(nil)
}
