import HTTPServerKit
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct WebSocketTests {
    /// Answers every handshake; others as the error says.
    private static func responder(
        _ limits: WebSocketLimits = WebSocketLimits(), _ handle: @escaping @Sendable (WebSocket) async throws -> Void
    ) -> TestResponder {
        TestResponder { request in
            do throws(WebSocketHandshakeError) {
                return try WebSocketHandshake(request.head).response(limits: limits, handle)
            } catch { return .text(error.status, error.detail) }
        }
    }

    private static let echo = responder { socket in
        while let text = try await socket.receive() { try await socket.send("echo \(text)") }
    }

    private static func client<Value: Sendable>(
        _ server: TestServer, receiveBuffer: Int32? = nil, early: [UInt8] = [],
        _ work: @escaping @Sendable (RawWebSocket) throws -> Value
    ) async throws -> Value {
        let port = server.port
        return try await onThread {
            try work(RawWebSocket(port: port, receiveBuffer: receiveBuffer, early: early))
        }
    }

    @Test(arguments: [false, true])
    func `messages go both ways, and Close is answered`(byteByByte: Bool) async throws {
        try await withServer(Self.echo) { server in
            let (texts, code, isAtEnd) = try await Self.client(server) { client in
                let bytes =
                    RawWebSocket.frame(1, Array("one".utf8)) + RawWebSocket.frame(1, Array("tw".utf8), isFinal: false)
                    + RawWebSocket.frame(9, [5]) + RawWebSocket.frame(0, Array("o".utf8))
                if byteByByte { for byte in bytes { try client.send([byte]) } } else { try client.send(bytes) }
                var frames: [RawWebSocket.Frame] = []
                for _ in 0..<3 { frames.append(try client.receive()) }
                #expect(frames.contains(RawWebSocket.Frame(10, [5])))
                try client.sendClose(1000)
                let texts = frames.filter { $0.opcode == 1 }.map(\.text)
                let code = try client.receiveClose()
                return (texts, code, try client.isAtEnd())
            }
            #expect(texts == ["echo one", "echo two"])
            #expect(code == 1000 && isAtEnd)
        }
    }

    @Test func `the head is a 101, and what came with the handshake is read after it`() async throws {
        try await withServer(Self.echo) { server in
            let (head, text) = try await Self.client(server, early: RawWebSocket.frame(1, [72, 105])) { client in
                (client.head, try client.receiveText())
            }
            #expect(head.contains("\r\nconnection: upgrade\r\n"))
            #expect(head.contains("\r\nupgrade: websocket\r\n"))
            #expect(head.contains("\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            #expect(!head.contains("content-length"))
            #expect(text == "echo Hi")
        }
    }

    @Test func `a request that is no handshake is answered, and the connection goes on`() async throws {
        try await withServer(Self.echo) { server in
            let statuses = try await server.client { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return [try client.response().status, try client.response().status]
            }
            #expect(statuses == [426, 426])
        }
    }

    private static let violations: [String: (bytes: [UInt8], code: Int)] = [
        "a frame without mask": (RawWebSocket.frame(1, [65], mask: nil), 1002),
        "invalid UTF-8": (RawWebSocket.frame(1, [0xFF]), 1007),
        "a message that is too big": (RawWebSocket.frame(1, [UInt8](repeating: 65, count: 65_537)), 1009),
        "a binary message": (RawWebSocket.frame(2, [65]), 1003),
    ]

    @Test(arguments: violations.keys.sorted())
    func `a violation ends the connection with its code, and the handler hears of it`(_ name: String) async throws {
        let given = try #require(Self.violations[name])
        let ended = Signal()
        let responder = Self.responder { socket in
            let (first, second) = (try await socket.receive(), try await socket.receive())
            #expect(first == "before" && second == nil)
            ended.fire()
        }
        try await withServer(responder) { server in
            let code = try await Self.client(server) { client in
                try client.send(text: "before")
                try client.send(given.bytes)
                defer { #expect((try? client.isAtEnd()) == true) }
                return try client.receiveClose()
            }
            #expect(code == given.code)
            #expect(await ended.wait())
        }
    }

    @Test func `what a handler's end means is said to the peer`() async throws {
        struct Broken: Error {}
        let responder = Self.responder { socket in
            switch try await socket.receive() {
            case "return": return
            case "close": socket.close(WebSocketClosure(4401, "No more."))
            default: throw Broken()
            }
        }
        try await withServer(responder) { server in
            for (text, code) in [("return", 1000), ("close", 4401), ("throw", 1011)] {
                let said = try await Self.client(server) { client in
                    try client.send(text: text)
                    let code = try client.receiveClose()
                    try client.sendClose()
                    let isAtEnd = try client.isAtEnd()
                    #expect(isAtEnd)
                    return code
                }
                #expect(said == code)
            }
        }
    }

    @Test func `a peer that does not answer Close is not waited for long`() async throws {
        var limits = WebSocketLimits()
        limits.closeTimeout = .milliseconds(20)
        try await withServer(Self.responder(limits) { _ in }) { server in
            let isAtEnd = try await Self.client(server) { client in
                _ = try client.receiveClose()
                return try client.isAtEnd()
            }
            #expect(isAtEnd)
        }
    }

    @Test func `a silent peer is pinged, and given up when it stays silent`() async throws {
        var limits = WebSocketLimits()
        limits.pingInterval = .milliseconds(20)
        limits.pongTimeout = .milliseconds(100)
        let ended = Signal()
        let responder = Self.responder(limits) { socket in
            let text = try await socket.receive()
            #expect(text == nil)
            ended.fire()
        }
        try await withServer(responder) { server in
            let pings = try await Self.client(server) { client in
                var pings = 0
                // The first three are answered.
                while pings < 3 {
                    if try client.receive().opcode == 9 { pings += 1 }
                    try client.send(RawWebSocket.frame(10, []))
                }
                while (try? client.receive().opcode) == 9 { pings += 1 }
                return pings
            }
            #expect(pings == 4)
            #expect(await ended.wait())
        }
    }

    @Test func `a sender waits for a peer that does not read, and loses nothing`() async throws {
        let sent = Counter()
        let (count, text) = (2_000, String(repeating: "x", count: 10_000))
        let responder = Self.responder { socket in
            for number in 0..<count {
                try await socket.send("\(number) \(text)")
                sent.add()
            }
        }
        try await withServer(responder) { server in
            let (inOrder, lead) = try await Self.client(server, receiveBuffer: 65536) { client in
                var lead = 0
                for number in 0..<count {
                    guard try client.receiveText().hasPrefix("\(number) ") else { return (false, 0) }
                    lead = max(lead, sent.value - number)
                }
                return (true, lead)
            }
            #expect(inOrder)
            // What the kernel keeps at most, and the server's own queue: far from the 20 MB there are.
            #expect(lead < 900)
        }
    }

    @Test func `a peer whose messages nobody receives is held up`() async throws {
        let gate = Signal()
        let received = Counter()
        let responder = Self.responder { socket in
            await gate.wait()
            while try await socket.receive() != nil { received.add() }
        }
        try await withServer(responder) { server in
            let frame = RawWebSocket.frame(1, [UInt8](repeating: 65, count: 30_000))
            // Far more than the kernel's buffers hold: only a reader lets all of it through.
            let bytes = (0..<1_000).reduce(into: [UInt8]()) { bytes, _ in bytes += frame }
            let taken = try await Self.client(server) { client in
                let taken = client.sendUntilHeldUp(bytes)
                gate.fire()
                try client.send([UInt8](bytes.suffix(from: taken)))
                try client.sendClose()
                _ = try client.receiveClose()
                return taken
            }
            #expect(taken < bytes.count)
            #expect(received.value == 1_000)
        }
    }

    @Test(arguments: [true, false])
    func `a handler whose peer leaves hears of it`(byReset: Bool) async throws {
        let ended = Signal()
        let responder = Self.responder { socket in
            try await socket.send("hello")
            let text = try await socket.receive()
            #expect(text == nil)
            await #expect(throws: (any Error).self) { try await socket.send("more") }
            ended.fire()
        }
        try await withServer(responder) { server in
            try await Self.client(server) { client in
                _ = try client.receiveText()
                if byReset { client.reset() }
            }
            #expect(await ended.wait())
        }
    }

    @Test func `a message sent just before Close is still received`() async throws {
        let texts = AsyncStream.makeStream(of: String.self)
        let gate = Signal()
        let responder = Self.responder { socket in
            await gate.wait()
            while let text = try await socket.receive() { texts.continuation.yield(text) }
            texts.continuation.finish()
        }
        try await withServer(responder) { server in
            try await Self.client(server) { client in
                try client.send(text: "last words")
                try client.sendClose()
                _ = try client.receiveClose()
                gate.fire()
            }
            var received: [String] = []
            for await text in texts.stream { received.append(text) }
            #expect(received == ["last words"])
        }
    }

    @Test func `a server that shuts down says 1001 and waits for the handler`() async throws {
        let open = Signal()
        let ended = Counter()
        let responder = Self.responder { socket in
            open.fire()
            while try await socket.receive() != nil {}
            ended.add()
        }
        try await withServer(responder) { server in
            async let code = Self.client(server) { client in
                let code = try client.receiveClose()
                try client.sendClose()
                return code
            }
            #expect(await open.wait())
            server.server.shutDown()
            let said = try await code
            #expect(said == 1001)
            try await server.running.value
            #expect(ended.value == 1)
        }
    }
}
