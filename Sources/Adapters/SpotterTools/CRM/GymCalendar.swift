import Foundation
import SpotterDomain

/// What a day is at a gym: its time zone decides, and a day may have 23 or 25 hours.
struct GymCalendar: Sendable {
    /// A date without a time.
    struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
        let year: Int
        let month: Int
        let day: Int

        var description: String { "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))" }

        static func < (left: Day, right: Day) -> Bool {
            (left.year, left.month, left.day) < (right.year, right.month, right.day)
        }
    }

    let timezone: String
    private let calendar: Calendar
    private let now: Date

    static let weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    /// What `day(from:)` reads, for error messages.
    static let accepted = "YYYY-MM-DD, today, tomorrow, or a weekday such as friday"

    /// - Throws: `SpotterError` when this system does not know the organisation's time zone.
    init(_ organization: Organization, now: Date) throws {
        guard let zone = TimeZone(identifier: organization.timezone) else {
            throw SpotterError(
                .invalid, "The time zone of this organisation, \(organization.timezone), is not known to this system.")
        }
        timezone = organization.timezone
        calendar = Self.gregorian(in: zone)
        self.now = now
    }

    static func gregorian(in zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }

    var today: Day { day(of: now) }

    func day(of date: Date) -> Day {
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        return Day(year: parts.year ?? 1970, month: parts.month ?? 1, day: parts.day ?? 1)
    }

    /// The local time, `18:30`.
    func time(of date: Date) -> String {
        let parts = calendar.dateComponents([.hour, .minute], from: date)
        return "\(pad(parts.hour ?? 0, 2)):\(pad(parts.minute ?? 0, 2))"
    }

    /// `Monday`.
    func weekday(of date: Date) -> String {
        Self.weekdays[calendar.component(.weekday, from: date) - 1].capitalized
    }

    /// `Monday 2026-11-23`.
    func name(of day: Day) -> String { "\(weekday(of: start(of: day))) \(day)" }

    /// From the first moment of `day` to the last of the `count` days that begin with it.
    func range(from day: Day, days count: Int) -> Range<Date> {
        let start = start(of: day)
        return start..<max(start, self.start(of: self.day(day, plus: count)))
    }

    func day(_ day: Day, plus days: Int) -> Day {
        // Noon, because a day's first hour may not exist.
        self.day(of: calendar.date(byAdding: .day, value: days, to: noon(of: day)) ?? now)
    }

    /// A local time of a day; where the clocks leave it out, the time after the gap.
    func date(of day: Day, hour: Int, minute: Int) -> Date? {
        calendar.date(
            from: DateComponents(year: day.year, month: day.month, day: day.day, hour: hour, minute: minute))
    }

    /// The first moment of a day.
    func start(of day: Day) -> Date { calendar.startOfDay(for: noon(of: day)) }

    private func noon(of day: Day) -> Date {
        calendar.date(from: DateComponents(year: day.year, month: day.month, day: day.day, hour: 12)) ?? now
    }

    /// Reads what a model or a person says for a day. A weekday is the next such day, today included.
    ///
    /// - Throws: `ToolFailure` that says what is allowed.
    func day(from text: String) throws -> Day {
        let word = text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        switch word {
        case "today", "tonight", "now": return today
        case "tomorrow": return day(today, plus: 1)
        case "yesterday": return day(today, plus: -1)
        default: break
        }
        if let day = weekday(named: word) { return day }
        if let day = try isoDay(word) { return day }
        throw ToolFailure("\"\(text.prefix(40))\" is not a date. Use \(Self.accepted).")
    }

    private func weekday(named word: String) -> Day? {
        guard word.count >= 3, let wanted = Self.weekdays.firstIndex(where: { $0.hasPrefix(word) }) else { return nil }
        let current = calendar.component(.weekday, from: now) - 1
        return day(today, plus: (wanted - current + 7) % 7)
    }

    private func isoDay(_ word: String) throws -> Day? {
        let fields = word.split(separator: "-", omittingEmptySubsequences: false)
        let isShaped = fields.map(\.utf8.count) == [4, 2, 2] && fields.allSatisfy { $0.utf8.allSatisfy(isDigit) }
        guard isShaped, let year = Int(fields[0]), let month = Int(fields[1]), let day = Int(fields[2]) else {
            return nil
        }
        let wanted = Day(year: year, month: month, day: day)
        // A day that the calendar moves, such as the 31st of June, does not exist.
        guard (1970...9998).contains(year), self.day(of: start(of: wanted)) == wanted else {
            throw ToolFailure("There is no day \(word). Use \(Self.accepted).")
        }
        return wanted
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// A number with leading zeros.
func pad(_ value: Int, _ digits: Int) -> String {
    let text = String(abs(value))
    return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, digits - text.count)) + text
}
