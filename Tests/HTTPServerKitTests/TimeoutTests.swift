import HTTPServerKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct TimeoutTests {
    @Test func `a head that does not end is answered with 408`() async throws {
        try await withServer(configure: { $0.headerTimeout = .milliseconds(50) }) { server in
            let response = try await server.response(to: "GET / HTTP/1.1\r\nHost: x\r\nA: ")
            #expect(response.status == 408)
            #expect(response.headers["connection"] == "close")
        }
    }

    @Test func `a head that trickles in is late all the same`() async throws {
        try await withServer(configure: { $0.headerTimeout = .milliseconds(50) }) { server in
            let status = try await server.client { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n")
                // Bytes keep coming until the server has had enough.
                while (try? client.send("A")) != nil {}
                return 0
            }
            #expect(status == 0)
        }
    }

    @Test func `a connection on which nothing comes is closed without a word`() async throws {
        try await withServer(configure: { $0.headerTimeout = .milliseconds(50) }) { server in
            let hasEnded = try await server.client { try $0.isAtEndOrReset() }
            #expect(hasEnded)
        }
    }

    @Test func `a resting connection is closed`() async throws {
        try await withServer(configure: { $0.idleTimeout = .milliseconds(50) }) { server in
            let isAtEnd = try await server.client { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.response()
                return try client.isAtEndOrReset()
            }
            #expect(isAtEnd)
        }
    }

    @Test func `a body that comes too slowly is answered with 408`() async throws {
        try await withServer(configure: {
            $0.bodyGrace = .milliseconds(50)
            $0.minimumBodyRate = 1_000_000
        }) { server in
            let response = try await server.response(
                to: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nxxxxx")
            #expect(response.status == 408)
        }
    }

    @Test func `a client that does not read is cut off`() async throws {
        let cutOff = Signal()
        let piece = [UInt8](repeating: 1, count: 65536)
        let responder = TestResponder { _ in
            HTTPResponse(
                status: 200,
                body: .stream { writer in
                    do { while true { try await writer.write(piece) } } catch {
                        cutOff.fire()
                        throw error
                    }
                })
        }
        try await withServer(
            responder,
            configure: {
                $0.readerGrace = .milliseconds(50)
                $0.minimumReadRate = 1_000_000_000
            }
        ) { server in
            let client = try await onThread { [port = server.port] in
                let client = try RawClient(port: port, receiveBuffer: 4096)
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return Held(client)
            }
            #expect(await cutOff.wait())
            withExtendedLifetime(client) {}
        }
    }
}

/// Keeps a client open across threads; it is used on one thread at a time.
final class Held: @unchecked Sendable {
    let client: RawClient
    init(_ client: RawClient) { self.client = client }
}

extension RawClient {
    /// Whether the connection has ended, in order or by a reset.
    func isAtEndOrReset() throws -> Bool {
        do { return try isAtEnd() } catch Failure.closed { return true }
    }
}
