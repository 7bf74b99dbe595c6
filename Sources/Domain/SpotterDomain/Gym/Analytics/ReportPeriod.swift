import Foundation

/// A period as people and models say it: `this month`, `last 3 months`, `2026-01-01 to 2026-03-31`.
///
/// `last month`, `last 3 months` and the like are whole months, the running one left out; `last 30 days` ends with
/// today. `this month` ends with today.
public struct ReportPeriod: Sendable, Hashable {
    /// As it was given.
    public let text: String

    /// A period in words.
    public init(_ text: String) { self.text = text }

    /// The most days that a report covers.
    public static let longest = 366
    /// What can be said, for descriptions and errors.
    public static let accepted = """
        today, yesterday, this month (or week, quarter, year), last month, last 3 months, last 30 days, a month such as \
        2026-05, a quarter such as 2026-Q2, a year such as 2026, or two dates such as 2026-01-01 to 2026-03-31
        """

    /// The first and the last day.
    ///
    /// - Throws: `ToolFailure` that says what can be said.
    public func days(today: Day) throws -> ClosedRange<Day> {
        guard let range = range(today) else {
            throw ToolFailure("\"\(text.prefix(60))\" is not a period. Use \(Self.accepted).")
        }
        let (first, last) = range
        guard first <= last else {
            throw ToolFailure("The period begins on \(first), after its end on \(last). Give the earlier date first.")
        }
        guard first <= today else {
            throw ToolFailure("The period \(first) to \(last) has not begun: today is \(today). Reports look back.")
        }
        guard last.days - first.days < Self.longest else {
            throw ToolFailure(
                """
                The period \(first) to \(last) has \(last.days - first.days + 1) days; a report covers at most \
                \(Self.longest). Ask for it in parts, such as year by year.
                """)
        }
        return first...last
    }

    private func range(_ today: Day) -> (Day, Day)? {
        let words = text.lowercased().replacing("_", with: " ").split(whereSeparator: \.isWhitespace).map(String.init)
        switch words.count {
        case 1: return word(words[0], today)
        case 2 where words[0] == "this" || words[0] == "current": return current(words[1], today)
        case 2 where Self.isLast(words[0]): return previous(words[1], today)
        case 2: return Self.quarter(words[1] + "-" + words[0])
        case 3 where Self.isLast(words[0]): return last(words[1], words[2], today)
        case 3 where words == ["year", "to", "date"]: return current("year", today)
        case 3 where ["to", "until", "through", "-", "–"].contains(words[1]): return Self.between(words[0], words[2])
        case 4 where words[0] == "from" && ["to", "until", "through"].contains(words[2]):
            return Self.between(words[1], words[3])
        default: return nil
        }
    }

    private static func isLast(_ word: String) -> Bool { ["last", "past", "previous"].contains(word) }

    private func word(_ word: String, _ today: Day) -> (Day, Day)? {
        switch word {
        case "today": return (today, today)
        case "yesterday": return (today.adding(days: -1), today.adding(days: -1))
        case "ytd": return current("year", today)
        default: break
        }
        if let day = Day(word) { return (day, day) }
        for separator in ["..", "/"] where word.contains(separator) {
            let parts = word.split(separator: separator, omittingEmptySubsequences: false)
            return parts.count == 2 ? Self.between(String(parts[0]), String(parts[1])) : nil
        }
        if let month = Day(word + "-01") { return (month, month.adding(months: 1).adding(days: -1)) }
        if let year = Day(word + "-01-01") { return (year, year.adding(months: 12).adding(days: -1)) }
        return Self.quarter(word)
    }

    /// `2026-q2`.
    private static func quarter(_ word: String) -> (Day, Day)? {
        let parts = word.split(separator: "-")
        guard parts.count == 2, let year = Day("\(parts[0])-01-01"), parts[1].first == "q",
            let number = Int(parts[1].dropFirst()), (1...4).contains(number)
        else { return nil }
        let first = year.adding(months: 3 * (number - 1))
        return (first, first.adding(months: 3).adding(days: -1))
    }

    private static func between(_ first: String, _ last: String) -> (Day, Day)? {
        guard let first = Day(first), let last = Day(last) else { return nil }
        return (first, last)
    }

    /// Since the unit began.
    private func current(_ unit: String, _ today: Day) -> (Day, Day)? {
        Self.start(of: unit, at: today).map { ($0, today) }
    }

    private static func start(of unit: String, at day: Day) -> Day? {
        switch unit {
        case "week": day.adding(days: 1 - day.isoWeekday)
        case "month": day.startOfMonth
        case "quarter": day.startOfMonth.adding(months: -((day.month - 1) % 3))
        case "year": day.startOfMonth.adding(months: 1 - day.month)
        default: nil
        }
    }

    /// The unit before the running one.
    private func previous(_ unit: String, _ today: Day) -> (Day, Day)? { last("1", unit + "s", today) }

    private func last(_ number: String, _ units: String, _ today: Day) -> (Day, Day)? {
        guard let count = Int(number), (1...10_000).contains(count) else { return nil }
        let unit = units.hasSuffix("s") ? String(units.dropLast()) : units
        if unit == "day" { return (today.adding(days: 1 - count), today) }
        guard let start = Self.start(of: unit, at: today) else { return nil }
        let first = unit == "week" ? start.adding(days: -7 * count) : start.adding(months: -count * Self.months(unit))
        return (first, start.adding(days: -1))
    }

    private static func months(_ unit: String) -> Int { unit == "year" ? 12 : unit == "quarter" ? 3 : 1 }
}

extension ReportPeriod: Codable, SchemaDescribed {
    /// Any text; what it means depends on the day.
    public init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    /// The text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// A short string.
    public static let schema: JSONSchema = {
        var schema = JSONSchema(.string, description: "A period: \(accepted).")
        schema.minimumLength = 1
        schema.maximumLength = 60
        schema.example = "last 3 months"
        return schema
    }()
    /// The running month.
    public static let sample = ReportPeriod("this month")
}
