import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Runs connectors when they are due.
///
/// What: looks at the connectors of all organisations in turn, takes up those that are due or were asked for, and runs
/// each to its end. Any number of processes do.
/// When: about every five seconds. A run that was broken off goes on after a minute, or when the CRM says so.
/// Promises: a stop ends after the page at hand, and whoever is next goes on behind it.
public final class ConnectorKeeper: Service {
    /// The name in logs.
    public let serviceName = "connectors"
    private let sync: ConnectorSync
    private let store: any ConnectorStore
    private let directory: any ConnectorDirectory
    private let interval: Duration
    private let log: Log
    private let bell = Bell()
    private let isStopping = Atomic<Bool>(false)

    /// - Parameter interval: between two looks.
    public init(
        sync: ConnectorSync, store: any ConnectorStore, directory: any ConnectorDirectory,
        interval: Duration = .seconds(5), log: Log
    ) {
        self.sync = sync
        self.store = store
        self.directory = directory
        self.interval = interval
        self.log = log
    }

    /// Works until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell, interval] in
                while (try? await Task.sleep(for: interval * Double.random(in: 0.8...1.2))) != nil { bell.ring() }
            }
            bell.ring()
            for await _ in bell.rings {
                if isStopping.load(ordering: .relaxed) { break }
                await look()
            }
            group.cancelAll()
        }
    }

    /// Looks at once: somebody has asked for a run.
    public func wake() { bell.ring() }

    /// Takes nothing more; the page at hand is ended.
    public func shutDown() {
        isStopping.store(true, ordering: .relaxed)
        bell.close()
    }

    /// One round over all organisations; the slow ones of one keep no more than three others waiting.
    func look() async {
        // Processes that look at once begin with different ones.
        let organizations = directory.organizations.shuffled()
        await withTaskGroup(of: Void.self) { group in
            for (index, organization) in organizations.enumerated() {
                if index >= 4 { await group.next() }
                group.addTask { await self.look(at: OrganizationScope(organization)) }
            }
        }
    }

    private func look(at scope: OrganizationScope) async {
        for connector in directory.connectors(in: scope) where connector.crm != nil {
            if isStopping.load(ordering: .relaxed) { return }
            do {
                // One that runs only when asked does not begin by itself.
                if connector.settings.interval == nil {
                    let state = try await store.state(of: connector.id, in: scope)
                    guard state.nextRunAt != nil else { continue }
                }
                _ = try await sync.run(connector, onlyIfDue: true, in: scope) {
                    self.isStopping.load(ordering: .relaxed)
                }
            } catch {
                log.warning(
                    "a connector could not be run; the next look tries again",
                    [
                        "organization": "\(scope.organization)", "connector": connector.id,
                        "error": String(reflecting: error),
                    ])
            }
        }
    }
}
