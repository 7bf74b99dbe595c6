/// The header fields of a message, in order; names are compared without regard to case.
public struct MessageHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One field as sent or received.
    public struct Field: Sendable, Equatable {
        /// The name as written.
        public let name: String
        /// The value without surrounding white space.
        public let value: String
    }

    /// All fields, in order.
    public private(set) var fields: [Field] = []

    /// No fields.
    public init() {}

    /// Names with their values; a name may be given more than once.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    /// Adds a field after those that are there.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The first value of a name; setting replaces every field of that name, `nil` removes them.
    public subscript(name: String) -> String? {
        get { fields.first { Self.isSame($0.name, name) }?.value }
        set {
            fields.removeAll { Self.isSame($0.name, name) }
            if let newValue { append(name, newValue) }
        }
    }

    /// Every value of a name, in order.
    public func values(_ name: String) -> [String] {
        fields.filter { Self.isSame($0.name, name) }.map(\.value)
    }

    /// Continues the last value: an obsolete folded line (RFC 9112 §5.2) counts as one space.
    mutating func fold(_ continuation: String) {
        guard let last = fields.popLast() else { return }
        append(last.name, continuation.isEmpty ? last.value : last.value + " " + continuation)
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
