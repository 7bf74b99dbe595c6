import EventLoopKit
import Foundation
import HTTPServerKit
import ServiceKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// `/v1/events/ws` on real sockets.
@Suite(.timeLimit(.minutes(5))) struct EventSocketTests {
    private struct Server: Sendable {
        let api: TestAPI
        let port: Int
        let running: HTTPServer

        /// Talks to the server on a thread of its own.
        func socket<Value: Sendable>(
            _ query: String = "", headers: [String]? = nil, token: String? = nil, receiveBuffer: Int32? = nil,
            _ work: @escaping @Sendable (RawWebSocket) throws -> Value
        ) async throws -> Value {
            let headers = headers ?? ["Authorization: Bearer \(token ?? api.ours.token)"]
            let port = port
            return try await withCheckedThrowingContinuation { done in
                Thread.detachNewThread {
                    done.resume(
                        with: Result {
                            try work(
                                RawWebSocket(
                                    port: port, path: "/v1/events/ws\(query)", headers: headers,
                                    receiveBuffer: receiveBuffer))
                        })
                }
            }
        }

        /// The status with which a handshake is refused; 101 when it is not.
        func status(_ query: String = "", headers: [String]) async throws -> Int {
            do {
                return try await socket(query, headers: headers) { _ in 101 }
            } catch RawWebSocket.Failure.refused(let status, _) { return status }
        }

        func publish(_ count: Int, _ type: String = "custom.door", text: String = "") async throws {
            let drafts = try (0..<count).map { number in
                try EventDraft(publishing: type, data: ["n": .int(Int64(number)), "text": .string(text)])
            }
            _ = try await api.stores.events.append(drafts, at: Date(), receipt: nil, in: api.ours.scope)
        }
    }

    private static func with<Value: Sendable>(
        inDatabase: Bool = false, _ body: @Sendable (Server) async throws -> Value
    ) async throws -> Value {
        try await TestAPI.with(inDatabase: inDatabase) { api in
            var configuration = HTTPServerConfiguration(port: 0)
            configuration.sweepInterval = .milliseconds(10)
            let loops = EventLoopGroup(count: 1)
            let server = HTTPServer(
                configuration: configuration, loops: loops, responder: APIResponder(api.services), log: .silent)
            let port = try server.bind()
            let running = Task { try await server.run() }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(Server(api: api, port: port, running: server)))
            } catch { result = .failure(error) }
            running.cancel()
            try await running.value
            loops.stop()
            return try result.get()
        }
    }

    @Test func `events come from the place asked for, filtered, as the list shows them`() async throws {
        try await Self.with { server in
            try await server.publish(3)
            try await server.publish(1, "custom.window")
            let frames = try await server.socket("?after=1&types=custom.door,agent.*") { socket in
                var frames = [try socket.receiveText(), try socket.receiveText()]
                try socket.send(text: #"{"publish":{"type":"agent.insight","data":{"a":1}},"ref":"r-1"}"#)
                for _ in 0..<2 { frames.append(try socket.receiveText()) }
                return frames
            }
            let parsed = try frames.map { try JSONParser.parse($0) }
            #expect(parsed.prefix(2).map { $0["id"] } == ["2", "3"])
            #expect(parsed.contains(["ack": "r-1", "id": "5"]))
            #expect(parsed.contains { $0["id"] == "5" && $0["type"] == "agent.insight" && $0["data"] == ["a": 1] })
            let list = try await server.api.ask(
                .get, "/v1/events?after=1&limit=1", headers: [("accept", "application/json")])
            #expect(list.data.first == parsed.first)
        }
    }

    @Test func `a browser sends its token as a subprotocol, and never in the query`() async throws {
        try await Self.with { server in
            let token = server.api.ours.token
            let head = try await server.socket(
                headers: ["Sec-WebSocket-Protocol: spotter.v1, spotter.token.\(token)", "Origin: https://app.example"]
            ) { $0.head }
            #expect(head.contains("\r\nsec-websocket-protocol: spotter.v1\r\n"))
            #expect(!head.contains(token))
            let refused = [
                [], ["Sec-WebSocket-Protocol: spotter.v1"],
                ["Sec-WebSocket-Protocol: spotter.v1, spotter.token.nonsense"],
                ["Sec-WebSocket-Protocol: spotter.token.\(token), spotter.token.\(token)"],
                ["Authorization: Bearer nonsense", "Sec-WebSocket-Protocol: spotter.token.\(token)"],
            ]
            for headers in refused { #expect(try await server.status(headers: headers) == 401) }
            #expect(try await server.status("?access_token=\(token)", headers: []) == 401)
            // Elsewhere a subprotocol opens nothing.
            let answer = try await server.api.send(
                .get, "/v1/agents", token: nil, headers: [("sec-websocket-protocol", "spotter.token.\(token)")])
            #expect(answer.status == 401)
        }
    }

    @Test func `a request that is no handshake is told what is spoken here`() async throws {
        try await Self.with { server in
            let answer = try await server.api.ask(.get, "/v1/events/ws")
            #expect(answer.status == 426)
            #expect(answer.headers["upgrade"] == "websocket")
            #expect(answer.headers["sec-websocket-version"] == "13")
            #expect(answer["code"] == "upgrade_required")
        }
    }

    private static let faults: [String: String] = [
        "{": "invalid", "[]": "invalid", #"{"publish":{"type":"custom.a"}}"#: "invalid",
        #"{"publish":{"type":"step.started","data":{}},"ref":"a"}"#: "invalid",
        #"{"publish":{"type":"custom.a","data":{}},"reff":"a"}"#: "invalid",
        #"{"publish":{"type":"custom.a","data":{},"execution_id":"exec_01h455vb4pex5vsknk084sn02q"}}"#: "not_found",
    ]

    @Test func `a frame that cannot be taken is answered with a problem, and the conversation goes on`() async throws {
        try await Self.with { server in
            for (frame, code) in Self.faults {
                let answer = try await server.socket { socket in
                    try socket.send(text: frame)
                    let answer = try socket.receiveText()
                    try socket.send(text: #"{"publish":{"type":"custom.after","data":{}},"ref":"next"}"#)
                    #expect(
                        [try socket.receiveText(), try socket.receiveText()].contains { $0.contains(#""ack":"next""#) })
                    return answer
                }
                let parsed = try JSONParser.parse(answer)
                #expect(parsed["error"]?["code"]?.string == code, "\(answer)")
                #expect(parsed["ref"] == (frame.contains(#""ref":"a""#) ? "a" : .null))
            }
        }
    }

    @Test func `reading alone does not allow publishing`() async throws {
        try await Self.with { server in
            let token = try await server.api.ours.token(role: .readOnly)
            let answer = try await server.socket(token: token) { socket in
                try socket.send(text: #"{"publish":{"type":"custom.a","data":{}}}"#)
                return try socket.receiveText()
            }
            #expect(try JSONParser.parse(answer)["error"]?["code"] == "forbidden")
            #expect(try await server.api.stores.events.lastPosition(in: server.api.ours.scope) == 0)
        }
    }

    @Test func `what is published is counted as requests are, and who must wait is told for how long`() async throws {
        try await Self.with { server in
            let api = server.api
            try await LimitTests.limit(api.ours, .init(requestsPerMinute: 5, tokenRequestsPerMinute: 5))
            let answers = try await server.socket("?types=agent.*") { socket in
                try (0..<12).map { number in
                    try socket.send(text: #"{"publish":{"type":"custom.a","data":{}},"ref":"\#(number)"}"#)
                    return try JSONParser.parse(socket.receiveText())
                }
            }
            let refused = answers.filter { $0["error"]?["code"] == "rate_limited" }
            let published = answers.filter { $0["ack"] != nil }
            #expect(!refused.isEmpty && !published.isEmpty && refused.count + published.count == 12, "\(answers)")
            for answer in refused {
                #expect((1...60).contains(answer["error"]?["retry_after"]?.int ?? 0))
                #expect(answer["ref"]?.string != nil)
            }
            #expect(try await api.stores.events.lastPosition(in: api.ours.scope) == Int64(published.count))
        }
    }

    @Test func `what is published stands in the audit log, and what is refused does not`() async throws {
        try await Self.with(inDatabase: true) { server in
            let api = server.api
            let answers = try await server.socket("?types=agent.*") { socket in
                try [#"{"type":"step.started","data":{}}"#, #"{"type":"custom.a","data":{}}"#].map { event in
                    try socket.send(text: #"{"publish":\#(event),"ref":"r"}"#)
                    return try JSONParser.parse(socket.receiveText())
                }
            }
            #expect(answers[0]["error"] != nil && answers[1]["ack"] == "r", "\(answers)")
            let log = try await api.stores.audit.list(AuditFilter(), PageRequest(), in: api.ours.scope).items
            let entries = log.filter { $0.action == "publishEvent" }
            #expect(entries.count == 1)
            #expect(entries.first?.actor == AuditActor(.token, id: api.ours.tokenID.description, role: .owner))
            #expect(entries.first?.fields == ["type", "data"])
            #expect(entries.first?.requestId?.hasPrefix("req_") == true)
        }
    }

    @Test func `a socket whose token is revoked is closed with 4401`() async throws {
        try await Self.with { server in
            let issued = try await server.api.ask(.post, "/v1/tokens", ["name": "Wall display", "role": "staff"])
            let (id, token) = (issued["id"]?.string ?? "", issued["token"]?.string ?? "")
            try await server.publish(1)
            let opened = AsyncStream.makeStream(of: Void.self)
            async let code = server.socket("?after=0", token: token) { socket in
                _ = try socket.receiveText()
                opened.continuation.finish()
                return try socket.receiveClose()
            }
            for await _ in opened.stream {}
            #expect(try await server.api.ask(.delete, "/v1/tokens/\(id)").status == 204)
            let said = try await code
            #expect(said == 4401)
        }
    }

    @Test func `a slow reader holds up nobody and misses nothing`() async throws {
        try await Self.with { server in
            let count = 400
            try await server.publish(count, text: String(repeating: "x", count: 20_000))
            // The slow one has not read a frame before the quick one has read all.
            let ids = try await server.socket("?after=0", receiveBuffer: 16_384) { slow in
                let quick = try RawWebSocket(
                    port: server.port, path: "/v1/events/ws?after=0",
                    headers: ["Authorization: Bearer \(server.api.ours.token)"])
                return try [quick, slow].map { socket in
                    try (0..<count).map { _ in try JSONParser.parse(socket.receiveText())["id"]?.string }
                }
            }
            #expect(ids.allSatisfy { $0 == (1...count).map { "\($0)" } })
        }
    }

    @Test func `another organisation's events are not seen, and none can be published there`() async throws {
        try await Self.with { server in
            try await server.publish(1)
            let theirs = server.api.theirs
            let frames = try await server.socket("?after=0", token: theirs.token) { socket in
                try socket.send(text: #"{"publish":{"type":"custom.theirs","data":{}},"ref":"r"}"#)
                return [try socket.receiveText(), try socket.receiveText()]
            }
            #expect(frames.allSatisfy { !$0.contains("custom.door") })
            #expect(try await server.api.stores.events.lastPosition(in: server.api.ours.scope) == 1)
        }
    }

    @Test func `a server that shuts down says 1001`() async throws {
        try await Self.with { server in
            try await server.publish(1)
            let code = try await server.socket("?after=0") { socket in
                _ = try socket.receiveText()
                server.running.shutDown()
                return try socket.receiveClose()
            }
            #expect(code == 1001)
        }
    }
}
