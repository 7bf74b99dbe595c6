import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// What workflows of a CRM have agents do.
struct WorkflowActionTests {
    private static let path = "/v1/workflows/actions/execute-agent"

    private func order(_ agent: Agent, _ more: JSONValue = [:]) -> JSONValue {
        let base: JSONValue = [
            "action": "ai_agent_generate_content", "agent_id": .string(agent.id.description), "workflow_id": "lead-1",
            "prompt": "Write to {{lead.name}} <{{lead.email}}>: {{ lead.visits }} visits.",
            "context": ["lead": ["name": "{{ lead.secret }}", "email": "ana@example.com", "visits": 3]],
        ]
        return base.merging(patch: more)
    }

    @Test func `what breaks the form or names what is not there is refused with its place, and nothing begins`()
        async throws
    {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Writer")
            let foreign = try await api.theirs.home.agent(named: "Writer")
            let cases: [(JSONValue, Int, String)] = [
                (["action": "ai_agent_dance"], 400, "/action"), (["workflow_id": ""], 400, "/workflow_id"),
                (["workflow_id": "a\nb"], 400, "/workflow_id"), (["prompt": "Hi {{ lead. }}"], 400, "/prompt"),
                (["context": 1], 400, "/context"), (["schema": ["type": "string"]], 400, "/schema"),
                (["schema": ["type": "objekt"]], 400, "/schema/type\""),
                (["schema": ["type": "object", "propertys": [:]]], 400, "/schema/propertys"),
                (
                    ["schema": ["type": "object", "properties": ["n": ["type": "number", "multipleOf": 2]]]], 400,
                    "/schema/properties/n/multipleOf"
                ),
                (
                    ["schema": ["type": "object", "properties": ["n": ["type": "number", "minimum": "low"]]]], 400,
                    "/schema/properties/n/minimum"
                ),
                (["agent_id": .string(foreign.id.description)], 400, "/agent_id"),
                (["prompt": "Hi {{lead.phone}}"], 422, "/prompt"), (["context": ["lead": nil]], 422, "/prompt"),
            ]
            for (more, status, pointer) in cases {
                let answer = try await api.ask(.post, Self.path, order(agent, more))
                #expect(answer.status == status, "\(more): \(answer.text)")
                #expect(answer.text.contains("\"\(pointer)"), "\(answer.text)")
                #expect(!answer.text.contains("SchemaIssues") && !answer.text.contains("SpotterDomain"))
            }
            let missing = try await api.ask(.post, Self.path, order(agent, ["prompt": "Hi {{lead.phone}}"]))
            #expect(missing.text.contains("lead.phone"))
            let runs = try await api.stores.executions.list(ExecutionFilter(), PageRequest(), in: api.ours.scope).items
            #expect(runs.isEmpty)
            #expect(try await api.ask(.get, Self.path).data.isEmpty)
        }
    }

    @Test func `values are put in as they are, and what they look like does not matter`() throws {
        let action = WorkflowAction(
            .executeTask, by: AgentID.sample, workflow: "w", prompt: "{{lead.name}} {{lead.list}} {{ lead.n }}",
            context: ["lead": ["name": "{{ secrets.x }}", "list": ["a", 1], "n": 2.5]])
        #expect(try action.filledPrompt() == #"{{ secrets.x }} ["a",1] 2.5"#)
        #expect(WorkflowAction(.analysis, by: AgentID.sample, workflow: "w", prompt: "p").answerSchema != nil)
        #expect(action.answerSchema == nil)
    }

    @Test func `an analysis answers with the object of its schema, and without a model by the words alone`()
        async throws
    {
        try await TestAPI.with(takesWork: true) { api in
            let agent = try await api.ours.home.agent(named: "Writer")
            let wanted: JSONValue = [
                "action": "ai_agent_analysis", "prompt": "How do they feel?\n\n{{review}}",
                "context": ["review": "The showers were dirty and the staff rude."],
            ]
            let answer = try await api.ask(.post, Self.path, order(agent, wanted))
            #expect(answer["success"] == true, "\(answer.text)")
            #expect(answer["result"]?["sentiment"] == "negative")
            #expect(answer["result"]?["labels"] == ["staff", "cleanliness"])
        }
    }

    @Test func `an analysis whose answer does not follow its schema has not succeeded`() async throws {
        try await TestAPI.with(takesWork: true) { api in
            let agent = try await api.ours.home.agent(named: "Writer")
            // A form that no words of the workflow can fill: the offline model answers in words then.
            let schema: JSONValue = [
                "type": "object", "required": ["at"],
                "properties": ["at": ["type": "string", "format": "date-time"]],
            ]
            let answer = try await api.ask(
                .post, Self.path, order(agent, ["action": "ai_agent_analysis", "schema": schema]))
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["success"] == false)
            #expect(answer["state"] == "failed")
            #expect(answer["error"]?["code"] == "schema_mismatch")
            #expect(answer["error"]?["message"]?.string?.contains("told 2 times") == true, "\(answer.text)")
            // Each try counts, with the tools that it looked at.
            #expect(answer["usage"]?["model_calls"]?.int ?? 0 >= 3)
        }
    }
}
