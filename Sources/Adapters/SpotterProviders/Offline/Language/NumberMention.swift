import Foundation

/// A number that somebody named, and what stands beside it.
struct NumberMention {
    let value: Double
    let index: Int
    let isMoney: Bool
    /// The stems of the two words before and the two after.
    let before: [String]
    let after: [String]

    private static let spelled = [
        "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30,
    ]
    private static let currencies = "$€£¥"

    static func all(in pieces: [Piece]) -> [NumberMention] {
        pieces.indices.compactMap { index in
            let piece = pieces[index]
            let isMoney = piece.core.contains(where: currencies.contains)
            let digits = piece.core.filter { !currencies.contains($0) && $0 != "," }
            // "one" is more often a pronoun than a number.
            let word =
                piece.lower == "one" && !(index + 1 < pieces.count && pieces[index + 1].isTime)
                ? nil : spelled[piece.lower].map(Double.init)
            let isPlain = !digits.isEmpty && digits.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
            guard CalendarDay(piece.core) == nil, digits.count <= 15,
                let value = word ?? (isPlain ? Double(digits) : nil)
            else { return nil }
            let next = index + 1 < pieces.count ? pieces[index + 1].lower : ""
            let isCurrency = ["dollars", "euros", "pounds", "usd", "eur", "gbp"].contains(next)
            return NumberMention(
                value: value, index: index, isMoney: isMoney || isCurrency,
                before: pieces[max(0, index - 2)..<index].map(\.stem),
                after: pieces[min(index + 1, pieces.count)..<min(index + 3, pieces.count)].map(\.stem))
        }
    }
}
