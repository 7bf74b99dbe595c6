public import EventLoopKit
import Synchronization

/// Sends requests on behalf of parties that are not trusted with the network the server stands in.
///
/// - The address is judged after the name was resolved and before a connection is made, for every connection: it is on
///   the public Internet at port 443 or 80, or it is one that the operator opened. So no spelling of a host, and no name
///   server that answers differently the second time, leads inside.
/// - Redirects are followed by hand, a few of them; each is held to the same rules, and what says who is asking never
///   leaves the first origin.
/// - Each party (partition) has connections of its own, which no other party's request can ride on.
/// - No proxy, cookie or `.netrc` of the environment is used; time, speed, header bytes and body bytes are bounded.
public final class GuardedClient: Sendable {
    /// What holds for every request.
    public struct Configuration: Sendable {
        /// Private addresses, each with its port, that may be connected to all the same: tests, and services of the
        /// operator's own.
        public var openAddresses: Set<RemoteAddress> = []
        /// How many redirects are followed.
        public var maximumRedirects = 3
        /// How many parties' connections are kept; the party that has not asked for longest loses its own.
        public var maximumPartitions = 64
        /// The most connections of one party on one loop; further requests wait, within their deadline.
        public var maximumConnections = 16
        /// The most bytes of the header section of an answer.
        public var maximumHeaderBytes = 16 * 1024
        /// As in `HTTPClient.Configuration`.
        public var resolver: (@Sendable (_ host: String, _ port: Int) -> [String])?

        /// The defaults of each property.
        public init() {}
    }

    private let loops: [EventLoop]
    private let configuration: Configuration
    private let partitions: Mutex<Partitions>

    /// - Parameters:
    ///   - loops: at least one; they must outlive the client.
    ///   - configuration: what holds for every request.
    public init(loops: [EventLoop], configuration: Configuration = Configuration()) {
        self.loops = loops
        self.configuration = configuration
        partitions = Mutex(Partitions(limit: configuration.maximumPartitions))
    }

    /// Checks a request as `send` would, without looking anything up or connecting.
    ///
    /// - Returns: the address it would be sent to.
    /// - Throws: `GuardedError`.
    @discardableResult
    public func check(_ request: OutgoingRequest, under policy: OutboundPolicy) throws(GuardedError) -> WebAddress {
        let hop = try OutboundHop(request, under: policy, open: configuration.openAddresses)
        do throws(HTTPClientError) {
            try self.request(for: hop, like: request, until: .now + request.deadline, policy).validate()
        } catch {
            throw .transport(error)
        }
        return hop.address
    }

    /// Sends a request, follows redirects, and waits for the whole answer, whatever its status. The request's deadline
    /// holds for all of it together.
    ///
    /// - Parameter partition: who is asking.
    /// - Throws: `GuardedError`.
    public func send(
        _ request: OutgoingRequest, under policy: OutboundPolicy, partition: String
    ) async throws -> GuardedResponse {
        let end = ContinuousClock.now + request.deadline
        let client = client(of: partition)
        var hop = try OutboundHop(request, under: policy, open: configuration.openAddresses)
        var redirects = 0
        while true {
            let response = try await Self.send(self.request(for: hop, like: request, until: end, policy), by: client)
            guard policy.followsRedirects,
                let next = try hop.next(
                    status: response.status, location: response.headers["Location"], under: policy,
                    open: configuration.openAddresses)
            else { return GuardedResponse(response: response, address: hop.address, redirects: redirects) }
            guard redirects < configuration.maximumRedirects else {
                throw GuardedError.tooManyRedirects(configuration.maximumRedirects)
            }
            redirects += 1
            hop = next
        }
    }

    /// Ends every exchange and closes the connections. To be called before the loops are stopped.
    public func shutDown() async {
        for client in partitions.withLock({ $0.removeAll() }) { await client.shutDown() }
    }

    private static func send(_ request: OutgoingRequest, by client: HTTPClient) async throws -> OutgoingResponse {
        do {
            return try await client.send(request)
        } catch let error as HTTPClientError {
            throw GuardedError.transport(error)
        }
    }

    private func request(
        for hop: OutboundHop, like first: OutgoingRequest, until end: ContinuousClock.Instant,
        _ policy: OutboundPolicy
    ) -> OutgoingRequest {
        var request = first
        request.method = hop.method
        request.url = hop.address.text
        request.headers = hop.headers
        request.body = hop.body
        request.deadline = max(.milliseconds(1), end - .now)
        request.connectTimeout = min(first.connectTimeout, request.deadline)
        request.allowsPlainHTTP = policy.allowsPlainHTTP
        return request
    }

    private func client(of partition: String) -> HTTPClient {
        partitions.withLock { partitions in
            partitions.client(of: partition) {
                HTTPClient(loops: loops, configuration: clientConfiguration)
            }
        }
    }

    private var clientConfiguration: HTTPClient.Configuration {
        var client = HTTPClient.Configuration()
        let open = configuration.openAddresses
        client.addressPolicy = { address in
            open.contains(address)
                || (address.isPublic && OutboundHop.standardPorts.contains(Int(address.port)))
        }
        client.resolver = configuration.resolver
        client.maximumConnections = configuration.maximumConnections
        client.maximumIdleConnections = 4
        client.maximumHeaderBytes = configuration.maximumHeaderBytes
        return client
    }
}

/// The answer to a guarded request.
public struct GuardedResponse: Sendable {
    /// The last answer: no redirect that could be followed.
    public let response: OutgoingResponse
    /// Where it came from.
    public let address: WebAddress
    /// How many redirects led there.
    public let redirects: Int
}
