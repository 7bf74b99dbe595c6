import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Agents that are called by what they can do.
struct RoutingTests {
    @Test func `a capable agent does it, and both contracts are kept`() async throws {
        try await TestAPI.with(takesWork: true) { api in
            let agent = try await api.ask(
                .post, "/v1/agents",
                [
                    "name": "Echo", "system_prompt": "Repeat.", "model": "offline", "capabilities": ["echo"],
                    "max_concurrent": 2,
                ])
            #expect(agent.status == 201, "\(agent.text)")
            let body: JSONValue = [
                "session_id": "session_001", "capability": "echo", "parameters": ["text": "Hello!"],
                "timeout_ms": 20_000,
            ]
            let key = [("idempotency-key", "once")]
            let answer = try await api.ask(.post, "/v1/orchestrate", body, headers: key)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["success"] == true)
            #expect(answer["agent_id"] == agent["id"])
            #expect(answer["data"]?["content"]?.string?.isEmpty == false)
            let again = try await api.ask(.post, "/v1/orchestrate", body, headers: key)
            #expect(again.json == answer.json)
            #expect(again.headers["idempotency-replayed"] == "true")
            let contracts = try await api.ask(.get, "/v1/contracts?session_id=session_001")
            #expect(Set(contracts.data.compactMap { $0["type"]?.string }) == ["REQUEST", "RESPONSE"])
            let request = try await api.ask(
                .get, "/v1/contracts/\(answer["request_contract_id"]?.string ?? "")")
            #expect(request["payload"] == ["text": "Hello!"])
            #expect(request["status"] == "sent")
            let figures = try await api.ask(.get, "/v1/agents/stats")
            #expect(figures["agents"]?[0]?["calls"] == 1)
        }
    }

    @Test func `what nobody can do is the caller's mistake, and what nobody is free for is not`() async throws {
        try await TestAPI.with(takesWork: true) { api in
            var body: JSONValue = [
                "session_id": "s", "capability": "support", "parameters": ["text": "x"], "timeout_ms": 20_000,
            ]
            let unknown = try await api.ask(.post, "/v1/orchestrate", body)
            #expect(unknown.status == 422)
            #expect(unknown["errors"]?[0]?["pointer"] == "/capability")
            let agent = try await api.ours.home.agent(named: "Desk")
            _ = try await api.ask(.put, "/v1/agents/\(agent.id)/status", ["status": "offline", "note": "Night"])
            let away = try await api.ask(.post, "/v1/orchestrate", body)
            #expect(away.status == 503, "\(away.text)")
            #expect(away["detail"]?.string?.contains("Desk is offline") ?? false)
            body = body.merging(patch: ["parameters": 1])
            let wrong = try await api.ask(.post, "/v1/orchestrate", body)
            #expect(wrong.status == 400)
            #expect(wrong["errors"]?[0]?["pointer"] == "/parameters")
        }
    }

    @Test func `a session of calls is compressed, and its later calls are told of the block`() async throws {
        try await TestAPI.with(takesWork: true) { api in
            _ = try await api.ours.home.agent(named: "Desk")
            func call(_ text: String) async throws -> Answer {
                try await api.ask(
                    .post, "/v1/orchestrate",
                    [
                        "session_id": "tour", "capability": "support", "parameters": ["text": .string(text)],
                        "timeout_ms": 20_000,
                    ])
            }
            let nothing = try await api.ask(.post, "/v1/compress", ["session_id": "tour", "wait_ms": 20_000])
            #expect(nothing.status == 409, "\(nothing.text)")
            #expect(try await call("Ana wants a tour on Friday at 18:00.").status == 200)
            let block = try await api.ask(.post, "/v1/compress", ["session_id": "tour", "wait_ms": 20_000])
            #expect(block.status == 200, "\(block.text)")
            #expect(block["session_id"] == "tour")
            #expect(block["contracts"] == 2)
            #expect(block["summary"]?.string?.contains("Friday") ?? false)
            let later = try await call("And now?")
            #expect(later.status == 200)
            let steps = try await api.ask(.get, "/v1/executions/\(later["execution_id"]?.string ?? "")/steps")
            #expect(steps.text.contains("What this session came to so far"))
        }
    }

    @Test func `a message that has expired is not acknowledged any more, and one that was dealt with before is`()
        async throws
    {
        try await TestAPI.with { api in
            let desk = try await api.ours.home.agent(named: "Desk")
            func send(_ topic: String, expiresIn seconds: Double, acknowledged: Bool = false) async throws -> String {
                let sent = Date() - 3_600
                let message = AgentMessage(
                    id: api.ours.home.id(), fromAgentId: nil, toAgentId: desk.id, topic: topic, content: ["n": 1],
                    expiresAt: Date() + seconds, createdAt: sent)
                _ = try await api.stores.agentMessages.send(message, key: topic, in: api.ours.scope)
                if acknowledged {
                    _ = try await api.stores.agentMessages.acknowledge(
                        [message.id], by: desk.id, at: sent, in: api.ours.scope)
                }
                return "/v1/agents/\(desk.id)/messages/\(message.id)/acknowledgement"
            }
            let late = try await api.ask(.put, send("late", expiresIn: -60))
            #expect(late.status == 409)
            #expect(late["detail"]?.string?.contains("can no longer be acknowledged") ?? false, "\(late.text)")
            let known = try await api.stores.agentMessages.list(to: desk.id, PageRequest(), in: api.ours.scope).items
            #expect(known.map(\.acknowledgedAt) == [nil])
            let open = try await send("open", expiresIn: 3_600)
            for _ in 0..<2 { #expect(try await api.ask(.put, open).status == 204) }
            let done = try await send("done", expiresIn: -60, acknowledged: true)
            #expect(try await api.ask(.put, done).status == 204)
        }
    }

    @Test func `a plan and a workflow with what an agent does not offer are refused at the place`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.callable("Now")
            let step: JSONValue = ["id": "a", "agent_id": .string(agent.id.description), "action": "zap"]
            let plan = try await api.ask(.post, "/v1/plans/execute", ["steps": [step]])
            #expect(plan.status == 422, "\(plan.text)")
            #expect(plan["errors"]?[0]?["pointer"] == "/steps/0/action")
            let node: JSONValue = ["id": "a", "type": "task", "config": ["agent": "Now", "action": "zap"]]
            let workflow = try await api.ask(
                .post, "/v1/workflows", ["name": "W", "nodes": [node], "edges": []])
            #expect(workflow.status == 422, "\(workflow.text)")
            #expect(workflow["errors"]?[0]?["pointer"] == "/nodes/0/config/action")
            let right = try await api.ask(
                .post, "/v1/plans/execute", ["steps": [step.merging(patch: ["action": "upper"])]])
            #expect(right.status == 202, "\(right.text)")
        }
    }

    @Test func `matches come best first and say why; several capabilities may be asked for`() async throws {
        try await TestAPI.with { api in
            for (name, offers) in [("Broad", ["a", "b", "c"]), ("Narrow", ["a", "b"]), ("Other", ["c"])] {
                let answer = try await api.ask(
                    .post, "/v1/agents",
                    [
                        "name": .string(name), "system_prompt": "x", "model": "offline",
                        "capabilities": .array(offers.map { .string($0) }),
                    ])
                #expect(answer.status == 201)
            }
            let found = try await api.ask(.get, "/v1/agents/match?capability=a&capability=b")
            #expect(found.data.map { $0["name"]?.string } == ["Narrow", "Broad"])
            #expect(found.data[0]["reasons"]?.array?.count == 5)
            let optional = try await api.ask(.get, "/v1/agents/match?capability=a&optional=c")
            #expect(optional.data.map { $0["name"]?.string } == ["Broad", "Narrow"])
        }
    }

    @Test func `an external agent is registered, given a secret, and heard`() async throws {
        try await TestAPI.with { api in
            let settings: JSONValue = [
                "name": "Scheduler", "system_prompt": "Runs elsewhere.", "model": "offline",
                "external": ["endpoint": "https://agent.example.com/calls", "heartbeat_seconds": 30],
                "actions": [
                    ["name": "plan", "parameters": ["type": "object", "properties": ["day": ["type": "string"]]]]
                ],
            ]
            let agent = try await api.ask(.post, "/v1/agents", settings)
            #expect(agent.status == 201, "\(agent.text)")
            let path = "/v1/agents/\(agent["id"]?.string ?? "")"
            #expect(try await api.ask(.get, "/v1/agents/stats")["offline"] == 1)
            let secret = try await api.ask(.put, "\(path)/secret")
            #expect(secret["secret"]?.string?.hasPrefix("whsec_") ?? false)
            let heard = try await api.ask(.post, "\(path)/heartbeat")
            #expect(heard["status"] == "available")
            let found = try await api.ask(.get, "/v1/agents/match?capability=plan")
            #expect(found.data.count == 1 && found.data[0]["excuse"] == nil)
            let wrong = settings.merging(patch: [
                "name": "Other", "external": ["endpoint": "agent.example.com"],
                "actions": [["name": "plan", "parameters": ["type": "object", "oneOf": []]]],
            ])
            let refused = try await api.ask(.post, "/v1/agents", wrong)
            #expect(refused.status == 400)
            let pointers = (refused["errors"]?.array ?? []).compactMap { $0["pointer"]?.string }
            #expect(pointers == ["/actions/0/parameters/oneOf", "/external/endpoint"])
        }
    }
}
