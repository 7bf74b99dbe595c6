/// Header fields in the order in which they came, kept as spans over one byte buffer and decoded only when asked for.
///
/// Names are compared without regard to case. A value cannot smuggle in a line: control bytes become spaces.
public struct HTTPHeaders: Sendable {
    /// A stretch of the buffer; 32 bits are plenty, since heads are limited to kilobytes.
    struct Span: Sendable {
        var start: UInt32
        var count: UInt32

        init(_ start: Int, count: Int) {
            self.start = UInt32(start)
            self.count = UInt32(count)
        }

        var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    }

    struct Field: Sendable {
        var name: Span
        var value: Span
    }

    /// Everything the spans point into. For a parsed request it is the whole head, request line included.
    private(set) var bytes: [UInt8]
    private(set) var fields: [Field]

    /// No fields.
    public init() {
        bytes = []
        fields = []
    }

    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    /// How many fields there are, repeated names counted each time.
    public var count: Int { fields.count }

    /// Whether there is no field at all.
    public var isEmpty: Bool { fields.isEmpty }

    /// The first value of `name`; setting replaces every field of that name, and `nil` removes them.
    public subscript(name: String) -> String? {
        get { firstIndex(of: name).map { text(fields[$0].value) } }
        set {
            removeAll(named: name)
            if let newValue { append(name, newValue) }
        }
    }

    /// Every value of `name`, in order.
    public func values(of name: String) -> [String] {
        fields.indices.filter { matches($0, name) }.map { text(fields[$0].value) }
    }

    /// The value of `name` where it is given exactly once, for fields that must not come again.
    public func single(_ name: String) -> String? {
        var name = name
        return name.withUTF8 { wanted in
            var found: Int?
            for index in fields.indices where matches(index, wanted) {
                if found != nil { return nil }
                found = index
            }
            return found.map { text(fields[$0].value) }
        }
    }

    /// Whether a field of that name is there.
    public func contains(_ name: String) -> Bool { firstIndex(of: name) != nil }

    /// Adds a field after the others.
    ///
    /// - Parameters:
    ///   - name: a token (RFC 9110, 5.6.2); any other byte becomes a hyphen.
    ///   - value: control bytes become spaces, so that text from outside cannot end the line.
    public mutating func append(_ name: String, _ value: String) {
        let start = bytes.count
        append(name, keeping: { $0.isToken }, else: UInt8(ascii: "-"))
        let valueStart = bytes.count
        append(value, keeping: { $0.isFieldText }, else: UInt8(ascii: " "))
        fields.append(
            Field(
                name: Span(start, count: valueStart - start), value: Span(valueStart, count: bytes.count - valueStart)))
    }

    private mutating func append(_ text: String, keeping isAllowed: (UInt8) -> Bool, else replacement: UInt8) {
        var text = text
        text.withUTF8 { text in
            if text.allSatisfy(isAllowed) {
                bytes.append(contentsOf: text)
            } else {
                bytes.append(contentsOf: text.map { isAllowed($0) ? $0 : replacement })
            }
        }
    }

    /// Removes every field of that name.
    public mutating func removeAll(named name: String) {
        // The bytes stay behind: headers live for one message.
        fields = fields.indices.filter { !matches($0, name) }.map { fields[$0] }
    }

    // MARK: Inside the kit

    func text(_ span: Span) -> String { String(decoding: bytes[span.range], as: UTF8.self) }

    /// Adds bytes that belong to no field, such as the target of a request that was not parsed.
    mutating func appendLoose(_ text: String) -> Span {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        return Span(start, count: bytes.count - start)
    }

    func matches(_ index: Int, _ name: StaticString) -> Bool {
        matches(index, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    private func matches(_ index: Int, _ name: String) -> Bool {
        var name = name
        return name.withUTF8 { matches(index, $0) }
    }

    private func firstIndex(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { wanted in fields.indices.first { matches($0, wanted) } }
    }

    private func matches(_ index: Int, _ wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        let span = fields[index].name
        guard span.count == wanted.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<wanted.count
            where bytes[Int(span.start) + offset].lowercased != wanted[offset].lowercased { return false }
            return true
        }
    }

    /// Compares a value with a lower-case text, without regard to case.
    func valueEquals(_ index: Int, _ wanted: StaticString) -> Bool {
        let range = fields[index].value.range
        guard range.count == wanted.utf8CodeUnitCount else { return false }
        let text = UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount)
        return zip(bytes[range], text).allSatisfy { $0.lowercased == $1 }
    }
}

extension HTTPHeaders: Sequence {
    /// The fields as pairs of name and value, in order.
    public func makeIterator() -> AnyIterator<(name: String, value: String)> {
        var index = 0
        return AnyIterator {
            guard index < fields.count else { return nil }
            defer { index += 1 }
            return (text(fields[index].name), text(fields[index].value))
        }
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// Fields in the order of the literal; names may repeat.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}

extension HTTPHeaders: Equatable {
    /// Same fields in the same order; names without regard to case.
    public static func == (left: HTTPHeaders, right: HTTPHeaders) -> Bool {
        left.count == right.count
            && zip(left, right).allSatisfy { $0.name.lowercased() == $1.name.lowercased() && $0.value == $1.value }
    }
}
