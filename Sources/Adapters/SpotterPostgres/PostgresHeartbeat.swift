public import PostgresKit
public import SpotterDomain

/// The heartbeat in PostgreSQL, on a connection of its own.
public struct PostgresHeartbeat: Heartbeat {
    private let connection: WaitingConnection

    /// - Parameter configuration: the application's.
    public init(_ configuration: PostgresConfiguration) { connection = WaitingConnection(configuration) }

    /// Enters the worker.
    public func register(_ worker: WorkerID, lease: Duration) throws {
        _ = try connection.query(PostgresWorkQueue.register(worker, lease: lease))
    }

    /// Prolongs its life; false when it is thought dead.
    public func beat(_ worker: WorkerID, lease: Duration) throws -> Bool {
        try connection.query(PostgresWorkQueue.beat(worker, lease: lease)).first != nil
    }

    /// Removes it, and closes the connection.
    public func leave(_ worker: WorkerID) throws {
        _ = try connection.query(PostgresWorkQueue.leave(worker))
        connection.close()
    }
}
