/// An answer.
///
/// The server itself writes `date`, `content-length`, `transfer-encoding` and `connection`; fields of these names are
/// ignored, except that `connection: close` closes the connection after the answer.
public struct HTTPResponse: Sendable {
    /// What follows the head.
    public enum Body: Sendable {
        /// A body that is there already.
        case bytes([UInt8])
        /// A body that is written while it comes into being. The closure runs on the connection's loop; when it
        /// throws, the connection is cut so that the client sees an incomplete answer.
        case stream(@Sendable (HTTPBodyWriter) async throws -> Void)
        /// No body: the connection goes on as a WebSocket. Made by `WebSocketHandshake.response`.
        case webSocket(WebSocketUpgrade)
    }

    /// The status code, 200...599; 101 before a WebSocket.
    public var status: Int
    /// The header fields.
    public var headers: HTTPHeaders
    /// The body; not sent for HEAD, 204 and 304.
    public var body: Body

    /// An answer with a body of any kind.
    public init(status: Int, headers: HTTPHeaders = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A short plain text, for errors below the level of the product.
    public static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["content-type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }
}

extension HTTPResponse.Body {
    /// The whole body as one array, none for a WebSocket; runs a stream to its end. For tests that need no socket.
    public func collect() async throws -> [UInt8] {
        switch self {
        case .bytes(let bytes): return bytes
        case .webSocket: return []
        case .stream(let produce):
            let collected = CollectedBody()
            try await produce(HTTPBodyWriter { await collected.append($0) })
            return await collected.bytes
        }
    }

    private actor CollectedBody {
        var bytes: [UInt8] = []
        func append(_ more: [UInt8]) { bytes += more }
    }
}
