import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterTesting
import Synchronization
import Testing

/// A loop on whose thread names are in UTF-8, so that libidn2 maps full-width digits to plain ones.
private let unicodeLoop: EventLoop = {
    let loop = EventLoop(name: "unicode-client-tests")
    // 1 << LC_CTYPE, which Swift does not import.
    loop.execute { _ = newlocale(1, "C.UTF-8", nil).map(uselocale) }
    return loop
}()

@Suite(.timeLimit(.minutes(5))) struct GuardedAddressTests {
    /// PORT stands for the listener's port on loopback.
    static let spellings = [
        "http://127.0.0.1:PORT/", "http://2130706433:PORT/", "http://0x7f000001:PORT/", "http://0x7f.0.0.1:PORT/",
        "http://0177.0.0.1:PORT/", "http://017700000001:PORT/", "http://127.1:PORT/", "http://127.0.1:PORT/",
        "http://0:PORT/", "http://0.0.0.0:PORT/", "http://localhost:PORT/", "http://LOCALHOST:PORT/",
        "http://localhost.:PORT/", "http://127.0.0.1.:PORT/", "http://[::1]:PORT/", "http://[::]:PORT/",
        "http://[0:0:0:0:0:0:0:1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://[::ffff:7f00:1]:PORT/",
        "http://[::127.0.0.1]:PORT/", "http://[64:ff9b::127.0.0.1]:PORT/", "http://[64:ff9b:1::7f00:1]:PORT/",
        "http://[2002:7f00:1::]:PORT/", "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/",
        "http://[fe80::1]:PORT/", "http://[fe80::1%25lo]:PORT/", "http://api.example.com@127.0.0.1:PORT/",
        "http://api.example.com:x@127.0.0.1:PORT/", "http://127.0.0.1:PORT\\@api.example.com/",
        "http://127.0.0.1:PORT#@api.example.com/", "http://１２７.０.０.１:PORT/", "http://①②⑦.⓪.⓪.①:PORT/",
        "http://%EF%BC%91%EF%BC%92%EF%BC%97.%EF%BC%90.0.%EF%BC%91:PORT/", "http://127%E3%80%820%E3%80%820.1:PORT/",
        "http://%31%32%37.0.0.1:PORT/", "http://10.0.0.1/", "http://192.168.1.1/", "http://[::ffff:10.0.0.1]/",
        "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "gopher://127.0.0.1:PORT/_x", "dict://127.0.0.1:PORT/",
        "ftp://127.0.0.1:PORT/", "//127.0.0.1:PORT/", "127.0.0.1:PORT", "http:127.0.0.1:PORT/", "http:///127.0.0.1/",
    ]

    @Test(arguments: spellings)
    func `no spelling of an inner address reaches a listener, in any locale`(spelling: String) async throws {
        let server = try RawServer { connection in try connection.respond(body: "reached") }
        var configuration = GuardedClient.Configuration()
        // The listener's port is open on another address, so that the address alone decides.
        configuration.openAddresses = [try #require(RemoteAddress("127.0.0.9:\(server.port)"))]
        let policy = OutboundPolicy(allowsPlainHTTP: true) { _ in true }
        let url = spelling.replacing("PORT", with: "\(server.port)")
        for loop in [sharedLoop, unicodeLoop] {
            let client = GuardedClient(loops: [loop], configuration: configuration)
            var request = OutgoingRequest("GET", url)
            request.deadline = .seconds(5)
            let sent = request
            let error = await #expect(throws: GuardedError.self) {
                try await client.send(sent, under: policy, partition: "a")
            }
            #expect(error != .transport(.connect), "a connection was tried")
        }
        #expect(server.connectionCount == 0)
    }

    @Test(arguments: spellings.filter { $0.contains("%E") })
    func `what libidn2 maps to loopback is refused at the socket, too`(spelling: String) async throws {
        let server = try RawServer { connection in try connection.respond(body: "reached") }
        var configuration = HTTPClient.Configuration()
        configuration.addressPolicy = \.isPublic
        let client = HTTPClient(loops: [unicodeLoop], configuration: configuration)
        let url = spelling.replacing("PORT", with: "\(server.port)")
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.send(OutgoingRequest("GET", url))
        }
        #expect(error == .addressRefused)
        #expect(server.connectionCount == 0)
    }

    @Test func `an address that the operator opened is reached at that port and at no other`() async throws {
        let answer: @Sendable (RawConnection) throws -> Void = { connection in
            _ = try connection.readRequest()
            try connection.respond(body: "reached")
        }
        let (open, shut) = (try RawServer(answer), try RawServer(answer))
        let client = try guarded(open: open)
        let policy = OutboundPolicy(allowsPlainHTTP: true) { _ in true }
        let found = try await client.send(OutgoingRequest("GET", open.url), under: policy, partition: "a")
        #expect(found.response.status == 200)
        await #expect(throws: GuardedError.portNotAllowed(shut.port)) {
            try await client.send(OutgoingRequest("GET", shut.url), under: policy, partition: "a")
        }
        #expect(shut.connectionCount == 0)
    }

    @Test func `a name that moves inside after its first answer is refused, on a new request and on a redirect`()
        async throws
    {
        let inner = try RawServer { connection in try connection.respond(body: "reached") }
        let outer = try RawServer { connection in
            let request = try connection.readRequest()
            let headers = ["Location": "http://rebind.test:\(inner.port)/", "Connection": "close"]
            try connection.respond(status: request.target == "/" ? 200 : 302, headers: headers)
        }
        let answers = Mutex(["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.1"])
        var configuration = GuardedClient.Configuration()
        // "Public" is here 127.0.0.1 at the one port and 127.0.0.9 at the other.
        configuration.openAddresses = [
            try #require(RemoteAddress("127.0.0.1:\(outer.port)")),
            try #require(RemoteAddress("127.0.0.9:\(inner.port)")),
        ]
        configuration.resolver = { _, _ in [answers.withLock { $0.removeFirst() }] }
        let client = GuardedClient(loops: [sharedLoop], configuration: configuration)
        let policy = OutboundPolicy(allowsPlainHTTP: true) { $0 == "rebind.test" }
        func get(_ path: String) async throws -> GuardedResponse {
            try await client.send(
                OutgoingRequest("GET", "http://rebind.test:\(outer.port)\(path)"), under: policy, partition: "a")
        }
        #expect(try await get("/").response.status == 200)
        await #expect(throws: GuardedError.transport(.addressRefused)) { try await get("/") }
        await #expect(throws: GuardedError.transport(.addressRefused)) { try await get("/elsewhere") }
        #expect(inner.connectionCount == 0)
        #expect(answers.withLock { $0 } == [])
    }

    @Test(
        arguments: [
            ("https://API.Example.com/a?b=c#d", "https://api.example.com/a?b=c", "api.example.com", 443),
            ("http://127.1/", "http://127.0.0.1/", "127.0.0.1", 80), ("https://h:8443", "https://h:8443/", "h", 8443),
            ("HTTPS://[::1]/", "https://[::1]/", "[::1]", 443),
        ] as [(String, String, String, Int)])
    func `an address is taken apart as it will be connected to`(
        text: String, whole: String, host: String, port: Int
    ) throws {
        let address = try WebAddress(text)
        #expect((address.host, address.port) == (host, port))
        #expect(address.text.lowercased() == whole)
        #expect(try WebAddress(address.text) == address)
    }

    @Test(arguments: ["127.0.0.1:80", "[::1]:65535", "10.0.0.1:1"])
    func `an address with its port is read`(text: String) { #expect(RemoteAddress(text) != nil) }

    @Test(arguments: [
        "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.1:80", "localhost:80", "::1:80", "[::1]",
        "127.0.0.1:80 ", "[127.0.0.1]:80", "0x7f000001:80", "127.0.0.1:+80",
    ])
    func `anything else is no address`(text: String) { #expect(RemoteAddress(text) == nil) }
}

/// A client for which the servers' addresses are open.
func guarded(open servers: RawServer..., adjusting adjust: (inout GuardedClient.Configuration) -> Void = { _ in })
    throws -> GuardedClient
{
    var configuration = GuardedClient.Configuration()
    for server in servers {
        configuration.openAddresses.insert(try #require(RemoteAddress("127.0.0.1:\(server.port)")))
    }
    adjust(&configuration)
    return GuardedClient(loops: [sharedLoop], configuration: configuration)
}
