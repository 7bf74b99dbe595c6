/// What a WebSocket holds its peer to. Times are kept to within the server's `sweepInterval`.
public struct WebSocketLimits: Sendable {
    /// Bytes of a received message, all its fragments together; a longer one closes with 1009.
    public var maximumMessageBytes = 65536
    /// How often the peer is asked for a sign of life.
    public var pingInterval: Duration = .seconds(15)
    /// How long the peer may be silent after a ping before the connection is given up.
    public var pongTimeout: Duration = .seconds(30)
    /// How long the peer may take to answer a Close before its socket is closed.
    public var closeTimeout: Duration = .seconds(2)

    /// Every limit at its default.
    public init() {}
}

/// Why a WebSocket ends (RFC 6455, 7.4), and what is said of it.
public struct WebSocketClosure: Sendable, Equatable {
    /// 1000...4999.
    public var code: UInt16
    /// Up to 123 bytes of UTF-8; more is cut off.
    public var reason: String

    /// A closure of any code.
    public init(_ code: UInt16, _ reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// 1000: all was said.
    public static let normal = WebSocketClosure(1000)
    /// 1001: the server is about to end; connect again.
    public static let goingAway = WebSocketClosure(1001, "The server is shutting down.")
    /// 1003: a message that is not text.
    static let notText = WebSocketClosure(1003, "Only text messages are taken.")
    /// 1011: the handler failed.
    static let failed = WebSocketClosure(1011, "Something went wrong here.")
}
