import Foundation
import HTTPServerKit
import SigningKit
import SpotterDomain
import SpotterMonitoring
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Messages of other systems, from the signature to what they start.
struct HookTests {
    @Test func `a signed message starts what its hook says, as a stranger's words`() async throws {
        try await TestAPI.with { api in
            let sender = try await HookSender(api)
            let answer = try await sender.send(#"{"name": "Ana"}"#)
            #expect(answer.status == 202, "\(answer.text)")
            #expect(answer["duplicate"] == false)
            let log = try await sender.log()
            #expect(log["id"] == answer["delivery_id"])
            #expect(log["state"] == "accepted")
            #expect(log["external_id"] == "msg_1")
            let run = try #require(try await sender.runs().first)
            #expect(run.id.description == log["execution_id"]?.string)
            #expect(run.kind == .call)
            #expect(run.input["parameters"]?["content"] == "New lead: Ana")
            #expect(ExecutionOrigin(of: run).isUntrusted == true)
            let events = try await api.stores.events.events(after: 0, execution: nil, limit: 50, in: api.ours.scope)
            #expect(events.filter { $0.type == "hook.received" }.count == 1)
            let shown = try await api.ask(.get, "/v1/hooks/\(sender.id)/deliveries/\(log["id"]?.string ?? "")")
            #expect(shown["payload"] == ["name": "Ana"])
        }
    }

    @Test func `messages that are refused or come again are counted`() async throws {
        try await TestAPI.with { api in
            let sender = try await HookSender(api)
            _ = try await sender.send(#"{"name": "Ana"}"#)
            _ = try await sender.send(#"{"name": "Ana"}"#)
            for _ in 0..<2 { _ = try await sender.send(#"{"name": "Ana"}"#, signature: "v1,bm90aGluZw==") }
            let (_, text) = await api.services.monitoring.meters.text(accepting: nil)
            #expect(text.contains("spotter_hook_messages_total{outcome=\"refused\"} 2\n"))
            #expect(text.contains("spotter_hook_messages_total{outcome=\"repeated\"} 1\n"))
        }
    }

    @Test func `of a hundred copies at once one starts something`() async throws {
        try await TestAPI.with { api in
            let sender = try await HookSender(api)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 { group.addTask { try await sender.send(#"{"name": "Ana"}"#).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.filter { $0 == 202 }.count == 1)
            #expect(statuses.filter { $0 == 200 }.count == 99)
            #expect(try await sender.runs().count == 1)
            #expect(try await sender.send(#"{"name": "Ana"}"#, id: "msg_2").status == 202)
        }
    }

    @Test func `whatever is wrong with a message, the answer is the same, and nothing happens`() async throws {
        try await TestAPI.with { api in
            let sender = try await HookSender(api)
            let foreign = try await HookSender(api, name: "Others")
            let disabled = try await HookSender(api, name: "Disabled")
            _ = try await api.ask(.patch, "/v1/hooks/\(disabled.id)", ["enabled": false])
            let before = try await api.ours.everything()
            let (body, zeros) = (#"{"name": "Ana"}"#, Data(repeating: 0, count: 32).base64EncodedString())
            var nobody = sender
            nobody.secret = "whsec_" + zeros
            let good = try HookSender.signature("msg_1", 1, Array(body.utf8), secret: sender.secret)
            let unknown = (api.ours.home.id() as HookID).description
            let answers = [
                try await sender.send(body, age: 400), try await sender.send(body, age: -400),
                try await sender.send(body, signature: good), try await sender.send(body, signature: "v1,\(zeros)"),
                try await sender.send(body, dropping: "webhook-signature"),
                try await sender.send(body, dropping: "webhook-id"),
                try await sender.send(body, dropping: "webhook-timestamp"),
                try await sender.send(body, path: "/v1/hooks/\(foreign.id)"),
                try await sender.send(body, path: "/v1/hooks/\(unknown)"),
                try await nobody.send(body, path: "/v1/hooks/\(unknown)"), try await nobody.send(body),
                try await sender.send(body, path: "/v1/hooks/nonsense"),
                try await sender.send("not JSON", signature: "v1,\(zeros)", type: "text/plain"),
                try await disabled.send(body),
            ]
            for answer in answers {
                #expect(answer.status == 401)
                #expect(answer.problem == answers[0].problem)
                #expect(!answer.text.contains(sender.secret))
            }
            #expect(try await api.ours.everything() == before)
        }
    }

    @Test func `a body is read only as what it says it is, and only when it is genuine`() async throws {
        try await TestAPI.with { api in
            let sender = try await HookSender(api)
            for type in ["text/plain", "multipart/form-data; boundary=x", "application/json; charset=utf-7", ""] {
                #expect(try await sender.send(#"{"name": "Ana"}"#, type: type).status == 415)
            }
            for body in ["", "{", #"{"name": "a", "name": "b"}"#, #"{"name": "\u0000"}"#] {
                #expect(try await sender.send(body).status == 400)
            }
            #expect(try await sender.log() == .null)
            #expect(try await sender.runs().isEmpty)
        }
    }

    @Test func `a form is read as a form, and never as anything else`() async throws {
        let form = "application/x-www-form-urlencoded"
        try await TestAPI.with { api in
            let sender = try await HookSender(api)
            #expect(try await sender.send("name=Ana+M%C3%BCller&tag=a&tag=b&empty", type: form).status == 202)
            let shown = try await api.ask(.get, "/v1/hooks/\(sender.id)/deliveries/\(sender.log()["id"]?.string ?? "")")
            #expect(shown["payload"] == ["name": "Ana Müller", "tag": ["a", "b"], "empty": ""])
            #expect(try await sender.runs().first?.input["parameters"]?["content"] == "New lead: Ana Müller")
            let many = (0...1_000).map { "f\($0)=1" }.joined(separator: "&")
            for (number, body) in ["name=%4", "name=%C3", "name=a%00b", "%zz", "", many].enumerated() {
                #expect(
                    try await sender.send(body, id: "bad_\(number)", type: form).status == 400, "\(body.prefix(20))")
            }
            #expect(try await sender.send("name=Ana", id: "x", type: form + "; charset=utf-7").status == 415)
            // JSON under a form's name is a field of that name, and starts nothing.
            #expect(try await sender.send(#"{"name": "Ana"}"#, id: "y", type: form).status == 202)
            #expect(try await sender.log()["state"] == "failed")
            #expect(try await sender.runs().count == 1)
        }
    }

    @Test func `who makes a hook, or learns its secret, may do what it starts`() async throws {
        try await TestAPI.with { api in
            let weak = try await api.ours.token(role: .admin, permissions: [.hooksRead, .hooksWrite])
            let tasks = try await api.ours.token(role: .admin, permissions: [.hooksRead, .hooksWrite, .tasksWrite])
            let agent = try await api.ours.home.agent(named: "Desk")
            let task = try await api.ours.home.task("Sweep", for: agent)
            let told: JSONValue = [
                "kind": "agent_message", "agent_id": .string(agent.id.description), "content": "Hello",
            ]
            let run: JSONValue = ["kind": "task", "task_id": .string(task.id.description)]
            func make(_ action: JSONValue, _ token: String) async throws -> Answer {
                let name = "Hook \(api.ours.home.word())"
                return try await api.send(
                    .post, "/v1/hooks", ["name": .string(name), "style": "standard", "action": action], token: token)
            }
            for (action, token) in [(told, weak), (told, tasks), (run, weak)] {
                let answer = try await make(action, token)
                #expect(answer.status == 403, "\(action)")
                #expect(answer.text.contains(action == run ? "tasks:write" : "executions:write"))
            }
            #expect(try await make(run, tasks).status == 201)
            let sender = try await HookSender(api)
            #expect(try await sender.send(#"{"name": "Ana"}"#).status == 202)
            let delivery = try await sender.log()["id"]?.string ?? ""
            let path = "/v1/hooks/\(sender.id)"
            #expect(try await api.send(.post, path + "/rotate", [:], token: weak).status == 403)
            #expect(try await api.send(.patch, path, ["name": "Other"], token: weak).status == 403)
            #expect(try await api.send(.post, path + "/deliveries/\(delivery)/replay", token: weak).status == 403)
            #expect(try await api.send(.post, path + "/rotate", [:], token: api.ours.token).status == 200)
        }
    }

    @Test func `while one secret takes another's place both are good, and then the old one is not`() async throws {
        try await TestAPI.with { api in
            let old = try await HookSender(api)
            func rotate(_ body: JSONValue = [:]) async throws -> HookSender {
                let answer = try await api.ask(.post, "/v1/hooks/\(old.id)/rotate", body)
                #expect(answer.status == 200)
                var new = old
                new.secret = try #require(answer["secret"]?.string)
                return new
            }
            let new = try await rotate()
            #expect(try await old.send(#"{"name": "Ana"}"#, id: "a").status == 202)
            #expect(try await new.send(#"{"name": "Ana"}"#, id: "b").status == 202)
            let third = try await rotate()
            #expect(try await old.send(#"{"name": "Ana"}"#, id: "c").status == 401)
            #expect(try await new.send(#"{"name": "Ana"}"#, id: "d").status == 202)
            let last = try await rotate(["end_previous": true])
            #expect(try await third.send(#"{"name": "Ana"}"#, id: "e").status == 401)
            #expect(try await last.send(#"{"name": "Ana"}"#, id: "f").status == 202)
            for path in ["/v1/hooks", "/v1/hooks/\(old.id)"] {
                let shown = try await api.ask(.get, path).text
                for sender in [old, new, third, last] { #expect(!shown.contains(sender.secret)) }
            }
        }
    }

    @Test func `what a message does not have is a failed delivery that says so, and can be taken again`() async throws {
        try await TestAPI.with { api in
            let sender = try await HookSender(api)
            #expect(try await sender.send(#"{"nam": "Ana"}"#).status == 202)
            let failed = try await sender.log()
            #expect(failed["state"] == "failed")
            #expect(failed["reason"]?.string?.contains("/content") == true)
            #expect(try await sender.runs().isEmpty)
            let agent = try await api.ours.home.agent(named: "Other desk")
            let action: JSONValue = [
                "kind": "agent_message", "agent_id": .string(agent.id.description), "content": "Hi {{ payload.nam }}",
            ]
            #expect(try await api.ask(.patch, "/v1/hooks/\(sender.id)", ["action": action]).status == 200)
            let path = "/v1/hooks/\(sender.id)/deliveries/\(failed["id"]?.string ?? "")/replay"
            let key = [("idempotency-key", "again")]
            let again = try await api.ask(.post, path, headers: key)
            #expect(again.status == 202)
            #expect(again["replay_of"] == failed["id"])
            #expect(try await api.ask(.post, path, headers: key)["id"] == again["id"])
            #expect(try await sender.runs().map { $0.input["parameters"]?["content"] } == ["Hi Ana"])
        }
    }

    @Test func `values keep their types, and what looks like an expression stays what it is`() async throws {
        try await TestAPI.with { api in
            let workflow = try await api.ours.home.workflow(named: "Count")
            let action: JSONValue = [
                "kind": "workflow", "workflow_id": .string(workflow.id.description),
                "input": [
                    "count": "{{ payload.count }}", "text": "<{{ payload.text }}> from {{ hook.name }}",
                    "note": "{{ default(payload.note, \"none\") }}", "by": "{{ headers.webhook_id }}",
                ],
            ]
            let sender = try await HookSender(api, action: action)
            let hostile = #"{{ vars.secret }}\", \"admin\": true {{{{"#
            let answer = try await sender.send(#"{"count": 3, "text": "\#(hostile)"}"#)
            #expect(answer.status == 202)
            #expect(try await sender.log()["state"] == "accepted")
            let run = try #require(try await sender.runs().first)
            #expect(run.kind == .workflow)
            #expect(
                run.input["input"] == [
                    "count": 3, "text": #"<{{ vars.secret }}", "admin": true {{{{> from Leads"#, "note": "none",
                    "by": "msg_1",
                ])
            // Of the wrong type for the workflow's variable.
            #expect(try await sender.send(#"{"count": "many", "text": ""}"#, id: "msg_2").status == 202)
            #expect(try await sender.log()["reason"]?.string?.contains("/input/count") == true)
            #expect(try await sender.runs().count == 1)
        }
    }

    @Test func `a task and a plan are started, too, and a plan's steps see the message only as input`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Worker")
            let task = try await api.ours.home.task("Call", for: agent)
            let first = try await HookSender(
                api,
                action: [
                    "kind": "task", "task_id": .string(task.id.description), "input": ["who": "{{ payload.name }}"],
                ], name: "Task")
            #expect(try await first.send(#"{"name": "Ana"}"#).status == 202)
            #expect(try await first.log()["state"] == "accepted")
            let run = try #require(try await first.runs().first)
            #expect(run.taskId == task.id)
            #expect(ExecutionOrigin(of: run).isUntrusted == true)
            let steps: JSONValue = [
                [
                    "id": "one", "agent_id": .string(agent.id.description), "action": "message",
                    "input": ["content": "{{ input.name }}"],
                ]
            ]
            let second = try await HookSender(
                api, action: ["kind": "plan", "plan": ["steps": steps], "input": ["name": "{{ payload.name }}"]],
                name: "Plan")
            #expect(try await second.send(#"{"name": "{{ steps.one.data }}"}"#).status == 202)
            let plan = try #require(try await second.runs().first { $0.kind == .plan })
            #expect(plan.input["input"] == ["name": "{{ steps.one.data }}"])
            #expect(plan.input["steps"]?[0]?["input"]?["content"] == "{{ input.name }}")
        }
    }

    @Test func `an action that can be nothing is refused with its place`() async throws {
        try await TestAPI.with { api in
            let agent = JSONValue.string(try await api.ours.home.agent(named: "Desk").id.description)
            let wrong: [(action: JSONValue, pointer: String)] = [
                (["kind": "agent_message", "agent_id": agent], "/action/content"),
                (["kind": "agent_message", "content": "Hi"], "/action/agent_id"),
                (["kind": "agent_message", "agent_id": agent, "content": "{{ payload. }}"], "/action/content"),
                (["kind": "agent_message", "agent_id": agent, "content": "{{ secrets.x }}"], "/action/content"),
                (["kind": "workflow"], "/action/workflow_id"), (["kind": "task"], "/action/task_id"),
                (["kind": "plan"], "/action/plan"), (["kind": "plan", "plan": ["steps": []]], "/action/plan/steps"),
                (["kind": "workflow", "input": 1], "/action/input"),
            ]
            for (action, pointer) in wrong {
                let answer = try await api.ask(
                    .post, "/v1/hooks", ["name": "Leads", "style": "standard", "action": action])
                #expect(answer.status == 400)
                #expect(answer.text.contains("\"\(pointer)"), "\(answer.text)")
            }
        }
    }

    @Test func `each style takes what its sender signs, and takes it once`() async throws {
        try await TestAPI.with { api in
            let agent = JSONValue.string(try await api.ours.home.agent(named: "Desk").id.description)
            let key = try Ed25519.SecretKey.generate()
            let body = #"{"id": "evt_1", "webhookId": "w1", "name": "Ana"}"#
            let shared = "a-sender's-own-secret"
            let secrets = [
                ("stripe", shared), ("github", shared), ("hubspot", shared), ("shared_secret", shared),
                ("highlevel", Data(key.publicKey.bytes).base64EncodedString()),
            ]
            for (style, secret) in secrets {
                let made = try await api.ask(
                    .post, "/v1/hooks",
                    [
                        "name": .string(style), "style": .string(style), "secret": .string(secret),
                        "action": ["kind": "agent_message", "agent_id": agent, "content": "{{ payload.name }}"],
                    ])
                #expect(made.status == 201, "\(made.text)")
                #expect(made["secret"] == nil || made["secret"] == .null)
                if style == "shared_secret" { #expect(made["warning"]?.string != nil) }
                let path = made["path"]?.string ?? ""
                func send(_ sent: String) async throws -> Int {
                    var fields = HTTPHeaders()
                    fields.append("content-type", "application/json")
                    for (name, value) in try Self.headers(style, path, signing: body, shared, key) {
                        fields.append(name, value)
                    }
                    return try await api.send(
                        HTTPRequest(method: .post, target: path, headers: fields, body: Array(sent.utf8))
                    ).status
                }
                #expect(try await send(body) == 202, "\(style)")
                #expect(try await send(body) == 200, "\(style)")
                if style != "shared_secret" { #expect(try await send(body + " ") == 401, "\(style)") }
            }
            let none = try await api.ask(
                .post, "/v1/hooks",
                [
                    "name": "No secret", "style": "stripe",
                    "action": ["kind": "agent_message", "agent_id": agent, "content": "Hi"],
                ])
            #expect(none.status == 400)
            #expect(none.text.contains("/secret"))
        }
    }

    /// What a sender of the style puts beside a body.
    private static func headers(
        _ style: String, _ path: String, signing body: String, _ secret: String, _ key: Ed25519.SecretKey
    ) throws -> [(String, String)] {
        let now = Int(Date().timeIntervalSince1970)
        func code(_ text: String) throws -> [UInt8] {
            try HMACSHA256.authenticate(Array(text.utf8), key: Array(secret.utf8))
        }
        switch style {
        case "stripe":
            let signed = try code("\(now).\(body)")
            return [("stripe-signature", "t=\(now),v1=\(Hex.encode(signed))")]
        case "github":
            let signed = try code(body)
            return [("x-hub-signature-256", "sha256=\(Hex.encode(signed))")]
        case "hubspot":
            let signed = try code("POSThttps://gym.test\(path)\(body)\(now)000")
            return [
                ("host", "gym.test"), ("x-hubspot-request-timestamp", "\(now)000"),
                ("x-hubspot-signature-v3", Data(signed).base64EncodedString()),
            ]
        case "highlevel":
            let signed = try key.sign(Array(body.utf8))
            return [("x-ghl-signature", Data(signed).base64EncodedString())]
        default: return [("x-webhook-secret", secret)]
        }
    }

    @Test func `a message may have a mebibyte and no more`() async throws {
        try await TestAPI.with { api in
            let route = try api.route("receiveHook")
            #expect(route.body?.limit == HookLimits.longestMessage)
        }
    }
}
