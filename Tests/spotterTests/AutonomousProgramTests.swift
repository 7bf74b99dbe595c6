import Foundation
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

/// An agent on its own on the real program, whose process is killed in the middle.
@Suite(.timeLimit(.minutes(5))) struct AutonomousProgramTests {
    /// Begins a run and gives its id.
    private func begin(_ deployed: DeployedDatabase, _ server: RunningSpotter, tools: [String]) async throws -> String {
        let agent = try await server.send(
            "POST", "/v1/agents",
            [
                "name": .string("Claude \(UUID().uuidString)"), "system_prompt": "You work.",
                "model": "claude-sonnet-4-5", "tools": .array(tools.map(JSONValue.string)),
            ], token: deployed.token)
        #expect(agent.status == 201, "\(agent.body)")
        let task = try await server.send(
            "POST", "/v1/tasks",
            [
                "title": "Book the hall", "kind": "autonomous", "agent_id": agent.body["id"] ?? .null,
                "timeout_seconds": 300,
            ], token: deployed.token)
        #expect(task.status == 201, "\(task.body)")
        let path = "/v1/tasks/\(try #require(task.body["id"]?.string))/execute"
        let run = try await server.send("POST", path, [:], token: deployed.token)
        return try #require(run.body["execution_id"]?.string ?? run.body["id"]?.string, "\(run.body)")
    }

    private func ended(_ run: String, _ deployed: DeployedDatabase, _ server: RunningSpotter) async throws -> JSONValue
    {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let found = try await server.send("GET", "/v1/executions/\(run)?wait_ms=5000", token: deployed.token).body
            let isOver = ["completed", "failed", "cancelled"].contains(found["state"]?.string ?? "")
            if isOver || ContinuousClock.now > deadline { return found }
        }
    }

    private func wait(_ isTime: @escaping @Sendable () -> Bool) async {
        await withCheckedContinuation { done in
            Thread.detachNewThread {
                let deadline = Date() + 90
                while !isTime(), Date() < deadline { usleep(5_000) }
                done.resume()
            }
        }
    }

    @Test func `killed in the middle of a model's answer, it asks again elsewhere and ends`() async throws {
        let double = try ProviderDouble { call in
            call.number == 0 ? .steps([.beginStream, .silence]) : .text("The hall is booked.")
        }
        defer { double.stop() }
        let deployed = try await DeployedDatabase.make(environment: [
            "ANTHROPIC_API_KEY": "sk-canary-0123456789", "ANTHROPIC_BASE_URL": double.anthropicURL,
            "SPOTTER_LEASE_SECONDS": "3",
        ])
        defer { deployed.remove() }
        let first = try await deployed.serve()
        let run = try await begin(deployed, first, tools: [])
        await wait { double.calls.count == 1 }
        #expect(await first.stop(by: SIGKILL) == 128 + SIGKILL)
        let second = try await deployed.serve()
        let execution = try await ended(run, deployed, second)
        #expect(execution["state"] == "completed", "\(execution)")
        #expect(execution["output"]?["content"] == "The hall is booked.")
        #expect(double.calls.count == 2)
        #expect(await second.stop() == 0)
    }

    /// A service that never answers the first request, and notes the key of each.
    private final class Hall: Sendable {
        private final class Keys: Sendable { let all = Mutex<[String]>([]) }
        private let keys = Keys()
        private let server: RawServer
        var bookings: [String] { keys.all.withLock { $0 } }
        var url: String { server.url }
        var port: Int { server.port }

        init() throws {
            let keys = keys
            server = try RawServer { connection in
                let request = try connection.readRequest()
                let count = keys.all.withLock { all in
                    all.append(request.headers["idempotency-key"] ?? "")
                    return all.count
                }
                if count == 1 { return connection.waitForClose() }
                try connection.respond(headers: ["Content-Type": "application/json"], body: #"{"booked":true}"#)
            }
        }
    }

    @Test func `killed in the middle of a tool's call, it makes the call again with the same key, and only that`()
        async throws
    {
        let hall = try Hall()
        let double = try ProviderDouble { call in
            call.number == 0
                ? .call("http_request", #"{"method":"POST","url":"\#(hall.url)/book","json":{"day":"Monday"}}"#)
                : .text("The hall is booked.")
        }
        defer { double.stop() }
        let home = try TestHome(
            """
            http:
              allow_hosts: [127.0.0.1]
              allow_http: true
            """)
        defer { home.remove() }
        let deployed = try await DeployedDatabase.make(environment: [
            "ANTHROPIC_API_KEY": "sk-canary-0123456789", "ANTHROPIC_BASE_URL": double.anthropicURL,
            "SPOTTER_LEASE_SECONDS": "3", "SPOTTER_HOME": home.path,
            "SPOTTER_HTTP_ALLOW_PRIVATE": "127.0.0.1:\(hall.port)",
        ])
        defer { deployed.remove() }
        let first = try await deployed.serve()
        let run = try await begin(deployed, first, tools: ["http_request"])
        await wait { hall.bookings.count == 1 }
        #expect(await first.stop(by: SIGKILL) == 128 + SIGKILL)
        let second = try await deployed.serve()
        let execution = try await ended(run, deployed, second)
        #expect(execution["state"] == "completed", "\(execution)")
        #expect(execution["output"]?["content"] == "The hall is booked.")
        #expect(hall.bookings.count == 2 && Set(hall.bookings).count == 1 && hall.bookings.first?.isEmpty == false)
        #expect(double.calls.count == 2)
        #expect(await second.stop() == 0)
    }
}
