/// Which kinds of values something may have, as far as is known before it is worked out.
struct ExpressionKinds: OptionSet, Sendable, Hashable {
    let rawValue: Int

    static let null = ExpressionKinds(rawValue: 1)
    static let boolean = ExpressionKinds(rawValue: 2)
    static let number = ExpressionKinds(rawValue: 4)
    static let string = ExpressionKinds(rawValue: 8)
    static let array = ExpressionKinds(rawValue: 16)
    static let object = ExpressionKinds(rawValue: 32)
    static let any: ExpressionKinds = [.null, .boolean, .number, .string, .array, .object]

    init(rawValue: Int) { self.rawValue = rawValue }

    init(of value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool: .boolean
            case .int, .double: .number
            case .string: .string
            case .array: .array
            case .object: .object
            }
    }

    /// What a variable of a type holds, where it holds anything.
    init(of type: WorkflowVariable.ValueType) {
        self =
            switch type {
            case .string: .string
            case .integer, .number: .number
            case .boolean: .boolean
            case .array: .array
            case .object: .object
            }
    }

    /// Null left out, unless it is never anything else.
    var whenThere: ExpressionKinds { self == .null ? self : subtracting(.null) }

    /// In words, for messages.
    var words: String {
        let names: [(ExpressionKinds, String)] = [
            (.boolean, "a boolean"), (.number, "a number"), (.string, "a text"), (.array, "a list"),
            (.object, "an object"), (.null, "null"),
        ]
        let known = names.filter { contains($0.0) }
        // That it may also be null goes without saying.
        return known.filter { known.count == 1 || $0.0 != .null }.map(\.1).joined(separator: " or ")
    }
}

/// What is known of a value before it is worked out.
struct ExpressionFacts: Sendable, Hashable {
    var kinds: ExpressionKinds
    /// The only texts that it may be; nil for any.
    var values: [String]?

    static let anything = ExpressionFacts(.any)

    init(_ kinds: ExpressionKinds, values: [String]? = nil) {
        self.kinds = kinds
        self.values = values
    }
}

/// What is read of the scope by an expression: a root and as much of the path as is written down.
struct ExpressionReference: Sendable, Hashable {
    let root: String
    /// The names that are read of it, up to the first that has to be worked out.
    let names: [String]
    /// Whether that is the whole path.
    let isWhole: Bool
    /// The place of the root.
    let at: Int
}

/// What may be named, and what is known of it.
protocol ExpressionVocabulary {
    /// What is known of what a reference names.
    ///
    /// - Throws: why there can be no such thing, in words that follow the reference.
    func facts(of reference: ExpressionReference) throws(ExpressionError) -> ExpressionFacts
}
