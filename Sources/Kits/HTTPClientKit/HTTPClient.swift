public import EventLoopKit
import Synchronization

/// Sends HTTP requests with libcurl, on event loops.
///
/// Each loop has its own curl multi handle and its own connections. A request of a task that runs on one of the loops
/// stays there, so that nothing is locked or woken; any other is sent on the next loop in turn. No thread waits for an
/// answer: ten thousand of them are ten thousand continuations.
///
/// Proxies of the environment, redirects, cookies and `.netrc` are not used. A client with an `AddressPolicy` shares
/// no connection and no resolved name with any other client.
public final class HTTPClient: Sendable {
    /// What holds for every request of a client.
    public struct Configuration: Sendable {
        /// Asked before each connection; `nil` allows every address.
        public var addressPolicy: AddressPolicy?
        /// Answers which addresses a host has, in the place of the system's resolver; `nil`, or no address, leaves the
        /// question to the system. Called on the loop's thread, before each exchange. The policy is asked all the same.
        public var resolver: (@Sendable (_ host: String, _ port: Int) -> [String])?
        /// Offers HTTP/2 in the TLS handshake.
        public var allowsHTTP2 = false
        /// The most connections of one loop; further requests wait for one, within their deadline.
        public var maximumConnections = 16_384
        /// The most connections of one loop that are kept without a request.
        public var maximumIdleConnections = 64
        /// The most bytes of the header section of an answer.
        public var maximumHeaderBytes = 65536
        /// How many bytes of a streamed body wait for the consumer before the transfer is paused.
        public var streamBufferBytes = 65536
        /// A file with the certificates to trust, in PEM; `nil` means those of the system.
        public var certificateAuthorityFile: String?

        /// The defaults of each property.
        public init() {}
    }

    private let transferLoops: [TransferLoop]
    private let turn = Atomic<Int>(0)
    private let isShutDown = Atomic<Bool>(false)

    /// - Parameters:
    ///   - loops: at least one; they must outlive the client.
    ///   - configuration: what holds for every request.
    public init(loops: [EventLoop], configuration: Configuration = Configuration()) {
        precondition(!loops.isEmpty)
        transferLoops = loops.map { TransferLoop(loop: $0, configuration: configuration) }
    }

    deinit {
        for transferLoop in transferLoops { transferLoop.run { transferLoop.close() } }
    }

    /// Sends a request and waits for the whole answer, whatever its status.
    ///
    /// - Throws: `HTTPClientError`.
    public func send(_ request: OutgoingRequest) async throws -> OutgoingResponse {
        let transfer = try makeTransfer(request, collects: true)
        let head = try await transfer.start()
        var body: [UInt8] = []
        while let part = try await transfer.next(isolation: #isolation) { body.append(contentsOf: part) }
        // Set on the loop before the end of the body was handed over, and never again.
        let isTruncated = transfer.isTruncated
        return OutgoingResponse(status: head.status, headers: head.headers, body: body, isTruncated: isTruncated)
    }

    /// Sends a request and returns as soon as the head of the answer is there, whatever its status.
    ///
    /// - Throws: `HTTPClientError`, as does reading the body.
    public func stream(_ request: OutgoingRequest) async throws -> StreamingResponse {
        let transfer = try makeTransfer(request, collects: false)
        let body = ResponseBody(transfer, client: self)
        let head = try await transfer.start()
        return StreamingResponse(status: head.status, headers: head.headers, body: body)
    }

    /// Ends every exchange with `HTTPClientError.shutDown` and closes the connections. To be called before the loops
    /// are stopped.
    public func shutDown() async {
        guard !isShutDown.exchange(true, ordering: .sequentiallyConsistent) else { return }
        for transferLoop in transferLoops {
            await withCheckedContinuation { done in
                transferLoop.run {
                    transferLoop.close()
                    done.resume()
                }
            }
        }
    }

    private func makeTransfer(_ request: OutgoingRequest, collects: Bool) throws -> Transfer {
        guard !isShutDown.load(ordering: .sequentiallyConsistent) else { throw HTTPClientError.shutDown }
        try request.validate()
        return Transfer(request, owner: transferLoop(), collects: collects)
    }

    private func transferLoop() -> TransferLoop {
        if let current = EventLoop.current, let own = transferLoops.first(where: { $0.loop === current }) {
            return own
        }
        let index = turn.add(1, ordering: .relaxed).oldValue
        return transferLoops[abs(index % transferLoops.count)]
    }
}
