import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterTesting
import SpotterTools
import Synchronization
import Testing

private let loop = EventLoop(name: "hook-sender-tests")

@Suite(.timeLimit(.minutes(2))) struct HookSenderTests {
    private func sender(open servers: RawServer...) throws -> HookSender {
        var configuration = GuardedClient.Configuration()
        for server in servers {
            configuration.openAddresses.insert(try #require(RemoteAddress("127.0.0.1:\(server.port)")))
        }
        return HookSender(
            client: GuardedClient(loops: [loop], configuration: configuration),
            openAddresses: configuration.openAddresses)
    }

    private func call(_ url: String) -> HookCall {
        HookCall(
            url: url, headers: [(name: "webhook-id", value: "hdel_1")], body: Array(#"{"type":"x"}"#.utf8),
            partition: "hook_1")
    }

    @Test func `the bytes arrive as they are, and of the answer no more than its beginning is kept`() async throws {
        let got = Mutex<RawRequest?>(nil)
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            got.withLock { $0 = request }
            try connection.respond(status: 200, body: String(repeating: "ä", count: 4_000))
        }
        let answer = try await sender(open: server).send(call(server.url + "/in?a=1"))
        guard case .answered(200, nil, let beginning) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(beginning.utf8.count <= HookAttempt.longestAnswer + 3)
        let request = try #require(got.withLock { $0 })
        #expect(request.line == "POST /in?a=1 HTTP/1.1")
        #expect(request.text == #"{"type":"x"}"#)
        #expect(request.headers["webhook-id"] == "hdel_1")
    }

    @Test func `a redirect is an answer and leads nowhere`() async throws {
        let visits = Mutex(0)
        let inner = try RawServer { connection in
            _ = try connection.readRequest()
            visits.withLock { $0 += 1 }
            try connection.respond(status: 200, body: "")
        }
        let server = try RawServer { [url = inner.url] connection in
            _ = try connection.readRequest()
            try connection.write(
                "HTTP/1.1 307 Elsewhere\r\nLocation: \(url)/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
        let answer = try await sender(open: server, inner).send(call(server.url))
        #expect(answer == .answered(status: 307, retryAfter: nil, beginning: ""))
        #expect(visits.withLock { $0 } == 0)
    }

    @Test(arguments: [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "https://", "https://user:word@example.com/",
        "https://example.com:8443/", "nonsense", "https://exa mple.com/", "https://example.com:22/", "gopher://a/",
        "http://127.0.0.1:9/", "https://127.0.0.1:9/",
    ]) func `an address that nothing can be sent to is refused with its place`(_ url: String) throws {
        let error = #expect(throws: SpotterError.self) { try sender().check(url) }
        #expect(error?.issues.map(\.pointer) == ["/url"])
    }

    private static let inside = [
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://0/", "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
        "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://10.0.0.1/", "https://192.168.1.1/",
        "https://100.64.0.1/", "https://localhost/", "https://localhost./",
        "https://db.internal/", "https://printer.local/", "https://gym/", "https://a.localhost/", "https://1.2.3.4.5/",
    ]

    @Test(arguments: inside) func `what can be seen to lead inside is refused when a hook is made`(_ url: String) throws
    {
        let error = #expect(throws: SpotterError.self) { try sender().check(url) }
        #expect(error?.issues.map(\.pointer) == ["/url"])
    }

    @Test(arguments: inside) func `nothing inside is reached, however it is spelled`(_ url: String) async throws {
        let answer = try await sender().send(call(url))
        guard case .failed(let reason) = answer else {
            Issue.record("\(url): \(answer)")
            return
        }
        #expect(!reason.contains("127.0.0.1") && !reason.isEmpty)
    }

    @Test func `plain http is spoken with an open address alone, named by its numbers`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.respond(status: 200, body: "ok")
        }
        let open = try sender(open: server)
        try open.check(server.url)
        #expect(throws: SpotterError.self) { try open.check("http://localhost:\(server.port)/") }
        #expect(throws: SpotterError.self) { try open.check("http://example.com/") }
        #expect(await open.send(call(server.url)) == .answered(status: 200, retryAfter: nil, beginning: "ok"))
    }

    @Test func `a target that says nothing, or nonsense, is a failure in words`() async throws {
        let silent = try RawServer { connection in _ = try connection.readRequest() }
        let odd = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.write("nonsense\r\n\r\n")
        }
        for server in [silent, odd] {
            guard case .failed(let reason) = try await sender(open: server).send(call(server.url)) else {
                Issue.record("an answer")
                continue
            }
            #expect(reason.hasSuffix("."))
        }
    }
}
