internal import COpenSSL
import Foundation

/// A request to go on as a WebSocket, checked (RFC 6455, 4.2.1).
public struct WebSocketHandshake: Sendable {
    /// The subprotocols that the client offers, in its order of preference.
    public let protocols: [String]
    private let key: String

    /// - Throws: what is wrong with the request.
    public init(_ head: HTTPRequestHead) throws(WebSocketHandshakeError) {
        let headers = head.headers
        guard head.method == .get, head.version == .http11 else {
            throw WebSocketHandshakeError(400, "A WebSocket begins with a GET of HTTP/1.1.")
        }
        guard Self.list("upgrade", headers).contains(where: { $0.lowercased() == "websocket" }) else {
            throw WebSocketHandshakeError(426, "This is a WebSocket: connect with Upgrade: websocket.")
        }
        guard Self.list("connection", headers).contains(where: { $0.lowercased() == "upgrade" }) else {
            throw WebSocketHandshakeError(400, "Connection: Upgrade is missing.")
        }
        guard headers.values(of: "sec-websocket-version") == ["13"] else {
            throw WebSocketHandshakeError(426, "The version of WebSocket spoken here is 13.")
        }
        guard (headers["content-length"] ?? "0") == "0", !headers.contains("transfer-encoding") else {
            throw WebSocketHandshakeError(400, "A request for a WebSocket has no body.")
        }
        let keys = headers.values(of: "sec-websocket-key")
        guard keys.count == 1, let key = keys.first, let bytes = Data(base64Encoded: key), bytes.count == 16,
            bytes.base64EncodedString() == key
        else { throw WebSocketHandshakeError(400, "Sec-WebSocket-Key is not 16 bytes in base64.") }
        let protocols = Self.list("sec-websocket-protocol", headers)
        guard protocols.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isToken) }) else {
            throw WebSocketHandshakeError(400, "Sec-WebSocket-Protocol is not a list of names.")
        }
        self.key = key
        self.protocols = protocols
    }

    /// The answer that turns the connection into a WebSocket.
    ///
    /// - Parameters:
    ///   - name: the subprotocol chosen among those offered.
    ///   - handle: talks with the client, on the connection's loop; the WebSocket closes with 1000 when it returns and
    ///     with 1011 when it throws. Its task is cancelled when the connection has ended.
    public func response(
        protocol name: String? = nil, headers: HTTPHeaders = [:], limits: WebSocketLimits = WebSocketLimits(),
        _ handle: @escaping @Sendable (WebSocket) async throws -> Void
    ) -> HTTPResponse {
        var headers = headers
        headers["upgrade"] = "websocket"
        headers["sec-websocket-accept"] = accept
        headers["sec-websocket-protocol"] = name
        return HTTPResponse(
            status: 101, headers: headers, body: .webSocket(WebSocketUpgrade(limits: limits, handle: handle)))
    }

    /// The base64 of the SHA-1 of the key and a fixed text (RFC 6455, 4.2.2).
    private var accept: String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        EVP_Digest(text, text.count, &digest, nil, EVP_sha1(), nil)
        return Data(digest).base64EncodedString()
    }

    private static func list(_ name: String, _ headers: HTTPHeaders) -> [String] {
        headers.values(of: name).flatMap { value in
            value.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
            }
        }
    }
}

/// Why a request cannot become a WebSocket.
public struct WebSocketHandshakeError: Error, Sendable, Equatable {
    /// 400 or 426.
    public let status: Int
    /// One sentence.
    public let detail: String

    init(_ status: Int, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    /// What the answer has to say beside: for 426, what to upgrade to (RFC 9110, 15.5.22; RFC 6455, 4.4).
    public var headers: [(String, String)] {
        status == 426 ? [("upgrade", "websocket"), ("sec-websocket-version", "13")] : []
    }
}

/// How a connection goes on after a handshake; made by `WebSocketHandshake.response`.
public struct WebSocketUpgrade: Sendable {
    let limits: WebSocketLimits
    let handle: @Sendable (WebSocket) async throws -> Void
}
