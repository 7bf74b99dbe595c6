import Foundation
import SpotterDomain
import Testing

/// The rule as people write it.
struct ScheduleRuleTests {
    @Test func `defaults are spelled out, and the zone is the organisation's`() throws {
        let json: JSONValue = ["cron": "@daily"]
        let rule = try json.decoded(as: ScheduleRule.self).resolved(timezone: "Europe/London")
        let expected: JSONValue = [
            "cron": "@daily", "timezone": "Europe/London", "overlap": "skip", "catch_up": "latest",
            "catch_up_window_seconds": 3_600, "dst_gap": "shift", "jitter_seconds": 0,
        ]
        #expect(try JSONValue(encoding: rule) == expected)
        #expect(try expected.decoded(as: ScheduleRule.self) == rule)
    }

    @Test(
        arguments: [
            (
                ["cron": "61 * * * *"], "/schedule/cron",
                "cannot be read: minute (column 1): 61 is out of range; expected 0 to 59"
            ),
            (
                ["cron": "@daily", "timezone": "Europe/Lundon"], "/schedule/timezone",
                "must be an IANA time zone such as Europe/London; did you mean \"Europe/London\"?"
            ),
            (
                ["cron": "@daily", "timezone": "new york"], "/schedule/timezone",
                "must be an IANA time zone such as Europe/London; did you mean \"America/New_York\"?"
            ),
            (["cron": "@daily", "timezone": "PST"], "/schedule/timezone", nil),
            (["cron": "@daily", "timezone": "GMT+3"], "/schedule/timezone", nil),
            (
                ["cron": "@daily", "timezone": ""], "/schedule/timezone",
                "must be an IANA time zone such as Europe/London"
            ),
        ] as [(JSONValue, String, String?)])
    func `a mistake is named by its place`(_ json: JSONValue, _ pointer: String, _ message: String?) throws {
        let rule = try json.decoded(as: ScheduleRule.self)
        let issues = rule.issues()
        #expect(issues.map(\.pointer) == [pointer])
        if let message { #expect(issues.first?.message == message) }
        #expect(throws: SpotterError.self) { try Schedule(rule, timezone: "UTC", key: "a") }
    }

    @Test(
        arguments: [
            ["cron": "@daily", "overlap": "maybe"], ["cron": "@daily", "jitter_seconds": 3_601], ["cron": ""],
            ["cron": "@daily", "catch_up_window_seconds": -1], ["timezone": "UTC"], ["cron": "@daily", "dst": "skip"],
        ] as [JSONValue])
    func `the schema holds the bounds`(_ json: JSONValue) {
        #expect(throws: SpotterError.self) { try json.decoded(as: ScheduleRule.self) }
    }

    @Test func `bounds hold for rules that no schema has seen`() {
        let rule = ScheduleRule(cron: "x", timezone: "y", catchUpWindowSeconds: -1, jitterSeconds: 9_999)
        #expect(
            rule.issues(at: "").map(\.pointer)
                == ["/cron", "/timezone", "/catch_up_window_seconds", "/jitter_seconds"])
    }

    @Test(arguments: [
        (ScheduleRule.Overlap.skip, 1, 0, ScheduleRule.Overlap.Decision.skip), (.skip, 0, 0, .start),
        (.queue, 1, 0, .wait), (.queue, 1, 1, .skip), (.queue, 0, 0, .start), (.cancelRunning, 2, 0, .cancelThenStart),
        (.cancelRunning, 0, 0, .start), (.allow, 5, 0, .start),
    ])
    func `a fire beside an earlier run`(
        _ overlap: ScheduleRule.Overlap, _ running: Int, _ waiting: Int, _ decision: ScheduleRule.Overlap.Decision
    ) {
        #expect(overlap.decide(running: running, waiting: waiting) == decision)
    }
}
