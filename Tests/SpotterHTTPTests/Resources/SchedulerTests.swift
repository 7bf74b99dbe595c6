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

    @Test func `what never fires is valid and says so`() async throws {
        try await TestAPI.with { api in
            let answer = try await api.ask(.post, "/v1/scheduler/validate", ["cron": "0 0 31 2 *"])
            #expect(answer["valid"] == true)
            #expect(answer["next_fires"] == [])
            #expect(answer["notes"]?[0]?["code"] == "never_fires")
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
