import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterHTTP

/// Trying a cron expression before it is used.
struct SchedulerTests {
    @Test func `a valid expression is explained`() async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(
                .post, "/v1/scheduler/validate", ["cron": "0 9 1 * MON", "timezone": "Europe/London", "count": 3])
            #expect(answer.status == 200)
            #expect(answer["valid"] == true)
            #expect(
                answer["description"] == "at 09:00, on the 1st of every month and also every Monday, Europe/London")
            #expect(answer["next_fires"]?.array?.count == 3)
            #expect(answer["notes"]?[0]?["code"] == "either_day")
            #expect(answer["error"] == nil)
        }
    }

    @Test func `without a zone the organisation's clock counts`() async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.post, "/v1/scheduler/validate", ["cron": "@daily"])
            let zone = api.ours.home.organization.timezone
            #expect(answer["description"] == .string("every day at 00:00, \(zone)"))
            #expect(answer["next_fires"]?.array?.count == 5)
        }
    }

    @Test(
        arguments: [
            (["cron": "61 * * * *"], "minute", 1), (["cron": "0 0 * JAM *"], "month", 7), (["cron": ""], "cron", 1),
            (["cron": "@daily", "timezone": "Europe/Lundon"], "timezone", nil),
        ] as [(JSONValue, String, Int64?)])
    func `what is not valid is an answer that names the place`(
        _ body: JSONValue, _ field: String, _ column: Int64?
    ) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.post, "/v1/scheduler/validate", body)
            #expect(answer.status == 200)
            #expect(answer["valid"] == false)
            #expect(answer["error"]?["field"] == .string(field))
            #expect(answer["error"]?["column"] == column.map(JSONValue.int))
            #expect(answer["error"]?["message"]?.string?.isEmpty == false)
            #expect(answer["next_fires"] == [])
            #expect(answer["description"] == nil)
        }
    }

    @Test(arguments: ["0 0 31 2 *", "0 0 30 2 *"])
    func `what can be read and never fires is not valid and says so`(_ cron: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.post, "/v1/scheduler/validate", ["cron": .string(cron)])
            #expect(answer["valid"] == false)
            #expect(answer["error"]?["field"] == "cron")
            #expect(answer["error"]?["message"] == "It never fires: there is no such date.")
            #expect(answer["next_fires"] == [])
            #expect(answer["notes"]?[0]?["code"] == "never_fires")
        }
    }

    @Test func `the scheduler is started, stopped and looked at, and fires by hand what is due`() async throws {
        try await TestAPI.with { api in
            let gym = api.ours.home
            let agent = try await gym.agent(named: "Analyst")
            // Missed this midnight, and may still run.
            let rule = ScheduleRule(cron: "@daily", catchUpWindowSeconds: 604_800).resolved(timezone: "UTC")
            var item = gym.draftTask(for: agent, schedule: rule)
            item.nextFireAt = Date(
                timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400)
            _ = try await api.stores.tasks.create(item, start: nil, receipt: { _ in nil }, in: api.ours.scope)
            let stopped = try await api.ask(.post, "/v1/scheduler/stop")
            #expect(stopped.status == 200)
            #expect(stopped["state"] == "stopped")
            #expect(stopped["due"] == 1)
            #expect(try await api.ask(.post, "/v1/scheduler/check")["fired"] == 0)
            #expect(try await api.ask(.post, "/v1/scheduler/start")["state"] == "running")
            let check = try await api.ask(.post, "/v1/scheduler/check")
            #expect(check["fired"] == 1, "\(check.text)")
            let status = try await api.ask(.get, "/v1/scheduler/status?limit=1")
            #expect(status["due"] == 0)
            #expect(status["scheduled"] == 1)
            #expect(status["coming"]?[0]?["task_id"] == .string(item.id.description))
            let fires = try await api.ask(.get, "/v1/tasks/\(item.id)/fires")
            #expect(fires.data.count == 1)
            #expect(fires["data"]?[0]?["outcome"] == "fired")
            let execution = fires["data"]?[0]?["execution_id"]?.string ?? ""
            #expect(try await api.ask(.get, "/v1/executions/\(execution)")["task_id"] == .string(item.id.description))
        }
    }

    @Test(
        arguments: [
            (["cron": "61 * * * *"], "/schedule/cron"),
            (["cron": "@daily", "timezone": "Europe/Lundon"], "/schedule/timezone"),
            (["cron": "0 0 1 1 * 2020"], "/schedule/cron"), (["cron": "@daily", "overlap": "x"], "/schedule/overlap"),
            (["cron": "@daily", "jitter_seconds": 3_601], "/schedule/jitter_seconds"),
        ] as [(JSONValue, String)])
    func `a schedule that cannot be kept is refused with its field, and nothing is written`(
        _ schedule: JSONValue, _ pointer: String
    ) async throws {
        try await TestAPI.with { api in
            let agent = try await api.ours.home.agent(named: "Analyst")
            let answer = try await api.ask(
                .post, "/v1/tasks",
                ["title": "Report", "agent_id": .string(agent.id.description), "schedule": schedule])
            #expect(answer.status == 400)
            #expect(answer.contentType == "application/problem+json")
            #expect(answer["errors"]?[0]?["pointer"] == .string(pointer), "\(answer.text)")
            #expect(try await api.ask(.get, "/v1/tasks/stats")["total"] == 0)
            #expect(try await api.ask(.get, "/v1/scheduler/status")["scheduled"] == 0)
        }
    }

    @Test func `a cursor of another list is refused by the list of fires`() async throws {
        try await TestAPI.with { api in
            let belongings = try await Belongings(of: api.ours, in: api)
            let cursor = Cursor((api.ours.home.id() as WorkItemID).uuid)
            let answer = try await api.ask(.get, "/v1/tasks/\(belongings.task)/fires?after=\(cursor)")
            #expect(answer.status == 400)
            #expect(answer["errors"]?[0]?["pointer"] == "/after")
        }
    }

    @Test(
        arguments: [
            (["cron": "@daily", "count": 101], "/count"), (["cron": "@daily", "count": 0], "/count"),
            (["timezone": "UTC"], "/cron"), (["cron": 5], "/cron"), (["cron": "@daily", "dst_gap": "x"], "/dst_gap"),
        ] as [(JSONValue, String)])
    func `a body of another form is refused`(_ body: JSONValue, _ pointer: String) async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.post, "/v1/scheduler/validate", body)
            #expect(answer.status == 400)
            #expect(answer["errors"]?[0]?["pointer"] == .string(pointer))
        }
    }
}
