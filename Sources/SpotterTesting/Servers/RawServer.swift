import Foundation
import Synchronization

/// A TCP server on loopback that plays whatever its handler says: for tests of clients, faults included.
///
/// Each connection has a thread, so that a handler may simply read, write and wait. Stopped when it is let go of.
public final class RawServer: Sendable {
    private struct State {
        var connections: [RawConnection] = []
        var isStopped = false
    }

    /// The port on 127.0.0.1.
    public let port: Int
    private let listener: Int32
    private let state = Mutex(State())

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
        Thread { [weak self] in
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { break }
                let connection = RawConnection(peer)
                guard let self, self.keep(connection) else {
                    connection.close()
                    break
                }
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
    public var connectionCount: Int { state.withLock(\.connections.count) }

    /// Closes everything.
    public func stop() {
        let connections = state.withLock { state in
            state.isStopped = true
            return state.connections
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { connection.close() }
    }

    deinit { stop() }

    private func keep(_ connection: RawConnection) -> Bool {
        state.withLock { state in
            if !state.isStopped { state.connections.append(connection) }
            return !state.isStopped
        }
    }
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
