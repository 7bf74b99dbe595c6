extension CronExpression {
    /// What the expression means, in words: `every Monday at 09:00, Europe/London`.
    ///
    /// Made from what was understood and not from how it was written, so that two expressions with the same words fire
    /// alike. English, clock of 24 hours.
    ///
    /// - Parameter zone: named at the end, if given.
    public func words(in zone: String? = nil) -> String {
        let day = CronDayWords(days: days, months: months)
        let time = CronTimeWords(seconds: seconds, minutes: minutes, hours: hours)
        var text: String
        switch (time.phrase, day.isCompound) {
        case (.at(let times), false): text = "\(day.text) at \(times)"
        case (.at(let times), true): text = "at \(times), \(day.text)"
        case (.every(let interval), _): text = day.isEveryDay ? interval : "\(interval), \(day.text)"
        }
        if let years { text += ", in \(Words.list(Words.runs(years) { "\($0)" }))" }
        return zone.map { "\(text), \($0)" } ?? text
    }
}

/// Lists as English writes them.
enum Words {
    /// `a`, `a and b`, `a, b and c`.
    static func list(_ items: [String], _ conjunction: String = "and") -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
    }

    /// Three and more in a row become `a to c`.
    static func runs(_ values: [Int], _ name: (Int) -> String) -> [String] {
        var runs: [ClosedRange<Int>] = []
        for value in values {
            if let last = runs.last, last.upperBound == value - 1 {
                runs[runs.count - 1] = last.lowerBound...value
            } else {
                runs.append(value...value)
            }
        }
        return runs.flatMap { run in
            run.count > 2 ? ["\(name(run.lowerBound)) to \(name(run.upperBound))"] : run.map(name)
        }
    }

    /// `1st`, `2nd`, `3rd`, `11th`.
    static func ordinal(_ number: Int) -> String {
        if (11...13).contains(number % 100) { return "\(number)th" }
        return switch number % 10 {
        case 1: "\(number)st"
        case 2: "\(number)nd"
        case 3: "\(number)rd"
        default: "\(number)th"
        }
    }

    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
}

/// The times of a day in words.
struct CronTimeWords {
    let seconds: CronValues
    let minutes: CronValues
    let hours: CronValues

    enum Phrase {
        /// Clock times, such as `06:30 and 18:30`.
        case at(String)
        /// Something that recurs within a day, such as `every 5 minutes`.
        case every(String)
    }

    private static let mostTimes = 6

    var phrase: Phrase {
        if seconds.count * minutes.count * hours.count <= Self.mostTimes { return .at(Words.list(everyTime)) }
        guard seconds.count == 1, let second = seconds.first else { return .every(manySeconds) }
        guard second != 0 else { return minutePhrase }
        switch minutePhrase {
        case .at(let times): return .every("at second \(second) of \(times)")
        case .every(let interval): return .every("\(interval), at second \(second)")
        }
    }

    private var everyTime: [String] {
        let showsSeconds = seconds.values != [0]
        return hours.values.flatMap { hour in
            minutes.values.flatMap { minute in
                seconds.values.map { second in
                    Self.clock(hour, minute) + (showsSeconds ? ":\(Self.two(second))" : "")
                }
            }
        }
    }

    // MARK: Minutes and hours

    private var minutePhrase: Phrase {
        let hours = hours.values, minutes = minutes.values
        guard let firstHour = hours.first, let lastHour = hours.last, let firstMinute = minutes.first,
            let lastMinute = minutes.last
        else { return .at("") }
        let span = " from \(Self.clock(firstHour, firstMinute)) to \(Self.clock(lastHour, lastMinute))"
        let step = Self.step(hours)
        if minutes.count == 1 {
            if hours.count == 24 {
                return .every(firstMinute == 0 ? "every hour" : "every hour at \(Self.past([firstMinute]))")
            }
            guard let step, hours.count > 2 else {
                return .at(Words.list(hours.map { Self.clock($0, firstMinute) }))
            }
            return .every((step == 1 ? "every hour" : "every \(step) hours") + span)
        }
        if let interval = Self.interval(self.minutes, of: 60, "minute") {
            if hours.count == 24 { return .every(interval) }
            return .every(interval + (step == 1 || hours.count == 1 ? span : " in the hours \(Self.clocks(hours))"))
        }
        return .every("at \(Self.past(minutes)) \(hours.count == 24 ? "every hour" : Self.clocks(hours))")
    }

    private static func past(_ minutes: [Int]) -> String {
        "\(Words.list(Words.runs(minutes) { "\($0)" })) minute\(minutes == [1] ? "" : "s") past"
    }

    private static func clocks(_ hours: [Int]) -> String { Words.list(Words.runs(hours) { clock($0, 0) }) }

    // MARK: Seconds

    private var manySeconds: String {
        let base =
            Self.interval(seconds, of: 60, "second")
            ?? "at seconds \(Words.list(Words.runs(seconds.values) { "\($0)" }))"
        var text = base
        if minutes.count < 60 {
            text +=
                " of minute\(minutes.count == 1 ? "" : "s") \(Words.list(Words.runs(minutes.values) { "\($0)" }))"
        }
        if hours.count < 24 { text += " in the hour\(hours.count == 1 ? "" : "s") \(Self.clocks(hours.values))" }
        return text
    }

    // MARK: Numbers

    /// `every 5 minutes`, where the set is 0, 5, 10 … through the whole of the unit above.
    private static func interval(_ values: CronValues, of span: Int, _ unit: String) -> String? {
        guard values.first == 0, let step = step(values.values), span % step == 0, values.count == span / step,
            values.count > 1
        else { return nil }
        return step == 1 ? "every \(unit)" : "every \(step) \(unit)s"
    }

    /// The distance between neighbours, where it is always the same.
    private static func step(_ values: [Int]) -> Int? {
        guard values.count > 1 else { return nil }
        let step = values[1] - values[0]
        return zip(values, values.dropFirst()).allSatisfy { $1 - $0 == step } ? step : nil
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    private static func clock(_ hour: Int, _ minute: Int) -> String { "\(two(hour)):\(two(minute))" }
}
