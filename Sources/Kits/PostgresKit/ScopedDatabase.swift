/// The database as one organisation, or nobody, may see it.
public struct ScopedDatabase: Sendable {
    let database: Database
    let scope: Scope

    /// Runs one statement as a transaction of its own, in one round trip.
    public func query(_ statement: Statement) async throws -> Rows {
        try statement.validate()
        let pool = database.pool()
        let request = Request(.scope(scope), [statement], purpose: .single)
        let rows = try await pool.perform(request) { pool.shared.submit($0) }[0]
        database.statistics.committed(statement.topics)
        return rows
    }

    /// Runs all statements in one transaction and one round trip; when one fails, none has happened.
    ///
    /// - Returns: the rows of each, in order.
    public func batch(_ statements: [Statement]) async throws -> [Rows] {
        guard !statements.isEmpty else { return [] }
        for statement in statements { try statement.validate() }
        let pool = database.pool()
        let request = Request(.scope(scope), statements, purpose: .single)
        let rows = try await pool.perform(request) { pool.shared.submit($0) }
        database.statistics.committed(statements.flatMap(\.topics))
        return rows
    }

    /// Runs `body` between `BEGIN` and `COMMIT` on a connection held for it alone; rolled back when it throws.
    ///
    /// Use `query` or `batch` where the statements are known beforehand: they take one round trip and hold nothing.
    /// `BEGIN` travels with the first statement, so that a body without statements costs nothing. Never wait in here
    /// for anything but the database.
    ///
    /// - Throws: what `body` throws; `PostgresError` `.outcomeUnknown` when the connection broke during `COMMIT`.
    public func transaction<Value>(
        isolation: TransactionIsolation = .readCommitted, _ body: (Transaction) async throws -> Value
    ) async throws -> Value {
        try await transaction(isolation: isolation, closing: { _ in [] }, body).value
    }

    /// The same, with statements that are sent together with `COMMIT`: when one fails, nothing has happened.
    ///
    /// - Parameter closing: asked when the body has ended; of a body that sent nothing, nothing is sent.
    /// - Returns: what `body` returned, and the rows of the closing statements.
    public func transaction<Value>(
        isolation: TransactionIsolation = .readCommitted, closing: (Transaction) -> [Statement],
        _ body: (Transaction) async throws -> Value
    ) async throws -> (value: Value, closing: [Rows]) {
        let pool = database.pool()
        let transaction = Transaction(
            pool: pool, lease: try await pool.acquire(), scope: scope, isolation: isolation)
        do {
            let value = try await body(transaction)
            let last = closing(transaction)
            for statement in last { try statement.validate() }
            let rows = try await transaction.commit(after: last)
            database.statistics.committed(transaction.topics)
            return (value, rows)
        } catch {
            await transaction.rollBack()
            throw error
        }
    }
}
