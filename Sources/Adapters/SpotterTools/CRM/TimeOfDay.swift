/// A local time of day, to the minute.
struct TimeOfDay: Hashable, Sendable, CustomStringConvertible {
    let hour: Int
    let minute: Int

    /// Reads `18:30`, `6pm`, `6.30 pm`, `18`, `noon`; nil for anything else.
    init?(_ text: String) {
        let word = text.lowercased().filter { !$0.isWhitespace }
        guard let (hour, minute) = word == "noon" || word == "midday" ? (12, 0) : Self.read(word),
            (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        self.hour = hour
        self.minute = minute
    }

    private static func read(_ word: String) -> (Int, Int)? {
        let isMorning = word.hasSuffix("am")
        let isEvening = word.hasSuffix("pm")
        let digits = isMorning || isEvening ? word.dropLast(2) : word[...]
        let fields = digits.split(omittingEmptySubsequences: false, whereSeparator: { $0 == ":" || $0 == "." })
        let isNumber = fields.allSatisfy {
            (1...2).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) }
        }
        guard isNumber, (1...2).contains(fields.count), let hour = Int(fields[0]),
            let minute = fields.count == 2 ? Int(fields[1]) : 0
        else { return nil }
        guard isMorning || isEvening else { return (hour, minute) }
        guard (1...12).contains(hour) else { return nil }
        return (hour % 12 + (isEvening ? 12 : 0), minute)
    }

    var description: String { "\(pad(hour, 2)):\(pad(minute, 2))" }
}
