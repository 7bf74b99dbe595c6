import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct HTTPClientFaultTests {
    private let client = HTTPClient(loops: [sharedLoop])

    @Test func `nobody listening is a connect error`() async throws {
        let server = try RawServer { _ in }
        let url = server.url
        server.stop()
        await #expect(throws: HTTPClientError.connect) { try await client.send(OutgoingRequest("GET", url)) }
    }

    @Test func `a name without an address is a name error`() async {
        await #expect(throws: HTTPClientError.nameResolution) {
            try await client.send(OutgoingRequest("GET", "http://no-such-host.invalid/"))
        }
    }

    @Test func `a server that speaks no TLS is a TLS error`() async throws {
        let server = try RawServer { connection in try connection.write("HTTP/1.1 400 Bad\r\n\r\n") }
        await #expect(throws: HTTPClientError.tls) {
            try await client.send(OutgoingRequest("GET", "https://127.0.0.1:\(server.port)/"))
        }
    }

    @Test func `the deadline ends an exchange that goes on`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse()
            while true {
                try connection.write("x")
                usleep(5000)
            }
        }
        var request = OutgoingRequest("GET", server.url)
        request.deadline = .milliseconds(150)
        await #expect(throws: HTTPClientError.timeout(.deadline)) { try await client.send(request) }
    }

    @Test(arguments: [true, false])
    func `silence ends an exchange, before the head and in the body`(isInBody: Bool) async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            if isInBody {
                try connection.beginResponse()
                try connection.write("first")
            }
            connection.waitForClose()
        }
        var request = OutgoingRequest("GET", server.url)
        request.idleTimeout = .milliseconds(80)
        await #expect(throws: HTTPClientError.timeout(.idle)) { try await client.send(request) }
    }

    @Test func `a TLS handshake that never ends is a connect timeout`() async throws {
        let server = try RawServer { connection in connection.waitForClose() }
        var request = OutgoingRequest("GET", "https://127.0.0.1:\(server.port)/")
        request.connectTimeout = .milliseconds(100)
        await #expect(throws: HTTPClientError.timeout(.connect)) { try await client.send(request) }
    }

    @Test(arguments: [true, false])
    func `a body over the limit ends the exchange, declared or not`(isDeclared: Bool) async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse(headers: isDeclared ? ["Content-Length": "1000000000"] : [:])
            while true { try connection.write([UInt8](repeating: 65, count: 65536)) }
        }
        var request = OutgoingRequest("GET", server.url)
        request.responseByteLimit = 100_000
        await #expect(throws: HTTPClientError.tooLarge(limit: 100_000)) { try await client.send(request) }
    }

    @Test func `a small compressed body that grows over the limit ends the exchange`() async throws {
        let bomb = try #require(
            Data(base64Encoded: "H4sIAAAAAAACA+3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAAAAAAAAAAAAAAB4MAJTL5cgTgAA"))
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            #expect(request.headers["accept-encoding"] == "gzip, deflate")
            try connection.beginResponse(headers: ["Content-Encoding": "gzip"])
            try connection.write([UInt8](bomb))
        }
        var request = OutgoingRequest("GET", server.url)
        request.acceptsCompression = true
        request.responseByteLimit = 1000
        await #expect(throws: HTTPClientError.tooLarge(limit: 1000)) { try await client.send(request) }
    }

    @Test func `headers over their limit end the exchange`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.write("HTTP/1.1 200 OK\r\n")
            while true { try connection.write("X-Many: \(String(repeating: "a", count: 1000))\r\n") }
        }
        await #expect(throws: HTTPClientError.tooLarge(limit: 65536)) {
            try await client.send(OutgoingRequest("GET", server.url))
        }
    }

    @Test(arguments: [
        ("", HTTPClientError.connectionLost), ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", .connectionLost),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .connectionLost),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .connectionLost),
        ("SSH-2.0-OpenSSH_9.2\r\n", .protocolViolation), ("HTTP/1.1 2x0 OK\r\n\r\n", .protocolViolation),
    ])
    func `an answer that is cut off or is none is an error of its own`(
        answer: String, expected: HTTPClientError
    ) async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.write(answer)
        }
        await #expect(throws: expected) { try await client.send(OutgoingRequest("GET", server.url)) }
    }

    @Test(arguments: [
        ("X-A", "a\r\nX-B: b"), ("X-A", "a\nb"), ("X-A", "a\0b"), ("X A", "a"), ("X-A:", "a"), ("", "a"),
        ("X\r\nY", "a"),
        ("Content-Length", "0"), ("transfer-encoding", "chunked"), ("Connection", "upgrade"),
    ])
    func `a header that could become another is refused`(name: String, value: String) async throws {
        var request = OutgoingRequest("GET", "http://127.0.0.1:9/")
        request.headers.append(name, value)
        await expectInvalid(request)
    }

    @Test(arguments: [
        "http://127.0.0.1:9/a b", "http://127.0.0.1:9/a\r\nX: y", "http://127.0.0.1:9/\0", "ftp://127.0.0.1/",
        "file:///etc/passwd", "gopher://127.0.0.1/", "127.0.0.1:9", "", "http://", "http://user:secret@127.0.0.1:9/",
        "http://secret@127.0.0.1:9/", "http://１２７.0.0.1/", "http://127.0.0.1:99999/",
        "http://127.0.0.1:9/" + String(repeating: "a", count: 9000),
    ])
    func `a URL that is not plainly one of http is refused, without being repeated`(url: String) async throws {
        let error = await expectInvalid(OutgoingRequest("GET", url))
        #expect(error.map { !"\($0)".contains("secret") } ?? false)
    }

    @Test(arguments: ["get", "", "GET /x", "G\r\nT"])
    func `a method that is not a word is refused`(method: String) async throws {
        await expectInvalid(OutgoingRequest(method, "http://127.0.0.1:9/"))
    }

    @discardableResult private func expectInvalid(_ request: OutgoingRequest) async -> HTTPClientError? {
        await #expect(throws: HTTPClientError.self) {
            do {
                _ = try await client.send(request)
            } catch let error as HTTPClientError {
                guard case .invalidRequest = error else { return }
                throw error
            }
        }
    }
}
