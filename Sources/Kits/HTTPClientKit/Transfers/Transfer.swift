import CLibcurl
import EventLoopKit

/// One exchange: a request on its way, and the answer as far as it has come.
///
/// `@unchecked Sendable`: everything mutable is touched on the loop's thread alone; what may be called from elsewhere
/// (`start`, `next`, `cancel`) hops there first.
final class Transfer: @unchecked Sendable {
    /// The head of an answer.
    struct Head: Sendable {
        let status: Int
        let headers: MessageHeaders
    }

    let request: OutgoingRequest
    private let owner: TransferLoop
    /// Hands over the body only when it is whole.
    private let collects: Bool

    private(set) var easy: UnsafeMutableRawPointer?
    /// Lists that curl reads while the handle lives.
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var reader: HeadReader
    private var buffer: BodyBuffer
    private var headWaiter: CheckedContinuation<Head, any Error>?
    private var bodyWaiter: CheckedContinuation<[UInt8]?, any Error>?
    private var outcome: Result<Void, HTTPClientError>?
    /// Why a callback told curl to end the transfer; curl itself then only knows that it was told.
    private var reason: HTTPClientError?
    private var isPaused = false
    /// Whether the body was cut at its limit.
    private(set) var isTruncated = false
    private var startedAt = ContinuousClock.now
    private var idle: IdleWatch?
    private var refusedAddresses = 0
    private var openedSockets = 0
    private var drainTimer: LoopTimer?

    init(_ request: OutgoingRequest, owner: TransferLoop, collects: Bool) {
        self.request = request
        self.owner = owner
        self.collects = collects
        reader = HeadReader(limit: owner.configuration.maximumHeaderBytes)
        let highWater = collects ? Int.max : owner.configuration.streamBufferBytes
        buffer = BodyBuffer(limit: request.responseByteLimit, highWater: highWater)
    }

    // MARK: From any thread

