import EventLoopKit

/// Ends a transfer whose connection has been silent for too long.
///
/// A byte only notes the time; the timer looks when it fires and sets itself anew for the rest. Belongs to the loop.
final class IdleWatch {
    private unowned let transfer: Transfer
    private let limit: Duration
    private var timer: LoopTimer?
    private var lastActivity = ContinuousClock.now
    private var uploaded = 0

    init(_ transfer: Transfer, loop: EventLoop, limit: Duration) {
        self.transfer = transfer
        self.limit = limit
        timer = loop.schedule(after: limit) { [unowned self] in look() }
    }

    /// Something happened on the connection.
    func touch() { lastActivity = .now }

    func cancel() {
        timer?.cancel()
        timer = nil
    }

    private func look() {
        let uploaded = transfer.uploaded
        if !transfer.isConnected || transfer.isWaitingForConsumer || uploaded != self.uploaded { touch() }
        self.uploaded = uploaded
        let left = limit - (.now - lastActivity)
        if left > .zero {
            timer?.restart(after: left)
        } else {
            transfer.becameIdle()
        }
    }
}
