import EventLoopKit
import Foundation
import HTTPClientKit
import PostgresKit
import ServiceKit
import SpotterDomain
import SpotterTesting
import Testing

/// Secrets of every kind, sent through the real program by every way there is, and looked for wherever something stays.
@Suite(.timeLimit(.minutes(4))) struct CanaryTests {
    /// What must be seen nowhere. No form of any provider's, so that nothing but knowing it hides it.
    private enum Canary {
        static let stored = "canary_stored_5f2e81c07b9d4a66"
        static let environment = "canary_environment_81c07b9d4a6"
        static let sms = "canary_sms_token_07b9d4a665f2e"
        static let header = "canary_header_b9d4a665f2e81c0"
        static let query = "canary_query_4a665f2e81c07b9d"
        static let password = "canary_password_665f2e81c07b9"
        static let bearer = "canary_bearer_2e81c07b9d4a66"
        static let signature = "canary_signature_d4a665f2e81"
        static let link = "canary_link_9d4a665f2e81c07b"
        static let all = [stored, environment, sms, header, query, password, bearer, signature, link]
    }

    @Test func `no secret reaches log, event, error, page or plain text in the database`() async throws {
        // Both repeat what they were shown wherever they can.
        let provider = try ProviderDouble { call in
            let key = call.headers["x-api-key"] ?? ""
            return .failure(
                status: 400, headers: ["request-id": key],
                body: #"{"type":"error","error":{"type":"invalid_request_error","message":"bad key \#(key)"}}"#)
        }
        defer { provider.stop() }
        let texts = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                let shown = request.headers["authorization"] ?? ""
                try connection.respond(status: 401, body: #"{"code":20003,"message":"no: \#(shown)"}"#)
            }
        }
        let home = try CanaryHome(sms: texts.url)
        defer { home.remove() }
        let server = try await RunningSpotter.start(environment: [
            "SPOTTER_HOME": home.path, "SPOTTER_LOG_LEVEL": "debug", "CANARY_SMS": Canary.sms,
            "OPENAI_API_KEY": Canary.environment, "ANTHROPIC_API_KEY": Canary.environment,
            "ANTHROPIC_BASE_URL": provider.anthropicURL, "OPENAI_BASE_URL": provider.anthropicURL,
        ])
        defer { server.remove() }
        var seen: [String] = []
        let set = try await RunningSpotter.command(
            ["secrets", "set", "anthropic", "--organization", "canary-gym"], data: server.folder,
            environment: ["SPOTTER_HOME": home.path], input: Canary.stored + "\n")
        #expect(set.code == 0, "\(set.output)")
        seen.append(set.output)
        server.reload()

        let issued = try await server.send("POST", "/v1/tokens", ["name": "CRM", "role": "staff"])
        let token = try #require(issued.body["token"]?.string)
        let hook = try await Self.hook(server)
        seen += try await Self.runs(server)
        seen += try await Self.messages(server)
        seen += try await Self.strangers(server, hook: hook.id, token: token)
        seen += try await Self.pages(server)
        let listed = try await RunningSpotter.command(
            ["token", "check", "--scan", server.folder + ".log"], data: server.folder)
        #expect(listed.code == 0, "\(listed.output)")

        let needles = Canary.all + [String(token.suffix(40)), String(server.token.suffix(40)), hook.secret]
        let tables = try await Self.tables(server)
        #expect(await server.stop() == 0)
        #expect(server.log.contains("request"))
        // They were there to be leaked.
        #expect(provider.calls.contains { $0.headers["x-api-key"]?.hasPrefix("canary_") == true })
        for needle in needles {
            for (index, text) in seen.enumerated() { #expect(!text.contains(needle), "\(needle) in answer \(index)") }
            for line in server.log.split(separator: "\n") { #expect(!line.contains(needle), "\(line)") }
            let forms = [needle, Data(needle.utf8).map { String(format: "%02x", $0) }.joined()]
            for (table, text) in tables {
                for form in forms { #expect(!text.contains(form), "\(table) holds \(needle)") }
            }
        }
    }

    @Test func `a token is judged with and without its database, and found where it leaked`() async throws {
        let server = try await RunningSpotter.start()
        defer { server.remove() }
        let issued = try await server.send("POST", "/v1/tokens", ["name": "CRM", "role": "staff"])
        let token = try #require(issued.body["token"]?.string)
        func check(_ arguments: [String], input: String? = nil) async throws -> (code: Int32, output: String) {
            let result = try await RunningSpotter.command(
                ["token", "check"] + arguments, data: server.folder, input: input)
            #expect(!result.output.contains(token.suffix(40)), "\(result.output)")
            return result
        }
        let offline = try await check(["--offline", "--json", token])
        #expect(offline.code == 0 && offline.output.contains("\"state\":\"unverified\""), "\(offline.output)")
        #expect(offline.output.contains("\"role\":\"staff\""))
        let online = try await check(["-"], input: token + "\n")
        #expect(online.code == 0 && online.output.contains("This token is good."), "\(online.output)")
        for bad in [String(token.dropLast()), "v3.public.AAAA", ""] {
            #expect(try await check(["--offline", bad]).code == 1, "\(bad)")
        }
        #expect(try await server.send("DELETE", "/v1/tokens/\(issued.body["id"]?.string ?? "")").status == 204)
        let revoked = try await check([token])
        #expect(revoked.code == 1 && revoked.output.contains("revoked"), "\(revoked.output)")

        let folder = server.folder + "-leaks"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/inner", withIntermediateDirectories: true)
        try "nothing here".write(toFile: folder + "/clean.txt", atomically: true, encoding: .utf8)
        #expect(try await check(["--scan", folder]).code == 0)
        try "a\nexport TOKEN=\(token)\n".write(toFile: folder + "/inner/.env", atomically: true, encoding: .utf8)
        let found = try await check(["--scan", folder])
        #expect(found.code == 1 && found.output.contains("inner/.env:2:14: token spotter_live_…"), "\(found.output)")
        #expect(try await check(["--scan", "-"], input: "x \(token) y").code == 1)
        #expect(try await check(["--scan", folder + "/missing"]).code == 2)
        #expect(try await check(["--scan"]).code == 2)
        #expect(await server.stop() == 0)
    }

    // MARK: By every way

    private static func hook(_ server: RunningSpotter) async throws -> (id: String, secret: String) {
        let agents = try await server.send("GET", "/v1/agents?limit=1")
        let agent = agents.body["data"]?[0]?["id"] ?? .null
        let made = try await server.send(
            "POST", "/v1/hooks",
            [
                "name": "Leads", "style": "standard",
                "action": ["kind": "agent_message", "agent_id": agent, "content": "New lead"],
            ])
        #expect(made.status == 201, "\(made.body)")
        return (try #require(made.body["id"]?.string), try #require(made.body["secret"]?.string))
    }

    /// A chat and a task with a provider that refuses and repeats the key.
    private static func runs(_ server: RunningSpotter) async throws -> [String] {
        let created = try await server.send(
            "POST", "/v1/agents", ["name": "Claude", "system_prompt": "You help.", "model": "claude-sonnet-4-5"])
        let agent = created.body["id"] ?? .null
        let opened = try await server.send("POST", "/v1/conversations", ["agent_id": agent])
        let path = "/v1/conversations/\(opened.body["id"]?.string ?? "")/messages"
        var answers: [String] = []
        for isStreaming in [false, true] {
            let answer = try await server.text("POST", path, ["content": "Hello", "stream": .bool(isStreaming)])
            #expect(answer.status >= 400 || answer.text.contains("execution.failed"), "\(answer.text)")
            answers.append(answer.text)
        }
        let task = try await server.send(
            "POST", "/v1/tasks", ["title": "Try", "agent_id": agent, "input": ["content": "Go"], "max_attempts": 1])
        answers.append(task.body.description)
        let started = try await server.send("POST", "/v1/tasks/\(task.body["id"]?.string ?? "")/execute")
        let execution = started.body["execution_id"]?.string ?? ""
        answers.append(try await server.text("GET", "/v1/executions/\(execution)?wait_ms=20000").text)
        answers.append(try await server.text("GET", "/v1/executions/\(execution)/steps").text)
        return answers
    }

    /// An SMS by a provider that refuses and repeats the password.
    private static func messages(_ server: RunningSpotter) async throws -> [String] {
        var person: JSONValue?
        for letter in ["a", "b", "c", "d", "e", "j", "m", "s"] where person == nil {
            let found = try await server.send(
                "POST", "/v1/tools/search_clients/invoke", ["arguments": ["query": .string(letter), "limit": 10]])
            let people = found.body["result"]?["clients"]?.array ?? []
            person = people.first { $0["phone"]?.string != nil }?["id"]
        }
        let receiver = try #require(person)
        let sent = try await server.text(
            "POST", "/v1/tools/send_message_to_client/invoke",
            ["arguments": ["client_id": receiver, "channel": "sms", "body": "Hi"]])
        var list = ""
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            list = try await server.text("GET", "/v1/crm/outbox").text
            if list.contains("\"failed\"") || list.contains("401") { break }
        }
        return [sent.text, list]
    }

    /// Requests that show secrets where they do not belong.
    private static func strangers(_ server: RunningSpotter, hook: String, token: String) async throws -> [String] {
        let basic = Data("owner:\(Canary.password)".utf8).base64EncodedString()
        let requests: [(String, String, [String: String], JSONValue?)] = [
            ("GET", "/v1/agents?access_token=\(Canary.query)", [:], nil),
            ("GET", "/v1/agents", ["authorization": "Basic \(basic)"], nil),
            ("GET", "/v1/agents", ["authorization": "Bearer \(Canary.bearer)"], nil),
            ("GET", "/v1/agents", ["authorization": "Bearer \(token)x", "x-api-key": Canary.header], nil),
            ("GET", "/v1/approval-link?link=\(Canary.link)", [:], nil),
            ("GET", "/v1/unsubscribe?link=\(Canary.link)", [:], nil),
            ("POST", "/v1/unsubscribe?link=\(Canary.link)", [:], nil),
            ("POST", "/v1/approval-link?link=\(Canary.link)&decision=approve", [:], nil),
            (
                "POST", "/v1/hooks/\(hook)",
                [
                    "webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,\(Canary.signature)",
                    "content-type": "application/json",
                ], ["a": 1]
            ),
            ("PUT", "/v1/agents?password=\(Canary.password)", ["cookie": "session=\(Canary.header)"], nil),
            ("GET", "/nowhere?key=\(Canary.query)", ["referer": "https://x:\(Canary.password)@example.com/"], nil),
            (
                "POST", "/v1/agents", ["authorization": "Bearer \(token)", "content-type": "application/json"],
                [
                    "name": "Far", "system_prompt": "x", "model": "offline",
                    "external": ["endpoint": .string("https://owner:\(Canary.password)@agent.example.com/")],
                ]
            ),
        ]
        var answers: [String] = []
        for (method, path, headers, body) in requests {
            let answer = try await raw(method, server.url + path, headers, body)
            #expect(answer.status >= 400, "\(path): \(answer.text)")
            answers.append(answer.text)
        }
        return answers
    }

    private static func pages(_ server: RunningSpotter) async throws -> [String] {
        var pages: [String] = []
        for path in [
            "/v1/docs", "/v1/openapi.json", "/v1/health", "/v1/status", "/metrics", "/", "/v1/tokens", "/v1/hooks",
            "/v1/agents", "/v1/executions",
        ] { pages.append(try await server.text("GET", path).text) }
        return pages
    }

    private static func raw(
        _ method: String, _ url: String, _ headers: [String: String], _ body: JSONValue?
    ) async throws -> (status: Int, text: String) {
        let loops = EventLoopGroup(count: 1)
        let client = HTTPClient(loops: loops.loops)
        var fields = MessageHeaders()
        for (name, value) in headers { fields.append(name, value) }
        let request = OutgoingRequest(method, url, headers: fields, body: body?.bytes)
        let result: Result<OutgoingResponse, any Error>
        do { result = .success(try await client.send(request)) } catch { result = .failure(error) }
        await client.shutDown()
        loops.stop()
        let response = try result.get()
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    // MARK: Wherever something stays

    /// Every column of every table, bytes in hexadecimal, as a superuser sees it.
    private static func tables(_ server: RunningSpotter) async throws -> [(String, String)] {
        let socket = try #require(server.ready["database"]?["socket"]?.string)
        let port = server.ready["database"]?["port"]?.int ?? 5432
        let loops = EventLoopGroup(count: 1)
        let url = "postgres://postgres@/spotter?host=\(socket)&port=\(port)"
        let database = Database(configuration: try PostgresConfiguration(url: url), loops: loops, log: .silent)
        defer {
            database.close()
            loops.stop()
        }
        let rows = try await database.unscoped.query(
            Statement(
                """
                SELECT relname::text, coalesce(query_to_xml(
                    format('SELECT t::text AS row FROM spotter.%I AS t', relname), true, false, '')::text, '')
                FROM pg_class WHERE relnamespace = 'spotter'::regnamespace AND relkind IN ('r', 'p')
                """))
        let tables = try rows.map { (try $0.get(0, as: String.self), try $0.get(1, as: String.self)) }
        // It would have been found: the rows are there.
        for name in ["secrets", "events", "tokens", "hooks", "outbox_messages", "steps"] {
            #expect(tables.contains { $0.0 == name && $0.1.contains("<row>") }, "\(name)")
        }
        return tables
    }
}

/// The product's files with one gym whose file names secrets.
private struct CanaryHome {
    let path = NSTemporaryDirectory() + "spotter-canary-\(UUID().uuidString.prefix(8))"

    init(sms: String) throws {
        let here = FileManager.default.currentDirectoryPath
        try FileManager.default.createDirectory(atPath: path + "/tenants", withIntermediateDirectories: true)
        for folder in ["templates", "migrations"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(path)/\(folder)", withDestinationPath: "\(here)/\(folder)")
        }
        let text = """
            slug: canary-gym
            name: Canary Gym
            timezone: UTC
            currency: EUR
            templates: [gym]
            demo: {members: 60, classes: 1}
            providers: {anthropic: {api_key: "env:ANTHROPIC_API_KEY"}}
            messaging:
              quiet_hours: {from: "00:00", to: "00:00"}
              sms: {account_sid: AC1, auth_token: "env:CANARY_SMS", from: "+15550100100", base_url: "\(sms)", country_code: "+44"}

            """
        try text.write(toFile: path + "/tenants/canary-gym.yaml", atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
