import Dispatch
import EventLoopKit
import HTTPClientKit
import SpotterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct StreamingTests {
    private let client = HTTPClient(loops: [sharedLoop])

    @Test(arguments: [true, false])
    func `chunks arrive one by one while the answer is being written`(isOnLoop: Bool) async throws {
        let next = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse(headers: ["Content-Type": "text/event-stream"])
            for number in 0..<5 {
                try connection.write("part \(number)")
                // The next part is written only when the test has seen this one.
                next.wait()
            }
        }
        let work: @Sendable () async throws -> [String] = { [client, url = server.url] in
            let response = try await client.stream(OutgoingRequest("GET", url))
            #expect(response.headers["content-type"] == "text/event-stream")
            var parts: [String] = []
            for try await part in response.body {
                parts.append(String(decoding: part, as: UTF8.self))
                next.signal()
            }
            return parts
        }
        let parts = isOnLoop ? try await Task(executorPreference: sharedLoop, operation: work).value : try await work()
        #expect(parts == (0..<5).map { "part \($0)" })
    }

    @Test func `a slow consumer stops the server, and gets every byte in order`() async throws {
        let sent = Atomic<Int>(0)
        let total = 64 << 20
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse()
            let block = (0..<65536).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            for _ in 0..<(total / block.count) {
                try connection.write(block)
                sent.add(block.count, ordering: .relaxed)
            }
        }
        var request = OutgoingRequest("GET", server.url)
        request.responseByteLimit = total
        request.idleTimeout = .milliseconds(800)
        let response = try await client.stream(request)
        // The server fills the sockets' buffers and then stands still, for longer than the idle timeout.
        var before = -1
        while before != sent.load(ordering: .relaxed) {
            before = sent.load(ordering: .relaxed)
            try await Task.sleep(for: .milliseconds(1000))
        }
        #expect(before < total / 2)
        var received = 0
        var isRight = true
        for try await part in response.body {
            for index in stride(from: 0, to: part.count, by: 997) {
                let place = (received + index) % 65536
                isRight = isRight && part[index] == UInt8(truncatingIfNeeded: place &* 31 >> 3)
            }
            received += part.count
        }
        #expect(received == total)
        #expect(isRight)
    }

    @Test(arguments: ["leave", "drop", "cancel", "cancel before the head"])
    func `a consumer that goes away ends the transfer at once`(way: String) async throws {
        let closed = AsyncStream.makeStream(of: Void.self)
        let reached = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            if way != "cancel before the head" {
                try connection.beginResponse()
                try connection.write("first")
            }
            reached.continuation.yield()
            connection.waitForClose()
            closed.continuation.yield()
        }
        let task = Task(executorPreference: sharedLoop) { [client, url = server.url] in
            let response = try await client.stream(OutgoingRequest("GET", url))
            if way == "drop" { return }
            for try await _ in response.body where way == "leave" { break }
            withExtendedLifetime(response) {}
        }
        for await _ in reached.stream { break }
        if way.hasPrefix("cancel") {
            task.cancel()
            await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        } else {
            try await task.value
        }
        for await _ in closed.stream { break }
    }

    @Test func `a body is read to its end though the response was let go of`() async throws {
        let mayGoOn = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse()
            try connection.write("first")
            mayGoOn.wait()
            try connection.write("last")
        }
        var iterator = try await client.stream(OutgoingRequest("GET", server.url)).body.makeAsyncIterator()
        #expect(try await iterator.next() == Array("first".utf8))
        mayGoOn.signal()
        #expect(try await iterator.next() == Array("last".utf8))
        #expect(try await iterator.next() == nil)
    }

    @Test func `what arrived before a cut is delivered before the error`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        }
        let response = try await client.stream(OutgoingRequest("GET", server.url))
        var text = ""
        await #expect(throws: HTTPClientError.connectionLost) {
            for try await part in response.body { text += String(decoding: part, as: UTF8.self) }
        }
        #expect(text == "half")
    }

    @Test func `a body has one consumer`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.respond(body: "all")
        }
        let body = try await client.stream(OutgoingRequest("GET", server.url)).body
        var first = body.makeAsyncIterator()
        var second = body.makeAsyncIterator()
        #expect(try await first.next() == Array("all".utf8))
        #expect(try await first.next() == nil)
        await #expect(throws: HTTPClientError.bodyAlreadyConsumed) { _ = try await second.next() }
    }

    @Test func `a connection whose body is drained is used again`() async throws {
        let server = try RawServer { connection in
            while true {
                _ = try connection.readRequest()
                try connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlast\r\n")
                try connection.write("0\r\n\r\n")
            }
        }
        for _ in 0..<3 {
            let body = try await client.stream(OutgoingRequest("GET", server.url)).body
            for try await part in body where part.starts(with: Array("last".utf8)) {
                body.drain()
                break
            }
            // The next request may be sent before this answer has ended: it then waits for no connection, but opens one.
            _ = try await client.send(OutgoingRequest("GET", server.url))
        }
        #expect(server.connectionCount <= 4)
    }

    @Test func `a drained body that goes on is ended`() async throws {
        let closed = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse()
            try connection.write("part")
            connection.waitForClose()
            closed.continuation.yield()
        }
        let body = try await client.stream(OutgoingRequest("GET", server.url)).body
        for try await _ in body {
            body.drain()
            break
        }
        for await _ in closed.stream { break }
    }

    @Test func `a task that is already cancelled sends nothing`() async throws {
        let server = try RawServer { connection in _ = try connection.readRequest() }
        let task = Task { [client, url = server.url] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(OutgoingRequest("GET", url))
        }
        await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        #expect(server.connectionCount == 0)
    }
}
