/// The tags that may be written: those of the core schema. None of them constructs anything.
enum CoreTag: String {
    case string = "str"
    case int, float, bool, null
    case sequence = "seq"
    case mapping = "map"

    /// The tag of the long form that libyaml reports; a lone `!` means "not resolved", that is, a string.
    init?(_ tag: String, scalar: Bool) {
        if tag == "!" {
            guard scalar else { return nil }
            self = .string
            return
        }
        let front = "tag:yaml.org,2002:"
        guard tag.hasPrefix(front) else { return nil }
        self.init(rawValue: String(tag.dropFirst(front.count)))
    }

    /// What `text` means under this tag, or `nil` when it is not of the tag's form.
    func resolve(_ text: String) throws(CoreSchema.OutOfRange) -> YAMLScalar? {
        switch (self, try CoreSchema.resolve(self == .string ? "" : text)) {
        case (.string, _): .string(text)
        case (.int, .int(let value)): .int(value)
        case (.float, .float(let value)): .float(value)
        case (.float, .int(let value)): .float(Double(value))
        case (.bool, .bool(let value)): .bool(value)
        case (.null, .null): .null
        default: nil
        }
    }
}
