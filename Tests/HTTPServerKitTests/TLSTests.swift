import EventLoopKit
import Foundation
import HTTPServerKit
import ServiceKit
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct TLSTests {
    private func withTLS<Value: Sendable>(
        _ responder: TestResponder = .echo, configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let certificate = try TestCertificate()
        return try await withServer(
            responder,
            configure: {
                $0.tls = .init(certificateChain: certificate.chain, privateKey: certificate.key)
                configure(&$0)
            }, body)
    }

    private let last = "Host: x\r\nConnection: close\r\n\r\n"

    @Test func `requests are answered under TLS, in order, with the protocol agreed on`() async throws {
        try await withTLS { [last] server in
            let (text, chosen) = try await onThread { [port = server.port] in
                let client = try TLSClient(port: port)
                try client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\(last)hi")
                return (String(decoding: try client.receiveAll(), as: UTF8.self), client.chosenProtocol)
            }
            #expect(chosen == "http/1.1")
            #expect(text.contains("\r\n\r\nGET /1 HTTP/1.1 200 OK\r\n"))
            #expect(text.hasSuffix("\r\n\r\nPOST /2 hi"))
        }
    }

    @Test func `a body larger than any buffer passes both ways`() async throws {
        let body = String(repeating: "0123456789abcdef", count: 200_000)
        let responder = TestResponder(limit: { _ in 4 << 20 }) { request in
            HTTPResponse(status: 200, body: .bytes(request.body))
        }
        try await withTLS(responder) { [last] server in
            let isWhole = try await onThread { [port = server.port] in
                let client = try TLSClient(port: port)
                try client.send("POST / HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\(last)\(body)")
                return String(decoding: try client.receiveAll(), as: UTF8.self).hasSuffix("\r\n\r\n\(body)")
            }
            #expect(isWhole)
        }
    }

    @Test func `a stream is held back under TLS too`() async throws {
        let piece = [UInt8](repeating: 7, count: 65536)
        let responder = TestResponder { _ in
            HTTPResponse(status: 200, body: .stream { for _ in 0..<300 { try await $0.write(piece) } })
        }
        try await withTLS(responder) { [last] server in
            let count = try await onThread { [port = server.port] in
                let client = try TLSClient(port: port)
                try client.send("GET / HTTP/1.1\r\n\(last)")
                return try client.receiveAll().count { $0 == 7 }
            }
            #expect(count == 300 * piece.count)
        }
    }

    @Test func `a client that does not speak TLS is closed, and one that says nothing too`() async throws {
        try await withTLS(configure: { $0.headerTimeout = .milliseconds(50) }) { server in
            let closed = try await onThread { [port = server.port] in
                let plain = try RawClient(port: port)
                try plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = try? plain.receiveAll()
                let silent = try RawClient(port: port)
                return try [answer.map { !$0.starts(with: Array("HTTP".utf8)) } ?? true, silent.isAtEndOrReset()]
            }
            #expect(closed == [true, true])
        }
    }

    @Test func `files that cannot be used are named, and their content is not`() throws {
        let certificate = try TestCertificate()
        let other = try TestCertificate()
        for (chain, key, word) in [
            ("/nowhere/chain.pem", certificate.key, "/nowhere/chain.pem"),
            (certificate.chain, "/nowhere/key.pem", "/nowhere/key.pem"),
            (certificate.key, certificate.key, certificate.key), (certificate.chain, other.key, other.key),
        ] {
            var configuration = HTTPServerConfiguration(port: 0)
            configuration.tls = .init(certificateChain: chain, privateKey: key)
            let server = HTTPServer(
                configuration: configuration, loops: EventLoopGroup(count: 1), responder: TestResponder.echo,
                log: .silent)
            let error = #expect(throws: HTTPServerError.self) { try server.bind() }
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "none")")
        }
    }
}
