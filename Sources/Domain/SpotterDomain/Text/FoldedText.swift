import Foundation

/// Text as names are compared and searched by: Unicode NFC, case folded.
///
/// Folded here and stored beside the text, so that the rules are the same whatever the database's locale.
public enum FoldedText {
    /// `Straße` and `STRASSE`, `é` composed or not, all give the same text.
    public static func fold(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        // Up and down again is full case folding for every letter whose cases are not one to one (ß, ς, ﬁ).
        let folded = text.precomposedStringWithCanonicalMapping.uppercased().lowercased()
        return folded.precomposedStringWithCanonicalMapping
    }

    /// The folded words of a search, without repeats.
    public static func words(_ query: String) -> [String] {
        var seen: Set<String> = []
        return fold(query).split(whereSeparator: \.isWhitespace).map(String.init).filter { seen.insert($0).inserted }
    }

    /// Several texts as one that is searched: a line each, so that no word matches across two of them.
    public static func searchKey(_ texts: String?...) -> String {
        texts.compactMap(\.self).map(fold).joined(separator: "\n")
    }

    /// The digits of a phone number.
    public static func digits(_ text: String?) -> String { (text ?? "").filter { $0.isASCII && $0.isNumber } }

    /// The digits of a word of a search that may be part of a phone number, such as `(0)20-7946`; nil if it is not.
    public static func phoneDigits(ofWord word: String) -> String? {
        let punctuation: Set<Character> = ["+", "-", "(", ")", ".", "/"]
        guard word.allSatisfy({ ($0.isASCII && $0.isNumber) || punctuation.contains($0) }) else { return nil }
        let digits = digits(word)
        return digits.isEmpty ? nil : digits
    }
}
