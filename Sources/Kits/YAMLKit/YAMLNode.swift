/// A value of a YAML document and where it stands.
public struct YAMLNode: Equatable, Sendable {
    /// What a node is.
    public enum Content: Equatable, Sendable {
        /// A single value.
        case scalar(Scalar)
        /// A list.
        case sequence([YAMLNode])
        /// Keys and values in the order of the file. Keys are scalars, and no two have the same text.
        case mapping([Entry])
    }

    /// How a scalar is written.
    public enum Style: Sendable {
        /// Bare, so that the schema decides what it means.
        case plain
        /// In single or double quotes.
        case quoted
        /// After `|` or `>`.
        case block
    }

    /// A single value: its text as written (escapes and folding undone), and what that means.
    public struct Scalar: Equatable, Sendable {
        /// The text; for a number exactly the digits of the file.
        public let text: String
        /// How it is written.
        public let style: Style
        /// What it means.
        public let resolved: YAMLScalar
    }

    /// A key and its value.
    public struct Entry: Equatable, Sendable {
        /// The key, always a scalar; its mark is where to complain about an unknown field.
        public let key: YAMLNode
        /// The value.
        public let value: YAMLNode

        /// The key's text.
        public var name: String { key.text ?? "" }
    }

    /// What the node is.
    public let content: Content

    /// Where it begins. An alias begins where it is used, what is inside it where it was written.
    public let mark: Mark
}

extension YAMLNode {
    /// The scalar, or `nil` for a list or a mapping.
    public var scalar: Scalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// The elements of a list, or `nil`.
    public var sequence: [YAMLNode]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    /// The entries of a mapping, or `nil`.
    public var mapping: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// What a scalar means, or `nil` for a list or a mapping.
    public var resolved: YAMLScalar? { scalar?.resolved }

    /// A scalar's text as written, whatever it means: `1.10` stays `1.10`.
    public var text: String? { scalar?.text }

    /// The text of a scalar that means a string, or `nil`.
    public var string: String? {
        if case .string(let text)? = resolved { text } else { nil }
    }

    /// The value of `true` or `false`, or `nil`.
    public var bool: Bool? {
        if case .bool(let value)? = resolved { value } else { nil }
    }

    /// The value of a whole number, or `nil`.
    public var int: Int? {
        if case .int(let value)? = resolved { value } else { nil }
    }

    /// The value of any number, or `nil`.
    public var double: Double? {
        switch resolved {
        case .int(let value)?: Double(value)
        case .float(let value)?: value
        default: nil
        }
    }

    /// Whether the node is `null`, `~` or nothing.
    public var isNull: Bool { resolved == .null }

    /// The value of a mapping's key, or `nil` when there is none or the node is no mapping.
    ///
    /// Looks at each entry in turn: for a whole mapping go through `mapping`.
    public subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.name == key }?.value
    }

    /// What the node is in words, for "expected a number, found a list".
    public var kind: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar(let scalar):
            switch scalar.resolved {
            case .null: "nothing"
            case .bool: "true or false"
            case .int: "a whole number"
            case .float: "a number"
            case .string: "a text"
            }
        }
    }
}
