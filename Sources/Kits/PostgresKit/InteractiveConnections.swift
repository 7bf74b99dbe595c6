import EventLoopKit
import ServiceKit

/// Someone who waits for a connection to hold alone. Belongs to the loop's thread once it waits.
///
/// `@unchecked Sendable`: touched on the loop's thread alone, once it has been made.
final class Waiter: @unchecked Sendable {
    var deadline = ContinuousClock.now
    private(set) var isDone = false
    private var continuation: UnsafeContinuation<Void, any Error>?
    private(set) var connection: Connection?

    /// How it ended, when a cancellation was quicker than whoever is to wait for it.
    private var earlyOutcome: Result<Void, any Error>?

    func start(_ continuation: UnsafeContinuation<Void, any Error>) {
        if let earlyOutcome {
            self.earlyOutcome = nil
            continuation.resume(with: earlyOutcome)
        } else {
            self.continuation = continuation
        }
    }

    func give(_ connection: Connection) {
        self.connection = connection
        finish(.success(()))
    }

    func fail(_ error: any Error) { finish(.failure(error)) }

    private func finish(_ outcome: Result<Void, any Error>) {
        guard !isDone else { return }
        isDone = true
        if let continuation {
            self.continuation = nil
            continuation.resume(with: outcome)
        } else {
            earlyOutcome = outcome
        }
    }
}

/// The connections of one loop that interactive transactions hold alone, opened when first needed.
/// Belongs to the loop's thread.
final class InteractiveConnections {
    private let opener: ConnectionOpener
    private let configuration: PostgresConfiguration
    private let log: Log
    private var loop: EventLoop { opener.loop }
    private var idle: [Connection] = []
    /// Open connections, idle ones included.
    private var openCount = 0
    private var openingCount = 0
    private var waiting = FIFO<Waiter>()
    private var backoff = Backoff()
    private var retry: LoopTimer?
    private var deadlineTimer: LoopTimer?
    private var lastFailure: PostgresError?
    private var isClosed = false

    init(opener: ConnectionOpener) {
        self.opener = opener
        configuration = opener.configuration
        log = opener.log
    }

    func acquire(_ waiter: Waiter) {
        guard !waiter.isDone else { return }
        guard !isClosed else { return waiter.fail(SharedConnections.closed) }
        if waiting.isEmpty, let connection = takeIdle() { return hand(connection, to: waiter) }
        guard waiting.count < configuration.maximumWaiting else {
            let reason = "\(configuration.maximumWaiting) transactions are waiting already"
            return waiter.fail(PostgresError(.poolTimeout, reason))
        }
        waiter.deadline = .now + configuration.acquireTimeout
        waiting.append(waiter)
        startDeadlineTimer()
        openMore()
    }

    /// Takes a connection back; one that is not provably idle is closed instead.
    func release(_ connection: Connection) {
        connection.isHeld = false
        guard !isClosed, connection.isIdle else {
            connection.close()
            return
        }
        if let waiter = nextWaiter() { hand(connection, to: waiter) } else { idle.append(connection) }
    }

    func close() {
        isClosed = true
        retry?.cancel()
        deadlineTimer?.cancel()
        for waiter in waiting.removeAll() { waiter.fail(SharedConnections.closed) }
        for connection in idle { connection.close() }
        idle = []
    }

    private func hand(_ connection: Connection, to waiter: Waiter) {
        connection.isHeld = true
        waiter.give(connection)
    }

    private func takeIdle() -> Connection? {
        while let connection = idle.popLast() {
            if connection.isIdle { return connection }
            connection.close()
        }
        return nil
    }

    private func nextWaiter() -> Waiter? {
        while let waiter = waiting.popFirst() {
            if !waiter.isDone { return waiter }
        }
        return nil
    }

    // MARK: Deadlines

    private func startDeadlineTimer() {
        guard let first = waiting.first else { return }
        let delay = max(.zero, first.deadline - .now)
        if let deadlineTimer {
            if waiting.count == 1 { deadlineTimer.restart(after: delay) }
        } else {
            deadlineTimer = loop.schedule(after: delay) { [weak self] in self?.expire() }
        }
    }

    private func expire() {
        let now = ContinuousClock.now
        let isUp = openCount > 0
        while let first = waiting.first, first.isDone || first.deadline <= now {
            _ = waiting.popFirst()
            let down = lastFailure ?? PostgresError(.unavailable, "no connection could be opened in time")
            first.fail(isUp ? PostgresError(.poolTimeout, "every connection stayed busy") : down)
        }
        if let first = waiting.first { deadlineTimer?.restart(after: max(.zero, first.deadline - .now)) }
    }

    // MARK: Opening

    private func openMore() {
        while retry == nil, !isClosed, openingCount < waiting.count,
            openCount + openingCount < max(1, configuration.interactiveConnectionsPerLoop)
        {
            openingCount += 1
            let handle = Handle(owner: self)
            opener.open { result in handle.owner.opened(result) }
        }
    }

    /// `@unchecked Sendable`: made and used on the loop's thread; only carried across the thread that connects.
    private struct Handle: @unchecked Sendable {
        let owner: InteractiveConnections
    }

    private func opened(_ result: Result<OpenedConnection, PostgresError>) {
        openingCount -= 1
        guard !isClosed else { return }
        switch result {
        case .failure(let error):
            lastFailure = error
            opener.outage.failed(error)
            tryLater()
        case .success(let opened):
            guard let connection = Connection(opened, loop: loop, configuration: configuration, log: log) else {
                return tryLater()
            }
            opener.outage.ended()
            backoff.reset()
            openCount += 1
            connection.onClose = { [weak self, weak connection] notBegun in
                // A step cannot go to another connection: its transaction has gone with this one.
                for request in notBegun { request.finish(throwing: LossVerdict.lost) }
                guard let self else { return }
                openCount -= 1
                idle.removeAll { $0 === connection }
                openMore()
            }
            if let waiter = nextWaiter() { hand(connection, to: waiter) } else { idle.append(connection) }
        }
    }

    private func tryLater() {
        guard retry == nil else { return }
        retry = loop.schedule(after: backoff.next()) { [weak self] in
            guard let self else { return }
            retry = nil
            openMore()
        }
    }
}
