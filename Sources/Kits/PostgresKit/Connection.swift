import CLibpq
import EventLoopKit
import ServiceKit

/// One connection in pipeline mode, on one loop.
///
/// Requests are written one behind the other without waiting for replies; the replies come in the same order and are
/// given to the requests as they come. Belongs to its loop's thread.
final class Connection {
    /// What the next result belongs to. Results come in exactly the order in which these were sent.
    fileprivate enum Step {
        case prepare(PreparedStatement)
        case prologue(Request)
        case statement(Request, PreparedStatement?)
        case sync(Request?)
    }

    let loop: EventLoop
    private let configuration: PostgresConfiguration
    private let log: Log
    private let pointer: OpaquePointer
    private var watcher: FileDescriptorWatcher?
    private var steps = FIFO<Step>(minimumCapacity: 64)
    private var prepared: [UnsafeRawPointer: PreparedStatement] = [:]
    private var preparedCount = 0
    private var parameters = ParameterBuffer()
    private var flushIsScheduled = false

    /// Requests sent and not yet answered.
    private(set) var inFlight = 0
    /// Set when a request failed: nothing new until the pipeline is empty and the server's transaction verified idle.
    private(set) var isVerifying = false
    private(set) var isOpen = true
    /// Called after a request has been answered, when the connection may take more.
    var onProgress: (() -> Void)?
    /// Called once when the connection is lost, with requests that the server provably never began.
    var onClose: (([Request]) -> Void)?
    /// Called for each notification (`LISTEN`).
    var onNotification: ((_ channel: String, _ payload: String) -> Void)?

    /// - Parameter opened: a connection that has been authenticated.
    init?(_ opened: OpenedConnection, loop: EventLoop, configuration: PostgresConfiguration, log: Log) {
        guard let pointer = opened.take() else { return nil }
        self.pointer = pointer
        self.loop = loop
        self.configuration = configuration
        self.log = log
        guard PQsetnonblocking(pointer, 1) == 0, PQenterPipelineMode(pointer) == 1 else { return nil }
        let watcher = FileDescriptorWatcher(loop: loop, fileDescriptor: PQsocket(pointer)) { [weak self] readiness in
            self?.becameReady(readiness)
        }
        watcher.watch(for: .read)
        self.watcher = watcher
    }

    deinit {
        watcher?.cancel()
        PQfinish(pointer)
    }

    /// The server's version, such as 150020.
    var serverVersion: Int { Int(PQserverVersion(pointer)) }

    /// Whether nothing is in flight and the server is in no transaction.
    var isIdle: Bool { isOpen && steps.isEmpty && PQtransactionStatus(pointer) == PQTRANS_IDLE }

    // MARK: Sending

    /// Sends the request; its answer comes to the request itself.
    ///
    /// - Returns: false when nothing was sent, because the request is not allowed or the connection is gone.
    @discardableResult
    func send(_ request: Request) -> Bool {
        guard isOpen else {
            request.finish(throwing: LossVerdict.lost)
            return false
        }
        if let refusal = refusal(of: request) {
            request.finish(throwing: refusal)
            return false
        }
        inFlight += 1
        guard prepareAll(of: request), sendPrologue(of: request), sendStatements(of: request),
            PQpipelineSync(pointer) == 1
        else {
            // Without its Sync the server cannot have committed any of it.
            lose(cause: nil, unsent: request)
            return false
        }
        steps.append(.sync(request))
        scheduleFlush()
        return true
    }

    private func refusal(of request: Request) -> PostgresError? {
        switch request.purpose {
        case .commit, .housekeeping: return nil
        case .single, .step:
            for statement in request.statements {
                let sql = statement.sql
                guard prepared[sql.identity]?.changesSession ?? sql.changesSession else { continue }
                let reason = "changes a connection that others use; use transaction { } and set_config(…, true)"
                return PostgresError(.invalidStatement, "\(sql.leadingKeyword) \(reason)")
            }
            return nil
        }
    }

    /// Ahead of the request: its own Sync must hold all of it together.
    private func prepareAll(of request: Request) -> Bool {
        guard configuration.preparesStatements else { return true }
        switch request.prologue {
        case .none: break
        case .scope(let scope):
            guard prepare(scope.sql) else { return false }
        case .begin(let scope, let isolation):
            guard prepare(SessionSQL.begin(isolation)), prepare(scope.sql) else { return false }
        }
        for statement in request.statements {
            guard prepare(statement.sql) else { return false }
        }
        return true
    }

