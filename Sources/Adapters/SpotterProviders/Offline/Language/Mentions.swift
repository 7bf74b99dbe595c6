/// Finds addresses, ids, times and names among the pieces of a text.
enum Mentions {
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count), (3...253).contains(parts[1].count) else {
            return false
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
            }
    }

    /// `session_01h455vb4pex5vsknk084sn02q`, of any prefix.
    static func isTypeId(_ text: String) -> Bool {
        guard let bar = text.lastIndex(of: "_"), bar > text.startIndex else { return false }
        let suffix = text[text.index(after: bar)...]
        return suffix.utf8.count == 26
            && suffix.utf8.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz".utf8.contains($0) }
            && text[..<bar].allSatisfy { $0.isLowercase || $0 == "_" }
    }

    /// Runs of digits with the usual signs between them, of at least seven digits.
    static func phones(in pieces: [Piece]) -> [String] {
        var phones: [String] = []
        var run: [String] = []
        func finish() {
            let text = run.joined(separator: " ")
            if text.count(where: \.isNumber) >= 7, CalendarDay(text) == nil { phones.append(text) }
            run = []
        }
        for piece in pieces {
            let isPart =
                piece.core.allSatisfy { $0.isNumber || "+-()./".contains($0) } && piece.core.contains(where: \.isNumber)
            if isPart, CalendarDay(piece.core) == nil { run.append(piece.core) } else { finish() }
            if piece.endsClause { finish() }
        }
        finish()
        return phones
    }

    /// Times of day as `18:30`. Where it could be morning or evening and nothing says which, none.
    static func times(in pieces: [Piece]) -> [String] {
        let words = Set(pieces.flatMap(\.words))
        let isEvening = !words.isDisjoint(with: ["evening", "tonight", "afternoon", "night"])
        let isMorning = words.contains("morning")
        return pieces.indices.compactMap { index -> String? in
            let text = pieces[index].core.lowercased()
            if text == "noon" || text == "midday" { return "12:00" }
            let next = index + 1 < pieces.count ? pieces[index + 1].core.lowercased() : ""
            var half = ["am", "pm"].first(where: text.hasSuffix)
            let digits = half == nil ? text[...] : text.dropLast(2)
            if half == nil { half = ["am", "pm"].first { next == $0 || next == "\($0.prefix(1)).m" } }
            let fields = digits.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "." }
            guard (1...2).contains(fields.count), let hour = number(fields[0]), hour < 24,
                let minute = fields.count == 2 ? number(fields[1]) : 0, minute < 60
            else { return nil }
            let isAfterAt = index > 0 && pieces[index - 1].lower == "at"
            guard half != nil || digits.contains(":") || isAfterAt else { return nil }
            if let half { return hour <= 12 ? clock(hour % 12 + (half == "pm" ? 12 : 0), minute) : nil }
            if hour > 12 || digits.hasPrefix("0") { return clock(hour, minute) }
            if isEvening { return clock(hour % 12 + 12, minute) }
            return isMorning ? clock(hour % 12, minute) : nil
        }
    }

    private static func number(_ text: Substring) -> Int? {
        (1...2).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    private static func clock(_ hour: Int, _ minute: Int) -> String {
        "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    /// Capitalised words in a row. One that begins a sentence counts when another follows it.
    static func names(in pieces: [Piece]) -> [Range<Int>] {
        var names: [Range<Int>] = []
        var start: Int?
        func finish(at end: Int) {
            if let first = start, !(end - first == 1 && pieces[first].startsSentence) { names.append(first..<end) }
            start = nil
        }
        for (index, piece) in pieces.enumerated() {
            let isCommon =
                piece.isStop || piece.isTime || Vocabulary.actions.contains(piece.lower)
                || ["find", "search", "lookup", "book"].contains(piece.lower)
            let isName = piece.isCapitalized && !isCommon && !isEmail(piece.core)
            if !isName { finish(at: index) } else if start == nil { start = index }
            if isName, piece.endsClause { finish(at: index + 1) }
        }
        finish(at: pieces.count)
        return names
    }
}
