/// The days at which an expression fires: its day of month and its day of week, taken together.
struct CronDays: Hashable, Sendable {
    /// Days of the month, 1 to 31.
    var dates = CronValues()
    /// `L` in the day of month.
    var lastDay = false
    /// `15W`: the weekday nearest to this day, in the same month.
    var nearestWeekday: Int?
    /// Days of the week, 0 (Sunday) to 6.
    var weekdays = CronValues()
    /// `FRI#2` as weekday × 8 + ordinal; ordinal 0 is the last of the month.
    var ordinals = CronValues()
    /// Whether the field says more than `*` (OCPS 1.1, 6.1: it does unless its first entry is `*`).
    var datesAreRestricted = false
    var weekdaysAreRestricted = false
    /// OCPS 1.4: `+` before the day of week.
    var needsBoth = false

    /// Either of two restricted fields is enough.
    var isEither: Bool { datesAreRestricted && weekdaysAreRestricted && !needsBoth }

    /// The days of one month at which the expression fires: bit n stands for day n.
    func mask(year: Int, month: Int) -> UInt64 {
        let length = CivilDate.daysIn(month: month, year: year)
        let all: UInt64 = (1 << UInt64(length + 1)) - 2
        if !datesAreRestricted && !weekdaysAreRestricted { return all }
        let first = CivilDate.weekday(ofDays: CivilDate(year: year, month: month, day: 1).days)
        let result: UInt64
        switch (datesAreRestricted, weekdaysAreRestricted) {
        case (true, false): result = datesMask(length, first)
        case (false, true): result = weekdaysMask(length, first)
        default:
            let (dates, weekdays) = (datesMask(length, first), weekdaysMask(length, first))
            result = needsBoth ? dates & weekdays : dates | weekdays
        }
        return result & all
    }

    private func datesMask(_ length: Int, _ first: Int) -> UInt64 {
        var mask = dates.bits
        if lastDay { mask |= 1 << UInt64(length) }
        if let day = nearestWeekday, day <= length { mask |= 1 << UInt64(Self.weekday(nearest: day, length, first)) }
        return mask
    }

    /// OCPS 1.3: Friday for a Saturday, Monday for a Sunday, but never in another month.
    private static func weekday(nearest day: Int, _ length: Int, _ first: Int) -> Int {
        switch (first + day - 1) % 7 {
        case 6: day > 1 ? day - 1 : day + 2
        case 0: day < length ? day + 1 : day - 2
        default: day
        }
    }

    private func weekdaysMask(_ length: Int, _ first: Int) -> UInt64 {
        // One week that begins with the month's first day, five times over.
        let week = (weekdays.bits >> UInt64(first) | weekdays.bits << UInt64(7 - first)) & 0x7F
        var mask = (week | week << 7 | week << 14 | week << 21 | week << 28) << 1
        var rest = ordinals
        while let code = rest.first {
            rest.bits &= rest.bits - 1
            let (weekday, ordinal) = (code / 8, code % 8)
            let earliest = 1 + (weekday - first + 7) % 7
            let day = ordinal > 0 ? earliest + 7 * (ordinal - 1) : earliest + (length - earliest) / 7 * 7
            mask |= 1 << UInt64(day)
        }
        return mask
    }
}
