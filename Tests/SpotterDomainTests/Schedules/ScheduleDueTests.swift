import Foundation
import SpotterDomain
import Testing

/// What runs, what is skipped and what comes next, by the rule and the time it is.
struct ScheduleDueTests {
    private static func schedule(
        _ cron: String, _ catchUp: ScheduleRule.CatchUp = .latest, window: Int = 3_600, jitter: Int = 0,
        zone: String = "UTC", key: String = "a"
    ) throws -> Schedule {
        let rule = ScheduleRule(cron: cron, catchUp: catchUp, catchUpWindowSeconds: window, jitterSeconds: jitter)
        return try Schedule(rule, timezone: zone, key: key)
    }

    private static func clock(_ time: String) throws -> Date { try CronFixture.time("2026-11-21T\(time)Z") }

    /// Times of the day, for reading.
    private static func times(_ dates: [Date]) -> [String] {
        dates.map { String(Timestamp.string(from: $0).dropFirst(11).prefix(8)) }
    }

    @Test func `nothing is due before its time`() throws {
        let due = try Self.schedule("0 * * * *").due(Self.clock("12:00:00"), now: Self.clock("11:59:59"))
        #expect(due.run.isEmpty && due.skipped.isEmpty)
        #expect(try due.nextSlot == Self.clock("12:00:00"))
        #expect(due.nextRelease == due.nextSlot)
    }

    @Test(arguments: ScheduleRule.CatchUp.allCases, ["12:00:00", "12:00:30"])
    func `on time is on time under every rule`(_ catchUp: ScheduleRule.CatchUp, _ now: String) throws {
        let due = try Self.schedule("0 * * * *", catchUp).due(Self.clock("12:00:00"), now: Self.clock(now))
        #expect(try due.run == [Self.clock("12:00:00")])
        #expect(due.skipped.isEmpty)
        #expect(try due.nextSlot == Self.clock("13:00:00"))
    }

    @Test func `skip drops what was missed`() throws {
        let due = try Self.schedule("*/10 * * * *", .skip).due(Self.clock("12:00:00"), now: Self.clock("12:20:10"))
        #expect(Self.times(due.run) == ["12:20:00"])
        #expect(Self.times(due.skipped.map(\.slot)) == ["12:00:00", "12:10:00"])
        #expect(due.skipped.allSatisfy { $0.reason == .missed })
        #expect(try due.nextSlot == Self.clock("12:30:00"))
    }

    @Test func `latest runs the newest missed slot, once`() throws {
        let due = try Self.schedule("*/10 * * * *").due(Self.clock("12:00:00"), now: Self.clock("12:25:00"))
        #expect(Self.times(due.run) == ["12:20:00"])
        #expect(due.skipped.map(\.reason) == [.superseded, .superseded])
        // A slot that is on time stands for the missed ones.
        let punctual = try Self.schedule("*/10 * * * *").due(Self.clock("12:00:00"), now: Self.clock("12:30:00"))
        #expect(Self.times(punctual.run) == ["12:30:00"])
        #expect(Self.times(punctual.skipped.map(\.slot)) == ["12:00:00", "12:10:00", "12:20:00"])
    }

    @Test func `all runs each missed slot in order`() throws {
        let due = try Self.schedule("*/10 * * * *", .all).due(Self.clock("12:00:00"), now: Self.clock("12:25:00"))
        #expect(Self.times(due.run) == ["12:00:00", "12:10:00", "12:20:00"])
        #expect(due.skipped.isEmpty)
    }

    @Test func `what is older than the window never runs`() throws {
        for catchUp in [ScheduleRule.CatchUp.latest, .all] {
            let schedule = try Self.schedule("0 6 * * *", catchUp, window: 1_800)
            let late = try schedule.due(Self.clock("06:00:00"), now: Self.clock("06:30:01"))
            #expect(late.run.isEmpty)
            #expect(late.skipped.map(\.reason) == [.tooLate])
            #expect(try schedule.due(Self.clock("06:00:00"), now: Self.clock("06:30:00")).run.count == 1)
        }
    }

    @Test func `a year down under a schedule of seconds is one look`() throws {
        let schedule = try Self.schedule("* * * * * *", .all, window: 604_800)
        let start = try Self.clock("12:00:00")
        let due = schedule.due(start, now: start.addingTimeInterval(31_536_000.5))
        #expect(due.run.count == Schedule.maximumRuns && due.skipped.count == Schedule.maximumSkipped)
        #expect(due.skipped.allSatisfy { $0.reason == .tooMany })
        #expect(due.run.last == start.addingTimeInterval(31_536_000))
        #expect(due.run.first == start.addingTimeInterval(31_536_000 - 99))
        #expect(due.skippedBefore == start...start.addingTimeInterval(31_536_000 - 200))
        #expect(due.nextSlot == start.addingTimeInterval(31_536_001))
    }

