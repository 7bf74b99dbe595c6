/// The state of a streamed answer: which one is open, and who waits for the client to read on.
///
/// Belongs to a connection, and so to its loop's thread.
struct ResponseStream {
    /// Someone who waits for room.
    typealias Waiter = LoopWaiter<Void>

    private var number = 0
    private var isOpen = false
    private var waiters: [Waiter] = []

    /// What to send after a silence of so many milliseconds.
    var keepAlive: (bytes: [UInt8], interval: Int64)?

    /// Opens the next stream and returns its number.
    mutating func begin() -> Int {
        number += 1
        isOpen = true
        keepAlive = nil
        return number
    }

    func isOpen(_ number: Int) -> Bool { isOpen && number == self.number }

    mutating func park(_ waiter: Waiter) { waiters.append(waiter) }

    /// The client has read: writers go on.
    mutating func roomCame() {
        guard !waiters.isEmpty else { return }
        let resumed = waiters
        waiters = []
        for waiter in resumed { waiter.resume() }
    }

    /// The answer has ended.
    mutating func end() {
        isOpen = false
        keepAlive = nil
    }

    /// The client is gone: writers hear of it.
    mutating func fail() {
        end()
        let resumed = waiters
        waiters = []
        for waiter in resumed { waiter.resume(throwing: HTTPConnectionClosed()) }
    }

    /// The comment that is due, if one is, for a stream silent since `since`; the open stream's number with it.
    func dueKeepAlive(now: Int64, since: Int64) -> (bytes: [UInt8], stream: Int)? {
        guard isOpen, let keepAlive, now - since >= keepAlive.interval else { return nil }
        return (keepAlive.bytes, number)
    }
}
