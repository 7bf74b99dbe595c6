/// What a connection knows of the WebSocket that it has become.
struct WebSocketSession {
    let framing: WebSocketFraming
    let limits: WebSocketLimits
    /// Tells it from other streams of the connection.
    let number: Int
    private var inbox: ArraySlice<String> = []
    private var inboxBytes = 0
    private var receiver: LoopWaiter<String?>?
    /// Whether no further message will come.
    private(set) var hasEnded = false
    /// Whether the peer is gone without a word.
    private(set) var isLost = false
    var handlerHasReturned = false
    private var heardAt: Int64
    private var pingedAt: Int64?
    private var closingSince: Int64?

    init(limits: WebSocketLimits, number: Int, now: Int64) {
        framing = WebSocketFraming(maximumMessageBytes: limits.maximumMessageBytes)
        self.limits = limits
        self.number = number
        heardAt = now
    }

    /// Whether there is room for what the peer sends; after this side's Close only the peer's is waited for.
    var wantsInput: Bool { framing.isReading && (hasEnded || inboxBytes < limits.maximumMessageBytes) }

    /// Whether nothing is left to be heard: both have said Close, the peer is gone, or what it says is not WebSocket.
    var isOver: Bool { isLost || framing.isClosed || !framing.isReading }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, now: Int64) {
        heardAt = now
        pingedAt = nil
        for event in framing.receive(bytes) {
            // After its own Close this side waits for the peer's alone.
            if case .text(let text) = event, !hasEnded { deliver(text) }
        }
        if framing.isClosing { end(now: now) }
    }

    private mutating func deliver(_ text: String) {
        if let receiver, !receiver.isDone {
            self.receiver = nil
            return receiver.resume(with: .success(text))
        }
        inbox.append(text)
        // What an empty message costs counts as well.
        inboxBytes += text.utf8.count + MemoryLayout<String>.size
    }

    mutating func take(_ receiver: LoopWaiter<String?>) {
        guard !receiver.isDone else { return }
        if let text = inbox.popFirst() {
            inboxBytes -= text.utf8.count + MemoryLayout<String>.size
            receiver.resume(with: .success(text))
        } else if hasEnded {
            receiver.resume(with: .success(nil))
        } else {
            self.receiver = receiver
        }
    }

    /// No further message will come; those that wait are still given out.
    mutating func end(now: Int64) {
        hasEnded = true
        closingSince = closingSince ?? now
        receiver?.resume(with: .success(nil))
        receiver = nil
    }

    mutating func lose(now: Int64) {
        isLost = true
        end(now: now)
    }

    /// What is due at this time.
    enum Duty { case nothing, ping, giveUp }

    /// - Parameter isListening: whether the peer is read, and has read everything. Otherwise it owes no sign of life.
    mutating func duty(now: Int64, isListening: Bool) -> Duty {
        if let closingSince { return now - closingSince > limits.closeTimeout.milliseconds ? .giveUp : .nothing }
        guard isListening else {
            heardAt = now
            pingedAt = nil
            return .nothing
        }
        if let pingedAt { return now - pingedAt > limits.pongTimeout.milliseconds ? .giveUp : .nothing }
        guard now - heardAt >= limits.pingInterval.milliseconds else { return .nothing }
        pingedAt = now
        return .ping
    }
}
