import Foundation
import SpotterDomain

/// A date without time or zone, for turning "tomorrow" into digits.
struct CalendarDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01, a Thursday.
    let number: Int

    static let weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    init(number: Int) { self.number = number }

    /// Reads `2026-11-21`; nil for anything else and for days that do not exist.
    init?(_ text: String) {
        guard text.utf8.count == 10, let date = Timestamp.date(from: text + "T00:00:00Z") else { return nil }
        number = Int((date.timeIntervalSince1970 / 86_400).rounded(.down))
    }

    init?(year: Int, month: Int, day: Int) {
        func padded(_ value: Int, _ count: Int) -> String {
            String(repeating: "0", count: max(0, count - String(value).count)) + String(value)
        }
        guard year >= 0, month >= 0, day >= 0 else { return nil }
        self.init("\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))")
    }

    var description: String {
        String(Timestamp.string(from: Date(timeIntervalSince1970: Double(number) * 86_400)).prefix(10))
    }

    /// 0 is Sunday.
    var weekday: Int { ((number + 4) % 7 + 7) % 7 }
    var year: Int { Int(description.prefix(4)) ?? 1970 }

    static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }
    static func + (day: CalendarDay, days: Int) -> CalendarDay { CalendarDay(number: day.number + days) }

    /// The number of a month by its name or its first three letters.
    static func month(named word: String) -> Int? {
        guard word.count >= 3 else { return nil }
        return months.firstIndex { $0 == word || $0.prefix(3) == word || $0.prefix(4) == word && word == "sept" }
            .map { $0 + 1 }
    }

    /// The number of a weekday by its name, singular or plural, or a usual short form.
    static func weekday(named word: String) -> Int? {
        let word = word.count > 4 && word.hasSuffix("s") ? String(word.dropLast()) : word
        return weekdays.firstIndex { name in
            name == word
                || ["mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun"].contains(word)
                    && name.hasPrefix(word)
        }
    }

    /// The day that a prompt states: "Today is Saturday 21 November 2026" or "Today is 2026-11-21".
    static func stated(in prompt: String) -> CalendarDay? {
        guard let start = prompt.range(of: "today is", options: .caseInsensitive) else { return nil }
        let words = prompt[start.upperBound...].prefix(60).split { !$0.isLetter && !$0.isNumber && $0 != "-" }
            .prefix(6).map { $0.lowercased() }
        for (index, word) in words.enumerated() {
            if let day = CalendarDay(word) { return day }
            guard let month = month(named: word), index > 0 || words.count > 1 else { continue }
            let before = index > 0 ? Int(words[index - 1]) : nil
            let after = words.dropFirst(index + 1).prefix(2).compactMap { Int($0) }
            if let before, let year = after.first { return CalendarDay(year: year, month: month, day: before) }
            if after.count == 2 { return CalendarDay(year: after[1], month: month, day: after[0]) }
        }
        return nil
    }
}
