import EventLoopKit
import HTTPServerKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    @Test func `a request is answered with the server's own fields`() async throws {
        try await withServer { server in
            let response = try await server.response(to: "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
            #expect(response.status == 200)
            #expect(response.text == "POST /a?b hi")
            #expect(response.headers["content-length"] == "12")
            #expect(response.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(response.headers["connection"] == nil)
            let date = try #require(response.headers["date"])
            let pattern = #/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/#
            #expect(date.wholeMatch(of: pattern) != nil)
        }
    }

    @Test func `the loops get equally many connections`() async throws {
        let responder = TestResponder { _ in
            .text(200, EventLoop.current.map { "\(ObjectIdentifier($0))" } ?? "none")
        }
        try await withServer(responder, loops: 3) { server in
            let port = server.port
            let loops = try await onThread {
                // All stay open; an answer tells that a connection has found its loop.
                let clients = try (0..<30).map { _ in
                    let client = try RawClient(port: port)
                    try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    return (client, try client.response().text)
                }
                return clients.map(\.1)
            }
            let counts = Dictionary(grouping: loops, by: \.self).mapValues(\.count)
            #expect(counts.count == 3)
            #expect(counts.values.allSatisfy { (9...11).contains($0) })
        }
    }

    @Test func `one connection serves many requests`() async throws {
        try await withServer { server in
            let answers = try await server.client { client in
                try (0..<20).map { number in
                    try client.send("GET /\(number) HTTP/1.1\r\nHost: x\r\n\r\n")
                    return try client.response().text
                }
            }
            #expect(answers == (0..<20).map { "GET /\($0) " })
        }
    }

    @Test func `a thousand pipelined requests are answered in their order`() async throws {
        try await withServer { server in
            let answers = try await server.client { client in
                try client.send((0..<1000).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
                return try (0..<1000).map { _ in try client.response().text }
            }
            #expect(answers == (0..<1000).map { "GET /\($0) " })
        }
    }

    @Test func `a slow answer is not overtaken by the next`() async throws {
        let gate = Signal()
        let responder = TestResponder { request in
            if request.path == "/slow" { await gate.wait() }
            return .text(200, request.path)
        }
        try await withServer(responder) { server in
            async let answers = server.client { client in
                try client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /fast HTTP/1.1\r\nHost: x\r\n\r\n")
                return [try client.response().text, try client.response().text]
            }
            let other = try await server.response(to: "GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(other.text == "/other")
            gate.fire()
            let received = try await answers
            #expect(received == ["/slow", "/fast"])
        }
    }

    @Test func `read-ahead is bounded while a request is answered`() async throws {
        let gate = Signal()
        let responder = TestResponder { request in
            if request.path == "/slow" { await gate.wait() }
            return .text(200, "ok")
        }
        let limit = 32 << 20
        try await withServer(responder, configure: { $0.readAhead = 1024 }) { server in
            let (taken, status) = try await onThread { [port = server.port] in
                let client = try RawClient(port: port)
                try client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
                let taken = client.sendUntilHeldUp(Array("POST / HTTP/1.1\r\nA: b\r\n".utf8), atMost: limit)
                gate.fire()
                return (taken, try client.response().status)
            }
            // The kernel's buffers on both sides take some megabytes; the server itself takes hardly any.
            #expect(taken < limit)
            #expect(status == 200)
        }
    }

    @Test func `HEAD has the fields of GET and no body`() async throws {
        try await withServer { server in
            let (head, get) = try await server.client { client in
                try client.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\nGET /d HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try client.response(toHead: true)
                return (head.headers["content-length"], try client.response().text)
            }
            #expect(head == "10")
            #expect(get == "GET /d ")
        }
    }

    @Test(arguments: [204, 304])
    func `an answer that has no body says nothing of one`(_ status: Int) async throws {
        try await withServer(TestResponder { _ in HTTPResponse(status: status, body: .bytes([1, 2, 3])) }) { server in
            let (first, second) = try await server.client { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return (try client.response(), try client.response().status)
            }
            #expect(first.status == status && second == status)
            #expect(first.headers["content-length"] == nil)
            #expect(first.headers["transfer-encoding"] == nil)
        }
    }

    @Test func `Connection close is honoured, also when the responder asks for it`() async throws {
        let responder = TestResponder { _ in HTTPResponse(status: 200, headers: ["Connection": "close"]) }
        for (responder, request) in [
            (TestResponder.echo, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            (responder, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        ] {
            try await withServer(responder) { server in
                let (field, isAtEnd) = try await server.client { client in
                    try client.send(request)
                    return (try client.response().headers["connection"], try client.isAtEnd())
                }
                #expect(field == "close")
                #expect(isAtEnd)
            }
        }
    }

    @Test func `HTTP/1.0 closes unless it asks to stay`() async throws {
        try await withServer { server in
            let ended = try await server.client { client in
                try client.send("GET / HTTP/1.0\r\n\r\n")
                return try client.response().headers["connection"] == "close" && client.isAtEnd()
            }
            #expect(ended)
            let stayed = try await server.client { client in
                try client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let first = try client.response().headers["connection"] == "keep-alive"
                try client.send("GET /again HTTP/1.0\r\n\r\n")
                return try first && client.response().text == "GET /again "
            }
            #expect(stayed)
        }
    }

    @Test func `a request cut into single bytes is answered like any other`() async throws {
        try await withServer { server in
            let text = try await server.client { client in
                for byte in Array(
                    "PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8)
                {
                    try client.send([byte])
                }
                return try client.response().text
            }
            #expect(text == "PUT /x abc")
        }
    }

    @Test func `a client that ends its half still gets the answer`() async throws {
        try await withServer { server in
            let text = try await server.client { client in
                try client.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
                client.finishSending()
                return try client.response().text
            }
            #expect(text == "GET /x ")
        }
    }

    @Test func `a body of megabytes arrives whole`() async throws {
        let body = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try await withServer(TestResponder { _ in HTTPResponse(status: 200, body: .bytes(body)) }) { server in
            let isWhole = try await server.client { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.response().body == body && client.response().body == body
            }
            #expect(isWhole)
        }
    }

    @Test func `a handler runs on one of the server's loops and knows the peer`() async throws {
        let responder = TestResponder { request in
            let before = EventLoop.current
            await Task.yield()
            return .text(200, "\(before != nil && before === EventLoop.current) \(request.remoteAddress)")
        }
        try await withServer(responder, loops: 2) { server in
            for _ in 0..<8 {
                let text = try await server.response(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n").text
                #expect(text == "true 127.0.0.1")
            }
        }
    }

    @Test func `a field's value cannot add a line to the answer`() async throws {
        let responder = TestResponder { _ in HTTPResponse(status: 200, headers: ["X": "a\r\nEvil: b"]) }
        try await withServer(responder) { server in
            let headers = try await server.response(to: "GET / HTTP/1.1\r\nHost: x\r\n\r\n").headers
            #expect(headers["x"] == "a  Evil: b")
            #expect(headers["evil"] == nil)
        }
    }
}
