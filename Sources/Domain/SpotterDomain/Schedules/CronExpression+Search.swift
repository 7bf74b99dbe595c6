extension CronExpression {
    /// The first matching wall-clock time that is not before `local`, both in seconds since 1970-01-01 as a clock without
    /// zone counts them; nil when the next 400 years have none.
    ///
    /// 400 years are a whole cycle of the calendar, weekdays included: a date that does not come in them never comes.
    /// Whole fields are skipped, so the usual search looks at one or two months.
    func nextMatch(from local: Int) -> Int? {
        let (today, time) = local.quotientAndRemainder(flooringBy: 86_400)
        let date = CivilDate(days: today)
        if firesOn(date), let time = nextTime(from: time) { return today * 86_400 + time }
        return nextDate(after: date).map { $0.days * 86_400 + earliestTime }
    }

    private func firesOn(_ date: CivilDate) -> Bool {
        guard months.contains(date.month), years?.contains(date.year) ?? true else { return false }
        return days.mask(year: date.year, month: date.month) >> UInt64(date.day) & 1 == 1
    }

    private func nextDate(after date: CivilDate) -> CivilDate? {
        var (year, month, day) = (date.year, date.month, date.day + 1)
        let last = date.year + 400
        while year <= last {
            if let years, !years.contains(year) {
                guard let next = years.first(where: { $0 > year }) else { return nil }
                (year, month, day) = (next, 1, 1)
                continue
            }
            guard let found = months.first(from: month) else {
                (year, month, day) = (year + 1, 1, 1)
                continue
            }
            if found != month { (month, day) = (found, 1) }
            let rest = days.mask(year: year, month: month) >> UInt64(day)
            if rest != 0 { return CivilDate(year: year, month: month, day: day + rest.trailingZeroBitCount) }
            (month, day) = (month + 1, 1)
        }
        return nil
    }

    /// The first time of day that is not before `time`, in seconds after midnight.
    private func nextTime(from time: Int) -> Int? {
        let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60)
        let (firstMinute, firstSecond) = (minutes.first ?? 0, seconds.first ?? 0)
        if hours.contains(hour) {
            if minutes.contains(minute), let second = seconds.first(from: second) {
                return hour * 3_600 + minute * 60 + second
            }
            if let minute = minutes.first(from: minute + 1) { return hour * 3_600 + minute * 60 + firstSecond }
        }
        return hours.first(from: hour + 1).map { $0 * 3_600 + firstMinute * 60 + firstSecond }
    }
}
