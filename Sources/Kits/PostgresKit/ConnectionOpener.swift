import CLibpq
import EventLoopKit
import Foundation
import ServiceKit
import Synchronization

/// A connection on its way from the thread that opened it to the loop that will own it; finished if it never arrives.
final class OpenedConnection: Sendable {
    private struct Box: @unchecked Sendable {
        // Held by one thread at a time: `take` hands it over for good.
        let pointer: OpaquePointer
    }

    private let box: Mutex<Box?>

    fileprivate init(_ pointer: OpaquePointer) { box = Mutex(Box(pointer: pointer)) }

    /// The connection, once.
    func take() -> OpaquePointer? {
        box.withLock { box in
            defer { box = nil }
            return box?.pointer
        }
    }

    deinit {
        if let pointer = take() { PQfinish(pointer) }
    }
}

/// Opens connections on threads of its own: looking up a name and computing SCRAM proofs would hold up a loop.
struct ConnectionOpener: Sendable {
    let configuration: PostgresConfiguration
    let loop: EventLoop
    let log: Log
    /// Shared by all that connect to the same database.
    let outage: Outage

    private static let queue = DispatchQueue(label: "postgres-connect", attributes: .concurrent)

    /// The oldest server that knows every setting which this kit uses.
    static let oldestServer = 140_000

    /// Calls `completion` on the loop's thread.
    func open(_ completion: @escaping @Sendable (Result<OpenedConnection, PostgresError>) -> Void) {
        Self.queue.async {
            let result = Result { () throws(PostgresError) in
                OpenedConnection(try Self.connect(configuration.connectionParameters()))
            }
            loop.execute { completion(result) }
        }
    }

    /// Connects and waits for it, at most `connectTimeout`.
    static func connect(_ parameters: [(keyword: String, value: String)]) throws(PostgresError) -> OpaquePointer {
        guard let pointer = CStrings.withPairs(parameters, { PQconnectdbParams($0, $1, 0) }) else {
            throw PostgresError(.unavailable, "out of memory")
        }
        guard PQstatus(pointer) == CONNECTION_OK else {
            let reason = PQerrorMessage(pointer).map { String(cString: $0) } ?? "no reason given"
            PQfinish(pointer)
            throw PostgresError(.unavailable, reason.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        // Notices may quote values; by default libpq prints them.
        PQsetNoticeReceiver(pointer, { _, _ in }, nil)
        guard PQserverVersion(pointer) >= oldestServer else {
            PQfinish(pointer)
            throw PostgresError(.unavailable, "the server is older than PostgreSQL 14")
        }
        return pointer
    }
}
