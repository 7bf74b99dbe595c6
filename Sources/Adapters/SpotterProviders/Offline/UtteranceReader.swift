import SpotterDomain

/// Hands out what an utterance holds, each piece to one parameter only.
struct UtteranceReader {
    private let utterance: Utterance
    private let vocabulary: Set<String>
    private let known: [String]
    private var taken: Set<Int> = []
    private var quoted: [String]
    private var emails: [String]
    private var phones: [String]

    init(_ utterance: Utterance, vocabulary: Set<String>, known: [String]) {
        self.utterance = utterance
        self.vocabulary = vocabulary
        self.known = known
        quoted = utterance.quoted
        emails = utterance.emails
        phones = utterance.phones
    }

    private var pieces: [Piece] { utterance.pieces }

    // MARK: What leaves no doubt

    func id(prefix: String) -> String? {
        utterance.typeIds.first { $0.hasPrefix(prefix + "_") && $0.utf8.count == prefix.utf8.count + 27 }
    }

    mutating func email() -> String? { emails.isEmpty ? nil : emails.removeFirst() }
    mutating func phone() -> String? { phones.isEmpty ? nil : phones.removeFirst() }

    /// Whether all words of a value such as `high_risk` stand beside each other.
    func contains(_ value: String) -> Bool { place(of: value) != nil }

    mutating func choice(among values: [String]) -> String? {
        // The longest first: "not active" is not "active".
        for value in values.sorted(by: { $0.count > $1.count }) {
            guard let place = place(of: value) else { continue }
            taken.formUnion(place)
            return value
        }
        return nil
    }

    private func place(of value: String) -> Range<Int>? {
        let wanted = Vocabulary.words(of: humanized(value)).map(Vocabulary.stem)
        guard !wanted.isEmpty, wanted.count <= pieces.count else { return nil }
        return (0...(pieces.count - wanted.count)).lazy.map { $0..<($0 + wanted.count) }
            .first { range in zip(pieces[range], wanted).allSatisfy { $0.stem == $1 } }
    }

    // MARK: Numbers

    mutating func number(for role: ParameterRole) -> Double? {
        let open = utterance.numbers.filter { !taken.contains($0.index) && !isTimeOrDay($0) }
        guard
            let number = open.first(where: { fits($0, role) })
                ?? (role.property.isRequired && open.count == 1 ? open[0] : nil)
        else { return nil }
        taken.insert(number.index)
        return number.value
    }

    private func fits(_ number: NumberMention, _ role: ParameterRole) -> Bool {
        let tokens = Set(role.tokens)
        let stems = Set(role.tokens.map(Vocabulary.stem))
        if !tokens.isDisjoint(with: ["amount", "price", "cost", "total", "value", "budget", "fee"]), number.isMoney {
            return true
        }
        if !tokens.isDisjoint(with: ["limit", "count", "max", "top"]) {
            let leads =
                number.before.last.map { ["top", "first", "last", "limit", "only", "to"].contains($0) } ?? false
            if leads || number.after.first.map(vocabulary.contains) == true { return true }
        }
        return !stems.isDisjoint(with: number.after) || !stems.isDisjoint(with: number.before)
    }

    private func isTimeOrDay(_ number: NumberMention) -> Bool {
        let units: Set<String> = ["day", "week", "am", "pm", "month", "o'clock"]
        if let unit = number.after.first, units.contains(unit) || CalendarDay.month(named: unit) != nil { return true }
        return number.before.last.map { CalendarDay.month(named: $0) != nil || $0 == "at" } ?? false
    }

    // MARK: Texts

    /// What is to be passed on: quoted, after a colon, or after "saying".
    mutating func body() -> String? {
        if !quoted.isEmpty { return quoted.removeFirst() }
        for marker in [": ", " saying that ", " saying ", " that says ", " to say that ", " to say "] {
            guard let range = utterance.text.firstRange(of: marker) else { continue }
            let rest = utterance.text[range.upperBound...].drop(while: \.isWhitespace)
            if !rest.isEmpty { return String(rest) }
        }
        return nil
    }

    /// What to search for.
    mutating func query() -> String? {
        if !quoted.isEmpty { return quoted.removeFirst() }
        if let address = email() ?? phone() { return address }
        if let sought = afterSearchVerb() { return take(sought) }
        if let name = openNames.first { return take(name) }
        return runs.max { $0.count < $1.count }.flatMap { take($0) }
    }

    /// The name of a person, or nil.
    mutating func name() -> String? { openNames.first.flatMap { take($0) } }

    /// What something is called. An optional one is taken only where the words point to it.
    mutating func name(of noun: String?, isRequired: Bool) -> String? {
        if !quoted.isEmpty { return quoted.removeFirst() }
        let stem = noun.map(Vocabulary.stem)
        let runs = self.runs
        if let known = runs.first(where: isKnown) { return take(extended(known)) }
        if let stem, let near = runs.first(where: { isBeside($0, stem) }) { return take(near) }
        if noun == "class", let usual = runs.first(where: isUsualClass) { return take(usual) }
        if let name = openNames.first { return take(name) }
        if let led = runs.first(where: isLed) { return take(led) }
        return isRequired ? runs.max { $0.count < $1.count }.flatMap { take($0) } : nil
    }

