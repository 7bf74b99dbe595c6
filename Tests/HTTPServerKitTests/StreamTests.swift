import HTTPServerKit
import Testing

private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

@Suite(.timeLimit(.minutes(5))) struct StreamTests {
    private func streaming(
        _ produce: @escaping @Sendable (HTTPBodyWriter) async throws -> Void
    ) -> TestResponder {
        TestResponder { _ in HTTPResponse(status: 200, body: .stream(produce)) }
    }

    @Test func `a stream is sent in chunks and the connection goes on`() async throws {
        let responder = streaming { writer in
            try await writer.write("one,")
            try await writer.write([])
            await Task.yield()
            try await writer.write("two")
        }
        try await withServer(responder) { server in
            let (first, second) = try await server.client { client in
                try client.send(get + get)
                return (try client.response(), try client.response())
            }
            #expect(first.headers["transfer-encoding"] == "chunked")
            #expect(first.headers["content-length"] == nil)
            #expect(first.text == "one,two" && second.text == "one,two")
        }
    }

    @Test func `a piece leaves at once, not only with the next`() async throws {
        let gate = Signal()
        let responder = streaming { writer in
            try await writer.write("first")
            await gate.wait()
            try await writer.write("second")
        }
        try await withServer(responder) { server in
            let pieces = try await server.client { client in
                try client.send(get)
                _ = try client.receive(through: "\r\n\r\n")
                let first = try client.chunk()
                gate.fire()
                return [first, try client.chunk(), try client.chunk()].map { String(decoding: $0, as: UTF8.self) }
            }
            #expect(pieces == ["first", "second", ""])
        }
    }

    @Test func `HEAD of a stream does not run it`() async throws {
        let runs = Counter()
        try await withServer(streaming { _ in runs.add() }) { server in
            let status = try await server.client { client in
                try client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.response(toHead: true).headers["transfer-encoding"]
            }
            #expect(status == "chunked")
            #expect(runs.value == 0)
        }
    }

    @Test func `on HTTP 1.0 a stream ends with the connection`() async throws {
        try await withServer(streaming { try await $0.write("abc") }) { server in
            let response = try await server.client { client in
                try client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                return try client.response()
            }
            #expect(response.headers["connection"] == "close")
            #expect(response.headers["transfer-encoding"] == nil)
            #expect(response.text == "abc")
        }
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.0"])
    func `a stream that fails cannot be taken for a whole one`(_ version: String) async throws {
        struct Broken: Error {}
        let responder = streaming { writer in
            try await writer.write("abc")
            throw Broken()
        }
        try await withServer(responder) { server in
            _ = await #expect(throws: RawClient.Failure.self) {
                try await server.client { client in
                    try client.send("GET / \(version)\r\nHost: x\r\n\r\n")
                    _ = try client.response()
                }
            }
        }
    }

    @Test func `a writer waits for its reader`() async throws {
        let piece = [UInt8](repeating: 7, count: 65536)
        let pieces = 1000
        let written = Counter()
        let responder = streaming { writer in
            for _ in 0..<pieces {
                try await writer.write(piece)
                written.add(piece.count)
            }
        }
        try await withServer(responder) { server in
            let (total, lead) = try await server.client { client in
                try client.send(get)
                _ = try client.receive(through: "\r\n\r\n")
                var total = 0
                var lead = 0
                while case let chunk = try client.chunk(), !chunk.isEmpty {
                    lead = max(lead, written.value - total)
                    total += chunk.count
                }
                return (total, lead)
            }
            #expect(total == pieces * piece.count)
            // What the kernel buffers at most (4 MiB here, 6 there), and a little.
            #expect(lead < 16 << 20)
        }
    }

    @Test func `writing from another executor is just as good`() async throws {
        let responder = streaming { writer in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask(executorPreference: globalConcurrentExecutor) {
                    for _ in 0..<200 { try await writer.write([UInt8](repeating: 65, count: 1000)) }
                }
                try await group.waitForAll()
            }
        }
        try await withServer(responder) { server in
            let count = try await server.client { client in
                try client.send(get)
                return try client.response().body.count
            }
            #expect(count == 200_000)
        }
    }

    @Test func `a writer kept beyond its answer writes nothing into the next`() async throws {
        let kept = AsyncStream.makeStream(of: HTTPBodyWriter.self)
        let responder = TestResponder { request in
            if request.path == "/first" {
                return HTTPResponse(status: 200, body: .stream { kept.continuation.yield($0) })
            }
            return HTTPResponse(
                status: 200,
                body: .stream { writer in
                    for await old in kept.stream {
                        await #expect(throws: HTTPConnectionClosed.self) { try await old.write("stray") }
                        break
                    }
                    try await writer.write("clean")
                })
        }
        try await withServer(responder) { server in
            let text = try await server.client { client in
                try client.send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.response()
                try client.send("GET /second HTTP/1.1\r\nHost: x\r\n\r\n")
                return try client.response().text
            }
            #expect(text == "clean")
        }
    }

    @Test(arguments: [true, false])
    func `a stream whose client leaves is cancelled`(_ byReset: Bool) async throws {
        let ended = Signal()
        let responder = streaming { writer in
            defer { ended.fire() }
            try await writer.write("hello")
            await Signal().wait()
            // Cancelled: the next write says so.
            try await writer.write("more")
        }
        try await withServer(responder) { server in
            try await server.client { client in
                try client.send(get)
                _ = try client.receive(through: "hello")
                if byReset { client.reset() }
            }
            #expect(await ended.wait())
        }
    }

    @Test func `a writer held up by a client that leaves hears of it`() async throws {
        let ended = Signal()
        let responder = streaming { writer in
            do { while true { try await writer.write([UInt8](repeating: 1, count: 65536)) } } catch {
                ended.fire()
                throw error
            }
        }
        try await withServer(responder) { server in
            try await server.client { client in
                try client.send(get)
                _ = try client.receive(through: "\r\n\r\n")
            }
            #expect(await ended.wait())
        }
    }

    @Test func `a handler whose client leaves is cancelled`() async throws {
        let started = Signal()
        let cancelled = Signal()
        let responder = TestResponder { _ in
            started.fire()
            if await !Signal().wait() { cancelled.fire() }
            return .text(200, "too late")
        }
        try await withServer(responder) { server in
            let held = try await onThread { [port = server.port] in
                let client = try RawClient(port: port)
                try client.send(get)
                return Held(client)
            }
            #expect(await started.wait())
            held.client.finishSending()
            #expect(await cancelled.wait())
        }
    }
}
