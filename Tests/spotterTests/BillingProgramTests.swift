import Foundation
import SpotterDomain
import Testing

/// What an operator does about money, with the real program on a real database.
@Suite(.timeLimit(.minutes(10))) struct BillingProgramTests {
    private static func tenant(_ budgets: String) -> String {
        "slug: thrifty\nname: Thrifty\ntimezone: UTC\ncurrency: USD\nmodel_fallback: offline\n\(budgets)"
    }

    /// Applies a tenant's file with those budgets.
    private func apply(_ budgets: String, to database: DeployedDatabase) async throws {
        let files = database.folder + "-tenants"
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: files) }
        try Self.tenant(budgets).write(toFile: files + "/thrifty.yaml", atomically: true, encoding: .utf8)
        let done = try await RunningSpotter.command(
            ["tenants", "apply", files], data: database.folder, environment: database.environment)
        #expect(done.code == 0, "\(done.output)")
    }

    private func command(_ words: String, _ database: DeployedDatabase) async throws -> (code: Int32, output: String) {
        try await RunningSpotter.command(
            words.split(separator: " ").map(String.init), data: database.folder, environment: database.environment)
    }

    @Test func `a tenant's file sets budgets, a spent one stops a chat, and a bill is verified and put right`()
        async throws
    {
        let database = try await DeployedDatabase.make()
        defer { database.remove() }
        try await apply("budgets: [{period: month, tokens: 4500}, {period: day, limit: \"9.50\"}]\n", to: database)
        let issued = try await command("token issue --organization thrifty --json", database)
        let token = try #require(DeploymentTests.json(issued.output)["token"]?.string)
        let server = try await database.serve()
        let budgets = try await server.send("GET", "/v1/budgets", token: token).body["data"]?.array ?? []
        #expect(budgets.map { $0["period"] } == ["day", "month"])
        #expect(budgets.allSatisfy { $0["source"] == "file" && $0["scope"] == "organization" })
        #expect(budgets.first?["limit"] == ["amount": "9.5", "currency": "USD"])
        #expect(budgets.last?["tokens"] == 4_500)

        let month = BillingMonth(of: Date())
        try await chatUntilRefused(server, token)
        let statement = try await server.send("GET", "/v1/billing/months/\(month)", token: token)
        let line = try #require(statement.body["entries"]?["data"]?[0]?["id"]?.string)
        #expect(await server.stop() == 0)

        let verified = try await command("billing verify \(month) --organization thrifty", database)
        #expect(verified.code == 0, "\(verified.output)")
        #expect(verified.output.contains("Every line is right."))
        let corrected = try await command(
            "billing correct \(line) --organization thrifty --base 0.5 --markup 0.1 --note Forgotten", database)
        #expect(corrected.code == 0, "\(corrected.output)")
        #expect(corrected.output.contains("billed 0.6 USD, counts for \(month)"))
        let again = try await command("billing verify \(month) --organization thrifty", database)
        #expect(again.output.contains("billed 0.6 USD"), "\(again.output)")
        #expect(again.code == 0)
        for (words, expected) in [
            ("billing correct line_x --organization thrifty --reverse --note x", "a line is needed"),
            ("billing correct \(line) --organization thrifty --note x", "--base or --reverse is needed"),
            ("billing correct \(line) --organization thrifty --base 1x --note x", "--base must be a decimal number"),
            ("billing correct \(line) --organization thrifty --base -9 --note x", "would give back more"),
            ("billing correct --help", "spotter billing correct line_"),
        ] {
            let told = try await command(words, database)
            #expect(told.output.contains(expected), "\(told.output)")
        }

        // A file that says nothing of budgets any more takes its own away.
        try await apply("", to: database)
        let after = try await database.serve()
        #expect(try await after.send("GET", "/v1/budgets", token: token).body["data"] == [])
        #expect(await after.stop() == 0)
    }

    /// Says the same again and again until the month's tokens are used up.
    private func chatUntilRefused(_ server: RunningSpotter, _ token: String) async throws {
        let agent = try await server.send(
            "POST", "/v1/agents", ["name": "Teller", "system_prompt": "You help.", "model": "offline"], token: token)
        let chat = try await server.send(
            "POST", "/v1/conversations", ["agent_id": agent.body["id"] ?? .null], token: token)
        let path = "/v1/conversations/\(chat.body["id"]?.string ?? "")/messages"
        var refused: JSONValue?
        for _ in 0..<60 where refused == nil {
            let answer = try await server.send("POST", path, ["content": "Hello there"], token: token)
            if answer.status != 200 { refused = answer.body }
        }
        #expect(refused?["code"] == "limit_reached", "\(refused ?? .null)")
        #expect(refused?["detail"]?.string?.contains("The monthly budget of the organisation is used up") == true)
        #expect(refused?["detail"]?.string?.contains("of 4500 tokens") == true)
        let budgets = try await server.send("GET", "/v1/budgets", token: token).body["data"]?.array ?? []
        #expect(budgets.map { $0["state"] } == ["ok", "reached"])
    }
}