    /// Some other text: after its own name, after "about", or a capitalised name.
    mutating func text(about noun: String?) -> String? {
        if !quoted.isEmpty { return quoted.removeFirst() }
        let stem = noun.map(Vocabulary.stem)
        if let stem, let named = runs.first(where: { $0.lowerBound > 0 && pieces[$0.lowerBound - 1].stem == stem }) {
            return take(named)
        }
        if let led = runs.first(where: isLed) { return take(led) }
        return openNames.first.flatMap { take($0) }
    }

    private mutating func take(_ range: Range<Int>) -> String {
        taken.formUnion(range)
        return utterance.text(of: range)
    }

    // MARK: Where names stand

    private var openNames: [Range<Int>] {
        utterance.names.compactMap { range in
            let open = range.drop { !isName(pieces[$0]) || taken.contains($0) }
            guard let first = open.first else { return nil }
            let end = open.first { taken.contains($0) } ?? range.upperBound
            return first..<end
        }
    }

    /// Words that belong to no tool, no grammar and no calendar, in a row.
    private var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        for index in 0...pieces.count {
            let isOpen = index < pieces.count && !taken.contains(index) && isName(pieces[index])
            if isOpen, start == nil { start = index }
            if let first = start, !isOpen || pieces[index].endsClause {
                runs.append(first..<(isOpen ? index + 1 : index))
                start = nil
            }
        }
        return runs
    }

    private func isName(_ piece: Piece) -> Bool {
        guard !piece.words.isEmpty, !piece.isStop, !piece.isTime, !Vocabulary.actions.contains(piece.lower) else {
            return false
        }
        guard !Mentions.isEmail(piece.core), !Mentions.isTypeId(piece.core) else { return false }
        guard Double(piece.core) == nil, !piece.core.contains(where: "$€£".contains) else { return false }
        return !piece.words.allSatisfy { word in
            let expansions = Vocabulary.expansions(of: Vocabulary.stem(word))
            return Int(word) != nil || expansions.contains { vocabulary.contains($0.stem) }
                || ["called", "named", "find", "search", "lookup"].contains(word)
        }
    }

    private func isKnown(_ run: Range<Int>) -> Bool {
        let text = utterance.text(of: run).lowercased()
        return text.count >= 3 && known.contains { $0.contains(text) }
    }

    /// A known name with the small words that belong to it, such as the last of "Power Hour".
    private func extended(_ run: Range<Int>) -> Range<Int> {
        var run = run
        while run.upperBound < pieces.count, isKnown(run.lowerBound..<(run.upperBound + 1)) {
            run = run.lowerBound..<(run.upperBound + 1)
        }
        return run
    }

    /// "the Spin class", "the class Spin", "a class called Spin".
    private func isBeside(_ run: Range<Int>, _ stem: String) -> Bool {
        let nouns: Set<String> = stem == "class" ? ["class", "session", "course", "workout"] : [stem]
        if run.upperBound < pieces.count, nouns.contains(pieces[run.upperBound].stem) { return true }
        guard let before = pieces[..<run.lowerBound].last else { return false }
        if nouns.contains(before.stem) { return true }
        guard ["called", "named"].contains(before.lower), run.lowerBound > 1 else { return false }
        return nouns.contains(pieces[run.lowerBound - 2].stem)
    }

    private func isLed(_ run: Range<Int>) -> Bool {
        guard let before = pieces[..<run.lowerBound].last else { return false }
        let article = ["the", "a", "an", "next"].contains(before.lower)
        let leader = article ? pieces[..<(run.lowerBound - 1)].last : before
        return leader.map {
            ["in", "into", "for", "of", "about", "on", "is", "does", "called", "named"].contains($0.lower)
        }
            ?? false
    }

    private static let usualClasses: Set<String> = [
        "spin", "spinning", "yoga", "pilates", "hiit", "boxing", "kickboxing", "zumba", "crossfit", "barre", "mobility",
        "stretching", "bootcamp", "circuits", "aqua", "rowing", "kettlebell", "cycling", "dance", "aerobics",
        "strength",
        "pump", "judo", "karate", "climbing", "swimming", "meditation", "tabata", "step",
    ]

    private func isUsualClass(_ run: Range<Int>) -> Bool {
        pieces[run].contains { $0.words.contains(where: Self.usualClasses.contains) }
    }

    /// What follows "find", "look up", "who is", "called", up to the end of the clause.
    private func afterSearchVerb() -> Range<Int>? {
        let words = pieces.map(\.lower)
        let verbs: Set<String> = ["find", "search", "lookup", "called", "named"]
        let verb = words.indices.last { index in
            verbs.contains(words[index]) || words[index] == "up" && index > 0 && words[index - 1] == "look"
                || ["is", "s"].contains(words[index]) && index > 0 && words[index - 1] == "who"
        }
        guard let verb else { return nil }
        return runs.first { $0.lowerBound > verb }
    }
}
