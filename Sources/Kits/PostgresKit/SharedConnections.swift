import EventLoopKit
import ServiceKit

/// The pipelined connections of one loop, and what waits for them. Belongs to the loop's thread.
final class SharedConnections {
    private let opener: ConnectionOpener
    private let statistics: DatabaseStatistics
    private let configuration: PostgresConfiguration
    private let log: Log
    private var loop: EventLoop { opener.loop }
    private var slots: [Slot] = []
    private var waiting = FIFO<Request>(minimumCapacity: 64)
    private var deadlineTimer: LoopTimer?
    private var isClosed = false
    private var lastFailure: PostgresError?
    /// The version of the server that was connected to last.
    private(set) var serverVersion = 0

    /// A place for one connection, which is opened anew whenever it is lost.
    private final class Slot {
        var connection: Connection?
        var backoff = Backoff()
        var retry: LoopTimer?
    }

    init(opener: ConnectionOpener, statistics: DatabaseStatistics) {
        self.statistics = statistics
        self.opener = opener
        configuration = opener.configuration
        log = opener.log
    }

    func start() {
        slots = (0..<configuration.effectiveConnections).map { _ in Slot() }
        for slot in slots { open(slot) }
    }

    /// Sends the request at once when a connection has room, else lets it wait until its deadline.
    func submit(_ request: Request) {
        guard !request.isDone else { return }
        guard !isClosed else { return request.finish(throwing: Self.closed) }
        if waiting.isEmpty, let connection = bestConnection() {
            connection.send(request)
            return
        }
        guard waiting.count < configuration.maximumWaiting else {
            let reason = "\(configuration.maximumWaiting) requests are waiting already"
            return request.finish(throwing: PostgresError(.poolTimeout, reason))
        }
        request.deadline = .now + configuration.acquireTimeout
        waiting.append(request)
        startDeadlineTimer()
    }

    func close() {
        isClosed = true
        deadlineTimer?.cancel()
        for request in waiting.removeAll() { request.finish(throwing: Self.closed) }
        for slot in slots {
            slot.retry?.cancel()
            slot.retry = nil
            slot.connection?.close()
        }
        slots = []
    }

    static let closed = PostgresError(.closed, "the database was closed")

    /// The open connection with the fewest requests in flight.
    private func bestConnection() -> Connection? {
        var best: Connection?
        for slot in slots {
            guard let connection = slot.connection, connection.isOpen, !connection.isVerifying,
                connection.inFlight < configuration.effectiveDepth
            else { continue }
            if best.map({ connection.inFlight < $0.inFlight }) ?? true { best = connection }
        }
        return best
    }

    private func sendWaiting() {
        while !waiting.isEmpty, let connection = bestConnection() {
            guard let request = waiting.popFirst() else { return }
            if !request.isDone { connection.send(request) }
        }
        if waiting.isEmpty { deadlineTimer?.pause() }
    }

    // MARK: Deadlines

    private func startDeadlineTimer() {
        if deadlineTimer == nil || waiting.count == 1 { restartDeadlineTimer() }
    }

    private func restartDeadlineTimer() {
        guard let first = waiting.first else { return }
        let delay = max(.zero, first.deadline - .now)
        if let deadlineTimer {
            deadlineTimer.restart(after: delay)
        } else {
            deadlineTimer = loop.schedule(after: delay) { [weak self] in self?.expire() }
        }
    }

    /// Those who wait do so in the order of their deadlines: only the first need be looked at.
    private func expire() {
        let now = ContinuousClock.now
        while let first = waiting.first, first.isDone || first.deadline <= now {
            _ = waiting.popFirst()
            first.finish(throwing: reasonForWaiting)
        }
        if let first = waiting.first { deadlineTimer?.restart(after: max(.zero, first.deadline - .now)) }
    }

    private var reasonForWaiting: PostgresError {
        if slots.contains(where: { $0.connection?.isOpen == true }) {
            PostgresError(.poolTimeout, "every connection stayed busy")
        } else {
            lastFailure ?? PostgresError(.unavailable, "no connection could be opened in time")
        }
    }

    // MARK: Opening

    private func open(_ slot: Slot) {
        let handle = Handle(owner: self, slot: slot)
        opener.open { result in handle.owner.opened(result, handle.slot) }
    }

    /// `@unchecked Sendable`: made and used on the loop's thread; only carried across the thread that connects.
    private struct Handle: @unchecked Sendable {
        let owner: SharedConnections
        let slot: Slot
    }

    private func opened(_ result: Result<OpenedConnection, PostgresError>, _ slot: Slot) {
        guard !isClosed else { return }
        switch result {
        case .failure(let error):
            lastFailure = error
            opener.outage.failed(error)
            reopen(slot)
        case .success(let opened):
            guard let connection = Connection(opened, loop: loop, configuration: configuration, log: log) else {
                return reopen(slot)
            }
            statistics.connect(1)
            opener.outage.ended()
            serverVersion = connection.serverVersion
            slot.backoff.reset()
            slot.connection = connection
            connection.onProgress = { [weak self] in self?.sendWaiting() }
            connection.onClose = { [weak self, weak slot] notBegun in
                guard let self, let slot else { return }
                lost(slot, notBegun)
            }
            sendWaiting()
        }
    }

    private func lost(_ slot: Slot, _ notBegun: [Request]) {
        statistics.connect(-1)
        slot.connection = nil
        guard !isClosed else {
            for request in notBegun { request.finish(throwing: Self.closed) }
            return
        }
        opener.outage.lost()
        for request in notBegun.reversed() where !request.isDone {
            request.restart()
            request.deadline = .now + configuration.acquireTimeout
            waiting.prepend(request)
        }
        if !notBegun.isEmpty { restartDeadlineTimer() }
        reopen(slot)
        if !waiting.isEmpty { sendWaiting() }
    }

    private func reopen(_ slot: Slot) {
        slot.retry = loop.schedule(after: slot.backoff.next()) { [weak self, weak slot] in
            guard let self, let slot, !isClosed else { return }
            slot.retry = nil
            open(slot)
        }
    }
}
