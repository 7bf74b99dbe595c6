import Foundation
import SpotterDomain
import Testing

/// The conformance vectors of OCPS 1.0 to 1.4, and the mistakes people make.
struct CronExpressionTests {
    @Test(arguments: [
        // 1.0
        ("15 10 * * *", "2025-03-10T10:15:00Z"), ("30 8 * jan Mon", "2025-01-06T08:30:00Z"),
        ("5-59/15 9 * * *", "2025-03-10T09:05:00Z"), ("5-59/15 9 * * *", "2025-03-10T09:50:00Z"),
        ("0 12 1 * MON", "2025-10-01T12:00:00Z"), ("0 12 1 * MON", "2025-10-06T12:00:00Z"),
        ("0 12 * * MON", "2025-10-06T12:00:00Z"), ("0 12 1-31 * MON", "2025-10-07T12:00:00Z"),
        ("0 0 * * 7", "2025-10-05T00:00:00Z"), ("0 0 * * 0", "2025-10-05T00:00:00Z"),
        ("  0\t0  * * SUN ", "2025-10-05T00:00:00Z"), ("0 0 * * SAT-SUN", "2025-10-05T00:00:00Z"),
        ("0 0 * * 1-7/2", "2025-10-05T00:00:00Z"), ("0 0 * * *,MON", "2025-10-07T00:00:00Z"),
        ("*,*,5 0 * * *", "2025-10-07T00:33:00Z"), ("05 08 * * *", "2025-10-07T08:05:00Z"),
        // 1.1
        ("@yearly", "2026-01-01T00:00:00Z"), ("@annually", "2026-01-01T00:00:00Z"),
        ("@monthly", "2026-02-01T00:00:00Z"), ("@weekly", "2025-10-05T00:00:00Z"), ("@daily", "2025-10-07T00:00:00Z"),
        ("@midnight", "2025-10-07T00:00:00Z"), (" @hourly ", "2025-10-07T10:00:00Z"),
        // 1.2
        ("30 15 10 * * *", "2025-03-10T10:15:30Z"), ("0 15 10 * * * 2025", "2025-03-10T10:15:00Z"),
        ("0 0 0 1 1 * 1970-2199/2", "2026-01-01T00:00:00Z"), ("0 0 0 1 1 * *", "2027-01-01T00:00:00Z"),
        ("0 0 0 1 1 * 2030,2028", "2028-01-01T00:00:00Z"),
        // 1.3
        ("0 0 L * *", "2025-02-28T00:00:00Z"), ("0 0 L * *", "2024-02-29T00:00:00Z"),
        ("0 0 * * FRI#L", "2025-02-28T00:00:00Z"), ("0 0 * * 5L", "2025-02-28T00:00:00Z"),
        ("0 0 * * FRIL", "2025-02-28T00:00:00Z"), ("0 0 * * TUE#3", "2025-06-17T00:00:00Z"),
        ("0 0 * * 2#3", "2025-06-17T00:00:00Z"), ("0 12 15W * *", "2025-06-16T12:00:00Z"),
        ("0 12 15W * *", "2025-11-14T12:00:00Z"), ("0 12 15W * *", "2025-10-15T12:00:00Z"),
        ("0 12 1W * *", "2025-02-03T12:00:00Z"), ("0 12 31W * *", "2025-08-29T12:00:00Z"),
        ("0 12 30W * *", "2025-11-28T12:00:00Z"), ("0 0 1,L * *", "2025-04-30T00:00:00Z"),
        ("0 0 * * MON#1,MON#5", "2025-06-30T00:00:00Z"),
        // 1.4
        ("0 12 1 * MON", "2025-09-08T12:00:00Z"), ("0 12 1 * +MON", "2025-09-01T12:00:00Z"),
        ("0 12 ? * MON", "2025-10-06T12:00:00Z"), ("0 12 ? * ?", "2025-10-07T12:00:00Z"),
        ("0 12 * * +MON", "2025-10-06T12:00:00Z"),
    ])
    func `an expression fires when the specification says`(_ cron: String, _ time: String) throws {
        #expect(try CronFixture.fires(cron, at: time))
    }

