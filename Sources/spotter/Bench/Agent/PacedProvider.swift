import EventLoopKit
import Foundation
import SpotterDomain
import Synchronization

/// A model on loopback that speaks Chat Completions and takes its time: it asks for two tools, one after the other, and
/// then answers; what is streamed it says word by word, each with the moment at which it was sent.
///
/// It lives in the measured process, on a thread of its own whose time can be taken off.
final class PacedProvider: Sendable {
    /// How it answers.
    struct Pace: Sendable {
        /// Before each answer, or its first word.
        var latency: Duration
        /// Whether it asks for tools before it answers.
        var asksForTools = true
        /// How many calls ask for a tool before one answers.
        var rounds = 2
        /// Of a streamed answer.
        var words = 20
        /// Between two of them.
        var interval: Duration = .milliseconds(50)
    }

    private let loop = EventLoop(name: "paced-provider")
    private let stop: AsyncStream<Void>.Continuation
    private let served = Counter()
    private let noted = Gaps()
    let url: String

    /// How long it took from an answer that asks for a tool to the next call; of one conversation at a time. Forgets
    /// them.
    func takeGaps() -> Latencies { noted.take() }

    /// Belongs to everybody.
    final class Gaps: Sendable {
        private let state = Mutex<(answered: Int64?, gaps: Latencies)>((nil, Latencies()))

        func answered() { state.withLock { $0.answered = PacedProvider.now } }

        /// - Parameter isNext: whether an answer of the same conversation came before.
        func asked(isNext: Bool) {
            let now = PacedProvider.now
            state.withLock { state in
                if isNext, let answered = state.answered { state.gaps.add(.nanoseconds(now - answered)) }
                state.answered = nil
            }
        }

        func take() -> Latencies {
            state.withLock { state in
                defer { state.gaps = Latencies() }
                return state.gaps
            }
        }
    }

    fileprivate final class Counter: Sendable {
        let value = Atomic<Int>(0)
        func add() { value.add(1, ordering: .relaxed) }
    }

    /// How many calls it has answered, or is answering.
    var calls: Int { served.value.load(ordering: .relaxed) }

    init(_ pace: Pace) async throws {
        let (stream, stop) = AsyncStream.makeStream(of: Void.self)
        self.stop = stop
        let (loop, served, gaps) = (loop, served, noted)
        let port = try await withCheckedThrowingContinuation { (bound: CheckedContinuation<Int, any Error>) in
            Task(executorPreference: loop) {
                let listener = PacedListener(loop: loop, pace: pace, served: served, gaps: gaps)
                do { bound.resume(returning: try listener.bind()) } catch { return bound.resume(throwing: error) }
                for await _ in stream {}
                listener.close()
                loop.stop()
            }
        }
        url = "http://127.0.0.1:\(port)/v1"
    }

    /// Closes everything.
    func close() { stop.finish() }

    /// What its thread has had of the processor so far.
    func processorTime() async -> Duration {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: ProcessLimits.threadTime) }
        }
    }

    /// The moment that words carry, in nanoseconds of the system's monotonic clock.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Belongs to the loop's thread.
private final class PacedListener {
    private let loop: EventLoop
    private let pace: PacedProvider.Pace
    private let served: PacedProvider.Counter
    private let gaps: PacedProvider.Gaps
    private var listener: LoopbackListener?
    private var connections: [Int32: PacedConnection] = [:]
    private let buffer = PacedConnection.ReadBuffer()

    init(loop: EventLoop, pace: PacedProvider.Pace, served: PacedProvider.Counter, gaps: PacedProvider.Gaps) {
        self.gaps = gaps
        self.loop = loop
        self.pace = pace
        self.served = served
    }

    func bind() throws -> Int {
        let listener = LoopbackListener(loop: loop) { [unowned self] accepted in
            connections[accepted] = PacedConnection(
                loop: loop, descriptor: accepted, pace: pace, buffer: buffer, gaps: gaps,
                onCall: { [served] in served.add() },
                onEnd: { [unowned self] in connections.removeValue(forKey: accepted)?.close() })
        }
        self.listener = listener
        return try listener.bind()
    }

    func close() {
        listener?.close()
        for connection in connections.values { connection.close() }
        connections = [:]
    }
}
