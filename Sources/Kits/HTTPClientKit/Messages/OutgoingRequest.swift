/// A request to send, with the bounds of its answer.
public struct OutgoingRequest: Sendable {
    /// `GET`, `POST` and so on: upper-case letters.
    public var method: String
    /// An absolute http or https URL in ASCII: percent-encoded path, host in punycode, no user or password.
    public var url: String
    /// Sent after those that curl makes itself; `Content-Length` and other framing fields are refused.
    public var headers: MessageHeaders
    /// The body; `nil` sends none.
    public var body: [UInt8]?
    /// How long looking up the host, connecting and the TLS handshake may take together.
    public var connectTimeout: Duration = .seconds(10)
    /// How long the whole exchange may take, from the start to the last byte of the body.
    public var deadline: Duration = .seconds(600)
    /// How long the connection may be silent, in both directions, once it stands. Waiting for a consumer that does
    /// not take what has arrived does not count.
    public var idleTimeout: Duration = .seconds(120)
    /// The most bytes that the body of the answer may have, after decompression.
    public var responseByteLimit = 16 << 20
    /// Ends the exchange in good order when the body reaches the limit above, instead of failing: what is beyond is
    /// never read. For whole answers only.
    public var truncatesBody = false
    /// Ends an exchange whose bytes come too slowly; `nil` sets no such bound.
    public var minimumRate: MinimumRate?
    /// False lets only https be spoken.
    public var allowsPlainHTTP = true
    /// Offers gzip and deflate. The limit above holds for what comes out.
    public var acceptsCompression = false
    /// False opens a connection for this request alone and closes it afterwards.
    public var reusesConnection = true

    /// The least that must arrive, on average over a time.
    public struct MinimumRate: Sendable {
        /// At least 1.
        public let bytesPerSecond: Int
        /// Whole seconds; at least one.
        public let period: Int

        /// - Parameters:
        ///   - bytesPerSecond: on average, at least 1.
        ///   - period: over how many seconds.
        public init(bytesPerSecond: Int, period: Int) {
            self.bytesPerSecond = max(1, bytesPerSecond)
            self.period = max(1, period)
        }
    }

    /// - Parameters:
    ///   - method: upper-case letters.
    ///   - url: absolute, http or https.
    ///   - headers: names are tokens; values hold no control characters.
    ///   - body: the bytes of the body, or `nil`.
    public init(_ method: String, _ url: String, headers: MessageHeaders = [:], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}
