import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// What workflows of a CRM have agents do, in the real program with a double of a provider.
@Suite(.timeLimit(.minutes(3))) struct WorkflowActionProgramTests {
    @Test func `an agent of the house answers, and the log and the usage tell what each workflow has cost`()
        async throws
    {
        let server = try await RunningSpotter.start()
        defer { server.remove() }
        let agents = try await server.send("GET", "/v1/agents").body["data"]?.array ?? []
        let agent = try #require(agents.first?["id"])
        let path = "/v1/workflows/actions/execute-agent"
        func ask(_ workflow: String) async throws -> JSONValue {
            let answer = try await server.send(
                "POST", path,
                [
                    "action": "ai_agent_generate_content", "agent_id": agent, "workflow_id": .string(workflow),
                    "prompt": "Write to {{lead.email}}", "context": ["lead": ["email": "ana@example.com"]],
                ])
            #expect(answer.status == 200, "\(answer.body)")
            return answer.body
        }
        let first = try await ask("lead-1")
        #expect(first["success"] == true && first["result"]?.string?.isEmpty == false, "\(first)")
        _ = try await ask("lead-2")
        let again = try await ask("lead-2")
        let log = try await server.send("GET", path + "?workflow_id=lead-2").body["data"]?.array ?? []
        #expect(log.count == 2 && log.first?["execution_id"] == again["execution_id"])
        #expect(log.allSatisfy { $0["state"] == "completed" && $0["workflow_id"] == "lead-2" })
        let usage = try await server.send("GET", "/v1/usage?group_by=workflow").body["breakdown"]?.array ?? []
        let lines = Dictionary(uniqueKeysWithValues: usage.map { ($0["key"]?.string ?? "none", $0["lines"]?.int ?? 0) })
        #expect(lines["crm:lead-1"] ?? 0 >= 1 && lines["crm:lead-2"] ?? 0 >= 2, "\(lines)")
        let two = try await server.send("GET", "/v1/usage?workflow_id=lead-2").body
        #expect(two["lines"]?.int ?? 0 == lines["crm:lead-2"])
        #expect(try await server.send("GET", "/v1/usage?workflow_id=nothing").body["lines"] == 0)
        #expect(await server.stop() == 0)
    }
}
