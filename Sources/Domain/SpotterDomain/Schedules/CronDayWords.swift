/// The days of an expression in words.
struct CronDayWords {
    let days: CronDays
    let months: CronValues

    private var allDates: Bool { !days.datesAreRestricted || days.dates == CronValues(1...31) }
    private var allWeekdays: Bool { !days.weekdaysAreRestricted || days.weekdays == CronValues(0...6) }
    private var allMonths: Bool { months.count == 12 }

    /// Every day of every month: the words may leave it out beside an interval.
    var isEveryDay: Bool { allMonths && !isRestricted }
    /// More than one clause, so that a time reads better before it.
    var isCompound: Bool { !allDates && !allWeekdays }
    /// Either field being everything makes the either-rule everything.
    private var isRestricted: Bool { days.isEither ? !allDates && !allWeekdays : !allDates || !allWeekdays }

    var text: String {
        guard isRestricted else { return allMonths ? "every day" : "every day in \(monthNames)" }
        switch (allDates, allWeekdays) {
        case (false, true): return dates
        case (true, false): return weekdays
        default: return days.needsBoth ? "\(dates) if it is \(condition)" : "\(dates) and also \(weekdays)"
        }
    }

    private var monthNames: String { Words.list(Words.runs(months.values) { Words.months[$0 - 1] }) }
    private var ofMonths: String { allMonths ? "of every month" : "of \(monthNames)" }

    // MARK: Days of the month

    private var dates: String {
        var names = Words.runs(days.dates.values, Words.ordinal)
        if let day = days.nearestWeekday { names.append("weekday nearest the \(Words.ordinal(day))") }
        if days.lastDay { names.append("last day") }
        return "on the \(Words.list(names)) \(ofMonths)"
    }

    // MARK: Days of the week

    private var weekdays: String {
        let plain = weekdayNames
        let every = plain.isEmpty ? nil : "every \(Words.list(plain))" + (allMonths ? "" : " in \(monthNames)")
        let counted = countedWeekdays.isEmpty ? nil : "on \(Words.list(countedWeekdays)) \(ofMonths)"
        return [every, counted].compactMap { $0 }.joined(separator: " and also ")
    }

    private var condition: String {
        let plain = weekdayNames.map { "a \($0)" }
        return Words.list(plain + countedWeekdays.map { "\($0) of the month" }, "or")
    }

    /// Monday first; Monday to Friday are one word.
    private var weekdayNames: [String] {
        if days.weekdays == CronValues(1...5) { return ["weekday"] }
        return [1, 2, 3, 4, 5, 6, 0].filter(days.weekdays.contains).map { Words.weekdays[$0] }
    }

    private var countedWeekdays: [String] {
        let names = ["last", "first", "second", "third", "fourth", "fifth"]
        return days.ordinals.values.map { "the \(names[$0 % 8]) \(Words.weekdays[$0 / 8])" }
    }
}
