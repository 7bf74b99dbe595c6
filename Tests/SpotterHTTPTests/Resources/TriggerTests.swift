import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// What events start.
struct TriggerTests {
    @Test func `a template's events start its workflow, unless that is not wanted, and go with it`() async throws {
        try await TestAPI.with { api in
            let path = "/v1/workflow-templates/call-back/instantiate"
            let made = try await api.ask(.post, path)
            #expect(made.status == 201)
            let trigger = try await api.ask(.get, "/v1/triggers")["data"]?[0]
            #expect(trigger?["event"] == "custom.lead_created")
            #expect(trigger?["enabled"] == true)
            #expect(trigger?["target"] == ["kind": "workflow", "workflow_id": made["id"] ?? nil])
            #expect(try await api.ask(.post, path, ["name": "Other", "triggers": false]).status == 201)
            #expect(try await api.ask(.get, "/v1/triggers")["data"]?.array?.count == 1)
            let id = try #require(made["id"]?.string)
            #expect(try await api.ask(.delete, "/v1/workflows/\(id)").status == 204)
            #expect(try await api.ask(.get, "/v1/triggers")["data"] == [])
        }
    }

    @Test func `a workflow may say itself what starts it, and every mistake in it is told with its place`() async throws
    {
        try await TestAPI.with { api in
            var body: JSONValue = [
                "name": "Greet", "variables": ["who": ["type": "string"]],
                "nodes": [["id": "pause", "type": "wait", "config": ["duration_ms": 5]]], "edges": [],
                "on": [["event": "custom.came_in", "input": ["who": "{{event.data.name}}"]]],
            ]
            #expect(try await api.ask(.post, "/v1/workflows/validate", body)["valid"] == true)
            let made = try await api.ask(.post, "/v1/workflows", body)
            #expect(made.status == 201, "\(made.text)")
            let trigger = try await api.ask(.get, "/v1/triggers")["data"]?[0]
            #expect(trigger?["event"] == "custom.came_in")
            #expect(trigger?["target"] == ["kind": "workflow", "workflow_id": made["id"] ?? nil])
            body = body.merging(patch: [
                "name": "Other", "on": [["event": "custom.x", "input": ["whom": 1]]],
                "nodes": [
                    [
                        "id": "ask", "type": "human_approval",
                        "config": [
                            "message": "May it?",
                            "approvers": ["role:owner", "token:tok_01h2xcejqtf2nbrexx3vqjhp42"],
                        ],
                    ]
                ],
            ])
            let refused = try await api.ask(.post, "/v1/workflows", body)
            #expect(refused.status == 422)
            let pointers = refused["errors"]?.array?.compactMap { $0["pointer"]?.string }
            #expect(Set(pointers ?? []) == ["/on/0/input/whom", "/nodes/0/config/approvers/1"])
        }
    }

    @Test func `mistakes of a workflow's form and of its graph are told together, each with its place`() async throws {
        try await TestAPI.with { api in
            let body: JSONValue = [
                "name": "Twice wrong", "colour": "red", "timeout_ms": "soon",
                "nodes": [
                    ["id": "pause", "type": "wait", "config": ["duration_ms": 0]],
                    ["id": "odd", "type": "tsk"], ["id": "choose", "type": "decision"],
                ],
                "edges": [
                    ["from": "pause", "to": "odd", "condition": 7],
                    ["from": "odd", "to": "choose"], ["from": "choose", "to": "odd", "max_iterations": 5_000],
                ],
            ]
            let answer = try await api.ask(.post, "/v1/workflows/validate", body)
            #expect(answer.status == 200 && answer["valid"] == false)
            let pointers = answer["issues"]?.array?.compactMap { $0["pointer"]?.string } ?? []
            for place in [
                "/colour", "/timeout_ms", "/nodes/1/type", "/edges/0/condition", "/edges/2/max_iterations",
                "/nodes/0/config/duration_ms",
            ] { #expect(pointers.contains(place), "\(place) in \(pointers)") }
            #expect(Set(pointers).count == pointers.count, "\(answer.text)")
            #expect(try await api.ask(.post, "/v1/workflows/validate", []).status == 400)
        }
    }

    @Test func `a trigger is changed under its version`() async throws {
        try await TestAPI.with { api in
            let plan: JSONValue = ["steps": [["id": "one", "tool": "search_clients", "input": ["query": "Ana"]]]]
            let body: JSONValue = [
                "name": "Leads", "event": "custom.lead", "target": ["kind": "plan", "plan": plan],
            ]
            let made = try await api.ask(.post, "/v1/triggers", body)
            #expect(made.status == 201, "\(made.text)")
            let path = "/v1/triggers/\(try #require(made["id"]?.string))"
            let changed = body.merging(patch: ["enabled": false])
            #expect(try await api.ask(.put, path, changed, headers: [("if-match", "\"1\"")]).status == 200)
            #expect(try await api.ask(.put, path, changed, headers: [("if-match", "\"1\"")]).status == 412)
            #expect(try await api.ask(.get, path)["enabled"] == false)
            let wrong = body.merging(patch: ["condition": "event.data.count >"])
            let refused = try await api.ask(.put, path, wrong)
            #expect(refused.status == 400)
            #expect(refused.text.contains("/condition"))
        }
    }
}
