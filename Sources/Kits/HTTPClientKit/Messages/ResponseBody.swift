import Synchronization

/// The body of an answer as it arrives: arrays of at least one byte. For one consumer.
///
/// A consumer that is slow pauses the transfer; one that leaves, or whose task is cancelled, ends it at once.
public struct ResponseBody: AsyncSequence, Sendable {
    /// Bytes that arrived together.
    public typealias Element = [UInt8]

    private let lease: Lease
    private let isTaken: TakenFlag

    init(_ transfer: Transfer, client: HTTPClient) {
        lease = Lease(transfer, client: client)
        isTaken = TakenFlag()
    }

    /// Says that the rest is of no interest: a body that ends within a second is read to its end, so that its
    /// connection can be used again; any other transfer is ended then.
    public func drain() { lease.transfer.drain() }

    /// The place of the consumer.
    public struct AsyncIterator: AsyncIteratorProtocol {
        /// Bytes that arrived together.
        public typealias Element = [UInt8]

        fileprivate let lease: Lease?
        /// Keeps the transfer while the response itself is let go of.
        fileprivate let parent: Lease

        /// The next bytes; `nil` at the end of the body.
        ///
        /// - Throws: `HTTPClientError`; what arrived before a failure is returned first.
        public mutating func next() async throws -> [UInt8]? { try await next(isolation: #isolation) }

        /// The next bytes; `nil` at the end of the body.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            guard let lease else { throw HTTPClientError.bodyAlreadyConsumed }
            return try await lease.transfer.next(isolation: actor)
        }
    }

    /// Begins to read. A second iterator throws `bodyAlreadyConsumed`.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(lease: isTaken.take() ? Lease(lease.transfer, client: lease.client) : nil, parent: lease)
    }
}

/// Whoever lets go of a lease ends the transfer, if it still runs.
private final class Lease: Sendable {
    let transfer: Transfer
    let client: HTTPClient

    init(_ transfer: Transfer, client: HTTPClient) {
        self.transfer = transfer
        self.client = client
    }

    deinit { transfer.abandon() }
}

/// Whether a body has its consumer.
private final class TakenFlag: Sendable {
    private let isTaken = Atomic<Bool>(false)

    /// True the first time.
    func take() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }
}
