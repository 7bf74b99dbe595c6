import Synchronization

/// What was asked of a database, and how that went: for whoever measures it.
public final class DatabaseStatistics: Sendable {
    /// Told of every request that has ended: how long it took, with its wait for a connection, and how it failed.
    public typealias Observer = @Sendable (_ elapsed: Duration, _ failure: String?) -> Void

    /// Told what statements tell of themselves, once their transaction is committed.
    public typealias CommitObserver = @Sendable (_ topics: [String]) -> Void

    private let asked = Atomic<Int>(0)
    private let queued = Atomic<Int>(0)
    private let connected = Atomic<Int>(0)
    private let observer = Mutex<Observer?>(nil)
    private let isObserved = Atomic<Bool>(false)
    private let commitObserver = Mutex<CommitObserver?>(nil)

    init() {}

    /// Requests that the database is asked now.
    public var inFlight: Int { asked.load(ordering: .relaxed) }
    /// Tasks that wait for a connection of their own.
    public var waiting: Int { queued.load(ordering: .relaxed) }

    /// Open connections that requests share.
    public var connections: Int { connected.load(ordering: .relaxed) }

    /// Has `observer` told of every request from now on. It must not wait.
    public func observe(_ observer: @escaping Observer) {
        self.observer.withLock { $0 = observer }
        isObserved.store(true, ordering: .releasing)
    }

    /// Has `observer` told of every commit of statements that tell something from now on. It must not wait.
    public func observeCommits(_ observer: @escaping CommitObserver) {
        commitObserver.withLock { $0 = observer }
    }

    func committed(_ topics: [String]) {
        if !topics.isEmpty { commitObserver.withLock(\.self)?(topics) }
    }

    func begin() -> ContinuousClock.Instant {
        asked.add(1, ordering: .relaxed)
        return .now
    }

    func end(_ start: ContinuousClock.Instant, _ error: (any Error)? = nil) {
        asked.subtract(1, ordering: .relaxed)
        guard isObserved.load(ordering: .acquiring), !(error is CancellationError) else { return }
        let failure = error.map { ($0 as? PostgresError).map { "\($0.kind)" } ?? "other" }
        observer.withLock(\.self)?(start.duration(to: .now), failure)
    }

    func connect(_ change: Int) { connected.add(change, ordering: .relaxed) }

    func wait(_ change: Int) { queued.add(change, ordering: .relaxed) }
}
