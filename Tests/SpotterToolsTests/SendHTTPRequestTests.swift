import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterTesting
import SpotterTools
import Synchronization
import Testing

private let loop = EventLoop(name: "http-tool-tests")

/// One gym's `http_request`, with a policy and servers on loopback that the operator opened.
private struct HTTPFixture {
    struct OnePolicy: HTTPPolicies {
        let organization: OrganizationID
        let policy: HTTPPolicy
        func policy(in scope: OrganizationScope) -> HTTPPolicy {
            scope.organization == organization ? policy : HTTPPolicy()
        }
    }

    let home: TestOrganization
    let tool: SendHTTPRequest

    static func make(_ policy: HTTPPolicy? = nil, open servers: RawServer...) async throws -> HTTPFixture {
        let home = try await TestOrganization.make(in: .memory())
        var configuration = GuardedClient.Configuration()
        for server in servers {
            configuration.openAddresses.insert(try #require(RemoteAddress("127.0.0.1:\(server.port)")))
        }
        let local = try HTTPPolicy(hosts: [#require(HostPattern("127.0.0.1"))], allowsPlainHTTP: true)
        let policies = OnePolicy(organization: home.organization.id, policy: policy ?? local)
        let client = GuardedClient(loops: [loop], configuration: configuration)
        return HTTPFixture(home: home, tool: SendHTTPRequest(client: client, policies: policies))
    }

    func call(_ arguments: JSONValue, isDryRun: Bool = false, as other: OrganizationScope? = nil) async throws
        -> JSONValue
    {
        let context = ToolContext(
            scope: other ?? home.scope, organization: home.organization, now: Date(timeIntervalSince1970: 0),
            effectKey: "step_7", isDryRun: isDryRun)
        return try await tool.call(arguments, in: context)
    }

    func failure(_ arguments: JSONValue, isDryRun: Bool = false) async throws -> String {
        let error = await #expect(throws: ToolFailure.self) { try await call(arguments, isDryRun: isDryRun) }
        return try #require(error).message
    }
}

/// A policy for loopback with one credential.
private func policy(_ header: String, _ value: String?) throws -> HTTPPolicy {
    HTTPPolicy(
        hosts: [try #require(HostPattern("127.0.0.1"))], allowsPlainHTTP: true,
        credentials: [.init(host: "127.0.0.1", header: header, value: value)])
}

@Suite(.timeLimit(.minutes(5))) struct SendHTTPRequestTests {
    @Test func `without a list every host is refused, and the words say how to allow one`() async throws {
        let gym = try await HTTPFixture.make(HTTPPolicy())
        let message = try await gym.failure(["method": "GET", "url": "https://API.example.com/x"])
        #expect(message.contains("http: {allow_hosts: [\"api.example.com\"]}"))
        #expect(message.contains("tenants/"))
    }

    @Test func `a host outside the list is refused with the list and the nearest name`() async throws {
        let hosts = try ["api.example.com", "*.gym.test"].map { try #require(HostPattern($0)) }
        let gym = try await HTTPFixture.make(HTTPPolicy(hosts: hosts))
        let message = try await gym.failure(["method": "GET", "url": "https://api.exmaple.com/"])
        #expect(message.contains("did you mean \"api.example.com\""))
        #expect(message.contains("Allowed: api.example.com, *.gym.test"))
        #expect(try await gym.failure(["method": "GET", "url": "https://gym.test/"]).contains("not allowed"))
    }

    @Test func `the catalogue has the tool where there is a way out, described for a model`() async throws {
        let gym = try await HTTPFixture.make()
        let stores = gym.home.stores
        let tools = ToolCatalog.tools(clients: stores.clients, schedule: stores.schedule, http: gym.tool)
        let tool = try #require(tools["http_request"])
        #expect(tools.names.last == "http_request")
        #expect(tool.summary.count < 600)
        #expect(tool.parameters.json["required"] == ["method", "url"])
        #expect(tool.parameters.json["properties"]?["method"]?["enum"]?.array?.count == 6)
        for property in tool.parameters.properties {
            #expect((property.schema.description ?? "").count > 15, "\(property.name)")
        }
    }

    @Test func `one gym's list is nothing to another`() async throws {
        let server = try RawServer { connection in try connection.respond() }
        let gym = try await HTTPFixture.make(open: server)
        let other = OrganizationScope(gym.home.id())
        await #expect(throws: ToolFailure.self) {
            try await gym.call(["method": "GET", "url": .string(server.url)], as: other)
        }
        #expect(server.connectionCount == 0)
    }

    @Test func `JSON goes out with its type and the effect key, and comes back as JSON`() async throws {
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            #expect(request.method == "POST")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["idempotency-key"] == "step_7")
            #expect(request.headers["x-note"] == "hi")
            try connection.respond(
                status: 201,
                headers: ["Content-Type": "application/json", "ETag": "\"1\"", "Set-Cookie": "a=b", "Server": "x"],
                body: #"{"got":\#(request.text)}"#)
        }
        let gym = try await HTTPFixture.make(open: server)
        let answer = try await gym.call([
            "method": "POST", "url": .string(server.url + "/a"), "json": ["name": "Ana"], "headers": ["X-Note": "hi"],
        ])
        #expect(answer["status"] == 201)
        #expect(answer["body"] == ["got": ["name": "Ana"]])
        #expect(answer["truncated"] == false)
        #expect(answer["url"]?.string == server.url + "/a")
        #expect(answer["headers"]?.object?.keys == ["content-type", "etag"])
        #expect(answer["duration_ms"]?.int != nil)
    }

    @Test(arguments: [
        ("GET", ToolEffect.none), ("HEAD", .none), ("PUT", .idempotent), ("DELETE", .idempotent), ("POST", .keyed),
        ("PATCH", .keyed), ("BREW", .keyed),
    ])
    func `what repeating does depends on the method`(method: String, effect: ToolEffect) async throws {
        let tool: any Tool = try await HTTPFixture.make().tool
        #expect(tool.effect(of: ["method": .string(method)]) == effect)
        #expect(tool.effect(of: nil) == .keyed)
        #expect((tool.category, tool.access) == (.core, .outward))
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
    func `every method that changes something carries the effect key`(method: String) async throws {
        let key = Mutex<String?>(nil)
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            key.withLock { $0 = request.headers["idempotency-key"] }
            try connection.write("HTTP/1.1 204 No Content\r\n\r\n")
        }
        let gym = try await HTTPFixture.make(open: server)
        let answer = try await gym.call(["method": .string(method), "url": .string(server.url)])
        #expect(answer["body"] == "")
        #expect(key.withLock { $0 } == (["GET", "HEAD"].contains(method) ? nil : "step_7"))
    }

    @Test func `a dry run checks everything, sends nothing and shows no credential`() async throws {
        let server = try RawServer { connection in try connection.respond() }
        let gym = try await HTTPFixture.make(policy("X-Api-Key", "canary-secret"), open: server)
        let call: JSONValue = [
            "method": "POST", "url": .string(server.url), "body": "hello", "headers": ["x-api-key": "mine"],
        ]
        let answer = try await gym.call(call, isDryRun: true)
        let sent = answer["would_send"]
        #expect(answer["dry_run"] == true)
        #expect(sent?["method"] == "POST")
        #expect(sent?["headers"]?["X-Api-Key"] == "[set by the server]")
        #expect(sent?["headers"]?["Idempotency-Key"] == "step_7")
        #expect(sent?["body"] == "hello")
        #expect(!answer.description.contains("canary"))
        #expect(!answer.description.contains("mine"))
        let refused: JSONValue = ["method": "GET", "url": "https://elsewhere.test/"]
        #expect(try await gym.failure(refused, isDryRun: true).contains("not allowed"))
        #expect(server.connectionCount == 0)
    }

    @Test func `a credential is added by the server, and hidden where the answer repeats it`() async throws {
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            let value = request.headers["authorization"] ?? ""
            #expect(value == "Bearer canary-secret")
            let token = value.dropFirst(7)
            let isJSON = request.target == "/json"
            try connection.respond(
                headers: [
                    "Content-Type": isJSON ? "application/json" : "text/plain", "X-Request-Id": "r-\(token)",
                ],
                body: isJSON
                    ? #"{"canary-secret":["\#(value)","canary\u002dsecret"]}"# : "you sent \(value), \(token)")
        }
        let gym = try await HTTPFixture.make(policy("Authorization", "Bearer canary-secret"), open: server)
        for path in ["/json", "/text"] {
            let answer = try await gym.call(["method": "GET", "url": .string(server.url + path)])
            #expect(answer["status"] == 200)
            #expect(!answer.description.contains("canary"), "\(answer)")
            #expect(answer.description.contains("[secret]"))
        }
    }

    @Test func `a secret that the operator has not set is a failure of its own`() async throws {
        let server = try RawServer { connection in try connection.respond() }
        let gym = try await HTTPFixture.make(policy("Authorization", nil), open: server)
        let message = try await gym.failure(["method": "GET", "url": .string(server.url)])
        #expect(message.contains("operator has to set it"))
        #expect(server.connectionCount == 0)
    }

    @Test(
        arguments: [
            (["headers": ["Authorization": "Bearer canary"]], "Authorization cannot be given"),
            (["headers": ["cookie": "canary"]], "cookie cannot be given"),
            (["headers": ["Host": "canary.test"]], "Host cannot be given"),
            (["headers": ["Transfer-Encoding": "canary"]], "cannot be given"),
            (["headers": ["Idempotency-Key": "canary"]], "set by the server"),
            (["headers": ["X-A": "a\r\nX-B: canary"]], "control character"),
            (["headers": ["X-A": "a\ncanary"]], "control character"),
            (["headers": ["X-A\r\nX-B": "canary"]], "must be a token"),
            (["headers": ["X-A: b": "canary"]], "must be a token"), (["headers": ["X-A": "a\u{0}canary"]], "control"),
            (["body": "canary", "json": [:]], "either body or json"),
            (["method": "GET", "json": ["a": "canary"]], "has no body"),
            (["url": "ftp://canary.test/"], "scheme"), (["url": "file:///canary"], "scheme"),
            (["url": "https://user:canary@127.0.0.1/"], "user or a password"),
            (["url": "https://127.0.0.1/ canary"], "percent-encoded"), (["url": "canary"], "The URL"),
            (["url": "https://127.0.0.1:9999/canary"], "Port 9999 is not allowed"),
            (["headers": ["X-A": "1", "x-a": "canary"]], "given twice"),
        ] as [(JSONValue, String)])
    func `what cannot be sent is refused in words that repeat no value`(change: JSONValue, words: String) async throws {
        let gym = try await HTTPFixture.make()
        let base: JSONValue = ["method": "POST", "url": "https://127.0.0.1/"]
        let message = try await gym.failure(base.merging(patch: change))
        #expect(message.contains(words), "\(message)")
        #expect(!message.contains("canary"), "\(message)")
    }

    @Test func `an inner address is refused without being named`() async throws {
        let hosts = try ["localhost", "10.1.2.3"].map { try #require(HostPattern($0)) }
        let gym = try await HTTPFixture.make(HTTPPolicy(hosts: hosts, allowsPlainHTTP: true))
        let message = try await gym.failure(["method": "GET", "url": "http://localhost/"])
        #expect(message.contains("not on the public Internet"))
        #expect(!message.contains("127.") && !message.contains("::1"))
        let https = try await HTTPFixture.make(HTTPPolicy(hosts: hosts))
        #expect(try await https.failure(["method": "GET", "url": "http://localhost/"]).contains("Use https"))
    }

    @Test(arguments: ["GET", "PUT", "POST", "PATCH"])
    func `a request that may have arrived is repeated only where that does no harm`(_ method: String) async throws {
        let server = try RawServer { connection in _ = try connection.readRequest() }
        let gym = try await HTTPFixture.make(open: server)
        let message = try await gym.failure(["method": .string(method), "url": .string(server.url)])
        // A further call would have another effect key, and the server would take it for another effect.
        let isKeyed = ["POST", "PATCH"].contains(method)
        #expect(message.contains("find out before it is sent again") == isKeyed)
        #expect(message.contains("Trying again may help") == !isKeyed)
    }

    @Test func `a cancelled call is cancelled, not failed`() async throws {
        let (reached, continuation) = AsyncStream.makeStream(of: Void.self)
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            continuation.yield()
            connection.waitForClose()
        }
        let gym = try await HTTPFixture.make(open: server)
        let url = server.url
        let running = Task { try await gym.call(["method": "GET", "url": .string(url)]) }
        for await _ in reached { break }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
    }

    // MARK: Bodies

    private func body(_ bytes: [UInt8], type: String?, hiding secret: String? = nil) async throws -> JSONValue {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse(headers: type.map { ["Content-Type": $0] } ?? [:])
            try connection.write(bytes)
        }
        let gym = try await HTTPFixture.make(secret.map { try policy("X-Key", $0) }, open: server)
        return try await gym.call(["method": "GET", "url": .string(server.url)])
    }

    @Test(arguments: [32_767, 32_768, 32_769, 40_000, 3_000_000])
    func `a long text is cut at 32 KiB and says so`(length: Int) async throws {
        let answer = try await body([UInt8](repeating: 65, count: length), type: "text/plain")
        #expect(answer["body"]?.string?.utf8.count == min(length, 32_768))
        #expect(answer["truncated"]?.bool == (length > 32_768))
    }

    @Test func `a cut never leaves half a character or half a secret`() async throws {
        let euros = try await body(Array(("a" + String(repeating: "€", count: 20_000)).utf8), type: "text/plain")
        #expect(euros["body"]?.string?.utf8.count == 32_767)
        #expect(euros["body"]?.string?.contains("\u{FFFD}") == false)
        let secret = String(repeating: "canary", count: 30)
        let echo = String(repeating: "x", count: 32_700) + String(repeating: secret, count: 60)
        let hidden = try await body(Array(echo.utf8), type: "text/plain", hiding: secret)
        #expect(hidden["body"]?.string?.contains("canary") == false)
        #expect(hidden["truncated"] == true)
    }

    @Test func `quotes and control characters do not let a result outgrow what a model is given`() async throws {
        let answer = try await body([UInt8](repeating: 1, count: 32_000), type: "text/plain")
        #expect(answer.bytes.count < 64 * 1024)
        #expect(answer["truncated"] == true)
    }

    @Test(
        arguments: [
            ([0x89, 0x50, 0x4E, 0x47, 0], "image/png", "[binary data, image/png, 5 bytes, not shown]"),
            ([0xFF, 0xFE], nil, "[binary data, of no stated type, 2 bytes, not shown]"),
            ([0x63, 0x61, 0x66, 0xE9], "text/plain; charset=ISO-8859-1", "café"),
            ([0x63, 0xC3, 0xA9], nil, "cé"), ([0x7B], "application/json", "{"),
            (Array("{\"a\":\"\\u0000\"}".utf8), "application/json", "{\"a\":\"\\u0000\"}"),
        ] as [([UInt8], String?, String)])
    func `a body is text where it can be`(bytes: [UInt8], type: String?, shown: String) async throws {
        #expect(try await body(bytes, type: type)["body"]?.string == shown)
    }
}
