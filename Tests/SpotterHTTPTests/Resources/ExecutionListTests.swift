import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// What a list of runs tells of each.
struct ExecutionListTests {
    @Test func `a run of a workflow names it in the list, and no other run does`() async throws {
        try await TestAPI.with { api in
            let made = try await api.ask(
                .post, "/v1/workflows",
                [
                    "name": "Asks", "edges": [],
                    "nodes": [["id": "ask", "type": "wait", "config": ["question": "How many places?"]]],
                ])
            let id = try #require(made["id"]?.string, "\(made.text)")
            let begun = try await api.ask(.post, "/v1/workflows/\(id)/executions", [:])
            #expect(begun.status == 202, "\(begun.text)")
            let agent = try await api.ours.home.agent(named: "Desk")
            let task = try await api.ask(
                .post, "/v1/tasks", ["title": "Call back", "agent_id": .string(agent.id.description)])
            _ = try await api.ask(.post, "/v1/tasks/\(task["id"]?.string ?? "")/execute", [:])
            let runs = try await api.ask(.get, "/v1/executions").data
            let known = runs.map { [$0["kind"]?.string, $0["workflow_id"]?.string] }
            #expect(Set(known) == [["workflow", id], ["task", nil]])
            let one = try await api.ask(.get, "/v1/executions/\(begun["execution_id"]?.string ?? "")")
            #expect(one["workflow_id"]?.string == id)
        }
    }
}
