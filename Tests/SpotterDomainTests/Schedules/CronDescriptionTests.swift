import Foundation
import SpotterDomain
import Testing

/// Words that are true.
struct CronDescriptionTests {
    @Test(arguments: [
        ("0 9 * * MON", "every Monday at 09:00"), ("*/5 * * * *", "every 5 minutes"), ("* * * * *", "every minute"),
        ("0 17 * * FRI#L", "on the last Friday of every month at 17:00"),
        ("30 6,18 * * MON-FRI", "every weekday at 06:30 and 18:30"), ("@hourly", "every hour"),
        ("@daily", "every day at 00:00"), ("@weekly", "every Sunday at 00:00"),
        ("@monthly", "on the 1st of every month at 00:00"), ("@yearly", "on the 1st of January at 00:00"),
        ("15 * * * *", "every hour at 15 minutes past"), ("1 * * * *", "every hour at 1 minute past"),
        ("5-59/15 9 * * *", "every day at 09:05, 09:20, 09:35 and 09:50"),
        ("0 */6 * * *", "every day at 00:00, 06:00, 12:00 and 18:00"),
        ("0 */2 * * *", "every 2 hours from 00:00 to 22:00"), ("30 9-17 * * *", "every hour from 09:30 to 17:30"),
        ("*/5 9-17 * * MON-FRI", "every 5 minutes from 09:00 to 17:55, every weekday"),
        ("*/5 9 * * *", "every 5 minutes from 09:00 to 09:55"),
        ("*/15 9,12,17 * * *", "every 15 minutes in the hours 09:00, 12:00 and 17:00"),
        ("* 9,12,17 * * *", "every minute in the hours 09:00, 12:00 and 17:00"),
        ("7,22 * * * *", "at 7 and 22 minutes past every hour"),
        ("*/7 * * * *", "at 0, 7, 14, 21, 28, 35, 42, 49 and 56 minutes past every hour"),
        ("5,6,7 8-10,20 * * *", "at 5 to 7 minutes past 08:00 to 10:00 and 20:00"),
        ("0 12 1 * MON", "at 12:00, on the 1st of every month and also every Monday"),
        ("0 12 1 * +MON", "at 12:00, on the 1st of every month if it is a Monday"),
        (
            "0 12 1-7 * +MON,THU#1",
            "at 12:00, on the 1st to 7th of every month if it is a Monday or the first Thursday of "
                + "the month"
        ),
        ("0 12 1-31 * MON", "every day at 12:00"), ("0 12 1-31 * +MON", "every Monday at 12:00"),
        ("0 12 1,15,L * *", "on the 1st, 15th and last day of every month at 12:00"),
        ("0 12 15W 1-3,12 *", "on the weekday nearest the 15th of January to March and December at 12:00"),
        ("0 0 * 6,7 *", "every day in June and July at 00:00"), ("*/10 * * 6 *", "every 10 minutes, every day in June"),
        ("0 8 * * 0,6", "every Saturday and Sunday at 08:00"),
        ("0 8 * 9 MON,FRI#L", "every Monday in September and also on the last Friday of September at 08:00"),
        ("30 15 10 * * *", "every day at 10:15:30"), ("*/10 * * * * *", "every 10 seconds"),
        ("* * * * * *", "every second"), ("30 */5 * * * *", "every 5 minutes, at second 30"),
        ("*/10 30 9-17 * * *", "every 10 seconds of minute 30 in the hours 09:00 to 17:00"),
        ("5,7 * 9 * * MON", "at seconds 5 and 7 in the hour 09:00, every Monday"),
        ("0 15 10 * * * 2027", "every day at 10:15, in 2027"),
        ("0 0 0 1 1 * 2027,2029-2031", "on the 1st of January at 00:00, in 2027 and 2029 to 2031"),
        ("0 0 31 2 *", "on the 31st of February at 00:00"),
        ("15 0,1,3,4,6,7,9 * * *", "every day at 00:15, 01:15, 03:15, 04:15, 06:15, 07:15 and 09:15"),
        ("30 15 0,1,3,4,6,7,9 * * *", "at second 30 of 00:15, 01:15, 03:15, 04:15, 06:15, 07:15 and 09:15"),
    ])
    func `an expression is said in words`(_ cron: String, _ words: String) throws {
        #expect(try CronExpression(cron).words() == words)
        #expect(try CronExpression(cron).words(in: "Europe/London") == "\(words), Europe/London")
    }

