public import SpotterDomain
import Synchronization

/// The signals of one kind as they come; never empty. One reader; leaving the loop, or its cancellation, ends it.
public struct SignalSubscription: AsyncSequence, Sendable {
    /// What came together.
    public typealias Element = SignalSet

    private let mailbox: SignalMailbox

    init(_ mailbox: SignalMailbox) { self.mailbox = mailbox }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator { Iterator(mailbox) }

    /// Reads what came since the last time.
    public struct Iterator: AsyncIteratorProtocol {
        private let mailbox: SignalMailbox
        private var arrivals: AsyncStream<Void>.Iterator

        init(_ mailbox: SignalMailbox) {
            self.mailbox = mailbox
            arrivals = mailbox.arrivals.makeAsyncIterator()
        }

        /// Waits for the next signals; nil when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async -> SignalSet? {
            while await arrivals.next(isolation: actor) != nil {
                let set = mailbox.take()
                if !set.isEmpty { return set }
            }
            return nil
        }
    }
}

/// What one subscriber has not read yet.
final class SignalMailbox: Sendable {
    let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation
    private let kind: Signal.Kind
    let takesOwn: Bool
    private let content = Mutex(SignalSet())

    init(_ kind: Signal.Kind, takesOwn: Bool) {
        self.kind = kind
        self.takesOwn = takesOwn
        (arrivals, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    func onEnd(_ body: @escaping @Sendable () -> Void) { arrival.onTermination = { _ in body() } }

    func put(_ set: SignalSet) {
        let set = set.only(kind)
        guard !set.isEmpty else { return }
        content.withLock { $0.formUnion(set) }
        arrival.yield()
    }

    func take() -> SignalSet {
        content.withLock { content in
            defer { content = SignalSet() }
            return content
        }
    }
}
