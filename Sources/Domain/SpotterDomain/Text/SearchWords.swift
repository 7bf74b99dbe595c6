/// The words that longer texts are found by: letters and digits in a row, folded.
public enum SearchWords {
    /// The longest part of a word that counts, in characters.
    public static let longest = 64
    /// The most different words of one text that count.
    public static let most = 5_000
    /// The longest text of a search, in characters, and the most words in it.
    public static let longestSearch = 200
    /// The most words of a search.
    public static let mostWanted = 10

    /// The different words of a text, in their order.
    public static func words(of text: String) -> [String] {
        var seen: Set<String> = []
        var words: [String] = []
        for part in FoldedText.fold(text).unicodeScalars.split(whereSeparator: { !isPartOfWord($0) }) {
            let word = String(String(part).prefix(longest))
            if seen.insert(word).inserted { words.append(word) }
            if words.count == most { break }
        }
        return words
    }

    /// The words of a search; none where nothing, or only white space, was given.
    ///
    /// - Throws: `invalid` at `/q` for a text that is too long, has too many words, or none at all.
    public static func wanted(_ search: String?) throws -> [String] {
        guard let search, search.contains(where: { !$0.isWhitespace }) else { return [] }
        guard search.count <= longestSearch else {
            throw SpotterError.invalid("/q", "must have at most \(longestSearch) characters")
        }
        let words = words(of: search)
        guard !words.isEmpty else { throw SpotterError.invalid("/q", "must have a letter or a digit") }
        guard words.count <= mostWanted else {
            throw SpotterError.invalid("/q", "must have at most \(mostWanted) words")
        }
        return words
    }

    /// Whether a text has for each of the words one that begins with it.
    public static func matches(_ text: String, _ wanted: [String]) -> Bool {
        let words = words(of: text)
        return wanted.allSatisfy { start in words.contains { $0.utf8.starts(with: start.utf8) } }
    }

    /// Marks belong to the letter before them.
    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
            return true
        default: return false
        }
    }
}
