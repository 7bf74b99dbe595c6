import EventLoopKit
import Foundation

/// One client's connection: reads requests one after the other, has each answered, writes the answers in order.
///
/// At most one request is answered at a time; what a pipelining client sends meanwhile is kept up to `readAhead`, and
/// then left in the socket. Reading goes on while a request is answered, so that a client's leaving is noticed.
///
/// `@unchecked Sendable`: everything is touched on the loop's own thread alone.
final class HTTPConnection: @unchecked Sendable {
    enum Phase {
        /// Reads a request.
        case reading
        /// A handler is at work; nothing of its answer is written yet.
        case responding
        /// A handler writes its answer bit by bit.
        case streaming
        /// Speaks WebSocket, and HTTP no more.
        case webSocket
        /// The client must read what waits for it before its next request is looked at.
        case congested
        /// Writes its last bytes.
        case closing
        /// Has said its last word and waits for the client to take it in (RFC 9112, 9.6).
        case lingering
        case closed
    }

    /// What is known of the request being answered.
    struct Current {
        var isHead = false
        var version = HTTPVersion.http11
        var keepsAlive = false
    }

    let server: LoopServer
    let socket: ConnectionSocket
    let parser: RequestParser
    private var watcher: FileDescriptorWatcher?
    /// The place among the server's connections.
    var place = 0

    var phase = Phase.reading
    var current = Current()
    var output = OutputQueue()
    var deadlines: ConnectionDeadlines
    /// The stream of body bytes being written, if one is; its number tells it from those before it.
    var stream = ResponseStream()
    /// The WebSocket that this connection has become.
    var webSocket: WebSocketSession?
    private var head: HTTPRequestHead?
    private var task: Task<Void, Never>?
    private var readAhead: [UInt8] = []
    private var peerHasFinished = false
    private var isDirty = false
    private var heldBodyBytes = 0

    init(server: LoopServer, socket: ConnectionSocket, remoteAddress: String) {
        self.server = server
        self.socket = socket
        parser = RequestParser(limits: server.configuration.parserLimits, remoteAddress: remoteAddress)
        deadlines = ConnectionDeadlines(acceptedAt: server.now(), configuration: server.configuration)
        watcher = FileDescriptorWatcher(loop: server.loop, fileDescriptor: socket.fileDescriptor) {
            [unowned self] readiness in ready(readiness)
        }
        watcher?.watch(for: .read)
    }

    // MARK: Reading

    private func ready(_ readiness: FileDescriptorWatcher.Readiness) {
        // TLS may wait for the one in order to do the other.
        if readiness.contains(.write) || (socket.isSecure && !output.isEmpty) { flush() }
        if phase != .closed, readiness.contains(.read) || socket.isSecure { receive() }
    }

    var wantsInput: Bool {
        guard phase != .closed, !peerHasFinished else { return false }
        // What a WebSocket's peer sends is answered: whoever does not read the answers is not read either.
        if phase == .webSocket { return webSocket?.wantsInput == true && hasRoom }
        return readAhead.count < server.configuration.readAhead
    }

    private func receive() {
        guard wantsInput else { return }
        repeat {
            switch socket.read(into: server.readBuffer) {
            case .bytes(let count): take(UnsafeRawBufferPointer(rebasing: server.readBuffer[..<count]))
            case .wouldBlock: break
            case .end: peerFinished()
            case .failed: close()
            }
        } while socket.holdsInput && wantsInput
        updateInterest()
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        switch phase {
        case .reading: parse(bytes)
        case .responding, .streaming, .congested: readAhead.append(contentsOf: bytes)
        case .webSocket: receiveFrames(bytes)
        case .closing, .lingering:
            // Dropped, so that a reset does not overtake the last answer.
            break
        case .closed: break
        }
    }

    private func parse(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while phase == .reading {
            switch parser.parse(bytes, at: &position) {
            case .needsMore:
                waitForMore()
                return
            case .head(let head): accept(head)
            case .body(let body): dispatch(body)
            case .failed(let error): fail(error)
            }
        }
        if phase != .closing, phase != .closed, position < bytes.count {
            readAhead.append(contentsOf: bytes[position...])
        }
    }

    /// Goes on with what was read ahead.
    private func parseReadAhead() {
        guard !readAhead.isEmpty else { return }
        let bytes = readAhead
        readAhead = []
        bytes.withUnsafeBytes(parse)
        guard phase != .closed else { return }
        updateInterest()
        // Deciphered bytes make no socket readable: ask for them once the present request is under way.
        if socket.holdsInput { server.loop.execute { [self] in receive() } }
    }

    /// What the peer said before the answer to its handshake is the WebSocket's.
    func takeReadAhead() {
        guard !readAhead.isEmpty else { return }
        let bytes = readAhead
        readAhead = []
        bytes.withUnsafeBytes(receiveFrames)
    }