    @Test(arguments: [
        ("15 10 * * *", "2025-03-10T10:14:00Z"), ("30 8 * jan Mon", "2025-02-03T08:30:00Z"),
        ("5-59/15 9 * * *", "2025-03-10T09:15:00Z"), ("0 12 1 * MON", "2025-10-07T12:00:00Z"),
        ("0 12 * * MON", "2025-10-07T12:00:00Z"), ("0 12 1-31 * MON", "2025-10-08T11:00:00Z"),
        ("@yearly", "2026-01-02T00:00:00Z"), ("@monthly", "2026-02-02T00:00:00Z"), ("@weekly", "2025-10-06T00:00:00Z"),
        ("@daily", "2025-10-07T00:01:00Z"), ("@hourly", "2025-10-07T10:01:00Z"),
        ("15 10 * * *", "2025-03-10T10:15:30Z"), ("30 15 10 * * *", "2025-03-10T10:15:29Z"),
        ("0 15 10 * * * 2025", "2026-03-10T10:15:00Z"), ("0 0 0 1 1 * 1970-2199/2", "2025-01-01T00:00:00Z"),
        ("0 0 L * *", "2025-02-27T00:00:00Z"), ("0 0 * * FRI#L", "2025-02-21T00:00:00Z"),
        ("0 0 * * TUE#3", "2025-06-10T00:00:00Z"), ("0 12 15W * *", "2025-06-15T12:00:00Z"),
        ("0 12 1W * *", "2025-02-01T12:00:00Z"), ("0 12 1W * *", "2025-01-31T12:00:00Z"),
        ("0 12 31W * *", "2025-09-30T12:00:00Z"), ("0 12 1 * +MON", "2025-09-08T12:00:00Z"),
        ("0 12 1 * +MON", "2025-10-01T12:00:00Z"), ("0 0 */2 * MON", "2025-10-08T00:00:00Z"),
        ("0 0 * * SAT-SUN", "2025-10-06T00:00:00Z"),
    ])
    func `an expression does not fire otherwise`(_ cron: String, _ time: String) throws {
        #expect(try CronFixture.fires(cron, at: time) == false)
    }

    @Test func `a nickname fires as the fields it stands for`() throws {
        let start = try CronFixture.time("2025-12-30T00:00:00Z")
        let zone = try CronFixture.zone("Europe/London")
        for (name, fields) in [("@daily", "0 0 * * *"), ("@hourly", "0 * * * *"), ("@weekly", "0 0 * * 0")] {
            let (left, right) = try (CronExpression(name), CronExpression(fields))
            #expect(left.fires(after: start, in: zone, count: 20) == right.fires(after: start, in: zone, count: 20))
        }
    }

