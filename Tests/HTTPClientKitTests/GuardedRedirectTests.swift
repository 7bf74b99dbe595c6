import EventLoopKit
import HTTPClientKit
import SpotterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct GuardedRedirectTests {
    /// Requests in the order in which they came.
    private final class Seen: Sendable {
        private let requests = Mutex<[RawRequest]>([])
        var all: [RawRequest] { requests.withLock { $0 } }
        func note(_ request: RawRequest) { requests.withLock { $0.append(request) } }
    }

    private static let policy = OutboundPolicy(
        allowsPlainHTTP: true, credentials: [.init(host: "127.0.0.1", header: "Authorization", value: "Bearer canary")]
    ) { $0 == "127.0.0.1" || $0 == "other.test" }

    /// Redirects everything but `/end` to where the path says.
    private static func redirecting(
        _ seen: Seen, status: Int = 302, to location: @escaping @Sendable (RawRequest) -> String
    ) throws -> RawServer {
        try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                seen.note(request)
                if request.target == "/end" {
                    try connection.respond(body: "end")
                } else {
                    try connection.respond(status: status, headers: ["Location": location(request)])
                }
            }
        }
    }

    private func send(_ request: OutgoingRequest, by client: GuardedClient) async throws -> GuardedResponse {
        try await client.send(request, under: Self.policy, partition: "a")
    }

    @Test(
        arguments: [
            ("POST", 301, "GET"), ("POST", 302, "GET"), ("POST", 303, "GET"), ("POST", 307, "POST"),
            ("POST", 308, "POST"), ("PUT", 301, "PUT"), ("PUT", 302, "PUT"), ("PUT", 303, "GET"),
            ("DELETE", 307, "DELETE"), ("GET", 303, "GET"), ("HEAD", 303, "HEAD"), ("HEAD", 302, "HEAD"),
        ])
    func `the method after a redirect is the one that HTTP says`(method: String, status: Int, then: String)
        async throws
    {
        let seen = Seen()
        let server = try Self.redirecting(seen, status: status) { _ in "/end" }
        let hasBody = method == "POST" || method == "PUT"
        var request = OutgoingRequest(method, server.url + "/start", body: hasBody ? Array("hello".utf8) : nil)
        request.headers = ["Content-Type": "text/plain", "Idempotency-Key": "k1"]
        let answer = try await send(request, by: guarded(open: server))
        #expect((answer.address.text, answer.redirects) == (server.url + "/end", 1))
        let last = try #require(seen.all.last)
        #expect(last.method == then)
        #expect(last.text == (hasBody && then == method ? "hello" : ""))
        #expect(last.headers["idempotency-key"] == (then == method ? "k1" : nil))
        #expect((last.headers["content-type"] == nil) == (then != method))
        #expect(last.headers["authorization"] == "Bearer canary")
    }

    @Test func `what says who is asking never leaves its origin, and does not come back`() async throws {
        let (first, second) = (Seen(), Seen())
        let homeward = Mutex("")
        let other = try Self.redirecting(second) { _ in homeward.withLock { $0 } }
        let server = try Self.redirecting(first) { _ in "http://other.test:\(other.port)/hop" }
        homeward.withLock { $0 = server.url + "/end" }
        let client = try guarded(open: server, other) { $0.resolver = { _, _ in ["127.0.0.1"] } }
        var request = OutgoingRequest("GET", server.url + "/start")
        request.headers = ["X-Api-Key": "canary", "Accept": "text/plain"]
        _ = try await send(request, by: client)
        #expect(first.all.map { $0.headers["authorization"] } == ["Bearer canary", nil])
        #expect(first.all.map { $0.headers["x-api-key"] } == ["canary", nil])
        let strange = try #require(second.all.first)
        #expect(strange.headers["accept"] == "text/plain")
        #expect(!strange.headers.values.contains { $0.contains("canary") })
    }

    @Test func `another port of the same host is another origin`() async throws {
        let (first, second) = (Seen(), Seen())
        let other = try Self.redirecting(second) { _ in "/" }
        let server = try Self.redirecting(first) { _ in other.url + "/end" }
        _ = try await send(OutgoingRequest("GET", server.url + "/start"), by: guarded(open: server, other))
        #expect(second.all.map { $0.headers["authorization"] } == [nil])
    }

    @Test func `cookies that a server sets are not sent back`() async throws {
        let seen = Seen()
        let server = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                seen.note(request)
                let headers = ["Set-Cookie": "session=canary; Path=/", "Location": "/end"]
                try connection.respond(status: request.target == "/end" ? 200 : 302, headers: headers)
            }
        }
        _ = try await send(OutgoingRequest("GET", server.url + "/start"), by: guarded(open: server))
        #expect(seen.all.map { $0.headers["cookie"] } == [nil, nil])
    }

    @Test(
        arguments: [
            ("http://127.0.0.2:PORT/", GuardedError.redirect(.hostNotAllowed("127.0.0.2"))),
            ("http://[::1]:PORT/", .redirect(.hostNotAllowed("[::1]"))),
            ("http://other.test:1/", .redirect(.portNotAllowed(1))),
            ("file:///etc/passwd", .redirect(.address(.scheme))),
            ("gopher://127.0.0.1/", .redirect(.address(.scheme))),
            ("http://user:pw@127.0.0.1:PORT/", .redirect(.address(.userInformation))),
            ("//127.0.0.2:PORT/", .redirect(.hostNotAllowed("127.0.0.2"))),
            ("http://other.test:PORT/", .transport(.addressRefused)),
        ])
    func `a redirect to where nobody may go is not followed`(location: String, expected: GuardedError) async throws {
        let seen = Seen()
        let port = Mutex(0)
        let server = try Self.redirecting(seen) { _ in
            location.replacing("PORT", with: "\(port.withLock { $0 })")
        }
        port.withLock { $0 = server.port }
        let client = try guarded(open: server) { configuration in
            configuration.resolver = { host, _ in host == "other.test" ? ["127.0.0.3"] : [] }
        }
        await #expect(throws: expected) { try await send(OutgoingRequest("GET", server.url + "/start"), by: client) }
        #expect(seen.all.count == 1)
    }

    @Test func `a redirect from https cannot lead to http where only https is allowed`() throws {
        let policy = OutboundPolicy { _ in true }
        let client = GuardedClient(loops: [sharedLoop])
        #expect(throws: GuardedError.plainHTTPNotAllowed) {
            try client.check(OutgoingRequest("GET", "http://api.example.com/"), under: policy)
        }
        #expect(try client.check(OutgoingRequest("GET", "https://api.example.com/"), under: policy).port == 443)
    }

    @Test func `three redirects are followed, and a circle is left`() async throws {
        let seen = Seen()
        let chain = try Self.redirecting(seen) { request in
            ["/1": "/2", "/2": "/3", "/3": "/end"][request.target] ?? "/1"
        }
        let client = try guarded(open: chain)
        #expect(try await send(OutgoingRequest("GET", chain.url + "/1"), by: client).redirects == 3)
        await #expect(throws: GuardedError.tooManyRedirects(3)) {
            try await send(OutgoingRequest("GET", chain.url + "/0"), by: client)
        }
        let circle = try Self.redirecting(seen) { _ in "/again" }
        await #expect(throws: GuardedError.tooManyRedirects(3)) {
            try await send(OutgoingRequest("GET", circle.url + "/"), by: guarded(open: circle))
        }
    }

    @Test func `all redirects together have one deadline`() async throws {
        let server = try RawServer { connection in
            while true {
                _ = try connection.readRequest()
                try connection.write("HTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 1\r\n\r\n")
                connection.waitForClose()
            }
        }
        var request = OutgoingRequest("GET", server.url)
        request.deadline = .milliseconds(120)
        let sent = request
        await #expect(throws: GuardedError.transport(.timeout(.deadline))) {
            try await send(sent, by: guarded(open: server))
        }
    }

    @Test(arguments: [
        "Host", "content-length", "Transfer-Encoding", "Connection", "Cookie", "Authorization", "Proxy-Authorization",
        "TE", "Upgrade", "Expect", "Keep-Alive", "Accept-Encoding",
    ])
    func `a header that only the client writes is refused from a caller`(name: String) async throws {
        let client = GuardedClient(loops: [sharedLoop])
        var request = OutgoingRequest("GET", "https://127.0.0.1/")
        request.headers.append(name, "x")
        let sent = request
        await #expect(throws: GuardedError.headerReserved(name)) { try await send(sent, by: client) }
    }

    @Test func `a credential is not sent over plain http, except to an address the operator opened`() async throws {
        let client = GuardedClient(loops: [sharedLoop])
        await #expect(throws: GuardedError.credentialNeedsTLS(host: "127.0.0.1")) {
            try await send(OutgoingRequest("GET", "http://127.0.0.1/"), by: client)
        }
    }
}
