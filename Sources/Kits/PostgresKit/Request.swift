import Foundation

/// Which organisation a transaction may see, and whether it may write.
struct Scope: Sendable {
    /// Nil: none, for the few global functions.
    let organization: UUID?
    let isReadOnly: Bool

    /// What tells the server.
    var sql: StaticString { isReadOnly ? SessionSQL.readOnlyScope : SessionSQL.scope }
    /// The same where no session can keep the time limits: they come third and fourth.
    var pooledSQL: StaticString { isReadOnly ? SessionSQL.readOnlyPooledScope : SessionSQL.pooledScope }
}

/// How firm a transaction's view is; PostgreSQL's isolation levels.
public enum TransactionIsolation: Sendable {
    case readCommitted, repeatableRead, serializable
}

/// Statements that go to the server together, up to one Sync.
///
/// `@unchecked Sendable`: touched on the thread of its loop alone, once it has been made.
final class Request: @unchecked Sendable {
    /// What is sent ahead of the statements.
    enum Prologue {
        /// Nothing: within an interactive transaction, or for a ping.
        case none
        /// The scope, in the same implicit transaction as the statements.
        case scope(Scope)
        /// `BEGIN` and the scope.
        case begin(Scope, TransactionIsolation)
    }

    enum Purpose {
        /// An implicit transaction of its own, on a connection that others share.
        case single
        /// A step of an interactive transaction, without effect until its `COMMIT`.
        case step
        /// `COMMIT`.
        case commit
        /// The pool's own, such as `ROLLBACK` and `LISTEN`; session statements are allowed.
        case housekeeping
    }

    let prologue: Prologue
    let statements: [Statement]
    let purpose: Purpose
    var deadline = ContinuousClock.now
    /// Attempts that ended before the server had begun with it.
    var repetitions = 0
    /// Attempts at whose end it was, or may have been, what the server was at.
    var lossesAtWork = 0
    private(set) var isDone = false
    private(set) var error: PostgresError?
    private var rows: [Rows] = []
    private var completion: ((Result<[Rows], any Error>) -> Void)?
    private var continuation: UnsafeContinuation<[Rows], any Error>?
    /// How it ended, when a cancellation was quicker than whoever is to wait for it.
    private var earlyOutcome: Result<[Rows], any Error>?

    init(_ prologue: Prologue, _ statements: [Statement], purpose: Purpose) {
        self.prologue = prologue
        self.statements = statements
        self.purpose = purpose
    }

    func onCompletion(_ completion: @escaping (Result<[Rows], any Error>) -> Void) { self.completion = completion }

    func onCompletion(_ continuation: UnsafeContinuation<[Rows], any Error>) {
        if let earlyOutcome {
            self.earlyOutcome = nil
            continuation.resume(with: earlyOutcome)
        } else {
            self.continuation = continuation
        }
    }

    /// Whether losing the connection after Sync leaves open if something was changed.
    var mayHaveWritten: Bool {
        switch purpose {
        case .commit: true
        case .step, .housekeeping: false
        case .single:
            if case .scope(let scope) = prologue { !scope.isReadOnly } else { false }
        }
    }

    func receive(_ rows: Rows) { if !isDone { self.rows.append(rows) } }

    /// The first error is the cause; what follows it in the pipeline is only its echo.
    func receive(_ error: PostgresError) { if self.error == nil { self.error = error } }

    /// Forgets what an attempt has brought so far, so that another can be made.
    func restart() {
        rows.removeAll()
        error = nil
        repetitions += 1
    }

    func finish() {
        if let error { finish(throwing: error) } else { finish(.success(rows)) }
    }

    func finish(throwing error: any Error) { finish(.failure(error)) }

    private func finish(_ outcome: Result<[Rows], any Error>) {
        guard !isDone else { return }
        isDone = true
        rows = []
        if let continuation {
            self.continuation = nil
            continuation.resume(with: outcome)
        } else if let completion {
            self.completion = nil
            completion(outcome)
        } else {
            earlyOutcome = outcome
        }
    }
}

/// The kit's own statements.
enum SessionSQL {
    static let scope: StaticString = "SELECT set_config($1, $2, true)"
    static let readOnlyScope: StaticString =
        "SELECT set_config('transaction_read_only', 'on', true), set_config($1, $2, true)"
    static let pooledScope: StaticString = """
        SELECT set_config($1, $2, true), set_config('statement_timeout', $3, true),
            set_config('idle_in_transaction_session_timeout', $4, true)
        """
    static let readOnlyPooledScope: StaticString = """
        SELECT set_config('transaction_read_only', 'on', true), set_config($1, $2, true),
            set_config('statement_timeout', $3, true), set_config('idle_in_transaction_session_timeout', $4, true)
        """
    static let beginReadCommitted: StaticString = "BEGIN ISOLATION LEVEL READ COMMITTED"
    static let beginRepeatableRead: StaticString = "BEGIN ISOLATION LEVEL REPEATABLE READ"
    static let beginSerializable: StaticString = "BEGIN ISOLATION LEVEL SERIALIZABLE"
    static let commit: StaticString = "COMMIT"
    static let rollback: StaticString = "ROLLBACK"
    static let ping: StaticString = "SELECT 1"
    static let version: StaticString = "SELECT current_setting('server_version_num')::int"
    static let listenChannel: StaticString = "SELECT set_config('postgreskit.channel', $1, true)"
    // LISTEN takes no parameter; the server itself quotes the name.
    static let listen: StaticString =
        "DO $$ BEGIN EXECUTE format('LISTEN %I', current_setting('postgreskit.channel')); END $$"

    static func begin(_ isolation: TransactionIsolation) -> StaticString {
        switch isolation {
        case .readCommitted: beginReadCommitted
        case .repeatableRead: beginRepeatableRead
        case .serializable: beginSerializable
        }
    }
}
