import SpotterDomain
import Synchronization

/// Collects a stream's deltas while the previous ones are being written, so that a fast model costs few writes and a
/// slow one is passed on at once, without any timer.
final class DeltaWriter: Sendable {
    private struct State {
        var pending: [ModelDelta] = []
        var bytes = 0
    }

    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// An answer that piles up this much while one write is under way is not an answer: the call fails.
    private static let largestBacklog = 4 << 20

    init() {
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ delta: ModelDelta) throws {
        let bytes = state.withLock { state in
            switch (state.pending.last, delta) {
            case (.text(let before), .text(let more)):
                state.pending[state.pending.count - 1] = .text(before + more)
            case (.thinking(let before), .thinking(let more)):
                state.pending[state.pending.count - 1] = .thinking(before + more)
            default: state.pending.append(delta)
            }
            state.bytes += delta.size
            return state.bytes
        }
        guard bytes <= Self.largestBacklog else {
            throw SpotterError(.providerFailed, "The model sent more than can be stored.")
        }
        signal.yield()
    }

    func finish() { signal.finish() }

    /// Calls `write` with each batch until `finish()`, the last one included.
    func run(_ write: ([ModelDelta]) async throws -> Void) async throws {
        for await _ in signals { try await flush(write) }
        try await flush(write)
    }

    private func flush(_ write: ([ModelDelta]) async throws -> Void) async throws {
        let batch = state.withLock { state in
            defer { state = State() }
            return state.pending
        }
        if !batch.isEmpty { try await write(batch) }
    }
}

extension ModelDelta {
    /// How much text it is, in bytes.
    var size: Int {
        switch self {
        case .text(let text), .thinking(let text): text.utf8.count
        case .toolCallStarted(let id, let name): id.utf8.count + name.utf8.count
        }
    }
}
