import EventLoopKit
import ServiceKit
import Synchronization

/// One connection that listens on every channel that somebody reads.
///
/// `@unchecked Sendable`: everything mutable is touched on the loop's thread alone, but for the `Atomic`.
final class Listener: @unchecked Sendable {
    private struct Subscription {
        let channel: String
        let continuation: AsyncStream<String>.Continuation
    }

    private let opener: ConnectionOpener
    private var loop: EventLoop { opener.loop }
    private let lastID = Atomic<Int>(0)
    private var subscriptions: [Int: Subscription] = [:]
    private var connection: Connection?
    private var channels: Set<String> = []
    private var isOpening = false
    private var isClosed = false
    private var backoff = Backoff()
    private var retry: LoopTimer?

    /// How many notifications are kept for a reader that is busy; older ones are dropped.
    private static let kept = 256

    /// The server cuts longer names (`NAMEDATALEN`), and would then speak of another channel.
    private static let longestChannel = 63

    init(opener: ConnectionOpener) { self.opener = opener }

    func listen(_ channel: String) -> AsyncStream<String> {
        let id = lastID.add(1, ordering: .relaxed).newValue
        let (stream, continuation) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingNewest(Self.kept))
        guard (1...Self.longestChannel).contains(channel.utf8.count), !channel.utf8.contains(0) else {
            opener.log.error("a channel's name has 1 to 63 bytes without NUL; nothing is listened to")
            continuation.finish()
            return stream
        }
        guard opener.configuration.preparesStatements else {
            opener.log.warning("nothing can be listened to through a pooler; polling has to do", ["channel": channel])
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            loop.execute { self.unsubscribe(id) }
        }
        loop.execute {
            self.subscribe(id, Subscription(channel: channel, continuation: continuation))
        }
        return stream
    }

    func close() {
        loop.execute {
            self.isClosed = true
            self.retry?.cancel()
            self.connection?.close()
            self.connection = nil
            for subscription in self.subscriptions.values { subscription.continuation.finish() }
            self.subscriptions = [:]
        }
    }

    private func subscribe(_ id: Int, _ subscription: Subscription) {
        guard !isClosed else { return subscription.continuation.finish() }
        subscriptions[id] = subscription
        guard let connection else { return open() }
        if channels.contains(subscription.channel) {
            subscription.continuation.yield("")
        } else {
            start(subscription.channel, on: connection)
        }
    }

    private func unsubscribe(_ id: Int) {
        subscriptions[id] = nil
        guard subscriptions.isEmpty else { return }
        connection?.close()
        connection = nil
    }

    // MARK: Connecting

    private func open() {
        guard !isOpening, retry == nil, !isClosed else { return }
        isOpening = true
        opener.open { self.opened($0) }
    }

    private func opened(_ result: Result<OpenedConnection, PostgresError>) {
        isOpening = false
        guard !isClosed, !subscriptions.isEmpty else { return }
        guard case .success(let opened) = result,
            let connection = Connection(opened, loop: loop, configuration: opener.configuration, log: opener.log)
        else { return openLater() }
        backoff.reset()
        self.connection = connection
        channels = []
        connection.onNotification = { [weak self] channel, payload in self?.deliver(payload, to: channel) }
        connection.onClose = { [weak self, weak connection] _ in
            guard let self, self.connection === connection else { return }
            self.connection = nil
            if !subscriptions.isEmpty { openLater() }
        }
        for channel in Set(subscriptions.values.map(\.channel)) { start(channel, on: connection) }
    }

    private func openLater() {
        guard retry == nil, !isClosed else { return }
        retry = loop.schedule(after: backoff.next()) { [weak self] in
            guard let self else { return }
            retry = nil
            if connection == nil, !subscriptions.isEmpty { open() }
        }
    }

    private func start(_ channel: String, on connection: Connection) {
        let request = Request(
            .none, [Statement(SessionSQL.listenChannel, channel), Statement(SessionSQL.listen)],
            purpose: .housekeeping)
        request.onCompletion { [weak self] outcome in
            guard let self, self.connection === connection else { return }
            switch outcome {
            case .success:
                channels.insert(channel)
                deliver("", to: channel)
            case .failure(let error):
                opener.log.error("cannot listen", ["error": "\(error)"])
                connection.close()
            }
        }
        connection.send(request)
    }

    private func deliver(_ payload: String, to channel: String) {
        for subscription in subscriptions.values where subscription.channel == channel {
            subscription.continuation.yield(payload)
        }
    }
}
