/// Where a server listens, and every limit and timeout it holds its clients to.
public struct HTTPServerConfiguration: Sendable {
    /// Certificate chain and private key, both PEM files.
    public struct TLSFiles: Sendable {
        /// The server's certificate, followed by those of its issuers.
        public var certificateChain: String
        /// The key of the first certificate.
        public var privateKey: String

        /// Names both files; they are read when the server binds.
        public init(certificateChain: String, privateKey: String) {
            self.certificateChain = certificateChain
            self.privateKey = privateKey
        }
    }

    /// Name or address to listen on.
    public var host: String
    /// Port to listen on; 0 lets the system choose one.
    public var port: Int
    /// Speaks TLS (1.2 or later) when given.
    public var tls: TLSFiles?

    /// Bytes of a request line; longer is 414.
    public var maximumRequestLine = 8192
    /// Bytes of all header fields; longer is 431.
    public var maximumHeaderBytes = 65536
    /// Number of header fields; more is 431.
    public var maximumHeaderFields = 100
    /// Open connections on all loops; a further one is answered with 503 and closed.
    public var maximumConnections = 10_000
    /// Bytes of request bodies held at one time on all loops; what goes beyond is 503.
    public var maximumHeldBodyBytes = 256 << 20
    /// Bytes read ahead while a request is being answered (pipelining); then the socket is left alone.
    public var readAhead = 65536
    /// Bytes of answers waiting for a client to read them; above it writers wait and no further request is begun.
    public var writeHighWater = 65536

    /// How long a connection may take to send a request's head, and to send its first byte after being accepted.
    public var headerTimeout: Duration = .seconds(10)
    /// How long a connection may rest between requests.
    public var idleTimeout: Duration = .seconds(60)
    /// A body must come at `minimumBodyRate` after this much time of grace; slower is 408.
    public var bodyGrace: Duration = .seconds(10)
    /// Bytes a second.
    public var minimumBodyRate = 500
    /// A client must read waiting answers at `minimumReadRate` after this much time of grace; slower is cut off.
    public var readerGrace: Duration = .seconds(30)
    /// Bytes a second.
    public var minimumReadRate = 500
    /// How long the last words to a client may take to be taken in before its socket is closed.
    public var lingerTimeout: Duration = .seconds(2)
    /// How often the deadlines are looked at; they are kept to within this.
    public var sweepInterval: Duration = .milliseconds(500)

    /// How long requests may go on after `shutDown()` before they are cancelled.
    public var drainGrace: Duration = .seconds(20)
    /// How long cancelled requests may take to end before their connections are closed.
    public var cancelGrace: Duration = .seconds(1)

    /// Every limit at its default.
    public init(host: String = "127.0.0.1", port: Int = 8080, tls: TLSFiles? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }

    var parserLimits: RequestParser.Limits {
        RequestParser.Limits(
            requestLine: maximumRequestLine, fieldBytes: maximumHeaderBytes, fields: maximumHeaderFields)
    }
}
