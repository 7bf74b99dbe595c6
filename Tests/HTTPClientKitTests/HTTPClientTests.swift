import EventLoopKit
import HTTPClientKit
import SpotterTesting
import Synchronization
import Testing

/// One loop for every test: the client must not mind company.
let sharedLoop = EventLoop(name: "client-tests")

@Suite(.timeLimit(.minutes(5))) struct HTTPClientTests {
    private let client = HTTPClient(loops: [sharedLoop])

    @Test(arguments: [true, false])
    func `a request and its answer arrive whole, from a task on the loop and from any other`(isOnLoop: Bool)
        async throws
    {
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            #expect(request.line == "POST /echo?q=1 HTTP/1.1")
            #expect(request.headers["x-empty"] == "")
            #expect(request.headers["content-type"] == "text/plain")
            #expect(request.headers["expect"] == nil)
            try connection.respond(status: 201, headers: ["X-Answer": "yes"], body: "got " + request.text)
        }
        var request = OutgoingRequest("POST", server.url + "/echo?q=1", body: Array("hello".utf8))
        request.headers = ["X-Empty": "", "Content-Type": "text/plain"]
        let sent = request
        let send: @Sendable () async throws -> OutgoingResponse = { [client] in try await client.send(sent) }
        let response =
            isOnLoop ? try await Task(executorPreference: sharedLoop, operation: send).value : try await send()
        #expect(response.status == 201)
        #expect(response.headers["x-answer"] == "yes")
        #expect(String(decoding: response.body, as: UTF8.self) == "got hello")
    }

    @Test(arguments: ["GET", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"])
    func `the method is the one that was asked for`(method: String) async throws {
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            try connection.write(
                "HTTP/1.1 200 OK\r\nX-Method: \(request.method)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        let response = try await client.send(OutgoingRequest(method, server.url))
        #expect(response.headers["X-Method"] == method)
    }

    @Test func `a body of two megabytes goes out in one piece`() async throws {
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            try connection.respond(body: "\(request.body.count) \(request.body.allSatisfy { $0 == 7 })")
        }
        let body = [UInt8](repeating: 7, count: 2 << 20)
        let response = try await client.send(OutgoingRequest("POST", server.url, body: body))
        #expect(String(decoding: response.body, as: UTF8.self) == "2097152 true")
    }

    @Test func `connections are used again, unless a request wants its own`() async throws {
        let server = try RawServer { connection in
            while true {
                _ = try connection.readRequest()
                try connection.respond(body: "ok")
            }
        }
        for _ in 0..<3 { _ = try await client.send(OutgoingRequest("GET", server.url)) }
        #expect(server.connectionCount == 1)
        var alone = OutgoingRequest("GET", server.url)
        alone.reusesConnection = false
        _ = try await client.send(alone)
        #expect(server.connectionCount == 2)
    }

    @Test func `interim answers are skipped and redirects are not followed`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            try connection.respond(status: 302, headers: ["Location": "http://127.0.0.1:1/"], body: "moved")
        }
        let response = try await client.send(OutgoingRequest("GET", server.url))
        #expect(response.status == 302)
        #expect(response.headers["Link"] == nil)
    }

    @Test func `a hundred requests at once are answered, each with its own answer`() async throws {
        let server = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                try connection.respond(body: request.target)
            }
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                group.addTask { [client, url = server.url] in
                    let response = try await client.send(OutgoingRequest("GET", "\(url)/\(number)"))
                    return String(decoding: response.body, as: UTF8.self) == "/\(number)"
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test func `after a shutdown nothing is sent and what runs is ended`() async throws {
        let reached = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            reached.continuation.yield()
            connection.waitForClose()
        }
        let client = HTTPClient(loops: [sharedLoop])
        let url = server.url
        let running = Task { try await client.send(OutgoingRequest("GET", url)) }
        for await _ in reached.stream { break }
        await client.shutDown()
        await #expect(throws: HTTPClientError.shutDown) { try await running.value }
        await #expect(throws: HTTPClientError.shutDown) { try await client.send(OutgoingRequest("GET", url)) }
    }
}
