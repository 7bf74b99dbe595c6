import EventLoopKit

/// Writes a streamed body piece by piece.
///
/// Pieces written in one turn of the loop leave in one system call. A writer that runs ahead of its client is held
/// until the client has read: memory stays bounded by `writeHighWater` and one piece.
public struct HTTPBodyWriter: Sendable {
    private enum Target: Sendable {
        case connection(HTTPConnection, stream: Int)
        case closure(@Sendable ([UInt8]) async throws -> Void)
    }

    private let target: Target

    /// A writer into anything, for tests that need no socket.
    public init(_ write: @escaping @Sendable ([UInt8]) async throws -> Void) { target = .closure(write) }

    init(connection: HTTPConnection, stream: Int) { target = .connection(connection, stream: stream) }

    /// Writes a piece, and waits while the client has too much left to read.
    ///
    /// - Throws: `HTTPConnectionClosed` when the client is gone or the answer has ended, `CancellationError` when the
    ///   task is cancelled.
    public func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        switch target {
        case .closure(let write): try await write(bytes)
        case .connection(let connection, let stream):
            if connection.server.loop.isCurrent {
                if try connection.put(bytes, stream: stream) { return }
                try await waitForRoom(connection, stream, adding: [])
            } else {
                try await waitForRoom(connection, stream, adding: bytes)
            }
        }
    }

    /// Writes text as UTF-8.
    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    /// Sends `bytes` whenever nothing has been written for `interval`, until the answer ends.
    ///
    /// The interval is kept to within the server's `sweepInterval`. A writer without a connection ignores it.
    public func keepAlive(_ bytes: [UInt8], every interval: Duration) {
        guard case .connection(let connection, let stream) = target else { return }
        connection.keepAlive(bytes, every: interval, stream: stream)
    }

    private func waitForRoom(_ connection: HTTPConnection, _ stream: Int, adding bytes: [UInt8]) async throws {
        let waiter = ResponseStream.Waiter()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                connection.server.onLoop {
                    waiter.set(continuation)
                    connection.put(bytes, stream: stream, waiter: waiter)
                }
            }
        } onCancel: {
            connection.cancel(waiter)
        }
    }
}
