import EventLoopKit
import Synchronization

/// An interactive transaction: statements that depend on each other's results.
///
/// Valid inside the closure that was given it. Statements of several child tasks run one after another.
///
/// `@unchecked Sendable`: everything mutable is touched on the loop's thread alone.
public final class Transaction: @unchecked Sendable {
    private let pool: LoopPool
    private let scope: Scope
    private let isolation: TransactionIsolation
    /// Nil when the transaction has ended.
    private var connection: Connection?
    private var hasBegun = false
    /// A statement was given up half-way: what it did is not known to the closure, so that it must not be committed.
    private var isAbandoned = false
    private var drainTimer: LoopTimer?
    private let changed = Atomic<Bool>(false)
    private let told = Mutex<[String]>([])

    /// Whether a statement has changed a row, as far as its outcome tells: one that begins with `WITH` may have, and what
    /// a function does is not seen. Locked rows are not changed ones.
    public var hasChanged: Bool { changed.load(ordering: .relaxed) }

    /// What its statements tell of themselves, when it is committed.
    var topics: [String] { told.withLock(\.self) }

    /// How long a connection may take to get rid of what a closure left unfinished before it is closed instead.
    private static let drainTimeout: Duration = .milliseconds(500)

    init(pool: LoopPool, lease: Waiter, scope: Scope, isolation: TransactionIsolation) {
        self.pool = pool
        self.scope = scope
        self.isolation = isolation
        connection = lease.connection
    }

    /// Runs one statement.
    public func query(_ statement: Statement) async throws -> Rows {
        try statement.validate()
        return try await perform([statement])[0]
    }

    /// Runs statements in one round trip; when one fails the transaction can only be rolled back.
    public func batch(_ statements: [Statement]) async throws -> [Rows] {
        guard !statements.isEmpty else { return [] }
        for statement in statements { try statement.validate() }
        return try await perform(statements)
    }

    private func perform(_ statements: [Statement]) async throws -> [Rows] {
        do {
            let rows = try await send(statements)
            let topics = statements.flatMap(\.topics)
            if !topics.isEmpty { told.withLock { $0 += topics } }
            if !hasChanged, zip(statements, rows).contains(where: { $1.tellsOfChange(by: $0) }) {
                changed.store(true, ordering: .relaxed)
            }
            return rows
        } catch let error as CancellationError {
            pool.run { self.isAbandoned = true }
            throw error
        }
    }

    private func send(_ statements: [Statement]) async throws -> [Rows] {
        if Task.isCancelled { throw CancellationError() }
        let request = LateRequest()
        return try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                pool.run {
                    let made = self.makeRequest(statements)
                    made.onCompletion(continuation)
                    request.fill(made)
                    self.submit(made)
                }
            }
        } onCancel: {
            pool.loop.execute { request.cancel() }
        }
    }

    /// A request that is made on the loop, where it is known whether the transaction has begun.
    ///
    /// `@unchecked Sendable`: touched on the loop's thread alone.
    private final class LateRequest: @unchecked Sendable {
        private var request: Request?
        private var isCancelled = false

        func fill(_ request: Request) {
            self.request = request
            if isCancelled { request.finish(throwing: CancellationError()) }
        }

        func cancel() {
            isCancelled = true
            request?.finish(throwing: CancellationError())
        }
    }

    private func makeRequest(_ statements: [Statement]) -> Request {
        Request(hasBegun ? .none : .begin(scope, isolation), statements, purpose: .step)
    }

    private func submit(_ request: Request) {
        guard !request.isDone else {
            isAbandoned = true
            return
        }
        guard let connection else {
            return request.finish(throwing: PostgresError(.transactionEnded, "the transaction has ended"))
        }
        guard connection.isOpen else { return request.finish(throwing: LossVerdict.lost) }
        if connection.send(request) { hasBegun = true }
    }

    // MARK: The end

    /// Sends what is left to send and commits, whether or not the task is cancelled meanwhile: the outcome must be known.
    ///
    /// - Returns: the rows of `statements`; none where the transaction never began.
    func commit(after statements: [Statement]) async throws -> [Rows] {
        var rows = try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<[Rows], any Error>) in
            pool.run { self.submitCommit(after: statements, continuation) }
        }
        // In a failed transaction the server answers COMMIT with ROLLBACK.
        if let last = rows.popLast(), last.result.commandTag != "COMMIT" {
            throw PostgresError(.transactionAborted, "a statement had failed, so that nothing was committed")
        }
        return rows
    }

    private func submitCommit(after statements: [Statement], _ continuation: UnsafeContinuation<[Rows], any Error>) {
        if isAbandoned { return continuation.resume(throwing: CancellationError()) }
        guard hasBegun, let connection else {
            end()
            return continuation.resume(returning: [])
        }
        guard connection.isOpen else { return continuation.resume(throwing: LossVerdict.lost) }
        let request = Request(.none, statements + [Statement(SessionSQL.commit)], purpose: .commit)
        request.onCompletion { outcome in
            if case .success = outcome { self.end() }
            continuation.resume(with: outcome)
        }
        connection.send(request)
    }

    /// Rolls back and gives the connection back, or closes it when it does not get idle soon; also when the task is
    /// cancelled.
    func rollBack() async {
        await withUnsafeContinuation { continuation in
            pool.run { self.submitRollback { continuation.resume() } }
        }
    }

    private func submitRollback(_ done: @escaping () -> Void) {
        guard let connection, connection.isOpen, !connection.isIdle else {
            end()
            return done()
        }
        drainTimer = pool.loop.schedule(after: Self.drainTimeout) { connection.close() }
        let request = Request(.none, [Statement(SessionSQL.rollback)], purpose: .housekeeping)
        request.onCompletion { _ in
            self.end()
            done()
        }
        connection.send(request)
    }

    private func end() {
        drainTimer?.cancel()
        drainTimer = nil
        guard let connection else { return }
        self.connection = nil
        // The answer comes just before the pipeline is seen to be empty.
        pool.loop.atEndOfTurn { self.pool.interactive.release(connection) }
    }
}

extension Rows {
    fileprivate func tellsOfChange(by statement: Statement) -> Bool {
        result.commandTag.hasPrefix("SELECT") ? statement.sql.leadingKeyword == "WITH" : affected > 0
    }
}
