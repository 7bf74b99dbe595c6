import ServiceKit
import Synchronization

/// Tells of an outage once, however many connections notice it, and of its end.
final class Outage: Sendable {
    private struct State {
        /// Connections are gone, and it is not known yet whether they can be opened again.
        var hasLost = false
        /// Since when none can be opened.
        var downSince: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let log: Log
    private let now: @Sendable () -> ContinuousClock.Instant

    init(log: Log, now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }) {
        self.log = log
        self.now = now
    }

    /// A connection was lost. What is said of it depends on what comes of opening it again.
    func lost() { state.withLock { $0.hasLost = true } }

    /// A connection could not be opened.
    func failed(_ error: PostgresError) {
        let isNew = state.withLock { state in
            defer { state.downSince = state.downSince ?? now() }
            return state.downSince == nil
        }
        if isNew { log.warning("cannot connect to the database", ["error": error.description]) }
    }

    /// A connection was opened.
    func ended() {
        let before = state.withLock { state in
            defer { state = State() }
            return state
        }
        if let start = before.downSince {
            let seconds = Int(start.duration(to: now()) / .seconds(1))
            log.info("the database can be reached again", ["seconds": "\(seconds)"])
        } else if before.hasLost {
            log.warning("database connections were lost and are opened again")
        }
    }
}
