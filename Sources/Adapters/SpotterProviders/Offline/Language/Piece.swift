/// What stands between two blanks, without the punctuation around it.
struct Piece {
    /// As written.
    let core: String
    /// Its words in lower case; most pieces have one, `check-in` has several, `?` none.
    let words: [String]
    /// Whether a comma, full stop or the like follows.
    let endsClause: Bool
    /// Whether a full stop or the like stands before.
    let startsSentence: Bool

    var lower: String { words.first ?? "" }
    var stem: String { Vocabulary.stem(lower) }
    var isCapitalized: Bool { core.first?.isUppercase == true && core.contains { $0.isLetter } }
    var isStop: Bool { words.allSatisfy(Vocabulary.stopWords.contains) }
    var isTime: Bool { !words.isEmpty && words.allSatisfy(Vocabulary.timeWords.contains) }

    /// The pieces of a text, in order.
    static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var startsSentence = true
        for raw in text.split(whereSeparator: \.isWhitespace) {
            let core = trim(raw)
            let tail = raw.last.map(",.;:!?)".contains) ?? false
            if !core.isEmpty {
                // Whose something is does not change its name.
                let bare = core.hasSuffix("'s") || core.hasSuffix("’s") ? String(core.dropLast(2)) : core
                let name = bare.lowercased() == "what" || bare.lowercased() == "who" ? core : bare
                pieces.append(
                    Piece(
                        core: name, words: Vocabulary.words(of: name), endsClause: tail, startsSentence: startsSentence)
                )
            }
            startsSentence = raw.last.map(".!?:".contains) ?? false
        }
        return pieces
    }

    private static func trim(_ raw: Substring) -> String {
        func isOuter(_ character: Character) -> Bool { ".,;:!?()[]{}<>\"“”„«»‘’'`*–—-".contains(character) }
        var raw = raw
        while let first = raw.first, isOuter(first) { raw.removeFirst() }
        while let last = raw.last, isOuter(last) { raw.removeLast() }
        return String(raw)
    }
}
