import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// The inbox of approvals, and tools by hand under the same policy.
struct ApprovalTests {
    @Test func `what is asked is in the inbox, and a decision settles it`() async throws {
        try await TestAPI.with { api in
            let asked = try await api.ours.home.askedApproval("Send it?")
            let inbox = try await api.ask(.get, "/v1/approvals?state=pending")
            #expect(inbox["data"]?.array?.map { $0["id"]?.string } == [asked.id.description])
            let one = try await api.ask(.get, "/v1/approvals/\(asked.id)")
            #expect(one["message"] == "Send it?")
            #expect(one["arguments"] == ["to": "ana@gym.test", "text": "Hello"])
            #expect(one["execution_id"]?.string == asked.execution.description)
            let body: JSONValue = [
                "approved": true, "comment": "Fine.", "arguments_hash": one["arguments_hash"] ?? .null,
            ]
            let decided = try await api.ask(.post, "/v1/approvals/\(asked.id)/decision", body)
            #expect(decided.status == 200)
            #expect(decided["state"] == "approved")
            #expect(decided["decisions"]?[0]?["comment"] == "Fine.")
            #expect(try await api.ask(.get, "/v1/approvals?state=pending")["data"] == [])
            #expect(try await api.ask(.get, "/v1/approvals?state=approved")["data"]?.array?.count == 1)
            #expect(try await api.ask(.post, "/v1/approvals/\(asked.id)/decision", body).status == 409)
            let own = try await api.ask(.get, "/v1/approvals?execution_id=\(asked.execution)")
            #expect(own["data"]?.array?.count == 1)
        }
    }

    @Test func `a retried decision gets the same answer`() async throws {
        try await TestAPI.with { api in
            let asked = try await api.ours.home.askedApproval()
            let key = [("idempotency-key", "once")]
            let path = "/v1/approvals/\(asked.id)/decision"
            let first = try await api.ask(.post, path, ["approved": false], headers: key)
            let second = try await api.ask(.post, path, ["approved": false], headers: key)
            #expect(first.status == 200)
            #expect(second.status == 200)
            #expect(first.text == second.text)
            #expect(try await api.ask(.post, path, ["approved": true], headers: key).status == 422)
        }
    }

    @Test func `who is not asked may look and not decide`() async throws {
        try await TestAPI.with { api in
            let asked = try await api.ours.home.askedApproval()
            let path = "/v1/approvals/\(asked.id)"
            let staff = try await api.ours.token(role: .staff)
            #expect(try await api.send(.get, path, token: staff).status == 200)
            let refused = try await api.send(.post, "\(path)/decision", ["approved": true], token: staff)
            #expect(refused.status == 422)
            #expect(refused["errors"]?[0]?["pointer"] == "/approvers")
            // Who may decide nothing at all is refused by their role, before anybody looks who was asked.
            let reader = try await api.ours.token(role: .readOnly)
            #expect(try await api.send(.post, "\(path)/decision", ["approved": true], token: reader).status == 403)
            #expect(try await api.ask(.get, path)["state"] == "pending")
        }
    }

    @Test func `another hash than the one that is asked about is refused`() async throws {
        try await TestAPI.with { api in
            let asked = try await api.ours.home.askedApproval()
            let hash = String(repeating: "0", count: 64)
            let answer = try await api.ask(
                .post, "/v1/approvals/\(asked.id)/decision", ["approved": true, "arguments_hash": .string(hash)])
            #expect(answer.status == 409)
            #expect(try await api.ask(.get, "/v1/approvals/\(asked.id)")["state"] == "pending")
        }
    }

    private static let asking = ToolPolicy(rules: [PolicyRule(tools: ["store_data"], then: .ask, reason: "Ask first.")])
    private static let note: JSONValue = [
        "arguments": ["key": "front_desk.note", "value": "late", "scope": "organization"]
    ]

    @Test func `a tool by hand that is asked about runs when it is approved, once`() async throws {
        try await TestAPI.with(takesWork: true, policy: Self.asking) { api in
            let asked = try await api.ask(.post, "/v1/tools/store_data/invoke", Self.note)
            #expect(asked.status == 202)
            let (approval, execution) = (asked["approval_id"]?.string ?? "", asked["execution_id"]?.string ?? "")
            #expect(try await api.ask(.get, "/v1/memory/front_desk.note").status == 404)
            #expect(try await api.ask(.get, "/v1/executions/\(execution)")["state"] == "waiting")
            let decided = try await api.ask(.post, "/v1/approvals/\(approval)/decision", ["approved": true])
            #expect(decided["state"] == "approved")
            let ended = try await api.ask(.get, "/v1/executions/\(execution)?wait_ms=60000")
            #expect(ended["state"] == "completed")
            #expect(ended["kind"] == "tool")
            #expect(ended["output"]?["is_error"] == false)
            #expect(try await api.ask(.get, "/v1/memory/front_desk.note")["value"] == "late")
        }
    }

    @Test func `a tool by hand that is rejected has no effect`() async throws {
        try await TestAPI.with(takesWork: true, policy: Self.asking) { api in
            let asked = try await api.ask(.post, "/v1/tools/store_data/invoke", Self.note)
            let (approval, execution) = (asked["approval_id"]?.string ?? "", asked["execution_id"]?.string ?? "")
            let no: JSONValue = ["approved": false, "comment": "Not today."]
            _ = try await api.ask(.post, "/v1/approvals/\(approval)/decision", no)
            let ended = try await api.ask(.get, "/v1/executions/\(execution)?wait_ms=60000")
            #expect(ended["output"]?["is_error"] == true)
            #expect(ended["output"]?["result"]?.string?.contains("Not today.") == true)
            #expect(try await api.ask(.get, "/v1/memory/front_desk.note").status == 404)
        }
    }

    @Test func `a tool by hand is denied as an agent's call is, and a dry run asks nobody`() async throws {
        let deny = ToolPolicy(
            rules: [PolicyRule(tools: ["store_data"], roles: [.staff], then: .deny)] + Self.asking.rules)
        try await TestAPI.with(policy: deny) { api in
            let staff = try await api.ours.token(role: .staff)
            let denied = try await api.send(.post, "/v1/tools/store_data/invoke", Self.note, token: staff)
            #expect(denied.status == 200)
            #expect(denied["is_error"] == true)
            #expect(denied["result"]?.string?.contains("policy") == true)
            let dry = Self.note.merging(patch: ["dry_run": true])
            #expect(try await api.ask(.post, "/v1/tools/store_data/invoke", dry)["is_error"] == false)
            #expect(try await api.ask(.get, "/v1/approvals")["data"] == [])
            #expect(try await api.ask(.get, "/v1/memory/front_desk.note").status == 404)
        }
    }
}
