/// One entry of a field's list.
enum CronItem: Hashable, Sendable {
    /// `*`, `?` or `*/n`: the whole field, every `step`-th value.
    case every(step: Int)
    /// `a`, `a-b` or `a-b/n`.
    case range(ClosedRange<Int>, step: Int)
    /// Day of month `L`.
    case lastDay
    /// Day of month `15W`.
    case nearestWeekday(Int)
    /// Day of week `FRI#2`, or `FRI#L` and `5L` with ordinal 0. The day is 0 to 6.
    case ordinal(Int, weekday: Int)
}

/// Reads the text of a cron expression into the items of its fields. Never reads more than the text's own bytes, once.
struct CronParser {
    /// What was read.
    struct Result {
        var items: [CronField: [CronItem]] = [:]
        /// `+` before the day of week: both day fields must match.
        var needsBothDays = false
    }

    static let maximumLength = 256
    private let bytes: [UInt8]

    /// - Throws: `CronError`, always with a column inside the text or right behind it.
    static func parse(_ text: String) throws(CronError) -> Result {
        guard text.utf8.count <= maximumLength else {
            throw CronError(
                field: nil, column: maximumLength + 1, "is longer than \(maximumLength) bytes")
        }
        return try CronParser(bytes: Array(text.utf8)).read()
    }

    private func read() throws(CronError) -> Result {
        let words = words()
        guard let first = words.first else {
            throw CronError(
                field: nil, column: 1,
                "is empty; expected five fields such as \"0 9 * * MON\" or a nickname such as @daily")
        }
        let fields = CronField.fields(count: words.count)
        for (index, byte) in bytes.enumerated() where !Self.isAllowed(byte) {
            let word = words.firstIndex { $0.contains(index) } ?? 0
            throw CronError(
                field: bytes[first.lowerBound] == UInt8(ascii: "@") ? nil : fields?[word], column: index + 1,
                "holds a character that cron has no meaning for; expected digits, names and * , - / # ? +")
        }
        if bytes[first.lowerBound] == UInt8(ascii: "@") { return try nickname(words) }
        guard let fields else {
            throw CronError(
                field: nil, column: words.count > 7 ? words[7].lowerBound + 1 : words[words.count - 1].upperBound + 1,
                "has \(words.count) field\(words.count == 1 ? "" : "s"); expected 5 (minute hour day-of-month month "
                    + "day-of-week), 6 (second first) or 7 (second first, year last)")
        }
        var result = Result()
        for (field, word) in zip(fields, words) {
            var word = word
            if field == .dayOfWeek, bytes[word.lowerBound] == UInt8(ascii: "+") {
                result.needsBothDays = true
                word = word.dropFirst()
            }
            result.items[field] = try items(of: field, in: word)
        }
        return result
    }

    // MARK: Words

    private func words() -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start: Int?
        for index in 0...bytes.count {
            let isGap = index == bytes.count || bytes[index] == 32 || bytes[index] == 9
            if isGap, let begin = start {
                words.append(begin..<index)
                start = nil
            } else if !isGap, start == nil {
                start = index
            }
        }
        return words
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 32, 9: true
        default: "*,-/#?+@".utf8.contains(byte)
        }
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    // MARK: Nicknames

    /// What the nicknames of OCPS 1.1 stand for.
    static let nicknames: [(name: String, meaning: String)] = [
        ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"), ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"), ("@hourly", "0 * * * *"),
    ]

    private func nickname(_ words: [Range<Int>]) throws(CronError) -> Result {
        guard words.count == 1 else {
            throw CronError(
                field: nil, column: words[1].lowerBound + 1,
                length: words[words.count - 1].upperBound - words[1].lowerBound,
                "a nickname stands alone; expected nothing after \(text(words[0]))")
        }
        let name = text(words[0])
        guard name != "@reboot" else {
            throw CronError(
                .unsupported, field: nil, column: words[0].lowerBound + 1, length: words[0].count,
                "@reboot is not a time: schedules here fire by the clock; expected @hourly, @daily or five fields")
        }
        guard let known = Self.nicknames.first(where: { $0.name == name }) else {
            let hint = DidYouMean.hint(for: name, among: Self.nicknames.map(\.name))
            throw CronError(
                field: nil, column: words[0].lowerBound + 1, length: words[0].count,
                "\(name) is no nickname; expected \(Self.nicknames.map(\.name).joined(separator: ", "))\(hint)")
        }
        return try CronParser(bytes: Array(known.meaning.utf8)).read()
    }

    // MARK: Fields

    private func items(of field: CronField, in word: Range<Int>) throws(CronError) -> [CronItem] {
        var items: [CronItem] = []
        var start = word.lowerBound
        for index in word.lowerBound...word.upperBound
        where index == word.upperBound || bytes[index] == UInt8(ascii: ",") {
            var reader = CronItemReader(bytes: bytes, field: field, position: start, end: index)
            items.append(try reader.read())
            start = index + 1
        }
        // OCPS 1.3: W stands for one day and cannot be one of several.
        if items.count > 1, items.contains(where: { if case .nearestWeekday = $0 { true } else { false } }) {
            throw CronError(
                field: field, column: word.lowerBound + 1, length: word.count,
                "W cannot be part of a list; expected one day such as 15W")
        }
        return items
    }
}
