import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterTesting
import Testing

/// Conversations on the real program: several servers on one database, one of them killed; a cancelled answer; a client
/// that leaves.
@Suite(.timeLimit(.minutes(5))) struct ConversationProgramTests {
    /// Many requests at once on one loop.
    private final class Client: Sendable {
        private let loops = EventLoopGroup(count: 1)
        private let client: HTTPClient
        private let token: String

        init(token: String) {
            self.token = token
            client = HTTPClient(loops: loops.loops, configuration: HTTPClient.Configuration())
        }

        func send(
            _ method: String, _ url: String, _ body: JSONValue? = nil, key: String? = nil
        ) async throws -> (status: Int, body: JSONValue) {
            var headers: MessageHeaders = [
                "authorization": "Bearer \(token)", "content-type": "application/json", "accept": "application/json",
            ]
            if let key { headers.append("idempotency-key", key) }
            let answer = try await client.send(OutgoingRequest(method, url, headers: headers, body: body?.bytes))
            return (answer.status, (try? JSONParser.parse(answer.body)) ?? .null)
        }

        /// Begins to send, and leaves before there is an answer.
        func leave(_ url: String, _ body: JSONValue, when isTime: () async throws -> Bool) async throws {
            let task = Task { try await send("POST", url, body) }
            while try await !isTime() {}
            task.cancel()
            _ = await task.result
        }

        func close() async {
            await client.shutDown()
            loops.stop()
        }
    }

    private static func lastWords(of call: ProviderDouble.Call) -> String {
        let messages = (call.body["messages"]?.array ?? []).filter { $0["role"] == "user" }
        return messages.last?["content"]?.array?.compactMap { $0["text"]?.string }.last
            ?? messages.last?["content"]?.string ?? ""
    }

    private static func conversation(_ url: String, _ client: Client) async throws -> String {
        let made = try await client.send(
            "POST", "\(url)/v1/agents",
            [
                "name": .string("Claude \(UUID().uuidString)"), "system_prompt": "You help.",
                "model": "claude-sonnet-4-5",
            ])
        #expect(made.status == 201, "\(made.body)")
        let opened = try await client.send(
            "POST", "\(url)/v1/conversations", ["agent_id": made.body["id"] ?? .null])
        return "/v1/conversations/\(try #require(opened.body["id"]?.string))"
    }

    @Test func `messages to two servers stay in order, none is lost or answered twice, also while one is killed`()
        async throws
    {
        let double = try ProviderDouble { call in
            usleep(15_000)
            return .text("re: \(Self.lastWords(of: call))")
        }
        defer { double.stop() }
        let deployed = try await DeployedDatabase.make(environment: [
            "ANTHROPIC_API_KEY": "sk-canary-0123456789", "ANTHROPIC_BASE_URL": double.anthropicURL,
            "SPOTTER_LEASE_SECONDS": "3",
        ])
        defer { deployed.remove() }
        let client = Client(token: deployed.token)
        let (first, second) = (try await deployed.serve(), try await deployed.serve())
        let path = try await Self.conversation(first.url, client)
        let texts = (0..<100).map { "message-\($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, text) in texts.enumerated() {
                group.addTask {
                    let servers = number % 2 == 0 ? [first.url, second.url] : [second.url, first.url]
                    try await Self.insist(text, path, servers, client)
                }
            }
            group.addTask {
                while double.calls.count < 20 { _ = try await client.send("GET", "\(first.url)/v1/health/live") }
                #expect(await second.stop(by: SIGKILL) == 128 + SIGKILL)
            }
            try await group.waitForAll()
        }
        let listed = try await client.send("GET", "\(first.url)\(path)/messages?limit=200")
        let messages = listed.body["data"]?.array ?? []
        #expect(messages.count == 200)
        let said = messages.filter { $0["role"] == "user" }.compactMap { $0["content"]?.string }
        #expect(said.sorted() == texts.sorted())
        for place in stride(from: 0, to: messages.count - 1, by: 2) {
            let (asked, answer) = (messages[place], messages[place + 1])
            #expect(answer["content"]?.string == "re: \(asked["content"]?.string ?? "")")
            #expect(answer["execution_id"] == asked["execution_id"])
        }
        // The log tells in which order they were accepted.
        var accepted: [String] = []
        var after = "0"
        while true {
            let page = try await client.send(
                "GET", "\(first.url)/v1/events?types=execution.queued,execution.started&limit=200&after=\(after)")
            let events = page.body["data"]?.array ?? []
            for event in events {
                guard let id = event["execution_id"]?.string, !accepted.contains(id) else { continue }
                accepted.append(id)
            }
            guard let next = page.body["next_cursor"]?.string else { break }
            after = next
        }
        let answered = messages.filter { $0["role"] == "user" }.compactMap { $0["execution_id"]?.string }
        #expect(accepted.filter(answered.contains) == answered)
        await client.close()
        #expect(await first.stop() == 0)
    }

    /// The beginning of an answer, and then nothing.
    private static let halfAnAnswer = [
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","#
            + #""model":"claude-sonnet-4-5","content":[],"usage":{"input_tokens":12,"output_tokens":1}}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Half an answer"}}"#,
    ].map { "data: \($0)\n\n" }.joined()

    @Test func `an answer is cancelled while it streams, the next one comes, and who leaves cancels nothing`()
        async throws
    {
        let double = try ProviderDouble { call in
            let words = Self.lastWords(of: call)
            if words == "hang" { return .steps([.beginStream, .text(Self.halfAnAnswer), .silence]) }
            if words == "slow" { usleep(300_000) }
            return .text("re: \(words)")
        }
        defer { double.stop() }
        let server = try await RunningSpotter.start(environment: [
            "ANTHROPIC_API_KEY": "sk-canary-0123456789", "ANTHROPIC_BASE_URL": double.anthropicURL,
        ])
        defer { server.remove() }
        let client = Client(token: server.token)
        let path = try await Self.conversation(server.url, client)
        let talk = path.split(separator: "/").last ?? ""
        let streaming = Task {
            try await server.text("POST", "\(path)/messages", ["content": "hang", "stream": true]).text
        }
        var execution = ""
        while execution.isEmpty {
            let runs = try await client.send("GET", "\(server.url)/v1/executions?conversation_id=\(talk)")
            execution = runs.body["data"]?[0]?["id"]?.string ?? ""
        }
        var told = false
        while !told {
            let page = try await client.send("GET", "\(server.url)/v1/events?types=message.delta&after=0&limit=200")
            told = page.body["data"]?.array?.isEmpty == false
        }
        let cancelled = try await client.send("POST", "\(server.url)/v1/executions/\(execution)/cancel")
        #expect(cancelled.status == 200, "\(cancelled.body)")
        let text = try await streaming.value
        #expect(text.contains(#""is_partial":true"#), "\(text)")
        #expect(text.components(separatedBy: "event: ").last?.hasPrefix("execution.cancelled") == true, "\(text)")

        let next = try await client.send("POST", "\(server.url)\(path)/messages", ["content": "Hello"])
        #expect(next.body["message"]?["content"] == "re: Hello", "\(next.body)")
        let url = "\(server.url)\(path)/messages"
        try await client.leave(url, ["content": "slow"]) { double.calls.contains { Self.lastWords(of: $0) == "slow" } }
        // It waits for the one that nobody waits for.
        let last = try await client.send("POST", url, ["content": "Bye"])
        #expect(last.status == 200, "\(last.body)")
        let messages = try await client.send("GET", url).body["data"]?.array ?? []
        #expect(
            messages.compactMap { $0["content"]?.string } == [
                "hang", "Half an answer", "Hello", "re: Hello", "slow", "re: slow", "Bye", "re: Bye",
            ])
        #expect(messages.map { $0["is_partial"]?.bool } == (0..<8).map { $0 == 1 })
        #expect(messages.filter { $0["role"] == "assistant" }.allSatisfy { $0["cost"]?["billed"] != nil })
        let usage = try await client.send("GET", "\(server.url)/v1/usage?conversation_id=\(talk)")
        #expect(usage.body["lines"] == 4, "\(usage.body)")
        await client.close()
        #expect(await server.stop() == 0)
    }

    /// Says something until it is known what was answered.
    private static func insist(_ text: String, _ path: String, _ servers: [String], _ client: Client) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        var attempt = 0
        while ContinuousClock.now < deadline {
            // The second server is the one that is killed.
            let server = servers[attempt % 2]
            attempt += 1
            let answer = try? await client.send(
                "POST", "\(server)\(path)/messages", ["content": .string(text)], key: text)
            if let answer, answer.status == 200 {
                #expect(answer.body["message"]?["content"]?.string == "re: \(text)")
                return
            }
            // Refused by a server that is gone, or still in line for the first request with the key.
            if let answer { #expect([202, 409, 503].contains(answer.status), "\(answer.body)") }
            try await pause(path, servers, client)
        }
        Issue.record("\(text) was not answered")
    }

    /// Lets the server wait for half a second, unless the last turn in line ends before.
    private static func pause(_ path: String, _ servers: [String], _ client: Client) async throws {
        let talk = path.split(separator: "/").last ?? ""
        for server in servers {
            let runs = try? await client.send("GET", "\(server)/v1/executions?conversation_id=\(talk)&limit=1")
            guard let id = runs?.body["data"]?[0]?["id"]?.string else { continue }
            _ = try? await client.send("GET", "\(server)/v1/executions/\(id)?wait_ms=500")
            return
        }
    }
}
