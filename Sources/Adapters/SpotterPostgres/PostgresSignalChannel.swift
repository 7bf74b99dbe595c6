public import PostgresKit
public import SpotterDomain

/// Signals by way of PostgreSQL's NOTIFY.
public struct PostgresSignalChannel: SignalChannel {
    private static let name = "spotter"
    private let database: Database

    /// - Parameter database: the one that all processes share.
    public init(_ database: Database) { self.database = database }

    /// Notifies in a transaction of its own. NOTIFY commits one at a time in a whole cluster, so this one does not also
    /// wait for the disk: a hint that a crash loses is made good by looking.
    public func notify(_ payload: String) async throws {
        let statement = Statement(
            "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)", Self.name, payload)
        do { _ = try await database.unscoped.query(statement) } catch { throw StoreFailure.translate(error) }
    }

    /// Listens on a connection that all listeners of the process share.
    public func listen() -> AsyncStream<String> { database.listen(Self.name) }
}
