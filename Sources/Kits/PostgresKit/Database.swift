public import EventLoopKit
public import Foundation
public import ServiceKit

/// A PostgreSQL database, reached through a few pipelined connections on each event loop.
///
/// Many requests share one connection: each is its own transaction and one round trip, and they are answered in turn.
/// A call from a task on one of the loops uses that loop's connections without a lock; from elsewhere it hops to the
/// next loop. There is one door to rows that belong to an organisation, `withOrganization(_:readOnly:)`.
///
/// When a task is cancelled its call ends at once with `CancellationError`. A statement that had been sent still runs,
/// and its result is thrown away; an interactive transaction is rolled back.
public final class Database: Sendable {
    private let pools: [LoopPool]
    private let listener: Listener
    private let group: EventLoopGroup
    /// What was asked of the database, measured.
    public let statistics = DatabaseStatistics()

    /// Starts to connect, and goes on trying for as long as it takes; `ping()` tells whether it worked.
    public init(configuration: PostgresConfiguration, loops: EventLoopGroup, log: Log) {
        group = loops
        let statistics = statistics
        let log = log.module("database").with("component", "postgres")
        let outage = Outage(log: log)
        pools = loops.loops.map {
            LoopPool(loop: $0, configuration: configuration, log: log, outage: outage, statistics: statistics)
        }
        listener = Listener(
            opener: ConnectionOpener(configuration: configuration, loop: loops.loops[0], log: log, outage: outage))
    }

    /// The door to what one organisation may see.
    ///
    /// - Parameter readOnly: the server then refuses every write (SQLSTATE 25006).
    public func withOrganization(_ id: UUID, readOnly: Bool = false) -> ScopedDatabase {
        ScopedDatabase(database: self, scope: Scope(organization: id, isReadOnly: readOnly))
    }

    /// No organisation: row-level security shows no row. For the few global functions, such as claiming work.
    public var unscoped: ScopedDatabase {
        ScopedDatabase(database: self, scope: Scope(organization: nil, isReadOnly: false))
    }

    /// Listens on `channel` for as long as the stream is read.
    ///
    /// The stream yields the payload of each notification, and an empty one whenever listening has begun, at first
    /// and after each reconnection: notifications may have been missed before it, so look. It keeps the newest 256.
    ///
    /// - Parameter channel: 1 to 63 bytes without NUL; for another name the stream ends at once, as it does
    ///   through a pooler (`preparesStatements` off), where nobody can listen.
    public func listen(_ channel: String) -> AsyncStream<String> { listener.listen(channel) }

    /// Returns when the server has answered on the caller's loop.
    public func ping() async throws {
        let pool = pool()
        let statement = Statement(SessionSQL.ping)
        _ = try await pool.perform(Request(.none, [statement], purpose: .single)) { pool.shared.submit($0) }
    }

    /// The server's version, such as 150020 for 15.20.
    public func serverVersion() async throws -> Int {
        let pool = pool()
        let statement = Statement(SessionSQL.version)
        let rows = try await pool.perform(Request(.none, [statement], purpose: .single)) { pool.shared.submit($0) }
        return try rows[0].exactlyOne().get(0)
    }

    /// Closes every connection. What waits fails with `.closed`, and so does every later call; what is in flight
    /// fails as it would if the connection were lost.
    public func close() {
        listener.close()
        for pool in pools { pool.run { pool.close() } }
    }

    deinit { close() }

    /// The pool of the loop that this thread is, or the next in turn.
    func pool() -> LoopPool {
        let loop = group.loop()
        guard let pool = pools.first(where: { $0.loop === loop }) else {
            preconditionFailure("the group has a loop without a pool")
        }
        return pool
    }
}
