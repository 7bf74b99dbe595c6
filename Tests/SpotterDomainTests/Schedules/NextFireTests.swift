import Foundation
import SpotterDomain
import Testing

/// What a wall-clock time is on real clocks.
struct NextFireTests {
    @Test func `a time of day in a gap is shifted to the gap's end or skipped`() throws {
        for (zone, start, shifted, skipped) in [
            ("Europe/London", "2026-03-28T12:00:00Z", "2026-03-29T02:00:00+01:00", "2026-03-30T01:30:00+01:00"),
            ("America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T01:00:00-02:00", "2018-11-05T00:30:00-02:00"),
        ] {
            let cron = zone == "Europe/London" ? "30 1 * * *" : "30 0 * * *"
            #expect(try CronFixture.fires(cron, zone, after: start, count: 1) == [shifted])
            #expect(try CronFixture.fires(cron, zone, after: start, gap: .skip, count: 1) == [skipped])
        }
        #expect(
            try CronFixture.fires("30 2 * * *", "America/New_York", after: "2026-03-07T12:00:00Z", count: 2)
                == ["2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"])
        // Half an hour.
        #expect(
            try CronFixture.fires("15 2 * * *", "Australia/Lord_Howe", after: "2026-10-03T12:00:00Z", count: 2)
                == ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"])
    }

    @Test func `several times in one gap fire once, and not beside a regular one`() throws {
        #expect(
            try CronFixture.fires("0,20,40 2,3 * * *", "America/New_York", after: "2026-03-08T05:00:00Z", count: 3)
                == ["2026-03-08T03:00:00-04:00", "2026-03-08T03:20:00-04:00", "2026-03-08T03:40:00-04:00"])
    }

    @Test func `a day that a country skips counts as a gap`() throws {
        // Samoa had no 30 December 2011.
        let start = "2011-12-29T12:00:00-10:00"
        #expect(
            try CronFixture.fires("0 9 * * *", "Pacific/Apia", after: start, count: 2)
                == ["2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"])
        #expect(
            try CronFixture.fires("0 9 * * *", "Pacific/Apia", after: start, gap: .skip, count: 1)
                == ["2011-12-31T09:00:00+14:00"])
        #expect(
            try CronFixture.fires("0 */6 * * *", "Pacific/Apia", after: start, count: 3)
                == ["2011-12-29T18:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T06:00:00+14:00"])
    }

    @Test func `a time of day that comes twice fires at the first`() throws {
        #expect(
            try CronFixture.fires("30 1 * * *", "Europe/London", after: "2026-10-24T12:00:00Z", count: 2)
                == ["2026-10-25T01:30:00+01:00", "2026-10-26T01:30:00Z"])
        #expect(
            try CronFixture.fires("45 1 * * *", "Australia/Lord_Howe", after: "2026-04-04T12:00:00Z", count: 2)
                == ["2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"])
        // Asked in the second hour, it has been.
        #expect(
            try CronFixture.fires("30,45 1 * * *", "Europe/London", after: "2026-10-25T01:10:00Z", count: 1)
                == ["2026-10-26T01:30:00Z"])
    }

    @Test func `an interval runs by real time over a gap and an overlap`() throws {
        #expect(
            try CronFixture.fires("*/30 * * * *", "Europe/London", after: "2026-03-29T00:20:00Z", count: 3)
                == ["2026-03-29T00:30:00Z", "2026-03-29T02:00:00+01:00", "2026-03-29T02:30:00+01:00"])
        #expect(
            try CronFixture.fires("*/30 1 * * *", "Europe/London", after: "2026-10-24T23:59:00Z", count: 5)
                == [
                    "2026-10-25T01:00:00+01:00", "2026-10-25T01:30:00+01:00", "2026-10-25T01:00:00Z",
                    "2026-10-25T01:30:00Z", "2026-10-26T01:00:00Z",
                ])
        #expect(
            try CronFixture.fires("*/30 2 * * *", "America/New_York", after: "2026-03-08T01:00:00-05:00", count: 1)
                == ["2026-03-09T02:00:00-04:00"])
    }

    @Test func `zones without changes and with odd offsets are as they are`() throws {
        #expect(
            try CronFixture.fires("30 6 * * MON-FRI", "Asia/Kolkata", after: "2026-11-20T12:00:00Z", count: 2)
                == ["2026-11-23T06:30:00+05:30", "2026-11-24T06:30:00+05:30"])
        #expect(
            try CronFixture.fires("0 0 1 1 *", "UTC", after: "2026-11-20T12:00:00Z", count: 1)
                == ["2027-01-01T00:00:00Z"])
    }

    @Test(arguments: [
        ("0 0 29 2 *", "2026-11-21T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("0 0 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
        ("0 0 29 2 +MON", "2026-11-21T00:00:00Z", "2044-02-29T00:00:00Z"),
        // The longest wait there is: 40 years over a century year.
        ("0 0 29 2 +MON", "2072-03-01T00:00:00Z", "2112-02-29T00:00:00Z"),
        ("0 0 0 1 1 * 2199", "2026-11-21T00:00:00Z", "2199-01-01T00:00:00Z"),
        ("59 59 23 31 12 *", "2026-11-21T00:00:00Z", "2026-12-31T23:59:59Z"),
    ])
    func `rare dates are found`(_ cron: String, _ after: String, _ next: String) throws {
        let found = try CronExpression(cron).nextFire(after: CronFixture.time(after), in: CronFixture.zone("UTC"))
        #expect(try found == CronFixture.time(next))
    }

    @Test(arguments: [
        "0 0 31 2 *", "0 0 30,31 2 *", "0 0 31 2,4,6,9,11 *", "0 0 1-7 * +MON#2", "0 0 0 1 1 * 2025", "0 0 31W 4 *",
    ])
    func `what never comes is said to never come`(_ cron: String) throws {
        let start = try CronFixture.time("2026-11-21T00:00:00Z")
        #expect(try CronExpression(cron).nextFire(after: start, in: CronFixture.zone("Europe/London")) == nil)
    }

    @Test(arguments: ["* * * * *", "*/7 * * * *", "0 0 1 1 *"])
    func `nothing comes after the year 9999`(_ cron: String) throws {
        let last = try CronFixture.time("9999-12-31T23:59:30Z")
        #expect(try CronExpression(cron).nextFire(after: last, in: CronFixture.zone("UTC")) == nil)
    }

    @Test func `a time that only ever falls into gaps never comes if gaps are skipped`() throws {
        let (cron, zone) = try (CronExpression("30 2 8-14 3 +SUN"), CronFixture.zone("America/New_York"))
        let start = try CronFixture.time("2026-11-21T00:00:00Z")
        #expect(cron.nextFire(after: start, in: zone, gap: .skip) == nil)
        #expect(try cron.nextFire(after: start, in: zone) == CronFixture.time("2027-03-14T03:00:00-04:00"))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, 253_402_300_800, -62_135_596_801])
    func `dates out of the calendar have no next fire`(_ seconds: Double) throws {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(try CronExpression("* * * * *").nextFire(after: date, in: CronFixture.zone("UTC")) == nil)
    }

    @Test func `a fire is later than the moment asked for, also within a second`() throws {
        let zone = try CronFixture.zone("UTC")
        let cron = try CronExpression("* * * * * *")
        let noon = try CronFixture.time("2026-11-21T12:00:00Z")
        #expect(cron.nextFire(after: noon, in: zone) == noon.addingTimeInterval(1))
        #expect(cron.nextFire(after: noon.addingTimeInterval(-0.25), in: zone) == noon)
    }
}
