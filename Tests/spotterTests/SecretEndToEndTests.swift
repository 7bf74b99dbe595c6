import EventLoopKit
import Foundation
import PostgresKit
import ServiceKit
import SpotterDomain
import SpotterTesting
import Testing

/// A gym's stored key in the real program: which key a provider sees, what a change by another process does to a running
/// server, and that nobody else ever sees it.
@Suite(.timeLimit(.minutes(4))) struct SecretEndToEndTests {
    /// No provider's form, so that nothing but knowing it hides it.
    private static let canary = "canary_5f2e81c07b9d4a66_3310"
    private static let other = "canary_second_a81f00d2c6e4_9"
    private static let fallback = "from-the-environment-0001"

    @Test func `a stored key is used before all others, follows its changes, and is seen by the provider alone`()
        async throws
    {
        let double = try ProviderDouble { Self.reply(to: $0) }
        defer { double.stop() }
        let server = try await RunningSpotter.start(environment: [
            "ANTHROPIC_API_KEY": Self.fallback, "ANTHROPIC_BASE_URL": double.anthropicURL,
            "SPOTTER_LOG_LEVEL": "debug",
        ])
        defer { server.remove() }
        let agent = try await Self.agent(on: server)
        #expect(try await Self.keySeen(by: double, asking: agent, server) == Self.fallback)

        let set = try await Self.secrets(["set", "anthropic"], server, input: Self.canary + "\n")
        #expect(set.contains("ends with 3310"))
        #expect(try await Self.eventually(Self.canary, double, agent, server))
        for name in Self.faults { try await Self.hidesKey(in: name, agent, server) }
        let listed = try JSONParser.parse(try await Self.secrets(["list", "--json"], server))
        #expect(listed[0]?["name"] == "provider:anthropic")
        #expect(listed[0]?["version"] == 1)

        try await Self.rotates(server, key: #require(listed[0]?["key_id"]?.string))
        server.reload()
        #expect(try await Self.eventually(Self.canary, double, agent, server))
        _ = try await Self.secrets(
            ["set", "anthropic", "--from", "env:OTHER"], server, environment: ["OTHER": Self.other])
        #expect(try await Self.eventually(Self.other, double, agent, server))

        try await Self.isInNoTable(server)
        _ = try await Self.secrets(["delete", "anthropic"], server)
        #expect(try await Self.eventually(Self.fallback, double, agent, server))
        #expect(await server.stop() == 0)
        #expect(server.log.contains("\"message\":\"stopped\""))
        #expect(!server.log.contains("canary_"))
        #expect(try Self.filesWithKey(in: server.folder) == [])
    }

    @Test func `a lost ring is told with the key that is missing, and stops neither the server nor others`()
        async throws
    {
        let double = try ProviderDouble { Self.reply(to: $0) }
        defer { double.stop() }
        let folder = RunningSpotter.newFolder()
        let environment = ["ANTHROPIC_API_KEY": Self.fallback, "ANTHROPIC_BASE_URL": double.anthropicURL]
        var server = try await RunningSpotter.start(in: folder, environment: environment)
        defer { server.remove() }
        let agent = try await Self.agent(on: server)
        _ = try await Self.secrets(["set", "anthropic"], server, input: Self.canary)
        let listed = try JSONParser.parse(try await Self.secrets(["list", "--json"], server))
        let key = try #require(listed[0]?["key_id"]?.string)
        #expect(await server.stop() == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/sealing-keys")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        try FileManager.default.moveItem(atPath: folder + "/sealing-keys", toPath: folder + "/lost")

        server = try await RunningSpotter.start(in: folder, environment: environment)
        let answer = try await Self.ask("hello", agent, server)
        #expect(answer.status == 502)
        #expect(answer.text.contains("cannot be opened"))
        // Not with a key that the gym did not choose.
        #expect(double.calls.isEmpty)
        #expect(server.log.contains(key))
        #expect(server.log.contains("Put that key back into the ring"))
        let rotated = try await RunningSpotter.command(["secrets", "rotate", "--drop-old"], data: folder)
        #expect(rotated.code == 1)
        #expect(rotated.output.contains(key), "\(rotated.output)")

        let ring = try String(contentsOfFile: folder + "/sealing-keys", encoding: .utf8)
        let lost = try String(contentsOfFile: folder + "/lost", encoding: .utf8)
        try (ring + lost).write(toFile: folder + "/sealing-keys", atomically: true, encoding: .utf8)
        #expect(try await Self.eventually(Self.canary, double, agent, server))
        #expect(await server.stop() == 0)
    }

    // MARK: The provider

    private static let faults = [
        "refused", "refused at length", "refused, streaming", "broken off", "in a header", "in the type of the answer",
    ]

    /// A provider that repeats the key wherever it can.
    private static func reply(to call: ProviderDouble.Call) -> ProviderReply {
        let key = call.headers["x-api-key"] ?? ""
        let body = call.body.description
        let long = String(repeating: "x", count: 490) + key
        func failure(_ message: String) -> String {
            #"{"type":"error","error":{"type":"invalid_request_error","message":"\#(message)"}}"#
        }
        switch faults.first(where: { body.contains("\"\($0)\"") }) {
        case "refused": return .failure(status: 400, body: failure("bad key \(key), yes \(key)"))
        case "refused at length": return .failure(status: 400, body: failure(long))
        case "refused, streaming", "broken off":
            let message = body.contains("broken off") ? long : "no \(key)"
            let event = AnthropicScript.event([
                "type": "error", "error": ["type": "invalid_request_error", "message": .string(message)],
            ])
            return .steps([.beginStream, .text(event)])
        case "in a header":
            return .failure(status: 400, headers: ["request-id": key], body: failure("no"))
        case "in the type of the answer":
            return .failure(status: 200, headers: ["Content-Type": key], body: "<html>\(key)</html>")
        default: return .text("Done.")
        }
    }

    private static func agent(on server: RunningSpotter) async throws -> String {
        let created = try await server.send(
            "POST", "/v1/agents", ["name": "Claude", "system_prompt": "You help.", "model": "claude-sonnet-4-5"])
        return try #require(created.body["id"]?.string)
    }

    private static func ask(
        _ text: String, _ agent: String, _ server: RunningSpotter
    ) async throws -> (status: Int, text: String) {
        let opened = try await server.send("POST", "/v1/conversations", ["agent_id": .string(agent)])
        let conversation = try #require(opened.body["id"]?.string)
        let isStreaming = text.contains("streaming") || text == "broken off"
        return try await server.text(
            "POST", "/v1/conversations/\(conversation)/messages",
            ["content": .string(text), "stream": .bool(isStreaming)])
    }

    private static func keySeen(
        by double: ProviderDouble, asking agent: String, _ server: RunningSpotter
    ) async throws -> String? {
        let answer = try await ask("hello", agent, server)
        #expect(!answer.text.contains("canary_"))
        return double.calls.last?.headers["x-api-key"]
    }

    private static func eventually(
        _ key: String, _ double: ProviderDouble, _ agent: String, _ server: RunningSpotter
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if try await keySeen(by: double, asking: agent, server) == key { return true }
        }
        return false
    }

    private static func hidesKey(in name: String, _ agent: String, _ server: RunningSpotter) async throws {
        let answer = try await ask(name, agent, server)
        #expect(!answer.text.contains("canary_"), "\(name): \(answer.text)")
        #expect(answer.status >= 400 || answer.text.contains("execution.failed"), "\(name): \(answer.text)")
    }

    // MARK: The command line

    private static func secrets(
        _ arguments: [String], _ server: RunningSpotter, environment: [String: String] = [:], input: String? = nil
    ) async throws -> String {
        let result = try await RunningSpotter.command(
            ["secrets"] + arguments + ["--organization", "iron-temple"], data: server.folder,
            environment: environment, input: input)
        #expect(result.code == 0, "\(result.output)")
        #expect(!result.output.contains("canary_"), "\(result.output)")
        return result.output
    }

    private static func rotates(_ server: RunningSpotter, key old: String) async throws {
        let result = try await RunningSpotter.command(
            ["secrets", "rotate", "--drop-old", "--json"], data: server.folder)
        #expect(result.code == 0, "\(result.output)")
        let report = try JSONParser.parse(result.output)
        #expect(report["resealed"] == 1)
        #expect(report["dropped"] == [.string(old)])
        #expect(report["needed"] == [])
        #expect(report["key_id"]?.string != old)
    }

    // MARK: Where it must not be

    /// Every column of every table, bytes in hexadecimal, as a superuser sees it.
    private static func isInNoTable(_ server: RunningSpotter) async throws {
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
                FROM pg_class WHERE relnamespace = 'spotter'::regnamespace AND relkind = 'r'
                """))
        let tables = try rows.map { (try $0.get(0, as: String.self), try $0.get(1, as: String.self)) }
        // It would have been found: the rows are there.
        #expect(tables.contains { $0.0 == "secrets" && $0.1.contains("provider:anthropic") })
        #expect(tables.contains { $0.0 == "events" && $0.1.contains("execution.failed") })
        let forms = ["canary_", Data("canary_".utf8).map { String(format: "%02x", $0) }.joined()]
        for (table, text) in tables {
            for form in forms { #expect(!text.contains(form), "\(table) holds the key") }
        }
    }

    /// The files of the database, its journal and its log, and all else that the server has written.
    private static func filesWithKey(in folder: String) throws -> [String] {
        let needle = Data("canary_".utf8)
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        #expect(files.contains { $0.hasSuffix("sealing-keys") })
        return files.filter { FileManager.default.contents(atPath: "\(folder)/\($0)")?.range(of: needle) != nil }
    }
}