    @Test(arguments: [
        ("60 0 * * *", "minute (column 1): 60 is out of range; expected 0 to 59"),
        ("0 0 32 * *", "day of month (column 5): 32 is out of range; expected 1 to 31"),
        ("0 0 0 * *", "day of month (column 5): 0 is out of range; expected 1 to 31"),
        (
            "0 0 10-5 * *",
            "day of month (column 5): the range runs backwards; expected the smaller value first, or a list"
        ),
        (
            "0 0 * * SAT-0",
            "day of week (column 9): the range runs backwards; expected the smaller value first, or a "
                + "list; Sunday at a range's end is 7"
        ),
        ("0 0 /30 * *", "day of month (column 5): found /; expected 1 to 31, *, a-b or a-b/n"),
        ("0/15 0 * * *", "minute (column 2): a step follows * or a range; expected */n or such as 0-59/n"),
        ("*/0 0 * * *", "minute (column 3): a step is 1 or more, at most 9999"),
        ("*/ 0 * * *", "minute (column 3): a step's number is missing; expected such as /5"),
        ("*,*,61 0 * * *", "minute (column 5): 61 is out of range; expected 0 to 59"),
        ("1,,2 0 * * *", "minute (column 3): an entry is missing; expected 0 to 59, *, a-b or a-b/n"),
        (
            "0 0 * JAM *",
            "month (column 7): JAM means nothing here; expected 1 to 12 or JAN to DEC; did you mean \"JAN\"?"
        ),
        (
            "0 0 * * MONDAY",
            "day of week (column 9): MONDAY means nothing here; expected 0 to 7 or SUN to SAT; did you "
                + "mean \"MON\"?"
        ),
        ("0 0 1-15W * *", "day of month (column 9): L, W and # belong to one day, not to a range"),
        ("0 0 1,15W * *", "day of month (column 5): W cannot be part of a list; expected one day such as 15W"),
        ("0 0 LW * *", "day of month (column 5): W follows a day; expected such as 15W"),
        ("0 0 * * L", "day of week (column 9): L follows a weekday here; expected such as FRI#L for the last Friday"),
        ("0 0 * * MON#6", "day of week (column 13): after # comes which one of the month: 1 to 5, or L"),
        ("L 0 * * *", "minute (column 1): L belongs to the day fields only"),
        ("0 12 +1 * MON", "day of month (column 6): found +; expected 1 to 31, *, a-b or a-b/n"),
        ("0 12 1 * MON,+TUE", "day of week (column 14): found +; expected 0 to 7 or SUN to SAT, *, a-b or a-b/n"),
        ("? 12 * * *", "minute (column 1): ? has a meaning in the day fields only; expected *"),
        ("0 0 * * 1x", "day of week (column 10): x cannot follow here; expected the entry's end"),
        (
            "0 0 * * * *\n",
            "day of week (column 12): holds a character that cron has no meaning for; expected digits, names and * , - / "
                + "# ? +"
        ),
        (
            "0 0 * é *",
            "month (column 7): holds a character that cron has no meaning for; expected digits, names and * , "
                + "- / # ? +"
        ),
        ("", "column 1: is empty; expected five fields such as \"0 9 * * MON\" or a nickname such as @daily"),
        ("   ", "column 1: is empty; expected five fields such as \"0 9 * * MON\" or a nickname such as @daily"),
        (
            "0 9 * *",
            "column 8: has 4 fields; expected 5 (minute hour day-of-month month day-of-week), 6 (second first) or "
                + "7 (second first, year last)"
        ),
        ("0 0 0 1 1 * 1969", "year (column 13): 1969 is out of range; expected 1970 to 2199"),
        (
            "@Daily",
            "column 1: @Daily is no nickname; expected @yearly, @annually, @monthly, @weekly, @daily, @midnight, "
                + "@hourly; did you mean \"@daily\"?"
        ),
        ("@daily 0 0 * * *", "column 8: a nickname stands alone; expected nothing after @daily"),
        (
            "@reboot",
            "column 1: @reboot is not a time: schedules here fire by the clock; expected @hourly, @daily or five "
                + "fields"
        ),
    ])
    func `a mistake is named with its field, its place and what was expected`(_ cron: String, _ message: String) {
        #expect { try CronExpression(cron) } throws: { "\($0)" == message }
    }

    @Test func `reboot is a pattern, only not one for a clock`() {
        #expect { try CronExpression("@reboot") } throws: { ($0 as? CronError)?.kind == .unsupported }
        #expect { try CronExpression("61 * * * *") } throws: { ($0 as? CronError)?.kind == .range }
        #expect { try CronExpression("x * * * *") } throws: { ($0 as? CronError)?.kind == .syntax }
    }

    @Test func `an expression is at most 256 bytes long`() throws {
        let minutes = (0..<60).map { "\($0)" }.joined(separator: ",")
        let long = "\(minutes) 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19 * * *"
        #expect(try CronExpression(long).text == long)
        #expect { try CronExpression(long + String(repeating: " ", count: 100)) } throws: {
            ($0 as? CronError)?.column == 257
        }
    }
}
