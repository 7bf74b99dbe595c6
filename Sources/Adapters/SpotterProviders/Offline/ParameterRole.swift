import SpotterDomain

/// What a parameter wants, guessed from its schema, its name and its description.
struct ParameterRole {
    enum Kind: Hashable {
        case id, email, phone, recipient, date, time, days, number, boolean, enumeration
        /// A text to be passed on, such as the body of a message.
        case body
        /// What to search for.
        case query
        /// What something is called.
        case name
        /// Some other text.
        case text
        case list
        case unsupported
    }

    let kind: Kind
    let property: JSONSchema.Property
    /// The words of its name.
    let tokens: [String]

    init(_ property: JSONSchema.Property) {
        self.property = property
        tokens = Vocabulary.words(of: humanized(property.name))
        kind = Self.kind(property, Set(tokens))
    }

    /// The TypeID prefix that an id must have: `session` for `session_id`.
    var idPrefix: String? {
        guard kind == .id else { return nil }
        if let pattern = property.schema.pattern, pattern.hasPrefix("^"), let bar = pattern.firstIndex(of: "_") {
            let prefix = pattern[..<bar].dropFirst()
            if !prefix.isEmpty, prefix.allSatisfy(\.isLowercase) { return String(prefix) }
        }
        return tokens.count > 1 ? tokens[tokens.count - 2] : nil
    }

    /// What `class_name` is the name of: `class`.
    var noun: String? { tokens.first { !["name", "title", "of", "the"].contains($0) } }

    /// Whether it is the later one of two days.
    var isEnd: Bool { tokens.contains { ["to", "until", "till", "end", "before", "due"].contains($0) } }

    /// Whether the words themselves may be passed on ("tomorrow").
    var takesDayWords: Bool {
        let text = property.schema.description?.lowercased() ?? ""
        return text.contains("tomorrow") || text.contains("today,")
    }

    var isTimestamp: Bool { property.schema.format == "date-time" }

    private static func kind(_ property: JSONSchema.Property, _ tokens: Set<String>) -> Kind {
        let schema = property.schema
        switch schema.kind {
        case .boolean: return .boolean
        case .integer, .number: return tokens.contains("days") ? .days : .number
        case .array: return schema.elements.first?.kind == .string ? .list : .unsupported
        case .object, .any: return .unsupported
        case .string: return text(schema, tokens)
        }
    }

    private static func text(_ schema: JSONSchema, _ tokens: Set<String>) -> Kind {
        func has(_ words: String...) -> Bool { !tokens.isDisjoint(with: words) }
        if !schema.values.isEmpty { return .enumeration }
        if tokens.contains("id") || schema.format == "typeid" { return .id }
        if schema.format == "email" || has("email", "mail") { return .email }
        if schema.format == "date-time" || schema.format == "date" || has("date", "day") { return .date }
        let description = schema.description?.lowercased() ?? ""
        let speaksOfDays = ["date", "day", "yyyy"].contains(where: description.contains)
        if speaksOfDays, has("from", "to", "since", "until", "start", "end", "on", "before", "after", "when", "due") {
            return .date
        }
        if has("phone", "mobile", "telephone") { return .phone }
        if has("recipient", "to") { return .recipient }
        if has("time") { return .time }
        if has("message", "body", "content", "text", "note", "comment", "reason", "details", "caption", "description") {
            return .body
        }
        if has("query", "q", "search", "term", "keyword", "keywords") { return .query }
        return has("name", "member", "client", "customer", "person", "class") ? .name : .text
    }
}
