/// The words that records are found by: those of names, addresses and labels, and the digits of phone numbers.
public enum RecordWords {
    /// How many records a search looks at when very many match.
    public static let mostFound = 2_000
    /// Of how many digits the end of a phone number must be to find it.
    public static let fewestDigits = 4

    /// The words of some texts and of a number. Each end of the number is a word, so that what begins a word may be
    /// any part of it.
    public static func words(of texts: [String], phone: String?) -> [String] {
        var words = SearchWords.words(of: texts.joined(separator: "\n") + "\n" + (phone ?? ""))
        let digits = FoldedText.digits(phone)
        if digits.utf8.count >= fewestDigits {
            for start in 0...(digits.utf8.count - fewestDigits) { words.append(String(digits.dropFirst(start))) }
        }
        var seen: Set<String> = []
        return words.filter { seen.insert($0).inserted }
    }

    /// The words of a record.
    public static func words(of fields: some RecordFields) -> [String] {
        words(of: fields.searchTexts, phone: fields.searchPhone)
    }

    /// The words of a search. Long numbers lose the zeros before them: `07700` at home is `+44 7700` abroad.
    public static func wanted(_ query: String) -> [String] {
        var seen: Set<String> = []
        return SearchWords.words(of: query).map { word in
            guard word.utf8.count >= 7, word.utf8.allSatisfy({ (48...57).contains($0) }) else { return word }
            let short = word.drop { $0 == "0" }
            return short.utf8.count >= fewestDigits ? String(short) : word
        }.filter { seen.insert($0).inserted }
    }

    /// Whether for each of the wanted words one of a record's begins with it.
    public static func match(_ words: [String], _ wanted: [String]) -> Bool {
        wanted.allSatisfy { start in words.contains { $0.utf8.starts(with: start.utf8) } }
    }
}
