import Foundation

/// A connection that waits for each answer on the caller's thread, opened anew when it is lost.
///
/// For a thread of its own that must depend on nothing else of the process, such as a heartbeat.
///
/// `@unchecked Sendable`: everything mutable is behind the lock, which is held while the caller waits.
public final class WaitingConnection: @unchecked Sendable {
    private let lock = NSLock()
    private let configuration: PostgresConfiguration
    private var connection: BlockingConnection?

    /// Connects with the first statement.
    public init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// Runs one statement as a transaction of its own; waits for as long as the configuration's limits allow.
    ///
    /// - Throws: `PostgresError`; the next call connects anew if the connection was lost.
    public func query(_ statement: Statement) throws -> Rows {
        lock.lock()
        defer { lock.unlock() }
        do {
            let connection = try self.connection ?? BlockingConnection(configuration, sessionSettings: true)
            self.connection = connection
            return try connection.query(statement)
        } catch let error as PostgresError {
            if error.kind != .server { connection = nil }
            throw error
        }
    }

    /// Closes the connection.
    public func close() {
        lock.lock()
        connection = nil
        lock.unlock()
    }
}
