/// What went wrong between this program and PostgreSQL.
///
/// `description` holds nothing that could leak a value of a row or a parameter: the kind, the SQLSTATE and the names
/// of schema objects only. The whole story (the server's message, detail and hint) is in `String(reflecting:)`.
public struct PostgresError: Error, Sendable {
    /// The kinds of failure, by what the caller can do about them.
    public enum Kind: String, Sendable, CaseIterable {
        /// The server refused the statement; see `sqlState`. Its transaction was rolled back.
        case server
        /// No connection could be had, or it broke before anything was changed. Safe to repeat.
        case unavailable
        /// Every connection stayed busy until the deadline for waiting. Nothing was sent.
        case poolTimeout
        /// The connection broke after a write was sent: it may or may not have been committed.
        case outcomeUnknown
        /// `close()` was called.
        case closed
        /// A parameter cannot be represented in PostgreSQL, such as a string with a NUL. Nothing was sent.
        case invalidValue
        /// The statement may not be run this way, such as `BEGIN` in `query`. Nothing was sent.
        case invalidStatement
        /// A field of a row cannot be read as the type asked for; `column` names it.
        case decoding
        /// A transaction was used after its closure had returned.
        case transactionEnded
        /// A statement of the transaction had failed, so that the server rolled back instead of committing.
        case transactionAborted
        /// The database URL or a setting is malformed.
        case invalidConfiguration
        /// The server said something that this client does not understand; the connection was closed.
        case protocolViolation
    }

    /// What kind of failure this is.
    public let kind: Kind
    /// The server's five-character code, such as `23505` for a unique violation.
    public let sqlState: String?
    /// The constraint that was violated.
    public let constraint: String?
    /// The table that the error is about.
    public let table: String?
    /// The column that the error is about; for `.decoding`, the column of the result.
    public let column: String?
    /// The primary message. From the server it may quote values: never show it to a client or write it to a log.
    public let message: String
    /// The server's detail and hint, which may quote values.
    let detail: String?

    /// - Parameter message: without values of rows or parameters, unless `kind` is `.server`.
    public init(
        kind: Kind, sqlState: String? = nil, constraint: String? = nil, table: String? = nil, column: String? = nil,
        message: String
    ) {
        self.init(
            kind: kind, sqlState: sqlState, constraint: constraint, table: table, column: column, message: message,
            detail: nil)
    }

    init(
        kind: Kind, sqlState: String?, constraint: String?, table: String?, column: String?, message: String,
        detail: String?
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.constraint = constraint
        self.table = table
        self.column = column
        self.message = message
        self.detail = detail
    }

    init(_ kind: Kind, _ message: String) { self.init(kind: kind, message: message) }

    /// Whether the same request, sent again a little later, may well succeed, and doing so cannot apply it twice.
    public var isTransient: Bool {
        switch kind {
        case .unavailable, .poolTimeout: true
        case .server: sqlState.map { Self.transientStates.contains($0) } ?? false
        default: false
        }
    }

    // serialization_failure, deadlock_detected, lock_not_available, too_many_connections
    private static let transientStates: Set<String> = ["40001", "40P01", "55P03", "53300"]
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without any value of a row or a parameter.
    public var description: String {
        var text = "PostgreSQL: \(kind.rawValue)"
        if let sqlState { text += " \(sqlState)" }
        if let constraint { text += ", constraint \(constraint)" }
        if let table { text += ", table \(table)" }
        if let column { text += ", column \(column)" }
        // The server's words may quote what a user sent; this kit's own never do.
        if kind != .server { text += ": \(message)" }
        return text
    }

    /// Everything, the server's words included.
    public var debugDescription: String {
        var text = description
        if kind == .server { text += ": \(message)" }
        if let detail { text += " (\(detail))" }
        return text
    }
}
