import Dispatch
import Foundation
import Synchronization

/// The signals a server heeds, as a stream.
///
/// The first SIGTERM or SIGINT asks for a graceful stop, a second one ends the process at once.
final class ProcessSignals: Sendable {
    enum Signal: Sendable { case stop, reload, toggleDebug }

    let stream: AsyncStream<Signal>

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingOldest(16))
        self.stream = stream
        let counter = Counter()
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                // The handler holds its source: signals are heeded for as long as the process lives.
                _ = source
                if number == SIGHUP {
                    continuation.yield(.reload)
                } else if number == SIGUSR1 {
                    continuation.yield(.toggleDebug)
                } else if counter.next() == 1 {
                    continuation.yield(.stop)
                } else {
                    exit(130)
                }
            }
            source.resume()
        }
    }

    private final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    }
}
