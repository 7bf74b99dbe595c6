import EventLoopKit

// How a response becomes bytes.
extension HTTPConnection {
    /// Writes the handler's answer. On the loop, like the handler's task.
    func answer(_ response: HTTPResponse) async {
        guard phase == .responding else { return }
        if ResponseHead.asksForClose(response.headers) { current.keepsAlive = false }
        if case .stream(let produce) = response.body, !current.isHead, !Self.hasNoBody(response.status) {
            await answer(response, producedBy: produce)
        } else if case .webSocket(let upgrade) = response.body {
            await serve(upgrade, answering: response)
        } else {
            writeWhole(response)
            finishAnswer()
        }
    }

    /// Queues an answer whose body is there already, or is not to be sent.
    func writeWhole(_ response: HTTPResponse) {
        let body: [UInt8]
        let framing: ResponseHead.Framing
        switch response.body {
        case .bytes(let bytes):
            body = bytes
            framing = Self.hasNoBody(response.status) ? .none : .length(bytes.count)
        case .stream, .webSocket:
            body = []
            framing = Self.hasNoBody(response.status) ? .none : streamFraming
        }
        writeHead(response, framing: framing)
        if case .length = framing, !current.isHead { output.append(body) }
    }

    /// 204 and 304 have no body by definition (RFC 9110, 6.4.1).
    private static func hasNoBody(_ status: Int) -> Bool { status == 204 || status == 304 }

    private var streamFraming: ResponseHead.Framing { current.version == .http11 ? .chunked : .untilClose }

    private func writeHead(_ response: HTTPResponse, framing: ResponseHead.Framing) {
        if server.isDraining { current.keepsAlive = false }
        let persistence: ResponseHead.Persistence =
            !current.keepsAlive ? .close : current.version == .http10 ? .keepAlive : .open
        let date = server.dateLine.current()
        output.gather {
            ResponseHead.append(response, framing: framing, persistence: persistence, date: date, to: &$0)
        }
    }

    private func answer(
        _ response: HTTPResponse, producedBy produce: @Sendable (HTTPBodyWriter) async throws -> Void
    ) async {
        let framing = streamFraming
        if case .untilClose = framing { current.keepsAlive = false }
        writeHead(response, framing: framing)
        setNeedsFlush()
        phase = .streaming
        let number = stream.begin()
        let isComplete: Bool
        do {
            try await produce(HTTPBodyWriter(connection: self, stream: number))
            isComplete = true
        } catch { isComplete = false }
        stream.end()
        guard phase == .streaming else { return }
        guard isComplete else { return breakOff() }
        if case .chunked = framing { output.gather { $0.append("0\r\n\r\n") } }
        finishAnswer()
    }

    /// Cuts an answer off in such a way that the client cannot take it for a whole one.
    private func breakOff() {
        flush()
        guard phase == .streaming else { return }
        socket.reset()
        close()
    }

    // MARK: The body writer's side

    /// Queues a piece of a streamed body.
    ///
    /// - Returns: whether more may follow at once.
    func put(_ bytes: [UInt8], stream number: Int) throws -> Bool {
        guard phase == .streaming, stream.isOpen(number) else { throw HTTPConnectionClosed() }
        // A chunk of no bytes would end the body.
        guard !bytes.isEmpty else { return hasRoom }
        deadlines.streamedAt = server.now()
        if current.version == .http11 {
            output.gather {
                $0.append(hexadecimal: bytes.count)
                $0.append("\r\n")
            }
            output.append(bytes)
            output.gather { $0.append("\r\n") }
        } else {
            output.append(bytes)
        }
        setNeedsFlush()
        return hasRoom
    }

    var hasRoom: Bool { output.count <= server.configuration.writeHighWater }

    /// Queues a piece, and resumes `waiter` when there is room for the next.
    func put(_ bytes: [UInt8], stream number: Int, waiter: ResponseStream.Waiter) {
        do {
            if try put(bytes, stream: number) { waiter.resume() } else { stream.park(waiter) }
        } catch { waiter.resume(throwing: error) }
    }

    /// Gives up waiting. From any thread.
    func cancel<Value>(_ waiter: LoopWaiter<Value>) {
        server.loop.execute { waiter.resume(throwing: CancellationError()) }
    }

    /// Sends `bytes` whenever the stream has been silent for `interval`. From any thread.
    func keepAlive(_ bytes: [UInt8], every interval: Duration, stream number: Int) {
        server.onLoop { [self] in
            guard stream.isOpen(number) else { return }
            deadlines.streamedAt = server.now()
            stream.keepAlive = (bytes, interval.milliseconds)
        }
    }
}
