import EventLoopKit

// A connection that has become a WebSocket.
extension HTTPConnection {
    /// Answers the handshake, and serves the WebSocket until both sides are done. On the loop, like the handler's task.
    func serve(_ upgrade: WebSocketUpgrade, answering response: HTTPResponse) async {
        let date = server.dateLine.current()
        output.gather { ResponseHead.appendUpgrade(response.headers, date: date, to: &$0) }
        setNeedsFlush()
        current.keepsAlive = false
        phase = .webSocket
        let number = stream.begin()
        webSocket = WebSocketSession(limits: upgrade.limits, number: number, now: server.now())
        if server.isDraining { closeWebSocket(.goingAway, stream: number) }
        takeReadAhead()
        var closure = WebSocketClosure.normal
        do {
            try await upgrade.handle(WebSocket(connection: self, number: number))
        } catch is CancellationError {
            closure = .goingAway
        } catch is HTTPConnectionClosed {
            // Said already.
        } catch { closure = .failed }
        webSocket?.handlerHasReturned = true
        closeWebSocket(closure, stream: number)
        progressWebSocket()
    }

    // MARK: From the peer

    func receiveFrames(_ bytes: UnsafeRawBufferPointer) {
        webSocket?.receive(bytes, now: server.now())
        writeFrames()
        progressWebSocket()
    }

    /// The peer has left without a word.
    func loseWebSocket() {
        webSocket?.lose(now: server.now())
        stream.fail()
        progressWebSocket()
    }

    /// Hands over the next message, or keeps the reader until it comes.
    func receiveMessage(
        _ waiter: LoopWaiter<String?>, _ continuation: CheckedContinuation<String?, any Error>, stream number: Int
    ) {
        waiter.set(continuation)
        guard webSocket?.number == number else { return waiter.resume(with: .success(nil)) }
        webSocket?.take(waiter)
        // There may be room again for what the peer has to say.
        updateInterest()
    }

    // MARK: To the peer

    /// Queues a message.
    ///
    /// - Returns: whether more may follow at once.
    func put(message: String?, stream number: Int) throws -> Bool {
        guard phase == .webSocket, stream.isOpen(number), webSocket?.framing.isClosing == false else {
            throw HTTPConnectionClosed()
        }
        if let message {
            webSocket?.framing.send(message)
            writeFrames()
        }
        return hasRoom
    }

    /// Queues a message, and resumes `waiter` when there is room for the next.
    func put(message: String?, stream number: Int, waiter: ResponseStream.Waiter) {
        do {
            if try put(message: message, stream: number) { waiter.resume() } else { stream.park(waiter) }
        } catch { waiter.resume(throwing: error) }
    }

    /// Says Close, unless it was said before.
    func closeWebSocket(_ closure: WebSocketClosure, stream number: Int? = nil) {
        guard phase == .webSocket, let session = webSocket, number == nil || number == session.number else { return }
        session.framing.close(closure)
        webSocket?.end(now: server.now())
        writeFrames()
        stream.fail()
    }

    private func writeFrames() {
        guard let bytes = webSocket?.framing.takeOutput(), !bytes.isEmpty else { return }
        output.append(bytes)
        setNeedsFlush()
    }

    // MARK: Now and then

    func sweepWebSocket(now: Int64) {
        let isListening = wantsInput && output.isEmpty
        switch webSocket?.duty(now: now, isListening: isListening) {
        case .ping:
            webSocket?.framing.ping()
            writeFrames()
        case .giveUp: loseWebSocket()
        case .nothing, nil: break
        }
    }

    /// Goes on to the end, where it has come to it: first the handler's, then the connection's.
    private func progressWebSocket() {
        guard phase == .webSocket, let session = webSocket else { return }
        if session.hasEnded { stream.fail() }
        guard session.isOver else { return }
        guard session.handlerHasReturned else { return cancelTask() }
        webSocket = nil
        finishAnswer()
    }
}
