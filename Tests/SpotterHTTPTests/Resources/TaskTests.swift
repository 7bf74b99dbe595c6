import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

@Suite(.timeLimit(.minutes(5))) struct TaskTests {
    private static func body(_ agent: Agent, _ more: [String: JSONValue] = [:]) -> JSONValue {
        var object = JSONObject()
        object["title"] = "Weekly report"
        object["agent_id"] = .string(agent.id.description)
        for (name, value) in more { object[name] = value }
        return .object(object)
    }

    private static func pointers(_ answer: Answer) -> [String] {
        (answer["errors"]?.array ?? []).compactMap { $0["pointer"]?.string }
    }

    @Test func `a task is made, read, changed and deleted`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Analyst")
            let made = try await api.ask(.post, "/v1/tasks", Self.body(agent, ["input": ["week": 47]]))
            #expect(made.status == 201, "\(made.text)")
            #expect(made.headers["etag"] == "\"1\"")
            #expect(made["state"] == "pending")
            #expect(made["max_attempts"] == 3)
            #expect(made["timeout_seconds"] == 300)
            #expect(made["executions_count"] == 0)
            let path = try #require(made.headers["location"])
            #expect(try await api.ask(.get, path).json == made.json)
            let stale = try await api.ask(.patch, path, ["priority": "low"], headers: [("if-match", "\"7\"")])
            #expect(stale.status == 412)
            let changed = try await api.ask(.patch, path, ["priority": "low", "description": "All of it"])
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed["priority"] == "low")
            #expect(changed["input"] == ["week": 47])
            #expect(changed.headers["etag"] == "\"2\"")
            let same = try await api.ask(.patch, path, ["priority": "low"])
            #expect(same.headers["etag"] == "\"2\"")
            let replaced = try await api.ask(.put, path, Self.body(agent))
            #expect(replaced["priority"] == "medium")
            #expect(replaced["description"] == nil)
            let statistics = try await api.ask(.get, "/v1/tasks/stats")
            #expect(statistics["total"] == 1)
            #expect(statistics["pending"] == 1)
            #expect(try await api.ask(.delete, path, headers: [("if-match", "\"1\"")]).status == 412)
            #expect(try await api.ask(.delete, path).status == 204)
            #expect(try await api.ask(.get, path).status == 404)
        }
    }

    /// An execution when it has ended; on a busy machine that takes more than one wait.
    private static func ended(_ id: String, _ api: TestAPI) async throws -> Answer {
        var answer: Answer
        repeat {
            answer = try await api.ask(.get, "/v1/executions/\(id)?wait_ms=20000")
        } while ["queued", "running", "waiting"].contains(answer["state"]?.string)
        return answer
    }

    @Test func `a task that is executed ends, and its history tells`() async throws {
        try await TestAPI.with(takesWork: true) { api in
            let agent = try await api.ours.home.agent(named: "Analyst")
            let made = try await api.ask(.post, "/v1/tasks", Self.body(agent))
            let path = try #require(made.headers["location"])
            let key = [("idempotency-key", "once")]
            let started = try await api.ask(.post, "\(path)/execute", ["priority": "high"], headers: key)
            #expect(started.status == 202, "\(started.text)")
            let again = try await api.ask(.post, "\(path)/execute", ["priority": "high"], headers: key)
            #expect(again.body == started.body)
            let id = try #require(started["execution_id"]?.string)
            let ended = try await Self.ended(id, api)
            #expect(ended["state"] == "completed", "\(ended.text)")
            #expect(ended["task_id"] == made["id"])
            let history = try await api.ask(.get, "\(path)/executions")
            #expect(history.data.map { $0["id"] } == [.string(id)])
            let after = try await api.ask(.get, path)
            #expect(after["state"] == "completed")
            #expect(after["last_execution_id"] == .string(id))
            #expect(after["executions_count"] == 1)
            #expect(try await api.ask(.get, "/v1/tasks?state=completed").data.count == 1)
            #expect(try await api.ask(.get, "/v1/tasks?state=failed").data.isEmpty)
            #expect(try await api.ask(.get, "/v1/tasks?state=odd").status == 400)
        }
    }

    @Test func `an execute without a body runs the task as it is`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Analyst")
            let task = try await api.ours.home.task(for: agent)
            #expect(try await api.ask(.post, "/v1/tasks/\(task.id)/execute").status == 202)
        }
    }

    @Test func `a task waits for what it depends on, and goes on by itself`() async throws {
        try await TestAPI.with(takesWork: true) { api in
            let agent = try await api.ours.home.agent(named: "Analyst")
            let first = try await api.ours.home.task("First", for: agent)
            let made = try await api.ask(
                .post, "/v1/tasks", Self.body(agent, ["depends_on": [.string(first.id.description)]]))
            let path = try #require(made.headers["location"])
            let run = try await api.ask(.post, "\(path)/execute", [:])
            #expect(run.status == 202)
            let id = try #require(run["execution_id"]?.string)
            #expect(try await api.ask(.get, path)["state"] == "blocked")
            #expect(try await api.ask(.get, "/v1/executions/\(id)")["current_step"] == "dependencies")
            #expect(try await api.ask(.delete, "/v1/tasks/\(first.id)").status == 409)
            #expect(try await api.ask(.post, "/v1/tasks/\(first.id)/execute", [:]).status == 202)
            let ended = try await Self.ended(id, api)
            #expect(ended["state"] == "completed", "\(ended.text)")
            // Nothing may be made to depend on what depends on it.
            let circle = try await api.ask(.patch, "/v1/tasks/\(first.id)", ["depends_on": [made["id"] ?? nil]])
            #expect(circle.status == 400)
            #expect(Self.pointers(circle) == ["/depends_on/0"])
            #expect(circle["detail"]?.string?.contains(" → ") == true)
            let itself = try await api.ask(
                .patch, "/v1/tasks/\(first.id)", ["depends_on": [.string(first.id.description)]])
            #expect(Self.pointers(itself) == ["/depends_on/0"])
        }
    }

    @Test func `a planned run and a schedule tell when they run next`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Analyst")
            let planned = try await api.ask(
                .post, "/v1/tasks", Self.body(agent, ["run_at": "2099-01-01T09:00:00Z"]))
            #expect(planned["state"] == "scheduled", "\(planned.text)")
            #expect(planned["next_run_at"] == "2099-01-01T09:00:00.000Z")
            #expect(planned["executions_count"] == 1)
            let path = try #require(planned.headers["location"])
            let moved = try await api.ask(.patch, path, ["run_at": "2098-01-01T09:00:00Z"])
            #expect(moved["next_run_at"] == "2098-01-01T09:00:00.000Z")
            let off = try await api.ask(.patch, path, ["enabled": false])
            #expect(off["state"] == "cancelled")
            let on = try await api.ask(.patch, path, ["enabled": true])
            #expect(on["state"] == "scheduled")

            // At nine in London, where the gym is, in January: the organisation's zone counts.
            let yearly = try await api.ask(.post, "/v1/tasks", Self.body(agent, ["schedule": ["cron": "0 9 1 7 *"]]))
            #expect(yearly["state"] == "scheduled", "\(yearly.text)")
            #expect(yearly["schedule"]?["timezone"] == "Europe/London")
            #expect(yearly["next_run_at"]?.string?.hasSuffix("-07-01T08:00:00.000Z") == true)
            let task = try #require(yearly.headers["location"])
            let other = try await api.ask(
                .patch, task, ["schedule": ["cron": "0 9 1 7 *", "timezone": "America/New_York"]])
            #expect(other["next_run_at"]?.string?.hasSuffix("-07-01T13:00:00.000Z") == true)
            let none = try await api.ask(.patch, task, ["schedule": nil])
            #expect(none["state"] == "pending")
            #expect(none["next_run_at"] == nil)
        }
    }

    @Test func `whoever can do it is chosen by capabilities`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Analyst")
            let body: JSONValue = ["title": "Answer", "required_capabilities": ["support"]]
            let made = try await api.ask(.post, "/v1/tasks", body)
            #expect(made.status == 201, "\(made.text)")
            let path = try #require(made.headers["location"])
            let run = try await api.ask(.post, "\(path)/execute", [:])
            let id = try #require(run["execution_id"]?.string)
            let execution = try await api.ask(.get, "/v1/executions/\(id)")
            #expect(execution["agent_id"]?.string == agent.id.description)
            #expect(execution["agent_version"] == 1)
            try await api.stores.agents.delete(agent.id, version: nil, in: api.ours.scope)
            let nobody = try await api.ask(.post, "\(path)/execute", [:])
            #expect(nobody.status == 400)
            #expect(Self.pointers(nobody) == ["/required_capabilities"])
        }
    }

    @Test func `what cannot be is refused with its field, and nothing is written`() async throws {
        try await TestAPI.with { api in
            let home = api.ours.home
            let agent = try await home.agent(named: "Analyst")
            let disabled = try await home.change(try await home.agent(named: "Off")) { $0.enabled = false }
            let unknown = JSONValue.string((home.id() as AgentID).description)
            let missing = JSONValue.string((home.id() as WorkItemID).description)
            let cases: [([String: JSONValue], String)] = [
                (["agent_id": unknown], "/agent_id"),
                (["agent_id": .string(disabled.id.description)], "/agent_id"),
                (["agent_id": nil], "/agent_id"),
                (["required_capabilities": ["x"]], "/required_capabilities"),
                (["run_at": "2001-01-01T00:00:00Z"], "/run_at"),
                (["run_at": "tomorrow"], "/run_at"),
                (["run_at": "2099-01-01T00:00:00Z", "schedule": ["cron": "@daily"]], "/run_at"),
                (["schedule": ["cron": "61 * * * *"]], "/schedule/cron"),
                (["schedule": ["cron": "0 0 30 2 *"]], "/schedule/cron"),
                (["schedule": ["cron": "@daily", "timezone": "Mars/Base"]], "/schedule/timezone"),
                (["depends_on": [missing]], "/depends_on/0"),
                (["max_attempts": 11], "/max_attempts"),
                (["timeout_seconds": 0], "/timeout_seconds"),
                (["kind": "automatic"], "/kind"),
                (["title": "  "], "/title"),
                (["input": [1, 2]], "/input"),
                (["titel": "x"], "/titel"),
            ]
            let before = try await api.ours.everything()
            for (more, pointer) in cases {
                let answer = try await api.ask(
                    .post, "/v1/tasks", Self.body(agent, more), headers: [("idempotency-key", "k")])
                #expect(answer.status == 400, "\(more): \(answer.text)")
                #expect(Self.pointers(answer).contains(pointer), "\(more): \(answer.text)")
            }
            #expect(try await api.ours.everything() == before)
            let task = try await home.task(for: agent)
            for body: JSONValue in [["run_at": "2001-01-01T00:00:00Z"], ["input": 7]] {
                let answer = try await api.ask(.post, "/v1/tasks/\(task.id)/execute", body)
                #expect(answer.status == 400)
            }
            #expect(try await api.ask(.get, "/v1/tasks/\(task.id)")["executions_count"] == 0)
        }
    }

    @Test func `executions are listed by task and by parent`() async throws {
        try await TestAPI.with { api in
            let home = api.ours.home
            let agent = try await home.agent(named: "Analyst")
            let (first, second) = (try await home.task("1", for: agent), try await home.task("2", for: agent))
            let run = try await home.start(first, by: agent)
            let child = home.work(parent: run.id)
            _ = try await home.stores.executions.enqueue([child], receipt: nil, in: home.scope)
            func list(_ query: String) async throws -> [String?] {
                try await api.ask(.get, "/v1/executions?\(query)").data.map { $0["id"]?.string }
            }
            #expect(try await list("task_id=\(first.id)") == [run.id.description])
            #expect(try await list("task_id=\(second.id)") == [])
            #expect(try await list("parent_id=\(run.id)") == [child.id.description])
            #expect(try await api.ask(.get, "/v1/executions?task_id=7").status == 400)
        }
    }

    @Test func `the same key creates one task`() async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Analyst")
            let key = [("idempotency-key", "task")]
            let first = try await api.ask(.post, "/v1/tasks", Self.body(agent), headers: key)
            let second = try await api.ask(.post, "/v1/tasks", Self.body(agent), headers: key)
            #expect(first.status == 201)
            #expect(second.body == first.body)
            let other = try await api.ask(.post, "/v1/tasks", Self.body(agent, ["title": "Other"]), headers: key)
            #expect(other.status == 422)
            #expect(try await api.ask(.get, "/v1/tasks").data.count == 1)
        }
    }
}
