import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// Schedules on the real program: several processes on one database, one of them killed and started again.
@Suite(.timeLimit(.minutes(4))) struct ScheduleProgramTests {
    @Test func `two servers fire every second once each, also while one is killed and comes back`() async throws {
        let deployed = try await DeployedDatabase.make()
        defer { deployed.remove() }
        let first = try await deployed.serve()
        let second = try await deployed.serve()
        let agents = try await first.send("GET", "/v1/agents", token: deployed.token)
        let agent = agents.body["data"]?[0]?["id"] ?? .null
        var tasks: [String] = []
        for number in 0..<5 {
            let body: JSONValue = [
                "title": .string("Tick \(number)"), "agent_id": agent,
                "schedule": ["cron": "* * * * * *", "timezone": "UTC", "overlap": "allow", "catch_up": "all"],
            ]
            let made = try await first.send("POST", "/v1/tasks", body, token: deployed.token)
            #expect(made.status == 201)
            tasks.append(made.body["id"]?.string ?? "")
        }
        try await deployed.fires(3, of: tasks, by: first)
        #expect(await second.stop(by: SIGKILL) == 128 + SIGKILL)
        try await deployed.fires(6, of: tasks, by: first)
        let third = try await deployed.serve()
        #expect(await first.stop() == 0)
        try await deployed.fires(9, of: tasks, by: third)
        let health = try await third.send("GET", "/v1/health", token: deployed.token)
        #expect(health.body["components"]?.array?.contains { $0["name"] == "scheduler" && $0["state"] == "ok" } == true)
        #expect(
            try await third.send("POST", "/v1/scheduler/stop", token: deployed.token).body["state"] == "stopped")
        try await deployed.expectCommands(toTellOf: tasks)
        for task in tasks { try await Self.expectOnce(task, deployed, third) }
        #expect(await third.stop() == 0)
    }

    /// No second is missing, none is there twice, and each has one run.
    private static func expectOnce(_ task: String, _ deployed: DeployedDatabase, _ server: RunningSpotter) async throws
    {
        let fires = try await server.send("GET", "/v1/tasks/\(task)/fires?limit=200", token: deployed.token)
        let slots = (fires.body["data"]?.array ?? []).reversed()
            .compactMap { $0["fire_at"]?.string.flatMap(Timestamp.date(from:)) }
        let first = try #require(slots.first)
        #expect(slots == (0..<slots.count).map { first + Double($0) })
        #expect(fires.body["data"]?.array?.allSatisfy { $0["outcome"] == "fired" } == true)
        let runs = try await server.send("GET", "/v1/tasks/\(task)/executions?limit=200", token: deployed.token)
        #expect(runs.body["data"]?.array?.count == slots.count)
    }

    @Test func `where schedulers do not start by themselves nothing fires until one is started`() async throws {
        let server = try await RunningSpotter.start(environment: ["AUTO_START_SCHEDULER": "false"])
        defer { server.remove() }
        #expect(try await server.send("GET", "/v1/scheduler/status").body["state"] == "stopped")
        #expect(try await server.send("POST", "/v1/scheduler/start").body["state"] == "running")
        #expect(await server.stop() == 0)
        let refused = try await RunningSpotter.command(
            ["up", "--port", "0"], data: server.folder, environment: ["AUTO_START_SCHEDULER": "maybe"])
        #expect(refused.code != 0)
        #expect(refused.output.contains("AUTO_START_SCHEDULER must be true or false, not maybe"))
    }
}

/// A migrated database of its own with the organisations of the files, for several servers.
struct DeployedDatabase {
    let folder: String
    let environment: [String: String]
    let token: String

    static func make(environment added: [String: String] = [:]) async throws -> DeployedDatabase {
        let (admin, app) = try await DeploymentTests.addresses()
        let folder = RunningSpotter.newFolder()
        let environment = DeploymentTests.settings(app).merging(["SPOTTER_DATA": folder]) { $1 }.merging(added) { $1 }
        let migrated = try await RunningSpotter.command(
            ["migrate", "--json"], data: folder,
            environment: ["DATABASE_ADMIN_URL": admin, "SPOTTER_APP_PASSWORD": DeploymentTests.password])
        #expect(migrated.code == 0, "\(migrated.output)")
        for command in [["tenants", "apply"], ["templates", "seed", "--organization", "iron-temple"]] {
            let done = try await RunningSpotter.command(command, data: folder, environment: environment)
            #expect(done.code == 0, "\(done.output)")
        }
        let issued = try await RunningSpotter.command(
            ["token", "issue", "--organization", "iron-temple", "--json"], data: folder, environment: environment)
        let token = try #require(DeploymentTests.json(issued.output)["token"]?.string)
        return DeployedDatabase(folder: folder, environment: environment, token: token)
    }

    func serve() async throws -> RunningSpotter {
        try await RunningSpotter.start(["serve"], in: folder, environment: environment)
    }

    /// The commands say the same as the API.
    func expectCommands(toTellOf tasks: [String]) async throws {
        let options = ["--organization", "iron-temple", "--json"]
        let status = try await RunningSpotter.command(
            ["schedule", "status"] + options, data: folder, environment: environment)
        #expect(status.code == 0, "\(status.output)")
        let said = try DeploymentTests.json(status.output)
        #expect(said["state"] == "stopped")
        #expect(said["scheduled"]?.int == tasks.count)
        let list = try await RunningSpotter.command(
            ["schedule", "list"] + options, data: folder, environment: environment)
        #expect(list.code == 0, "\(list.output)")
        #expect(tasks.allSatisfy(list.output.contains))
        let stats = try await RunningSpotter.command(
            ["queue", "stats"] + options, data: folder, environment: environment)
        #expect(try DeploymentTests.json(stats.output)["held"] == 0, "\(stats.output)")
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// Returns when each of `tasks` has so many fires.
    func fires(_ count: Int, of tasks: [String], by server: RunningSpotter) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        for task in tasks {
            var seen = 0
            while seen < count, ContinuousClock.now < deadline {
                let fires = try await server.send("GET", "/v1/tasks/\(task)/fires?limit=200", token: token)
                seen = fires.body["data"]?.array?.count ?? 0
            }
            #expect(seen >= count)
        }
    }
}
