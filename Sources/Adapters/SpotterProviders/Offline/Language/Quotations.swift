/// Finds what stands in quotation marks.
enum Quotations {
    private static let pairs: [Character: Character] = [
        "\"": "\"", "“": "”", "„": "“", "«": "»", "‘": "’", "'": "'", "`": "`",
    ]

    /// The quoted texts, and the rest with a comma in the place of each.
    static func taken(from text: String) -> (quoted: [String], rest: String) {
        let characters = Array(text)
        var quoted: [String] = []
        var rest = ""
        var index = 0
        while index < characters.count {
            if let end = end(of: index, in: characters) {
                let content = String(characters[(index + 1)..<end])
                if !content.allSatisfy(\.isWhitespace) { quoted.append(content) }
                rest += " , "
                index = end + 1
            } else {
                rest.append(characters[index])
                index += 1
            }
        }
        return (quoted, rest)
    }

    /// Where the quotation that begins at `start` ends. An apostrophe inside a word begins and ends none.
    private static func end(of start: Int, in characters: [Character]) -> Int? {
        guard let closing = pairs[characters[start]] else { return nil }
        let isApostrophe = closing == "'" || closing == "’"
        if isApostrophe, start > 0, !characters[start - 1].isWhitespace { return nil }
        var index = start + 1
        // Quotations longer than a message to somebody are none.
        while index < characters.count, index - start <= 2_000 {
            if characters[index] == closing {
                let follows = index + 1 < characters.count ? characters[index + 1] : " "
                if !isApostrophe || !follows.isLetter { return index > start + 1 ? index : nil }
            }
            index += 1
        }
        return nil
    }
}
