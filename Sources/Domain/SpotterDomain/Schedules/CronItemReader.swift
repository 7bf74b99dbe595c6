/// Reads one entry of a field's list, such as `*/5`, `MON-FRI` or `FRI#L`.
struct CronItemReader {
    let bytes: [UInt8]
    let field: CronField
    var position: Int
    let end: Int

    mutating func read() throws(CronError) -> CronItem {
        let start = position
        guard position < end else {
            throw failure(at: position, "an entry is missing; expected \(field.expectation), *, a-b or a-b/n")
        }
        if take("*") {
            let step = try step() ?? 1
            try expectEnd()
            return .every(step: step)
        }
        if peek("?") { return try questionMark() }
        if let special = try lastDay() { return special }
        let first = try value()
        if let special = try modifier(after: first, from: start) { return special }
        guard take("-") else {
            if peek("/") {
                let full = "\(first.number)-\(field.bounds.upperBound)"
                throw failure(
                    at: position, length: end - position,
                    "a step follows * or a range; expected */n or such as \(full)/n")
            }
            try expectEnd()
            return .range(first.number...first.number, step: 1)
        }
        let range = try range(from: first, start: start)
        if let letter = current, "LlWw#".utf8.contains(letter) {
            throw failure(at: position, "L, W and # belong to one day, not to a range")
        }
        let step = try step() ?? 1
        try expectEnd()
        return .range(range, step: step)
    }

    // MARK: Values

    private struct Value {
        let number: Int
        let isName: Bool
        let column: Int
        let length: Int
    }

    private var current: UInt8? { position < end ? bytes[position] : nil }
    private func peek(_ character: Character) -> Bool { current == character.asciiValue }

    private mutating func take(_ character: Character) -> Bool {
        guard peek(character) else { return false }
        position += 1
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte & 0xDF) && byte > 64 }

    private mutating func run(_ belongs: (UInt8) -> Bool) -> String {
        let start = position
        while position < end, belongs(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func value() throws(CronError) -> Value {
        let start = position
        let digits = run(Self.isDigit)
        if !digits.isEmpty {
            guard let number = Int(digits), field.bounds.contains(number) else {
                throw failure(
                    .range, at: start, length: digits.utf8.count,
                    "\(digits) is out of range; expected \(field.expectation)")
            }
            return Value(number: number, isName: false, column: start + 1, length: position - start)
        }
        var name = run(Self.isLetter)
        // `FRIL` is `FRI` with the modifier L.
        if field == .dayOfWeek, name.utf8.count == 4, name.last == "L" || name.last == "l" {
            name.removeLast()
            position -= 1
        }
        guard !name.isEmpty else {
            let found = current.map { "found \(String(decoding: [$0], as: UTF8.self))" } ?? "nothing is left"
            throw failure(at: position, "\(found); expected \(field.expectation), *, a-b or a-b/n")
        }
        guard let index = field.names.firstIndex(of: name.uppercased()) else { throw unknown(name, at: start) }
        return Value(number: field.bounds.lowerBound + index, isName: true, column: start + 1, length: position - start)
    }

    private func unknown(_ name: String, at start: Int) -> CronError {
        let upper = name.uppercased()
        let modifiers = ["L", "W", "LW"].contains(upper)
        if field == .dayOfWeek, upper == "L" {
            return failure(at: start, "L follows a weekday here; expected such as FRI#L for the last Friday")
        }
        if field == .dayOfMonth, upper.hasSuffix("W") {
            return failure(at: start, length: name.utf8.count, "W follows a day; expected such as 15W")
        }
        if modifiers { return failure(at: start, length: name.utf8.count, "\(upper) belongs to the day fields only") }
        // Whoever writes MONDAY means MON.
        let prefix = field.names.first { upper.hasPrefix($0) }
        let hint = prefix.map { "; did you mean \"\($0)\"?" } ?? DidYouMean.hint(for: upper, among: field.names)
        return failure(
            at: start, length: name.utf8.count, "\(name) means nothing here; expected \(field.expectation)\(hint)")
    }

    private mutating func range(from first: Value, start: Int) throws(CronError) -> ClosedRange<Int> {
        let last = try value()
        var upper = last.number
        // Sunday's name is 0 at the start of a range and 7 at its end: SAT-SUN is 6-7.
        if field == .dayOfWeek, last.isName, upper == 0, first.number > 0 { upper = 7 }
        guard first.number <= upper else {
            let hint = field == .dayOfWeek && upper == 0 ? "; Sunday at a range's end is 7" : ""
            throw failure(
                .range, at: start, length: position - start,
                "the range runs backwards; expected the smaller value first, or a list\(hint)")
        }
        return first.number...upper
    }

    private mutating func step() throws(CronError) -> Int? {
        guard take("/") else { return nil }
        let start = position
        let digits = run(Self.isDigit)
        guard !digits.isEmpty else { throw failure(at: start, "a step's number is missing; expected such as /5") }
        guard let number = Int(digits), (1...9_999).contains(number) else {
            throw failure(.range, at: start, length: digits.utf8.count, "a step is 1 or more, at most 9999")
        }
        return number
    }

    // MARK: Day modifiers

    private mutating func questionMark() throws(CronError) -> CronItem {
        guard field == .dayOfMonth || field == .dayOfWeek else {
            throw failure(at: position, "? has a meaning in the day fields only; expected *")
        }
        position += 1
        try expectEnd()
        return .every(step: 1)
    }

    private mutating func lastDay() throws(CronError) -> CronItem? {
        guard field == .dayOfMonth, peek("L") || peek("l"), position + 1 == end || !Self.isLetter(bytes[position + 1])
        else { return nil }
        position += 1
        try expectEnd()
        return .lastDay
    }

    private mutating func modifier(after value: Value, from start: Int) throws(CronError) -> CronItem? {
        if field == .dayOfMonth, take("W") || take("w") {
            try expectEnd()
            return .nearestWeekday(value.number)
        }
        guard field == .dayOfWeek else { return nil }
        let weekday = value.number % 7
        if take("L") || take("l") {
            try expectEnd()
            return .ordinal(0, weekday: weekday)
        }
        guard take("#") else { return nil }
        if take("L") || take("l") {
            try expectEnd()
            return .ordinal(0, weekday: weekday)
        }
        let at = position
        let digits = run(Self.isDigit)
        guard let ordinal = Int(digits), (1...5).contains(ordinal) else {
            throw failure(
                .range, at: at, length: max(1, digits.utf8.count), "after # comes which one of the month: 1 to 5, or L")
        }
        try expectEnd()
        return .ordinal(ordinal, weekday: weekday)
    }

    // MARK: Failures

    private func expectEnd() throws(CronError) {
        guard let current else { return }
        let found = String(decoding: [current], as: UTF8.self)
        let hint = found == "+" ? "; + may only begin the day of week" : ""
        throw failure(
            at: position, length: end - position, "\(found) cannot follow here; expected the entry's end\(hint)")
    }

    private func failure(
        _ kind: CronError.Kind = .syntax, at offset: Int, length: Int = 1, _ message: String
    ) -> CronError {
        CronError(kind, field: field, column: offset + 1, length: length, message)
    }
}
