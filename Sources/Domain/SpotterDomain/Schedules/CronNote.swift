public import Foundation

/// Something about a valid expression that its writer may not have meant.
public struct CronNote: Sendable, Hashable, Codable {
    /// What sort of note it is.
    public enum Code: String, Sendable, Hashable, Codable, CaseIterable, SchemaDescribed {
        /// No date is like that.
        case neverFires = "never_fires"
        /// There were such dates, and there will be no more.
        case hasEnded = "has_ended"
        /// Both day fields say something, and either is enough.
        case eitherDay = "either_day"
        /// It fires more often than once a minute.
        case subMinute = "sub_minute"
        /// A step that does not come out even: the last interval is shorter, or there is only one value.
        case unevenStep = "uneven_step"
        /// Some months do not have the day.
        case shortMonths = "short_months"
        /// The clocks of the zone are soon put over a time at which it fires.
        case clockChange = "clock_change"
    }

    /// What sort of note it is, for programs.
    public let code: Code
    /// The note as a sentence.
    public let message: String
}

extension CronExpression {
    /// What a person should know of this expression in this zone, after `date`.
    public func notes(
        in zone: TimeZone, gap: DaylightSavingGap = .shift, after date: Date
    ) -> [CronNote] {
        var notes: [CronNote] = []
        if nextMatch(from: Self.start) == nil {
            return [CronNote(code: .neverFires, message: "It never fires: there is no such date.")]
        }
        if nextFire(after: date, in: zone, gap: gap) == nil {
            notes.append(CronNote(code: .hasEnded, message: "It never fires again: its last time is over."))
        }
        if days.isEither {
            let message =
                "Day of month and day of week are both given: either is enough. Write + before the day of week to ask "
                + "for both."
            notes.append(CronNote(code: .eitherDay, message: message))
        }
        if seconds.count > 1 {
            let message = "It fires \(seconds.count) times in each of its minutes: more often than once a minute."
            notes.append(CronNote(code: .subMinute, message: message))
        }
        notes += stepNotes
        if let note = shortMonthsNote { notes.append(note) }
        if let note = clockNote(in: zone, gap, after: date) { notes.append(note) }
        return notes
    }

    /// 1970-01-01, from which the whole calendar and every year that may be named lies ahead.
    private static let start = 0

    private var stepNotes: [CronNote] {
        CronField.allCases.compactMap { field in
            guard let step = unevenSteps[field] else { return nil }
            let span = field.bounds.upperBound + 1
            let (unit, whole) = (field.name, field == .second ? "minute" : field == .minute ? "hour" : "day")
            let message =
                step >= span
                ? "*/\(step) in the \(unit) field has one value only, 0: a \(whole) has \(span) \(unit)s."
                : "*/\(step) in the \(unit) field starts anew each \(whole): its last interval is \(span % step) "
                    + "\(unit)\(span % step == 1 ? "" : "s")."
            return CronNote(code: .unevenStep, message: message)
        }
    }

    private var shortMonthsNote: CronNote? {
        guard days.datesAreRestricted, !days.weekdaysAreRestricted, !days.lastDay,
            days.nearestWeekday ?? 1 > 28
                || (days.nearestWeekday == nil && days.dates.first ?? 1 > 28)
        else { return nil }
        let day = days.nearestWeekday ?? days.dates.first ?? 31
        // The longest that February ever is.
        let short = months.values.filter { CivilDate.daysIn(month: $0, year: 2_000) < day || ($0 == 2 && day == 29) }
        guard !short.isEmpty else { return nil }
        let message = "Not every month has a day \(day): those without are passed over. L is the last day of any month."
        return CronNote(code: .shortMonths, message: message)
    }

    /// What the next two changes of the zone's clocks do to its times.
    private func clockNote(in zone: TimeZone, _ gap: DaylightSavingGap, after date: Date) -> CronNote? {
        guard !runsByRealTime, date.timeIntervalSince1970.magnitude < 2e11 else { return nil }
        let offsets = ZoneOffsets(zone: zone)
        var last = date
        for _ in 0..<2 {
            guard let change = zone.nextDaylightSavingTimeTransition(after: last), change > last else { return nil }
            last = change
            let moment = Int(change.timeIntervalSince1970)
            let (before, after) = (offsets.offset(at: moment - 1), offsets.offset(at: moment))
            guard before != after, let match = nextMatch(from: moment + min(before, after)),
                match < moment + max(before, after)
            else { continue }
            let (day, time) = (Self.date(match), Self.time(match))
            let effect =
                after < before
                ? "come twice: it fires at the first"
                : gap == .skip
                    ? "do not come: it does not fire for them"
                    : "do not come: it fires at \(Self.time(moment + after))"
            let message = "Clocks in \(zone.identifier) change on \(day); times such as \(time) \(effect)."
            return CronNote(code: .clockChange, message: message)
        }
        return nil
    }

    private static func date(_ local: Int) -> String {
        String(Timestamp.string(from: Date(timeIntervalSince1970: Double(local))).prefix(10))
    }

    private static func time(_ local: Int) -> String {
        String(Timestamp.string(from: Date(timeIntervalSince1970: Double(local))).dropFirst(11).prefix(5))
    }
}
