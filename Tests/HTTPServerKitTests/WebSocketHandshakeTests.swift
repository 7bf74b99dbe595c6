import HTTPServerKit
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct WebSocketHandshakeTests {
    private static let fields: [(String, String)] = [
        ("host", "x"), ("upgrade", "WebSocket"), ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"), ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]

    private static func head(
        _ changes: [String: String?] = [:], method: HTTPMethod = .get, version: HTTPVersion = .http11
    ) -> HTTPRequestHead {
        var headers = HTTPHeaders()
        for (name, value) in fields { headers.append(name, value) }
        for (name, value) in changes { headers[name] = value }
        return HTTPRequestHead(method: method, target: "/", version: version, headers: headers)
    }

    @Test func `the answer is that of the specification's example`() throws {
        let handshake = try WebSocketHandshake(Self.head(["sec-websocket-protocol": "chat, superchat"]))
        #expect(handshake.protocols == ["chat", "superchat"])
        let response = handshake.response(protocol: "chat") { _ in }
        #expect(response.status == 101)
        #expect(response.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(response.headers["sec-websocket-protocol"] == "chat")
    }

    private static let faults: [String: (changes: [String: String?], status: Int)] = [
        "no upgrade": (["upgrade": nil], 426),
        "another upgrade": (["upgrade": "h2c"], 426),
        "a connection that does not upgrade": (["connection": "keep-alive"], 400),
        "no version": (["sec-websocket-version": nil], 426),
        "an old version": (["sec-websocket-version": "8"], 426),
        "no key": (["sec-websocket-key": nil], 400),
        "a key that is too short": (["sec-websocket-key": "YWJj"], 400),
        "a key that is not base64": (["sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=!"], 400),
        "a key with stray bits": (["sec-websocket-key": "dGhlIHNhbXBsZSBub25jZR=="], 400),
        "a body": (["content-length": "5"], 400),
        "a body in chunks": (["transfer-encoding": "chunked"], 400),
        "a subprotocol that is not a name": (["sec-websocket-protocol": "a,,b"], 400),
    ]

    @Test(arguments: faults.keys.sorted())
    func `what is not a handshake is refused`(_ fault: String) throws {
        let given = try #require(Self.faults[fault])
        let error = #expect(throws: WebSocketHandshakeError.self) {
            try WebSocketHandshake(Self.head(given.changes))
        }
        #expect(error?.status == given.status)
        #expect(error?.headers.contains { $0 == ("sec-websocket-version", "13") } == (given.status == 426))
    }

    @Test func `only a GET of HTTP 1.1 becomes a WebSocket`() {
        #expect(throws: WebSocketHandshakeError.self) { try WebSocketHandshake(Self.head(method: .post)) }
        #expect(throws: WebSocketHandshakeError.self) { try WebSocketHandshake(Self.head(method: .head)) }
        #expect(throws: WebSocketHandshakeError.self) { try WebSocketHandshake(Self.head(version: .http10)) }
    }
}
