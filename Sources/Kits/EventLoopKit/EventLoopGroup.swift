import Synchronization

/// A fixed set of loops, one a core.
public final class EventLoopGroup: Sendable {
    /// The loops, in a fixed order.
    public let loops: [EventLoop]
    private let turn = Atomic<Int>(0)

    /// - Parameter count: how many loops; at least 1.
    public init(count: Int) {
        precondition(count > 0)
        loops = (0..<count).map { EventLoop(name: "loop-\($0)") }
    }

    /// The loop whose thread this is if it belongs here, else the next in turn.
    public func loop() -> EventLoop {
        if let current = EventLoop.current, loops.contains(where: { $0 === current }) { return current }
        return next()
    }

    /// The next loop in turn.
    public func next() -> EventLoop {
        let index = turn.add(1, ordering: .relaxed).oldValue
        return loops[abs(index % loops.count)]
    }

    /// Ends every loop.
    public func stop() {
        for loop in loops { loop.stop() }
    }
}
