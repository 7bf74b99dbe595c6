import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Several agents for one subject.
struct SessionTests {
    @Test func `a session without its agents says which pack has them`() async throws {
        try await TestAPI.with { api in
            let refused = try await api.ask(.post, "/v1/sessions", ["template": "lesson", "subject": "Ana"])
            #expect(refused.status == 422)
            #expect(refused["errors"]?[0]?["pointer"] == "/template")
            #expect(refused.text.contains("seed the pack learning"))
            let unknown = try await api.ask(.post, "/v1/sessions", ["template": "lessn", "subject": "Ana"])
            #expect(unknown.status == 422)
            #expect(unknown["errors"]?[0]?["pointer"] == "/template")
            #expect(unknown.text.contains("lesson"))
            let wrong = try await api.ask(
                .post, "/v1/sessions", ["template": "start-session", "subject": "Ana", "data": 1])
            #expect(wrong.text.contains("/data"))
        }
    }

    @Test func `a session starts, is heard of by calls, and is ended with its opening`() async throws {
        try await TestAPI.with { api in
            let tutor = try await api.ours.home.agent(named: "Tutor", template: "learning/tutor")
            let body: JSONValue = ["template": "lesson", "subject": "Ana", "data": ["level": 1], "wait": false]
            let made = try await api.ask(.post, "/v1/sessions", body, headers: [("idempotency-key", "one")])
            #expect(made.status == 202, "\(made.text)")
            #expect(made["status"] == "starting")
            #expect(made["agents"] == ["tutor": .string(tutor.id.description)])
            let again = try await api.ask(.post, "/v1/sessions", body, headers: [("idempotency-key", "one")])
            #expect(again["session_id"] == made["session_id"])
            let path = "/v1/sessions/\(try #require(made["session_id"]?.string))"
            let opening = try #require(made["orchestration"]?["execution_id"]?.string)
            #expect(try await api.ask(.get, path)["subject"] == "Ana")
            #expect(try await api.ask(.delete, path).status == 204)
            #expect(try await api.ask(.get, path)["status"] == "ended")
            #expect(try await api.ask(.get, "/v1/executions/\(opening)")["state"] == "cancelled")
        }
    }
}
