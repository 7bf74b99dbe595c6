import Foundation
import SpotterDomain
import Testing

/// Next fires against a slow reading of the same rule: every minute of a few days is looked at on Foundation's calendar.
struct NextFireOracleTests {
    /// A zone, and days around a change of its clocks.
    struct Window: Sendable, CustomStringConvertible {
        let zone: String
        let start: String
        var description: String { "\(zone) \(start)" }
    }

    static let windows = [
        Window(zone: "Europe/London", start: "2026-03-27T22:00:00Z"),
        Window(zone: "Europe/London", start: "2026-10-23T22:00:00Z"),
        Window(zone: "America/New_York", start: "2026-03-07T00:00:00Z"),
        Window(zone: "America/New_York", start: "2026-10-31T00:00:00Z"),
        Window(zone: "Australia/Lord_Howe", start: "2026-04-03T00:00:00Z"),
        Window(zone: "Australia/Lord_Howe", start: "2026-10-02T00:00:00Z"),
        Window(zone: "America/Sao_Paulo", start: "2018-02-16T12:00:00Z"),
        Window(zone: "America/Sao_Paulo", start: "2018-11-02T12:00:00Z"),
        Window(zone: "Pacific/Apia", start: "2011-12-28T12:00:00Z"),
        Window(zone: "Asia/Kolkata", start: "2026-02-27T12:00:00Z"),
        Window(zone: "UTC", start: "2028-02-27T12:00:00Z"),
        Window(zone: "Asia/Gaza", start: "2026-03-27T00:00:00Z"),
    ]

    @Test(arguments: windows)
    func `made-up expressions fire when the slow reading says`(_ window: Window) throws {
        let zone = try CronFixture.zone(window.zone)
        let start = try CronFixture.time(window.start)
        let minutes = Minute.walk(zone, from: start, days: 3)
        var numbers = SeededNumbers(state: 4 + UInt64(abs(window.description.utf8.reduce(0) { $0 &* 31 &+ Int($1) })))
        for _ in 0..<80 {
            let pattern = RandomPattern(&numbers)
            let cron = try CronExpression(pattern.text)
            for gap in DaylightSavingGap.allCases {
                let expected = pattern.fires(in: minutes, gap)
                var found: [Date] = []
                var last = start
                while let next = cron.nextFire(after: last, in: zone, gap: gap),
                    next < minutes[minutes.count - 1].moment
                {
                    found.append(next)
                    last = next
                }
                try #require(found == expected, "\(pattern.text) \(gap)")
                // From any moment, not only from one fire to the next.
                for _ in 0..<5 {
                    let moment = start.addingTimeInterval(Double.random(in: 0..<250_000, using: &numbers))
                    let next = cron.nextFire(after: moment, in: zone, gap: gap)
                    guard let wanted = expected.first(where: { $0 > moment }) else { continue }
                    try #require(next == wanted, "\(pattern.text) \(gap) after \(moment)")
                }
            }
        }
    }

    /// One minute of real time and what the zone's clocks do in it.
    struct Minute {
        let moment: Date
        let shown: DateComponents
        /// What the clock shows is what it has shown before.
        let isSecond: Bool
        /// Minutes that the clock passed over to come here.
        let passedOver: [DateComponents]

        static func walk(_ zone: TimeZone, from start: Date, days: Int) -> [Minute] {
            var (local, plain) = (Calendar(identifier: .gregorian), Calendar(identifier: .gregorian))
            local.timeZone = zone
            plain.timeZone = .gmt
            let units: Set<Calendar.Component> = [.year, .month, .day, .hour, .minute, .weekday]
            var minutes: [Minute] = []
            var latest = Date.distantPast
            for index in 0..<(days * 1_440) {
                let moment = start.addingTimeInterval(Double(index) * 60)
                let shown = local.dateComponents(units, from: moment)
                guard let wall = plain.date(from: shown) else { continue }
                var passed: [DateComponents] = []
                if index > 0 {
                    var missing = latest.addingTimeInterval(60)
                    while missing < wall {
                        passed.append(plain.dateComponents(units, from: missing))
                        missing += 60
                    }
                }
                minutes.append(Minute(moment: moment, shown: shown, isSecond: wall <= latest, passedOver: passed))
                latest = max(latest, wall)
            }
            return minutes
        }
    }