    /// Sends `Parse` with a Sync of its own, so that its failure is felt by nobody but those who use it.
    private func prepare(_ sql: StaticString) -> Bool {
        if prepared[sql.identity] != nil { return true }
        preparedCount += 1
        let statement = PreparedStatement(sql: sql, name: "s\(preparedCount)")
        guard PQsendPrepare(pointer, statement.name, sql.cString, 0, nil) == 1, PQpipelineSync(pointer) == 1 else {
            return false
        }
        prepared[sql.identity] = statement
        steps.append(.prepare(statement))
        steps.append(.sync(nil))
        return true
    }

    private func sendPrologue(of request: Request) -> Bool {
        switch request.prologue {
        case .none: return true
        case .scope(let scope): return sendScope(scope, for: request)
        case .begin(let scope, let isolation):
            parameters.removeAll()
            guard sendQuery(SessionSQL.begin(isolation)) else { return false }
            steps.append(.prologue(request))
            return sendScope(scope, for: request)
        }
    }

    /// Every transaction begins by saying whose it is, also when it is nobody's: what an earlier one may have left
    /// behind is overwritten.
    private func sendScope(_ scope: Scope, for request: Request) -> Bool {
        parameters.removeAll()
        parameters.append(.text(configuration.scopeSetting))
        if let organization = scope.organization {
            parameters.append(.uuid(organization))
        } else {
            parameters.append(.text(""))
        }
        if !configuration.preparesStatements {
            parameters.append(.text(String(configuration.statementTimeout.wholeMilliseconds)))
            parameters.append(.text(String(configuration.idleInTransactionTimeout.wholeMilliseconds)))
        }
        guard sendQuery(configuration.preparesStatements ? scope.sql : scope.pooledSQL) else { return false }
        steps.append(.prologue(request))
        return true
    }

    private func sendStatements(of request: Request) -> Bool {
        for statement in request.statements {
            parameters.removeAll()
            for parameter in statement.parameters { parameters.append(parameter) }
            guard sendQuery(statement.sql) else { return false }
            steps.append(.statement(request, prepared[statement.sql.identity]))
        }
        return true
    }

    private func sendQuery(_ sql: StaticString) -> Bool {
        if configuration.preparesStatements {
            guard let statement = prepared[sql.identity] else { return false }
            return parameters.withArrays { count, values, lengths, formats in
                PQsendQueryPrepared(pointer, statement.name, count, values, lengths, formats, 1)
            } == 1
        }
        return parameters.withArrays { count, values, lengths, formats in
            PQsendQueryParams(pointer, sql.cString, count, nil, values, lengths, formats, 1)
        } == 1
    }

    /// Looks once a turn whether bytes are left that the socket would not take.
    private func scheduleFlush() {
        guard !flushIsScheduled else { return }
        flushIsScheduled = true
        loop.atEndOfTurn { [weak self] in
            guard let self else { return }
            flushIsScheduled = false
            flush()
        }
    }

    private func flush() {
        guard isOpen else { return }
        // A failed write is not the end: what the server said before it went is still to be read.
        watcher?.watch(for: PQflush(pointer) == 1 ? [.read, .write] : .read)
    }

    // MARK: Receiving

    private func becameReady(_ readiness: FileDescriptorWatcher.Readiness) {
        guard isOpen else { return }
        let isAlive = !readiness.contains(.read) || PQconsumeInput(pointer) == 1
        takeResults()
        takeNotifications()
        guard isOpen else { return }
        if !isAlive || PQstatus(pointer) == CONNECTION_BAD {
            lose(cause: nil)
        } else if readiness.contains(.write) {
            flush()
        }
    }

    private func takeResults() {
        var finished = false
        while isOpen, let step = steps.first, PQisBusy(pointer) == 0 {
            if let result = PQgetResult(pointer) {
                finished = take(result, for: step) || finished
            } else if PQstatus(pointer) == CONNECTION_BAD {
                // Nothing more will come, and that is no answer to anything.
                break
            } else {
                // The end of one command's results.
                _ = steps.popFirst()
            }
        }
        guard isOpen, finished else { return }
        if steps.isEmpty { verify() }
        if isOpen { onProgress?() }
    }

