import SpotterDomain

/// What somebody said, taken apart.
struct Utterance {
    /// A word that helps to find the tool.
    struct Term {
        let stem: String
        let weight: Double
        /// Whether it is part of a name rather than of the question.
        let isName: Bool
    }

    /// As said, at most 4,000 characters: what comes later does not change what is meant.
    let text: String
    let pieces: [Piece]
    let quoted: [String]
    let emails: [String]
    let phones: [String]
    let typeIds: [String]
    let days: [DayMention]
    /// Times of day as `18:30`.
    let times: [String]
    let numbers: [NumberMention]
    /// Capitalised words in a row that begin no sentence by themselves.
    let names: [Range<Int>]
    /// The terms to match tools by.
    let query: [Term]
    /// The verb of an order to do something, such as `cancel`.
    let action: String?

    init(_ whole: String) {
        text = String(whole.prefix(4_000))
        let (quoted, rest) = Quotations.taken(from: text)
        self.quoted = quoted
        let pieces = Piece.pieces(of: rest)
        self.pieces = pieces
        emails = pieces.map(\.core).filter(Mentions.isEmail)
        typeIds = pieces.map(\.core).filter(Mentions.isTypeId)
        phones = Mentions.phones(in: pieces)
        days = DayMention.all(in: pieces)
        times = Mentions.times(in: pieces)
        numbers = NumberMention.all(in: pieces)
        names = Mentions.names(in: pieces)
        query = Self.terms(pieces, names: names, emails: emails, phones: phones, typeIds: typeIds)
        action = Self.action(in: pieces)
    }

    /// "and tomorrow?", "what about Anna": goes on from what was said before.
    var isContinuation: Bool {
        let words = pieces.prefix(3).flatMap(\.words)
        if ["and", "or", "also", "then", "same"].contains(words.first) { return true }
        return words.starts(with: ["what", "about"]) || words.starts(with: ["how", "about"])
    }

    /// Whether it asks or orders, rather than answering a question.
    var opensTopic: Bool {
        let openers: Set<String> = [
            "what", "whats", "when", "where", "who", "whos", "which", "how", "why", "is", "are", "do", "does", "can",
            "could", "show", "find", "list", "search", "lookup",
        ]
        return action != nil || text.hasSuffix("?") || pieces.first.map { openers.contains($0.lower) } ?? false
    }

    /// Whether it speaks of something named before.
    var hasPronoun: Bool {
        let pronouns: Set<String> = [
            "it", "that", "they", "them", "he", "she", "him", "his", "her", "same", "one", "there",
        ]
        return pieces.contains { piece in piece.words.contains(where: pronouns.contains) }
    }

    /// Whether it is only a value: a name, a day, an address, or a few words that are not the tools' own.
    func isBare(of vocabulary: Set<String>) -> Bool {
        let own = query.filter { !$0.isName }
        return own.isEmpty || pieces.count <= 4 && !own.contains { vocabulary.contains($0.stem) }
    }

    /// The text of some pieces.
    func text(of range: Range<Int>) -> String { pieces[range].map(\.core).joined(separator: " ") }

    // MARK: Terms

    /// Stems that ask for something to be found.
    static let searching: Set<String> = ["find", "search", "lookup", "locat"]

    private static func terms(
        _ pieces: [Piece], names: [Range<Int>], emails: [String], phones: [String], typeIds: [String]
    ) -> [Term] {
        var terms: [Term] = []
        // Everything can be found; what matters is what. But who is looked for need not be a word that tools know.
        let searchWeight = pieces.count <= 4 ? 1 : 0.6
        for (index, piece) in pieces.enumerated() {
            guard !Mentions.isEmail(piece.core), !Mentions.isTypeId(piece.core) else { continue }
            let isName = names.contains { $0.contains(index) }
            for word in piece.words where !Vocabulary.stopWords.contains(word) && !Vocabulary.timeWords.contains(word) {
                guard Int(word) == nil else { continue }
                let stem = Vocabulary.stem(word)
                let weight = isName ? 0.3 : searching.contains(stem) ? searchWeight : 1
                terms.append(Term(stem: stem, weight: weight, isName: isName))
            }
        }
        for (stem, weight) in phrases(in: pieces.flatMap(\.words)) {
            terms.append(Term(stem: stem, weight: weight, isName: false))
        }
        if !emails.isEmpty { terms.append(Term(stem: "email", weight: 0.5, isName: true)) }
        if !phones.isEmpty { terms.append(Term(stem: "phon", weight: 0.5, isName: true)) }
        for id in typeIds {
            let prefix = Vocabulary.stem(String(id.prefix { $0 != "_" }))
            terms.append(Term(stem: prefix, weight: 0.5, isName: true))
        }
        return terms
    }

    /// What some everyday phrases of small words ask for.
    private static func phrases(in words: [String]) -> [(String, Double)] {
        let text = " " + words.joined(separator: " ") + " "
        func has(_ phrases: String...) -> Bool { phrases.contains { text.contains(" \($0) ") } }
        var terms: [(String, Double)] = []
        if has("look up", "looking for", "look for") { terms.append(("find", 0.6)) }
        if has("what s on", "what is on", "whats on", "going on", "taking place", "takes place") {
            terms.append((Vocabulary.stem("schedule"), 1))
        }
        if ["who"].contains(words.first), has("who is", "who s", "who are") { terms.append(("member", 0.8)) }
        if has("when") { terms.append((Vocabulary.stem("schedule"), 0.5)) }
        if has("how much") { terms.append((Vocabulary.stem("price"), 0.5)) }
        if has("sign up", "sign me up") { terms.append(("book", 1)) }
        return terms
    }

    // MARK: Orders

    private static let openers: Set<String> = [
        "please", "can", "could", "would", "will", "you", "i", "we", "want", "need", "to", "like", "d", "id", "lets",
        "let", "us", "hi", "hey", "hello", "and", "then", "also", "now", "ok", "okay", "kindly", "just", "help", "me",
    ]

    private static func action(in pieces: [Piece]) -> String? {
        let words = pieces.flatMap(\.words)
        guard let index = words.firstIndex(where: { !openers.contains($0) }), Vocabulary.actions.contains(words[index])
        else { return nil }
        // "update me", "email of Anna", "text is missing": not orders.
        let next = index + 1 < words.count ? words[index + 1] : ""
        let isOrder = !["of", "is", "was", "address", "addresses", "s"].contains(next)
        let isNews = words[index] == "update" && ["me", "us"].contains(next)
        return isOrder && !isNews ? words[index] : nil
    }
}
