public import SpotterDomain
import Synchronization

/// A channel between parts of one process that act as if they were several.
public final class MemorySignalChannel: SignalChannel {
    private struct State {
        var listeners: [Int: AsyncStream<String>.Continuation] = [:]
        var sent: [String] = []
        var lastNumber = 0
    }

    private let state = Mutex(State())

    /// A channel to which nobody listens.
    public init() {}

    /// What was sent, oldest first.
    public var sent: [String] { state.withLock(\.sent) }

    /// Those who listen now.
    public var listeners: Int { state.withLock { $0.listeners.count } }

    /// Gives `payload` to all listeners.
    public func notify(_ payload: String) async throws {
        let listeners = state.withLock { state in
            state.sent.append(payload)
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(payload) }
    }

    /// Tells all listeners what they are told after a reconnection.
    public func interrupt() {
        let listeners = state.withLock { Array($0.listeners.values) }
        for listener in listeners { listener.yield("") }
    }

    /// What is sent from now on.
    public func listen() -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(256))
        let number = state.withLock { state in
            state.lastNumber += 1
            state.listeners[state.lastNumber] = continuation
            return state.lastNumber
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
        continuation.yield("")
        return stream
    }
}