    private func waitForMore() {
        if parser.isReadingBody {
            hold(parser.bodyCount)
            deadlines.bodyIsComing(now: server.now())
            if server.holdsTooMuch { fail(HTTPParseError(503, "Too many request bodies are being read at once.")) }
        } else if parser.isMidHead {
            deadlines.headIsComing(now: server.now(), server.configuration)
        }
    }

    private func accept(_ head: HTTPRequestHead) {
        self.head = head
        current = Current(isHead: head.method == .head, version: head.version, keepsAlive: parser.keepsAlive)
        guard parser.framing?.hasUnknownExpectation != true else {
            return fail(HTTPParseError(417, "The only expectation met is 100-continue."))
        }
        do {
            // A request without a body needs no limit, and most have none.
            try parser.acceptBody(limit: parser.announcesBody ? server.responder.bodyLimit(for: head) : 0)
        } catch { return fail(error) }
        if parser.waitsForContinue {
            output.gather { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
            setNeedsFlush()
        }
    }

    private func dispatch(_ body: [UInt8]) {
        guard let head else { return }
        self.head = nil
        hold(body.count)
        phase = .responding
        deadlines.stop()
        let request = HTTPRequest(head: head, body: body)
        task = Task(executorPreference: server.loop) { [self] in
            let response = await server.responder.respond(to: request)
            await answer(response)
        }
    }

    /// The peer sends no more: it has left, or has at least closed its half.
    private func peerFinished() {
        peerHasFinished = true
        current.keepsAlive = false
        readAhead = []
        switch phase {
        case .reading, .congested:
            phase = .closing
            setNeedsFlush()
        case .responding, .streaming:
            task?.cancel()
            stream.fail()
        case .webSocket: loseWebSocket()
        case .closing: setNeedsFlush()
        case .lingering, .closed: close()
        }
    }

    // MARK: Ends

    /// Answers what never became a request, and closes.
    func fail(_ error: HTTPParseError) {
        let response = server.responder.errorResponse(
            status: error.status, detail: error.detail, remoteAddress: parser.remoteAddress)
        current.keepsAlive = false
        writeWhole(response)
        finishAnswer()
    }

    /// The answer is in the queue: goes on to the next request, or closes.
    func finishAnswer() {
        task = nil
        hold(0)
        setNeedsFlush()
        guard current.keepsAlive, !server.isDraining else {
            phase = .closing
            readAhead = []
            deadlines.stop()
            return
        }
        guard output.count <= server.configuration.writeHighWater else {
            phase = .congested
            return
        }
        readNext()
    }

    private func readNext() {
        phase = .reading
        deadlines.idle(now: server.now(), server.configuration)
        parseReadAhead()
    }

    /// No new request after the present one; a resting connection is closed at once.
    func drain() {
        if phase == .webSocket { return closeWebSocket(.goingAway) }
        if phase == .reading, !parser.isMidHead, !parser.isReadingBody, output.isEmpty { close() }
    }

    /// Cancels the handler; closes where none is at work.
    func cancelHandler() {
        guard let task else { return phase == .lingering ? () : close() }
        task.cancel()
    }

    /// Lets the handler know that nobody hears it any more.
    func cancelTask() { task?.cancel() }

    /// Closes at once; what waits to be written is lost.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        watcher?.cancel()
        watcher = nil
        socket.close()
        task?.cancel()
        task = nil
        stream.fail()
        webSocket?.lose(now: server.now())
        hold(0)
        server.remove(self)
    }

    private func linger() {
        guard !peerHasFinished else { return close() }
        phase = .lingering
        socket.finishWriting()
        deadlines.linger(now: server.now(), server.configuration)
        updateInterest()
    }

    private func hold(_ count: Int) {
        server.heldBodyBytes += count - heldBodyBytes
        heldBodyBytes = count
    }

    // MARK: Writing

    /// Has the output written at the end of this turn of the loop.
    func setNeedsFlush() {
        guard !isDirty, phase != .closed else { return }
        isDirty = true
        server.flushLater(self)
    }

    func flush() {
        isDirty = false
        guard phase != .closed else { return }
        let before = output.count
        let outcome = output.drain(socket.write)
        switch outcome {
        case .failed, .end: return close()
        case nil: deadlines.outputIsWritten()
        case .bytes, .wouldBlock: deadlines.outputWaits(now: server.now(), written: before - output.count)
        }
        if output.count <= server.configuration.writeHighWater / 2 { roomCame() }
        if phase == .closing, output.isEmpty { linger() }
        updateInterest()
    }

    private func roomCame() {
        stream.roomCame()
        if phase == .congested { readNext() }
    }

    func updateInterest() {
        guard phase != .closed else { return }
        var interest: FileDescriptorWatcher.Readiness = wantsInput ? .read : []
        if (!output.isEmpty && !isDirty) || socket.wantsWrite { interest.insert(.write) }
        watcher?.watch(for: interest)
        // Deciphered bytes that were left while there was no room for them make no socket readable.
        if phase == .webSocket, socket.holdsInput, wantsInput { server.loop.execute { [self] in receive() } }
    }
}
