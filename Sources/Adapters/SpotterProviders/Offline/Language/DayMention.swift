/// A day that somebody named.
struct DayMention {
    enum Day: Hashable {
        /// `2026-11-21`
        case date(CalendarDay)
        /// `today`, `tomorrow`, `yesterday` or a weekday.
        case word(String)
        case monthAndDay(month: Int, day: Int)
    }

    let day: Day
    /// Whether `until`, `to` or the like stands before it.
    let isEnd: Bool

    private static let spellings: [String: String] = [
        "today": "today", "tonight": "today", "tomorrow": "tomorrow", "tmrw": "tomorrow", "tomorow": "tomorrow",
        "tommorow": "tomorrow", "tommorrow": "tomorrow", "yesterday": "yesterday",
    ]

    static func all(in pieces: [Piece]) -> [DayMention] {
        var mentions: [DayMention] = []
        for index in pieces.indices {
            let before = index > 0 ? pieces[index - 1].lower : ""
            let isEnd = ["to", "until", "till", "through", "by", "before"].contains(before)
            guard let day = day(at: index, in: pieces) else { continue }
            mentions.append(DayMention(day: day, isEnd: isEnd))
        }
        if mentions.isEmpty {
            let words = pieces.flatMap(\.words)
            // A week that comes begins on its Monday; a weekend on its Saturday.
            if words.contains("weekend") { mentions.append(DayMention(day: .word("saturday"), isEnd: false)) }
            if zip(words, words.dropFirst()).contains(where: { $0 == ("next", "week") }) {
                mentions.append(DayMention(day: .word("monday"), isEnd: false))
            }
        }
        return mentions
    }

    private static func day(at index: Int, in pieces: [Piece]) -> Day? {
        let piece = pieces[index]
        if let date = CalendarDay(piece.core) { return .date(date) }
        if let word = spellings[piece.lower] { return .word(word) }
        if let weekday = CalendarDay.weekday(named: piece.lower) {
            // "Saturday 21 November" is one day, named twice.
            let rest = pieces.dropFirst(index + 1).prefix(2)
            guard !rest.contains(where: { CalendarDay.month(named: $0.lower) != nil }) else { return nil }
            // "sun" and "sat" are weekdays only where they are written as such.
            guard piece.lower.count > 3 || piece.isCapitalized || index == pieces.count - 1 else { return nil }
            return .word(CalendarDay.weekdays[weekday])
        }
        guard let month = CalendarDay.month(named: piece.lower) else { return nil }
        return date(in: month, at: index, pieces)
    }

    private static func date(in month: Int, at index: Int, _ pieces: [Piece]) -> Day? {
        func number(_ offset: Int) -> Int? {
            guard pieces.indices.contains(index + offset) else { return nil }
            let text = pieces[index + offset].lower
            let digits = ["st", "nd", "rd", "th"].contains(where: text.hasSuffix) ? text.dropLast(2) : text[...]
            return digits.count <= 4 ? Int(digits) : nil
        }
        var before = number(-1)
        if before == nil, index > 1, pieces[index - 1].lower == "of" { before = number(-2) }
        let year = [number(1), number(2)].compactMap { $0 }.first { (1970...9999).contains($0) }
        guard let day = before ?? number(1), (1...31).contains(day) else { return nil }
        if let year, let date = CalendarDay(year: year, month: month, day: day) { return .date(date) }
        return .monthAndDay(month: month, day: day)
    }
}

extension DayMention.Day {
    /// The date, where it follows from the day it is today.
    func resolved(today: CalendarDay?) -> CalendarDay? {
        switch self {
        case .date(let date): return date
        case .monthAndDay(let month, let day):
            guard let today else { return nil }
            // Without a year, the next such day is meant.
            return [today.year, today.year + 1].compactMap { CalendarDay(year: $0, month: month, day: day) }
                .first { $0 >= today }
        case .word(let word):
            guard let today else { return nil }
            switch word {
            case "today": return today
            case "tomorrow": return today + 1
            case "yesterday": return today + -1
            default:
                guard let weekday = CalendarDay.weekday(named: word) else { return nil }
                return today + (weekday - today.weekday + 7) % 7
            }
        }
    }
}
