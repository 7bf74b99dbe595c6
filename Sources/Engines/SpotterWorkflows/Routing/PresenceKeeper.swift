public import ServiceKit
public import SpotterDomain

/// Tells of agents that have not been heard in time.
///
/// What: every ten seconds it asks, in one question for all organisations, where agents have fallen silent, and writes
/// `agent.status` for each, once. Routing needs none of it: it looks at the time of the last sign of life itself. Any number
/// of processes may do it; each row is told of by one.
public final class PresenceKeeper: Service {
    /// The name in logs.
    public let serviceName = "presence"
    private let store: any RoutingStore
    private let clock: any WallClock
    private let log: Log
    private let interval: Duration
    private let onChange: @Sendable (OrganizationScope) -> Void
    private let stopped: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation
    private static let batch = 200

    /// - Parameter onChange: told of every organisation of which something was written, to wake its readers.
    public init(
        store: any RoutingStore, clock: any WallClock, log: Log, interval: Duration = .seconds(10),
        onChange: @escaping @Sendable (OrganizationScope) -> Void
    ) {
        self.store = store
        self.clock = clock
        self.log = log
        self.interval = interval
        self.onChange = onChange
        (stopped, stop) = AsyncStream.makeStream(of: Void.self)
    }

    /// Looks until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await keepLooking() }
            group.addTask { [stopped] in for await _ in stopped {} }
            // A stop, or the cancellation of both, ends the other.
            await group.next()
            group.cancelAll()
        }
    }

    /// Ends the looking.
    public func shutDown() { stop.finish() }

    private func keepLooking() async {
        while (try? await Task.sleep(for: interval * Double.random(in: 0.9...1.1))) != nil {
            do {
                _ = try await lookOnce()
            } catch  where !(error is CancellationError) {
                log.warning("silent agents were not looked for", ["error": String(reflecting: error)])
            } catch {}
        }
    }

    /// One look. Returns how many agents were told of.
    public func lookOnce() async throws -> Int {
        var told = 0
        for organization in try await store.organizationsWithSilentAgents() {
            let scope = OrganizationScope(organization)
            let count = try await store.expirePresence(limit: Self.batch, at: clock.now(), in: scope)
            if count > 0 { onChange(scope) }
            told += count
        }
        return told
    }
}
