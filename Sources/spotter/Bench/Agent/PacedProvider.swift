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
        /// Of a streamed answer.
        var words = 20
        /// Between two of them.
        var interval: Duration = .milliseconds(50)
    }

    private let loop = EventLoop(name: "paced-provider")
    private let stop: AsyncStream<Void>.Continuation
    private let served = Counter()
    let url: String

    fileprivate final class Counter: Sendable {
        let value = Atomic<Int>(0)
        func add() { value.add(1, ordering: .relaxed) }
    }

    /// How many calls it has answered, or is answering.
    var calls: Int { served.value.load(ordering: .relaxed) }

    init(_ pace: Pace) async throws {
        let (stream, stop) = AsyncStream.makeStream(of: Void.self)
        self.stop = stop
        let (loop, served) = (loop, served)
        let port = try await withCheckedThrowingContinuation { (bound: CheckedContinuation<Int, any Error>) in
            Task(executorPreference: loop) {
                let listener = PacedListener(loop: loop, pace: pace, served: served)
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
    private var listener: LoopbackListener?
    private var connections: [Int32: PacedConnection] = [:]
    private let buffer = PacedConnection.ReadBuffer()

    init(loop: EventLoop, pace: PacedProvider.Pace, served: PacedProvider.Counter) {
        self.loop = loop
        self.pace = pace
        self.served = served
    }

    func bind() throws -> Int {
        let listener = LoopbackListener(loop: loop) { [unowned self] accepted in
            connections[accepted] = PacedConnection(
                loop: loop, descriptor: accepted, pace: pace, buffer: buffer, onCall: { [served] in served.add() },
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
