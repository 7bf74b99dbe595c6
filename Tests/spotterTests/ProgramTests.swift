import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// The whole product as a user meets it: the real program, a real database, real sockets.
@Suite(.timeLimit(.minutes(3))) struct ProgramTests {
    @Test func `a newcomer's gym chats, a restart keeps everything, and a SIGTERM ends it all`() async throws {
        let first = try await RunningSpotter.start()
        defer { first.remove() }
        #expect(first.ready["event"] == "ready")
        #expect(first.ready["organization"] == "iron-temple")
        #expect(first.ready["database"]?["socket"]?.string?.isEmpty == false)
        let path = "/v1/conversations/\(first.ready["conversation_id"]?.string ?? "")/messages"
        let answer = try await first.send("POST", path, ["content": "Which classes are on tomorrow?"])
        #expect(answer.status == 200)
        #expect(answer.body["message"]?["tool_calls"]?[0]?["name"] == "view_class_schedule")
        #expect(answer.body["message"]?["tool_calls"]?[0]?["is_error"] == false)
        #expect(answer.body["message"]?["content"]?.string?.contains("offline model") == true)
        #expect(await first.stop() == 0)
        #expect(!Self.isRunning(databaseIn: first))

        let second = try await RunningSpotter.start(in: first.folder)
        #expect(second.token == first.token)
        let messages = try await second.send("GET", path)
        #expect(messages.body["data"]?.array?.count == 2)
        #expect(await second.stop(by: SIGINT) == 0)
    }

    @Test func `the event log is followed from any place across a restart, without gap or repeat`() async throws {
        let first = try await RunningSpotter.start()
        defer { first.remove() }
        for number in 1...4 {
            let body: JSONValue = ["type": "custom.door", "data": ["n": .int(Int64(number))]]
            #expect(try await first.send("POST", "/v1/events", body).status == 201)
        }
        let before = try await Self.numbers(4, after: 0, first)
        #expect(before.map(\.n) == [1, 2, 3, 4])
        #expect(await first.stop() == 0)

        let second = try await RunningSpotter.start(in: first.folder)
        #expect(
            try await second.send("POST", "/v1/events", ["type": "custom.door", "data": ["n": 5]]).status == 201)
        for (index, (id, _)) in before.enumerated() {
            let rest = try await Self.numbers(4 - index, after: id, second)
            #expect(rest.map(\.n) == Array(index + 2...5))
        }
        #expect(await second.stop() == 0)
    }

    /// What a socket gives after a place: the event's id and the number that was published in it.
    private static func numbers(
        _ count: Int, after place: Int, _ server: RunningSpotter
    ) async throws -> [(id: Int, n: Int)] {
        let port = URL(string: server.url)?.port ?? 0
        let frames = try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread {
                done.resume(
                    with: Result {
                        let socket = try RawWebSocket(
                            port: port, path: "/v1/events/ws?types=custom.*&after=\(place)",
                            headers: ["Authorization: Bearer \(server.token)"])
                        return try (0..<count).map { _ in try socket.receiveText() }
                    })
            }
        }
        return try frames.map { frame in
            let event = try JSONParser.parse(frame)
            return (Int(event["id"]?.string ?? "") ?? 0, Int(event["data"]?["n"]?.int ?? 0))
        }
    }

    @Test func `two gyms on one server see nothing of each other`() async throws {
        let server = try await RunningSpotter.start()
        defer { server.remove() }
        let issued = try await RunningSpotter.command(
            ["token", "issue", "--organization", "harbour-fitness", "--json"], data: server.folder)
        #expect(issued.code == 0)
        let other = try JSONParser.parse(issued.output.split(separator: "\n").last.map(String.init) ?? "")
        let token = other["token"]?.string ?? ""
        let mine = try await server.send("GET", "/v1/agents")
        let theirs = try await server.send("GET", "/v1/agents", token: token)
        #expect(mine.body["data"]?.array?.count == 6)
        #expect(theirs.body["data"]?.array?.count == 6)
        for agent in mine.body["data"]?.array ?? [] {
            let id = agent["id"]?.string ?? ""
            #expect(try await server.send("GET", "/v1/agents/\(id)", token: token).status == 404)
            #expect(try await server.send("DELETE", "/v1/agents/\(id)", token: token).status == 404)
        }
        // Revoked on the command line, by another process: felt here within five seconds.
        let revoked = try await RunningSpotter.command(
            ["token", "revoke", other["id"]?.string ?? "", "--organization", "harbour-fitness"], data: server.folder)
        #expect(revoked.code == 0)
        let deadline = ContinuousClock.now + .seconds(5)
        var status = 200
        while status != 401, ContinuousClock.now < deadline {
            status = try await server.send("GET", "/v1/agents", token: token).status
        }
        #expect(status == 401)
        #expect(await server.stop() == 0)
    }

    @Test func `the real providers answer from a compatible server`() async throws {
        let double = try ProviderDouble { _ in .text("From the double.") }
        defer { double.stop() }
        let server = try await RunningSpotter.start(environment: [
            "OPENAI_API_KEY": "test-key", "OPENAI_BASE_URL": double.openAIURL,
        ])
        defer { server.remove() }
        let path = "/v1/conversations/\(server.ready["conversation_id"]?.string ?? "")/messages"
        let answer = try await server.send("POST", path, ["content": "Hello"])
        #expect(answer.body["message"]?["content"] == "From the double.")
        #expect(await server.stop() == 0)
    }

    private static let calls: [String: Int32] = [
        "version": 0, "--help": 0, "up --help": 0, "upp": 2, "serve --prot 1": 2, "token": 2, "completion bash": 0,
        "openapi": 0, "tenants validate": 0, "serve": 1, "schema tenant": 0,
    ]

    @Test(arguments: calls)
    func `commands end with a code that says how it went`(call: String, code: Int32) async throws {
        let result = try await RunningSpotter.command(call.split(separator: " ").map(String.init))
        #expect(result.code == code, "\(result.output)")
        #expect(!result.output.isEmpty)
    }

    private static func isRunning(databaseIn server: RunningSpotter) -> Bool {
        let socket = server.ready["database"]?["socket"]?.string ?? ""
        return FileManager.default.fileExists(atPath: socket + "/.s.PGSQL.5432")
    }
}