    /// Sends the request and waits for the head of the answer.
    func start() async throws -> Head {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                owner.run { self.begin(waiter) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// The bytes that have arrived since the last call, at least one; `nil` at the end of the body.
    func next(isolation: isolated (any Actor)?) async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                owner.run { self.take(waiter) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Ends the exchange at once; what has arrived is dropped.
    func cancel() {
        owner.run { self.owner.finish(self, .failure(.cancelled), discarding: true) }
    }

    /// Nobody reads any more: ends the exchange, unless it is draining.
    func abandon() {
        owner.run { if self.drainTimer == nil { self.owner.finish(self, .failure(.cancelled), discarding: true) } }
    }

    /// Drops what still arrives, for at most a second.
    func drain() {
        owner.run {
            guard self.outcome == nil, self.drainTimer == nil else { return }
            self.drainTimer = self.owner.loop.schedule(after: .seconds(1)) { [unowned self] in cancel() }
            _ = self.buffer.take()
            if self.isPaused { self.unpause() }
        }
    }

    // MARK: On the loop's thread

    private func begin(_ waiter: CheckedContinuation<Head, any Error>) {
        if case .failure(let error) = outcome { return waiter.resume(throwing: error) }
        headWaiter = waiter
        startedAt = .now
        do {
            guard let easy = curl_easy_init() else { throw HTTPClientError.outOfMemory }
            self.easy = easy
            lists = try TransferOptions(request, owner.configuration).apply(
                to: easy, transfer: Unmanaged.passUnretained(self).toOpaque())
            try owner.add(self, easy)
            idle = IdleWatch(self, loop: owner.loop, limit: request.idleTimeout)
        } catch {
            owner.finish(self, .failure(error as? HTTPClientError ?? .protocolViolation), discarding: true)
        }
    }

    private func take(_ waiter: CheckedContinuation<[UInt8]?, any Error>) {
        if !buffer.isEmpty, !collects || outcome != nil {
            waiter.resume(returning: buffer.take())
            if isPaused { unpause() }
            return
        }
        switch outcome {
        case .success: waiter.resume(returning: nil)
        case .failure(let error): waiter.resume(throwing: error)
        case nil: bodyWaiter = waiter
        }
    }

    /// curl may deliver from inside the call, and may fail there.
    private func unpause() {
        guard let easy else { return }
        isPaused = false
        idle?.touch()
        let code = owner.entering { curl_easy_pause(easy, CURLPAUSE_CONT) }
        if code != CURLE_OK { owner.finish(self, result(of: code), discarding: false) }
    }

    /// The transfer has ended, and curl no longer knows it.
    func finished(_ result: Result<Void, HTTPClientError>, discarding: Bool) {
        idle?.cancel()
        idle = nil
        drainTimer?.cancel()
        drainTimer = nil
        if let easy { curl_easy_cleanup(easy) }
        easy = nil
        for list in lists { curl_slist_free_all(list) }
        lists = []
        if discarding { _ = buffer.take() }
        if outcome == nil { outcome = result }
        if let waiter = headWaiter {
            headWaiter = nil
            if case .failure(let error) = result {
                waiter.resume(throwing: error)
            } else {
                // Without a head there was no answer, whatever curl thinks.
                outcome = .failure(.protocolViolation)
                waiter.resume(throwing: HTTPClientError.protocolViolation)
            }
        }
        if let waiter = bodyWaiter {
            bodyWaiter = nil
            take(waiter)
        }
    }

    /// What curl's code means for this transfer.
    func result(of code: CURLcode) -> Result<Void, HTTPClientError> {
        code == CURLE_OK || (isTruncated && code == CURLE_WRITE_ERROR) ? .success(()) : .failure(failure(of: code))
    }

    private func failure(of code: CURLcode) -> HTTPClientError {
        if let reason { return reason }
        if code == CURLE_COULDNT_CONNECT, refusedAddresses > 0, openedSockets == 0 { return .addressRefused }
        let limit = request.responseByteLimit
        guard ContinuousClock.now - startedAt < request.deadline else {
            return HTTPClientError(code, limit: limit, timeout: .deadline)
        }
        let whileConnected: HTTPClientError.Timeout = request.minimumRate == nil ? .deadline : .slow
        return HTTPClientError(code, limit: limit, timeout: isConnected ? whileConnected : .connect)
    }

    // MARK: Idleness

    /// Whether the connection stands, so that silence on it counts.
    var isConnected: Bool {
        guard let easy else { return false }
        var time: curl_off_t = 0
        return shim_curl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &time) == CURLE_OK && time > 0
    }

    /// Whether the consumer is behind: then the silence is ours.
    var isWaitingForConsumer: Bool { isPaused }

    /// How many bytes of the request have gone out.
    var uploaded: Int {
        guard let easy else { return 0 }
        var bytes: curl_off_t = 0
        return shim_curl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &bytes) == CURLE_OK ? Int(bytes) : 0
    }

    func becameIdle() { owner.finish(self, .failure(.timeout(.idle)), discarding: false) }

    // MARK: Called by curl

    /// Takes a header line; false ends the transfer.
    func receive(headerLine: UnsafeRawBufferPointer) -> Bool {
        idle?.touch()
        switch reader.receive(line: headerLine) {
        case .more: return true
        case .complete:
            headWaiter?.resume(returning: Head(status: reader.status, headers: reader.headers))
            headWaiter = nil
            return true
        case .tooLarge:
            reason = .tooLarge(limit: reader.limit)
            return false
        case .invalid:
            reason = .protocolViolation
            return false
        }
    }

    /// Takes bytes of the body, and says what curl is to do.
    func receive(body: UnsafeRawBufferPointer) -> BodyBuffer.Verdict {
        idle?.touch()
        guard drainTimer == nil else { return .accepted }
        let verdict = buffer.receive(body)
        switch verdict {
        case .accepted:
            if !collects, let waiter = bodyWaiter, !buffer.isEmpty {
                bodyWaiter = nil
                waiter.resume(returning: buffer.take())
            }
        case .pause: isPaused = true
        case .tooLarge where request.truncatesBody && collects:
            buffer.fill(body)
            isTruncated = true
        case .tooLarge: reason = .tooLarge(limit: buffer.limit)
        }
        return verdict
    }

    /// Whether a connection to the address may be made.
    func allows(_ address: RemoteAddress?) -> Bool {
        guard let policy = owner.configuration.addressPolicy else {
            openedSockets += 1
            return true
        }
        guard let address, policy(address) else {
            refusedAddresses += 1
            return false
        }
        openedSockets += 1
        return true
    }
}
