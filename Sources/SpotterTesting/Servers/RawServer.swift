import Foundation
import Synchronization

/// A TCP server on loopback that plays whatever its handler says: for tests of clients, faults included.
///
/// Each connection has a thread, so that a handler may simply read, write and wait. Stopped when it is let go of.
public final class RawServer: Sendable {
    /// Shared with the accepting thread, which owns the listening socket and closes it once it is stopped: nobody else
    /// may touch its number afterwards, for it may be another's by then.
    private final class Shared: Sendable {
        private struct State {
            var connections: [RawConnection] = []
            var isStopped = false
        }

        private let state = Mutex(State())
        var count: Int { state.withLock(\.connections.count) }
        var isStopped: Bool { state.withLock(\.isStopped) }

        /// - Returns: false when the server is stopped.
        func keep(_ connection: RawConnection) -> Bool {
            state.withLock { state in
                if !state.isStopped { state.connections.append(connection) }
                return !state.isStopped
            }
        }

        /// - Returns: the connections to close; `nil` when the server was stopped before.
        func stop(_ listener: Int32) -> [RawConnection]? {
            state.withLock { state in
                guard !state.isStopped else { return nil }
                state.isStopped = true
                shutdown(listener, Int32(SHUT_RDWR))
                return state.connections
            }
        }
    }

    /// The port on 127.0.0.1.
    public let port: Int
    private let listener: Int32
    private let shared = Shared()

    /// - Parameter handler: called for each connection on a thread of its own; the connection is closed when it
    ///   returns or throws.
    public init(_ handler: @escaping @Sendable (RawConnection) throws -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listener >= 0, isBound else { throw RawServerError.cannotListen }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [shared] in
            while true {
                let peer = accept(listener, nil, nil)
                if shared.isStopped {
                    if peer >= 0 { Glibc.close(peer) }
                    break
                }
                guard peer >= 0 else {
                    // Out of descriptors, most likely; others are being freed.
                    usleep(1000)
                    continue
                }
                let connection = RawConnection(peer)
                guard shared.keep(connection) else { continue }
                Thread {
                    try? handler(connection)
                    connection.close()
                }.start()
            }
            Glibc.close(listener)
        }.start()
    }

    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// How many connections were made so far.
    public var connectionCount: Int { shared.count }

    /// Closes everything.
    public func stop() {
        for connection in shared.stop(listener) ?? [] { connection.close() }
    }

    deinit { stop() }
}

/// Why a `RawServer` or one of its connections gave up.
public enum RawServerError: Error, Sendable {
    /// No port could be had.
    case cannotListen
    /// The peer closed the connection.
    case closed
    /// What the peer sent is not an HTTP request that the reader understands.
    case notARequest
}