    @Test func `a schedule that has ended has no next slot`() throws {
        let last = try CronFixture.time("2026-12-31T00:00:00Z")
        let due = try Self.schedule("0 0 0 31 12 * 2026").due(last, now: last)
        #expect(due.run == [last])
        #expect(due.nextSlot == nil && due.nextRelease == nil)
    }

    @Test func `jitter is the same everywhere, within its bound and before the next slot`() throws {
        let hourly = try Self.schedule("0 * * * *", jitter: 600)
        let other = try Self.schedule("0 * * * *", jitter: 600, key: "b")
        let minutely = try Self.schedule("* * * * *", jitter: 3_600)
        var offsets: Set<Double> = []
        var differences = 0
        for hour in 0..<200 {
            let slot = try Self.clock("00:00:00").addingTimeInterval(Double(hour) * 3_600)
            let offset = hourly.release(of: slot).timeIntervalSince(slot)
            #expect((0...600).contains(offset))
            #expect(try Self.schedule("0 * * * *", jitter: 600).release(of: slot) == slot.addingTimeInterval(offset))
            #expect((0..<60).contains(minutely.release(of: slot).timeIntervalSince(slot)))
            offsets.insert(offset)
            differences += offset == other.release(of: slot).timeIntervalSince(slot) ? 0 : 1
        }
        #expect(offsets.count > 120)
        #expect(differences > 180)
    }

    @Test func `a slot with jitter is due from its release and named by its own time`() throws {
        let schedule = try Self.schedule("0 * * * *", jitter: 600)
        let slot = try Self.clock("12:00:00")
        let release = schedule.release(of: slot)
        #expect(release > slot)
        #expect(schedule.due(slot, now: release.addingTimeInterval(-1)).run.isEmpty)
        #expect(schedule.due(slot, now: release.addingTimeInterval(-1)).nextRelease == release)
        #expect(schedule.due(slot, now: release).run == [slot])
    }

    @Test func `a remembered slot that the rules no longer know is moved to the nearest one`() throws {
        let schedule = try Self.schedule("0 9 * * *")
        // Computed under rules an hour earlier, and an hour later.
        for stale in ["08:00:00", "10:00:00"] {
            let due = try schedule.due(Self.clock(stale), now: Self.clock("09:00:10"))
            #expect(Self.times(due.run) == ["09:00:00"])
            #expect(try due.nextSlot == CronFixture.time("2026-11-22T09:00:00Z"))
        }
    }

    @Test func `looks at any moments run or skip every slot exactly once`() throws {
        var numbers = SeededNumbers(state: 27)
        for catchUp in ScheduleRule.CatchUp.allCases {
            for cron in ["*/20 * * * *", "30 1 * * *", "0,30 0-5 * * *", "15 */3 * * *"] {
                let schedule = try Self.schedule(cron, catchUp, jitter: 90, zone: "Europe/London")
                // Over the night in which the clocks go back.
                var now = try CronFixture.time("2026-10-24T20:00:00Z")
                let start = now
                var slot = try #require(schedule.nextSlot(after: now))
                var seen: [Date] = []
                while now < start.addingTimeInterval(172_800) {
                    let due = schedule.due(slot, now: now)
                    #expect(due.skippedBefore == nil)
                    seen += (due.run + due.skipped.map(\.slot)).sorted()
                    slot = try #require(due.nextSlot)
                    now += Double.random(in: 1...5_000, using: &numbers)
                }
                let every = schedule.expression.fires(after: start, in: schedule.zone, count: seen.count)
                #expect(seen == every, "\(cron) \(catchUp)")
            }
        }
    }

    @Test func `the last slot of a span is found as a walk finds it`() throws {
        var numbers = SeededNumbers(state: 5)
        for cron in ["*/7 * * * *", "0 9 * * MON", "*/10 * 1 1 * *", "0 0 29 2 *"] {
            let schedule = try Self.schedule(cron, zone: "America/New_York")
            for _ in 0..<20 {
                let start = try Self.clock("00:00:00").addingTimeInterval(Double.random(in: 0...1e7, using: &numbers))
                let end = start.addingTimeInterval(Double.random(in: 0...200_000, using: &numbers))
                var walked: Date?
                var next = schedule.nextSlot(after: start.addingTimeInterval(-1))
                while let slot = next, slot <= end {
                    if slot >= start { walked = slot }
                    next = schedule.nextSlot(after: slot)
                }
                #expect(schedule.lastSlot(from: start, through: end) == walked, "\(cron) \(start) \(end)")
            }
        }
    }
}
