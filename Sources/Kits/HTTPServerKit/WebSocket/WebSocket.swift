import EventLoopKit

/// One side of a conversation in text messages (RFC 6455), for the handler that was given to the handshake.
///
/// Pings, pongs and Close are seen to by the server: it pings every `pingInterval`, gives up a peer that stays silent,
/// and says 1001 when it shuts down.
public struct WebSocket: Sendable {
    private let connection: HTTPConnection
    private let number: Int

    init(connection: HTTPConnection, number: Int) {
        self.connection = connection
        self.number = number
    }

    /// The next message; nil when no more will come. One reader at a time.
    ///
    /// What had come before the end is still given out, also to a task that is cancelled. While messages wait to be
    /// received, no more than `maximumMessageBytes` and what the socket gave at once are kept, and the peer is held up.
    ///
    /// - Throws: `CancellationError` when the task is cancelled and nothing waits.
    public func receive() async throws -> String? {
        let waiter = LoopWaiter<String?>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                connection.server.onLoop { [connection, number] in
                    connection.receiveMessage(waiter, continuation, stream: number)
                }
            }
        } onCancel: {
            connection.cancel(waiter)
        }
    }

    /// Sends a message, and waits while the peer has too much left to read.
    ///
    /// - Throws: `HTTPConnectionClosed` when one side has said Close or the peer is gone, `CancellationError` when the
    ///   task is cancelled.
    public func send(_ text: String) async throws {
        try Task.checkCancellation()
        if connection.server.loop.isCurrent, try connection.put(message: text, stream: number) { return }
        let isQueued = connection.server.loop.isCurrent
        let waiter = ResponseStream.Waiter()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                connection.server.onLoop { [connection, number] in
                    waiter.set(continuation)
                    connection.put(message: isQueued ? nil : text, stream: number, waiter: waiter)
                }
            }
        } onCancel: {
            connection.cancel(waiter)
        }
    }

    /// Says Close; nothing can be sent after it, and no further message is received.
    public func close(_ closure: WebSocketClosure = .normal) {
        connection.server.onLoop { [connection, number] in connection.closeWebSocket(closure, stream: number) }
    }
}
