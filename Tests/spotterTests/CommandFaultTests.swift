import Foundation
import ServiceKit
import SpotterDomain
import SpotterTesting
import Testing

/// What a script meets when it calls the program in an odd way.
@Suite(.timeLimit(.minutes(5))) struct CommandFaultTests {
    @Test(arguments: [
        ("> /dev/full", 1), (">&-", 1), ("| head -c 10 > /dev/null; exit ${PIPESTATUS[0]}", nil), ("", 0),
    ])
    func `output that is lost is not passed over in silence`(_ redirection: String, _ code: Int32?) async throws {
        let result = try await FinishedCommand.run([
            "/bin/bash", "-c", "'\(RunningSpotter.binary)' openapi \(redirection)",
        ])
        if let code { #expect(result.code == code, "\(result.output)") }
        if code == 1 { #expect(result.output.contains("could not be written")) }
    }

    @Test func `the document needs no database and looks for none`() async throws {
        let result = try await FinishedCommand.run([
            "/bin/bash", "-c", "'\(RunningSpotter.binary)' openapi 2>&1 >/dev/null",
        ])
        #expect(result.code == 0)
        #expect(result.output.isEmpty, "\(result.output)")
    }

    @Test(arguments: ["QUEUE_CONCURRENCY=0", "AUTO_START_SCHEDULER=maybe", "SPOTTER_LEASE_SECONDS=soon"])
    func `a setting that is wrong is named before a database is looked for`(_ setting: String) async throws {
        let nowhere = "DATABASE_URL='postgres:///x?host=/nowhere'"
        let result = try await FinishedCommand.run([
            "/bin/bash", "-c", "\(nowhere) \(setting) '\(RunningSpotter.binary)' serve 2>&1",
        ])
        #expect(result.code == 1)
        #expect(result.output.hasPrefix("error: \(setting.prefix { $0 != "=" }) must be "), "\(result.output)")
    }

    @Test(arguments: ["wroker", ","])
    func `a role that there is not is refused with those that there are`(_ roles: String) async throws {
        let nowhere = "DATABASE_URL='postgres:///x?host=/nowhere'"
        let result = try await FinishedCommand.run([
            "/bin/bash", "-c", "\(nowhere) '\(RunningSpotter.binary)' serve --roles \(roles) 2>&1",
        ])
        #expect(result.code == 1)
        #expect(result.output.contains("There are: api, worker, scheduler."), "\(result.output)")
    }

    @Test(arguments: ["token issue --organization x --role king --json", "migrate --statos --json", "up extra --json"])
    func `with --json a wrong call is JSON too`(_ call: String) async throws {
        let result = try await RunningSpotter.command(call.split(separator: " ").map(String.init))
        #expect(result.code == 2)
        let error = try JSONParser.parse(result.output)["error"]
        #expect(error?["code"] == "invalid")
        #expect(error?["message"]?.string?.contains("--help") == true)
    }

    @Test func `a private database that is killed is started again, and requests go on`() async throws {
        let server = try await RunningSpotter.start()
        defer { server.remove() }
        let agents = try await server.send("GET", "/v1/agents")
        #expect(agents.status == 200)
        let socket = try #require(server.ready["database"]?["socket"]?.string)
        let file = try String(contentsOfFile: socket + "/.s.PGSQL.5432.lock", encoding: .utf8)
        let postmaster = try #require(file.split(separator: "\n").first.flatMap { pid_t($0) })
        #expect(kill(postmaster, SIGKILL) == 0)
        let deadline = ContinuousClock.now + .seconds(60)
        var status = 0
        // Until the new one is there the answer is 503 and never anything worse.
        repeat {
            status = try await server.send("GET", "/v1/agents").status
            #expect([200, 503].contains(status))
            let now = (try? String(contentsOfFile: socket + "/.s.PGSQL.5432.lock", encoding: .utf8)) ?? file
            if status == 200, now != file { break }
        } while ContinuousClock.now < deadline
        #expect(status == 200)
        #expect(await server.stop() == 0)
    }

    @Test(arguments: [
        ["queue", "stats", "--organization", "gym"], ["schedule", "list", "--organization", "gym"],
        ["token", "list", "--organization", "gym"], ["tenants", "list"], ["migrate", "--status"],
    ])
    func `what only looks at a database makes none`(_ command: [String]) async throws {
        let folder = NSTemporaryDirectory() + "spotter-none-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let result = try await RunningSpotter.command(command, data: folder)
        #expect(result.code != 0)
        #expect(result.output.contains("There is no database: DATABASE_URL is not set"), "\(result.output)")
        #expect(!FileManager.default.fileExists(atPath: folder))
    }
}
