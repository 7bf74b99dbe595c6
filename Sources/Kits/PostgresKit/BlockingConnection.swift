import CLibpq
import Foundation

/// A connection that waits for each answer: for administration and migrations, on a thread that may wait.
final class BlockingConnection {
    private let pointer: OpaquePointer

    /// - Parameter sessionSettings: whether the configuration's time limits hold.
    init(_ configuration: PostgresConfiguration, sessionSettings: Bool = false) throws {
        pointer = try ConnectionOpener.connect(configuration.connectionParameters(sessionSettings: sessionSettings))
    }

    deinit { PQfinish(pointer) }

    var isInTransaction: Bool { PQtransactionStatus(pointer) != PQTRANS_IDLE }

    /// Runs one statement.
    @discardableResult
    func query(_ statement: Statement) throws -> Rows {
        try statement.validate()
        var parameters = ParameterBuffer()
        for parameter in statement.parameters { parameters.append(parameter) }
        let result = parameters.withArrays { count, values, lengths, formats in
            PQexecParams(pointer, statement.sql.cString, count, nil, values, lengths, formats, 1)
        }
        return try rows(result)
    }

    /// Runs a script of many statements, such as a migration's file: the simple protocol.
    func run(script: String) throws { _ = try rows(PQexec(pointer, script)) }

    /// Runs `body` between `BEGIN` and `COMMIT`; rolled back when it throws.
    func transaction<Value>(_ body: () throws -> Value) throws -> Value {
        try query(Statement(SessionSQL.beginReadCommitted))
        do {
            let value = try body()
            try query(Statement(SessionSQL.commit))
            return value
        } catch {
            _ = try? query(Statement(SessionSQL.rollback))
            throw error
        }
    }

    /// `text` as an identifier in quotes, by libpq's own rules.
    func quoted(identifier text: String) throws -> String {
        guard !text.utf8.contains(0), let quoted = PQescapeIdentifier(pointer, text, text.utf8.count) else {
            throw PostgresError(.invalidValue, "the name cannot be an identifier")
        }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }

    private func rows(_ result: OpaquePointer?) throws -> Rows {
        guard let result else { throw LossVerdict.lost }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return Rows(result: ResultStorage(result, columns: Columns(of: result)))
        default:
            defer { PQclear(result) }
            throw PostgresError(result: result, kind: PQstatus(pointer) == CONNECTION_BAD ? .unavailable : .server)
        }
    }

    /// Runs `work` on a thread that may wait, away from the tasks' threads.
    static func detached<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }

    private static let queue = DispatchQueue(label: "postgres-blocking", attributes: .concurrent)
}