    /// A made-up expression together with what it means, so that no second parser is needed.
    struct RandomPattern {
        private(set) var text = ""
        private var minutes: Set<Int> = [], hours: Set<Int> = [], dates: Set<Int> = [], months: Set<Int> = []
        private var weekdays: Set<Int> = []
        private var isInterval = false, anyDate = false, anyWeekday = false, needsBoth = false

        init(_ numbers: inout SeededNumbers) {
            let minute = Self.field(0...59, &numbers), hour = Self.field(0...23, &numbers, small: 0...3)
            let date = Int.random(in: 0..<3, using: &numbers) > 0 ? ("*", Set(1...31)) : Self.field(1...31, &numbers)
            let month = Int.random(in: 0..<4, using: &numbers) > 0 ? ("*", Set(1...12)) : Self.field(1...12, &numbers)
            var weekday = Int.random(in: 0..<3, using: &numbers) > 0 ? ("*", Set(0...6)) : Self.field(0...6, &numbers)
            (minutes, hours, dates, months, weekdays) = (minute.1, hour.1, date.1, month.1, weekday.1)
            isInterval = minute.0.contains("*") || hour.0.contains("*")
            (anyDate, anyWeekday) = (date.0.hasPrefix("*") && !date.0.hasPrefix("*/"), weekday.0 == "*")
            if Bool.random(using: &numbers) {
                needsBoth = true
                weekday.0 = "+" + weekday.0
            }
            text = [minute.0, hour.0, date.0, month.0, weekday.0].joined(separator: " ")
        }

        private static func field(
            _ range: ClosedRange<Int>, _ numbers: inout SeededNumbers, small: ClosedRange<Int>? = nil
        ) -> (String, Set<Int>) {
            let value = Int.random(in: small ?? range, using: &numbers)
            switch Int.random(in: 0..<6, using: &numbers) {
            case 0: return ("*", Set(range))
            case 1:
                let step = Int.random(in: 2...max(2, range.count / 2), using: &numbers)
                return ("*/\(step)", Set(stride(from: range.lowerBound, through: range.upperBound, by: step)))
            case 2:
                let (upper, step) = (Int.random(in: value...range.upperBound, using: &numbers), value % 5 + 1)
                return ("\(value)-\(upper)/\(step)", Set(stride(from: value, through: upper, by: step)))
            case 3:
                let other = Int.random(in: range, using: &numbers)
                return ("\(value),\(other)", [value, other])
            default: return ("\(value)", [value])
            }
        }

        private func matches(_ shown: DateComponents) -> Bool {
            guard let minute = shown.minute, let hour = shown.hour, let day = shown.day, let month = shown.month,
                let weekday = shown.weekday
            else { return false }
            guard minutes.contains(minute), hours.contains(hour), months.contains(month) else { return false }
            let (byDate, byWeekday) = (dates.contains(day), weekdays.contains(weekday - 1))
            if anyDate || anyWeekday || needsBoth { return (anyDate || byDate) && (anyWeekday || byWeekday) }
            return byDate || byWeekday
        }

        func fires(in walk: [Minute], _ gap: DaylightSavingGap) -> [Date] {
            walk.indices.dropFirst().dropLast().compactMap { index in
                let minute = walk[index]
                if isInterval { return matches(minute.shown) ? minute.moment : nil }
                let shifted = gap == .shift && minute.passedOver.contains(where: matches)
                return shifted || (matches(minute.shown) && !minute.isSecond) ? minute.moment : nil
            }
        }
    }
}