    /// Returns true when the result completes a request.
    private func take(_ result: OpaquePointer, for step: Step) -> Bool {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
            deliver(result, to: step)
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            _ = steps.popFirst()
            guard case .sync(let request) = step else { return breakProtocol() }
            return complete(request)
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            if case .prepare(let statement) = step { forget(statement) }
        case PGRES_FATAL_ERROR:
            defer { PQclear(result) }
            if PostgresError.endsSession(result) || PQstatus(pointer) == CONNECTION_BAD {
                lose(cause: PQresultErrorField(result, PostgresError.Diagnostic.sqlState) == nil ? nil : result)
            } else {
                fail(step, PostgresError(result: result))
            }
        case PGRES_EMPTY_QUERY:
            PQclear(result)
            fail(step, PostgresError(.invalidStatement, "the statement is empty"))
        default:
            // COPY and whatever else cannot be carried on in a pipeline.
            PQclear(result)
            return breakProtocol()
        }
        return false
    }

    private func deliver(_ result: OpaquePointer, to step: Step) {
        guard case .statement(let request, let statement) = step, !request.isDone else {
            PQclear(result)
            return
        }
        request.receive(Rows(result: ResultStorage(result, columns: statement.columns(of: result))))
    }

    private func fail(_ step: Step, _ error: PostgresError) {
        isVerifying = true
        switch step {
        case .prepare(let statement):
            statement.error = error
            forget(statement)
        case .prologue(let request): request.receive(error)
        case .statement(let request, let statement):
            // 26000: the statement's Parse failed, or a pooler lost it. 0A000: the tables behind its plan changed.
            if let statement, error.sqlState == "26000" || error.sqlState == "0A000" { forget(statement) }
            request.receive(error.sqlState == "26000" ? statement?.error ?? error : error)
        case .sync: break
        }
    }

    private func forget(_ statement: PreparedStatement) {
        if prepared[statement.sql.identity] === statement { prepared[statement.sql.identity] = nil }
    }

    private func complete(_ request: Request?) -> Bool {
        guard let request else { return false }
        inFlight -= 1
        request.finish()
        return true
    }

    /// The pipeline is empty: the moment at which the server's transaction status can be seen.
    private func verify() {
        switch PQtransactionStatus(pointer) {
        case PQTRANS_IDLE: isVerifying = false
        case PQTRANS_INTRANS where isHeld, PQTRANS_INERROR where isHeld: isVerifying = false
        default:
            log.error("a shared database connection was left in a transaction; closing it")
            lose(cause: nil)
        }
    }

    /// Whether an interactive transaction holds the connection, so that being inside one is as it should be.
    var isHeld = false

    private func takeNotifications() {
        guard isOpen, let onNotification else { return }
        while let notification = PQnotifies(pointer) {
            let channel = notification.pointee.relname.map { String(cString: $0) } ?? ""
            let payload = notification.pointee.extra.map { String(cString: $0) } ?? ""
            PQfreemem(notification)
            onNotification(channel, payload)
        }
    }

    // MARK: The end

    private func breakProtocol() -> Bool {
        log.error("the database sent what this client cannot understand; closing the connection")
        lose(cause: nil)
        return false
    }

    /// Closes at once. What is in flight fails as if the connection had been lost.
    func close() { lose(cause: nil) }

    /// Ends the connection and tells everyone in flight what that means for them.
    ///
    /// - Parameters:
    ///   - cause: the result with which the server itself ended the session; it did nothing after it.
    ///   - unsent: a request whose Sync never left.
    private func lose(cause: OpaquePointer?, unsent: Request? = nil) {
        guard isOpen else { return }
        isOpen = false
        watcher?.cancel()
        watcher = nil
        let error = cause.map { PostgresError(result: $0, kind: .unavailable) }
        // What was sent of it counts for nothing: it goes elsewhere as a whole, and once.
        let parts = steps.removeAll().map(\.parts).filter { unsent == nil || $0.request !== unsent }
        let verdict = LossVerdict(steps: parts, serverEndedSession: error)
        inFlight = 0
        for (request, error) in verdict.failed { request.finish(throwing: error) }
        let notBegun = verdict.notBegun + (unsent.map { [$0] } ?? [])
        let onClose = onClose
        self.onClose = nil
        onProgress = nil
        onNotification = nil
        onClose?(notBegun)
    }
}

extension Connection.Step {
    fileprivate var parts: LossVerdict.Part {
        switch self {
        case .prepare: LossVerdict.Part(request: nil, isSync: false)
        case .prologue(let request), .statement(let request, _): LossVerdict.Part(request: request, isSync: false)
        case .sync(let request): LossVerdict.Part(request: request, isSync: true)
        }
    }
}
