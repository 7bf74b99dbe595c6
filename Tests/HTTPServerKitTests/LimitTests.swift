import HTTPServerKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct LimitTests {
    @Test func `a body beyond its route's limit is refused before it is sent`() async throws {
        let responder = TestResponder(limit: { $0.path == "/big" ? 100 : 10 }, answer: TestResponder.echo.answer)
        try await withServer(responder) { server in
            // The body never comes: the head alone decides.
            let small = try await server.response(to: "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n")
            #expect(small.status == 413)
            #expect(small.text == "The body is longer than 10 bytes.")
            #expect(small.headers["connection"] == "close")
            let body = String(repeating: "x", count: 100)
            let big = try await server.response(
                to: "POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n\(body)")
            #expect(big.text == "POST /big \(body)")
        }
    }

    @Test func `a chunked body is refused as soon as it is too long`() async throws {
        try await withServer(TestResponder(limit: { _ in 10 }, answer: TestResponder.echo.answer)) { server in
            let response = try await server.response(
                to: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n123")
            #expect(response.status == 413)
        }
    }

    @Test(arguments: [
        ("GET /\(String(repeating: "a", count: 200)) HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 400))\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\n\r\n", 400), ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 501), ("GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
    ])
    func `a refusal is put in the responder's words and ends the connection`(_ text: String, _ status: Int) async throws
    {
        try await withServer(configure: {
            $0.maximumRequestLine = 100
            $0.maximumHeaderBytes = 300
            $0.maximumHeaderFields = 3
        }) { server in
            let (response, isAtEnd) = try await server.client { client in
                // What follows is never looked at, and does not turn the answer into a reset.
                try client.send(text + String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 100))
                return (try client.response(), try client.isAtEnd())
            }
            #expect(response.status == status)
            #expect(response.headers["content-type"] == "text/test")
            #expect(response.headers["connection"] == "close")
            #expect(isAtEnd)
        }
    }

    @Test func `an expectation is met where the body will be taken`() async throws {
        try await withServer { server in
            let (interim, text) = try await server.client { client in
                try client.send("POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n")
                let interim = try client.response().status
                try client.send("hi")
                return (interim, try client.response().text)
            }
            #expect(interim == 100)
            #expect(text == "POST /x hi")
        }
    }

    @Test func `an expectation of a body that is too long is answered with the refusal alone`() async throws {
        try await withServer { server in
            let response = try await server.response(
                to: "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")
            #expect(response.status == 413)
        }
    }

    @Test func `any other expectation fails, and none counts on HTTP 1.0`() async throws {
        try await withServer { server in
            let other = try await server.response(to: "GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n")
            #expect(other.status == 417)
            let old = try await server.response(
                to: "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi")
            #expect(old.status == 200)
        }
    }

    @Test func `a connection too many is told so, and room is made by one that leaves`() async throws {
        try await withServer(loops: 2, configure: { $0.maximumConnections = 2 }) { server in
            let statuses = try await onThread { [port = server.port] in
                let first = try RawClient(port: port)
                try first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                var statuses = [try first.response().status]
                do {
                    let second = try RawClient(port: port)
                    try second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    statuses.append(try second.response().status)
                    let third = try RawClient(port: port)
                    let refusal = try third.response()
                    statuses.append(refusal.status)
                    #expect(refusal.headers["connection"] == "close")
                }
                // The server hears of the leaving in its own time.
                let deadline = ContinuousClock.now + .seconds(30)
                while ContinuousClock.now < deadline {
                    let next = try RawClient(port: port)
                    try? next.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    if let status = try? next.response().status, status == 200 { return statuses + [status] }
                }
                return statuses
            }
            #expect(statuses == [200, 200, 503, 200])
        }
    }

    @Test func `bodies held at one time are bounded over all connections`() async throws {
        let started = Signal()
        let gate = Signal()
        let responder = TestResponder { request in
            started.fire()
            if request.path == "/held" { await gate.wait() }
            return .text(200, "")
        }
        let body = "HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n\(String(repeating: "x", count: 100_000))"
        try await withServer(responder, configure: { $0.maximumHeldBodyBytes = 150_000 }) { server in
            async let held = server.response(to: "POST /held \(body)")
            #expect(await started.wait())
            #expect(try await server.response(to: "POST /other \(body)").status == 503)
            gate.fire()
            let status = try await held.status
            #expect(status == 200)
            #expect(try await server.response(to: "POST /other \(body)").status == 200)
        }
    }
}
