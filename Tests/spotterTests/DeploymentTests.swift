import EventLoopKit
import Foundation
import HTTPClientKit
import PostgresKit
import SpotterDomain
import SpotterTesting
import Testing

/// As an operator runs it: an empty database, `migrate` with one role, `serve` with another, TLS in front.
@Suite(.timeLimit(.minutes(3))) struct DeploymentTests {
    private static let prepared =
        (ProcessInfo.processInfo.environment["SPOTTER_TEST_POOLER_URL"] ?? "").isEmpty ? "on" : "off"
    static let password = "an app's passw0rd"

    @Test func `an empty database is migrated by one role, served over TLS by another, and seeded`() async throws {
        let (admin, app) = try await Self.addresses()
        let certificate = try TestCertificate()
        let folder = RunningSpotter.newFolder()
        let status = try await RunningSpotter.command(
            ["migrate", "--json"], data: folder,
            environment: ["DATABASE_ADMIN_URL": admin, "SPOTTER_APP_PASSWORD": Self.password])
        #expect(status.code == 0, "\(status.output)")
        let migrations = try #require(Self.json(status.output).array)
        #expect(!migrations.isEmpty)
        #expect(migrations.allSatisfy { $0["new"] == true && $0["applied"] == true })
        let again = try await RunningSpotter.command(
            ["migrate", "--json"], data: folder, environment: ["DATABASE_ADMIN_URL": admin])
        #expect(try Self.json(again.output).array?.allSatisfy { $0["new"] == false } == true)

        // The files' organisations, then the operator's token, with the application's role alone.
        let applied = try await RunningSpotter.command(
            ["tenants", "apply"], data: folder,
            environment: Self.settings(app))
        #expect(applied.code == 0, "\(applied.output)")
        let issued = try await RunningSpotter.command(
            ["token", "issue", "--organization", "iron-temple", "--role", "operator", "--json"], data: folder,
            environment: Self.settings(app))
        #expect(issued.code == 0, "\(issued.output)")
        let token = try #require(Self.json(issued.output)["token"]?.string)

        let server = try await RunningSpotter.start(
            ["serve"], in: folder,
            environment: Self.settings(app).merging([
                "SPOTTER_DATA": folder, "SPOTTER_TLS_CERTIFICATE": certificate.chain,
                "SPOTTER_TLS_KEY": certificate.key,
            ]) { $1 })
        defer { server.remove() }
        #expect(server.url.hasPrefix("https://127.0.0.1:"))
        // Beside many others a part may be late just when it is looked at.
        var health = try await server.send("GET", "/v1/health", trusting: certificate.chain)
        for _ in 0..<100 where health.status != 200 {
            try await Task.sleep(for: .milliseconds(100))
            health = try await server.send("GET", "/v1/health", trusting: certificate.chain)
        }
        #expect(health.status == 200, "\(health.body)")
        // Whoever does not know the certificate does not talk to this server.
        await #expect(throws: HTTPClientError.self) { try await server.send("GET", "/v1/health") }
        try await Self.seed(server, token, certificate)
        #expect(await server.stop() == 0)
    }

    /// The templates of the repository, by the operator's route.
    private static func seed(_ server: RunningSpotter, _ token: String, _ certificate: TestCertificate) async throws {
        func post(_ body: JSONValue) async throws -> (status: Int, body: JSONValue) {
            try await server.send("POST", "/v1/admin/seed-agents", body, token: token, trusting: certificate.chain)
        }
        let organization: JSONValue = ["organization": "iron-temple"]
        let planned = try await post(organization.merging(patch: ["dry_run": true]))
        let seeded = try await post(organization)
        let again = try await post(organization)
        let updated = try await post(organization.merging(patch: ["skip_existing": false]))
        let actions = [planned, seeded, again, updated].map { answer in
            answer.body["data"]?.array?.compactMap { $0["action"]?.string } ?? []
        }
        #expect(actions[0].count == 6)
        #expect(Set(actions[0]) == ["created"])
        #expect(actions[1] == actions[0])
        #expect(Set(actions[2]) == ["skipped"])
        #expect(Set(actions[3]) == ["unchanged"])
        let agents = try await server.send("GET", "/v1/agents", token: token, trusting: certificate.chain)
        #expect(agents.body["data"]?.array?.count == 6)
        let unknown = try await post(["organization": "iron-tempel"])
        #expect(unknown.status == 400)
        #expect(unknown.body["errors"]?[0]?["pointer"] == "/organization")
    }

    @Test(arguments: ["SPOTTER_TLS_CERTIFICATE", "SPOTTER_TLS_KEY"])
    func `half of TLS is refused and never served in clear`(_ name: String) async throws {
        let certificate = try TestCertificate()
        let result = try await RunningSpotter.command(
            ["serve", "--port", "0"],
            environment: [name: certificate.key, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"])
        #expect(result.code != 0)
        #expect(result.output.contains("SPOTTER_TLS_CERTIFICATE"))
        #expect(result.output.contains("SPOTTER_TLS_KEY"))
    }

    /// The cluster of the tests may lose commits, and there may be a pooler in front of it.
    static func settings(_ url: String) -> [String: String] {
        ["DATABASE_URL": url, "SPOTTER_PREPARED_STATEMENTS": prepared, "SPOTTER_ALLOW_DATA_LOSS": "1"]
    }

    /// The last line; warnings come before it.
    static func json(_ output: String) throws -> JSONValue {
        try JSONParser.parse(output.split(separator: "\n").last.map(String.init) ?? "")
    }

    /// An empty database of its own, as an administrator and as the application.
    static func addresses() async throws -> (admin: String, app: String) {
        let cluster = try await TestCluster.shared
        let made = try await cluster.createDatabase(named: "spotter_deployed")
        var address = try #require(URLComponents(string: cluster.adminURL))
        address.path = "/\(made.database ?? "")"
        let admin = try #require(address.string)
        if let url = ProcessInfo.processInfo.environment["SPOTTER_TEST_POOLER_URL"], !url.isEmpty {
            let pooler = try #require(URLComponents(string: url))
            (address.host, address.port, address.query) = (pooler.host, pooler.port, pooler.query)
        }
        address.user = "spotter_app"
        address.password = Self.password
        return (admin, try #require(address.string))
    }
}
