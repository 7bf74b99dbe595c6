public import Foundation

/// Hours of a day in which nobody is disturbed, such as 21:00 to 08:00.
public struct QuietHours: Sendable, Hashable {
    /// Minutes after midnight.
    public let from: Int
    /// Minutes after midnight; before `from`, it is the next morning.
    public let to: Int

    /// Reads two times of day as `HH:MM`; nil for anything else, and where both are the same.
    public init?(from: String, to: String) {
        guard let from = Self.minutes(from), let to = Self.minutes(to), from != to else { return nil }
        self.from = from
        self.to = to
    }

    /// `HH:MM`, from 00:00 to 23:59, in minutes after midnight.
    public static func minutes(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(isTwoDigits),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), hours < 24, minutes < 60
        else { return nil }
        return hours * 60 + minutes
    }

    private static func isTwoDigits(_ text: Substring) -> Bool {
        text.utf8.count == 2 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// When the quiet hours end that `date` falls into, by the clocks of `zone`; nil where it falls into none. Where
    /// that time is skipped in the night that clocks change, the first moment after it.
    public func end(at date: Date, in zone: TimeZone) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let time = calendar.dateComponents([.hour, .minute], from: date)
        let minute = (time.hour ?? 0) * 60 + (time.minute ?? 0)
        guard from < to ? (from..<to).contains(minute) : minute >= from || minute < to else { return nil }
        return calendar.nextDate(
            after: date, matching: DateComponents(hour: to / 60, minute: to % 60, second: 0),
            matchingPolicy: .nextTime)
    }
}
