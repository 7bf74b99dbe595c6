import SpotterDomain

/// An object of a wanted form, filled with what the words of a text say by themselves: how pleased they sound, what they
/// are about, which of the values they name. Nothing is made up that they do not hold.
struct StructuredAnswer {
    private let words: [String]
    private let stems: Set<String>
    private let text: String
    private let mood: Mood

    /// - Parameter said: a task as an agent is given it: its title, its words, and its input as JSON.
    init(about said: String) {
        let parts = said.split(separator: "\n\n").map(String.init)
        // The title says what is to be done, and nothing of what it is done to.
        let rest = parts.count > 1 ? parts.dropFirst() : parts[...]
        text = rest.map(Self.words).joined(separator: "\n")
        let pieces = Piece.pieces(of: String(text.prefix(20_000)))
        words = pieces.flatMap(\.words)
        stems = Set(words.map(Vocabulary.stem))
        mood = Mood(of: words)
    }

    /// Of JSON its texts, of anything else the words.
    private static func words(of part: String) -> String {
        let body = part.hasPrefix("Input:\n") ? String(part.dropFirst(7)) : part
        guard let json = try? JSONParser.parse(body) else { return body }
        var found: [String] = []
        func gather(_ value: JSONValue) {
            if let text = value.string { found.append(text) }
            value.array?.forEach(gather)
            value.object?.forEach { gather($0.value) }
        }
        gather(json)
        return found.joined(separator: ".\n")
    }

    /// The object as JSON; nil where the words do not hold what the form wants.
    func json(of schema: JSONSchema) -> String? {
        guard let value = value(of: schema, named: ""), schema.issues(in: value).isEmpty else { return nil }
        return value.description
    }

    private func value(of schema: JSONSchema, named name: String) -> JSONValue? {
        switch schema.kind {
        case .object:
            var object = JSONObject()
            for property in schema.properties {
                let value = value(of: property.schema, named: property.name)
                if value != nil || property.isRequired { object[property.name] = value ?? .null }
            }
            return .object(object)
        case .array: return list(of: schema, named: name)
        case .string: return text(of: schema).map(JSONValue.string)
        case .integer: return Int64(exactly: number(of: schema).rounded()).map(JSONValue.int)
        case .number:
            let value = (number(of: schema) * 100).rounded() / 100
            return value.isFinite ? .double(value) : nil
        case .boolean: return .bool(names(name))
        case .any: return .string(firstSentence)
        }
    }

    private func list(of schema: JSONSchema, named name: String) -> JSONValue? {
        guard let element = schema.elements.first else { return .array([]) }
        let most = schema.maximumCount ?? 10
        guard element.kind == .string else {
            return value(of: element, named: name).map { .array([$0].prefix(most).map(\.self)) }
        }
        let found = element.values.isEmpty ? topics : element.values.filter(names)
        return .array(found.prefix(most).map(JSONValue.string))
    }

    // MARK: Texts

    private func text(of schema: JSONSchema) -> String? {
        guard schema.values.isEmpty else { return choice(of: schema.values) }
        switch schema.format {
        case "email": return Utterance(text).emails.first
        case nil: return String(firstSentence.prefix(schema.maximumLength ?? 200))
        default: return nil
        }
    }

    private func choice(of values: [String]) -> String? {
        if let felt = values.first(where: { mood.word == $0.lowercased() }) { return felt }
        if let named = values.first(where: names) { return named }
        let undecided: Set<String> = ["neutral", "medium", "normal", "unknown", "other", "none", "mixed"]
        return values.first { undecided.contains($0.lowercased()) } ?? values.first
    }

    private var firstSentence: String {
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        guard let end = line.firstIndex(where: { ".!?".contains($0) }) else { return line }
        return String(line[...end])
    }

    /// Whether the words name it: all of its own words are among them.
    private func names(_ value: String) -> Bool {
        let wanted = Piece.pieces(of: value.split(separator: "_").joined(separator: " ")).flatMap(\.words)
            .filter { !Vocabulary.stopWords.contains($0) }
        return !wanted.isEmpty && wanted.allSatisfy { stems.contains(Vocabulary.stem($0)) }
    }

    // MARK: Figures

    /// From least to most, as the mood is from bad to good; from 0 to 1 where nothing is said.
    private func number(of schema: JSONSchema) -> Double {
        let least = schema.minimum ?? min(0, schema.maximum ?? 0)
        let most = schema.maximum ?? max(least + 1, 1)
        return least + (most - least) * (mood.score + 1) / 2
    }

    // MARK: Topics

    private var topics: [String] {
        Self.subjects.filter { subject in subject.words.contains { stems.contains(Vocabulary.stem($0)) } }.map(\.label)
    }

    private static let subjects: [(label: String, words: [String])] = [
        ("cancellation", ["cancel", "cancellation", "quit", "leave"]), ("refund", ["refund", "reimburse"]),
        ("billing", ["bill", "invoice", "charge", "payment", "paid", "fee"]),
        ("price", ["price", "expensive", "cheap"]),
        ("classes", ["class", "course", "yoga", "spin", "pilates"]), ("trainers", ["trainer", "coach", "instructor"]),
        ("staff", ["staff", "team", "reception", "desk"]),
        ("equipment", ["equipment", "machine", "treadmill", "weight"]),
        ("cleanliness", ["clean", "dirty", "shower", "locker", "smell"]),
        ("crowding", ["crowded", "overcrowded", "full"]),
        ("booking", ["book", "booking", "reserve", "slot"]), ("opening hours", ["hour", "opening", "closed"]),
        ("trial", ["trial", "tour"]), ("membership", ["membership", "join", "contract", "renew"]),
        ("injury", ["injury", "injured", "hurt"]), ("parking", ["parking"]), ("app", ["app", "website", "login"]),
    ]
}