    /// If words were to leave anything out, two expressions with different times would share them.
    @Test func `expressions with the same words fire alike`() throws {
        let minutes = ["0", "30", "*", "*/5", "0-59/5", "5-59/5", "*/7", "5,10"]
        let hours = ["*", "9", "9-17", "*/2", "*/5", "1-23/2", "9,12"]
        let dates = ["*", "1", "1-31", "15W", "L", "*/2"],
            weekdays = ["*", "MON", "0-6", "+MON", "MON#1", "MONL", "+1-5"]
        let start = try CronFixture.time("2026-11-21T00:00:00Z")
        let zone = try CronFixture.zone("UTC")
        var known: [String: (cron: String, fires: [Date])] = [:]
        for minute in minutes {
            for hour in hours {
                for date in dates {
                    for weekday in weekdays {
                        let cron = "\(minute) \(hour) \(date) * \(weekday)"
                        let expression = try CronExpression(cron)
                        let fires = expression.fires(after: start, in: zone, count: 40)
                        let words = expression.words()
                        if let other = known[words] {
                            try #require(other.fires == fires, "\(cron) and \(other.cron) are both: \(words)")
                        }
                        known[words] = (cron, fires)
                    }
                }
            }
        }
        #expect(known.count > 1_000)
    }

    @Test(arguments: [
        ("0 0 31 2 *", [CronNote.Code.neverFires]), ("0 12 1 * MON", [.eitherDay]), ("0 12 1 * +MON", []),
        ("*/10 * * * * *", [.subMinute]), ("*/7 * * * *", [.unevenStep]), ("*/90 * * * *", [.unevenStep]),
        ("0 */5 * * *", [.unevenStep]), ("0 9 31 * *", [.shortMonths]), ("0 9 31 1,3 *", []),
        ("0 9 29 2 *", [.shortMonths]),
        ("0 9 30W * *", [.shortMonths]), ("0 9 28 * *", []), ("0 9 L * *", []), ("0 0 0 1 1 * 2025", [.hasEnded]),
        ("30 1 * * *", [.clockChange]), ("30 1 * * MON", []), ("*/30 1 * * *", []), ("0 9 * * *", []),
    ])
    func `a note says what may not be meant`(_ cron: String, _ codes: [CronNote.Code]) throws {
        let notes = try CronExpression(cron).notes(
            in: CronFixture.zone("Europe/London"), after: CronFixture.time("2026-11-21T00:00:00Z"))
        #expect(notes.map(\.code) == codes, "\(notes)")
    }

    @Test func `a note on clocks says what happens`() throws {
        let start = try CronFixture.time("2026-11-21T00:00:00Z")
        let zone = try CronFixture.zone("Europe/London")
        let cron = try CronExpression("30 1 * * *")
        #expect(
            cron.notes(in: zone, after: start).map(\.message)
                == [
                    "Clocks in Europe/London change on 2027-03-28; times such as 01:30 do not come: it fires at 02:00."
                ])
        #expect(
            cron.notes(in: zone, gap: .skip, after: start).first?.message.hasSuffix("does not fire for them.") == true)
        let autumn = cron.notes(in: zone, after: try CronFixture.time("2027-04-01T00:00:00Z"))
        #expect(autumn.first?.message.contains("2027-10-31; times such as 01:30 come twice") == true)
    }
}
