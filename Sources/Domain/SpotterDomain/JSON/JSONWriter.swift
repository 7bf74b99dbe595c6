public import Foundation

/// Appends JSON text to one growing buffer.
///
/// Every answer of the API goes through it, so it looks at strings as bytes and copies whole runs that need no escape.
public struct JSONWriter: Sendable {
    /// The UTF-8 text so far.
    public private(set) var bytes: [UInt8]

    /// A writer with room for `capacity` bytes before it has to grow.
    public init(capacity: Int = 512) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// The text so far as a string.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Appends a byte of punctuation, such as `{` or `,`.
    @inline(__always) public mutating func raw(_ byte: UInt8) { bytes.append(byte) }

    /// Appends text that is JSON already.
    public mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes that are JSON already.
    public mutating func raw(_ json: [UInt8]) { bytes.append(contentsOf: json) }

    /// Appends a whole value, compact.
    public mutating func write(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let value): write(value)
        case .int(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let array):
            raw(UInt8(ascii: "["))
            for (index, element) in array.enumerated() {
                if index > 0 { raw(UInt8(ascii: ",")) }
                write(element)
            }
            raw(UInt8(ascii: "]"))
        case .object(let object):
            raw(UInt8(ascii: "{"))
            var isFirst = true
            for (key, value) in object {
                if !isFirst { raw(UInt8(ascii: ",")) }
                isFirst = false
                write(key)
                raw(UInt8(ascii: ":"))
                write(value)
            }
            raw(UInt8(ascii: "}"))
        }
    }

    /// Appends `true` or `false`.
    public mutating func write(_ value: Bool) { if value { raw("true") } else { raw("false") } }

    /// Appends an integer in decimal.
    public mutating func write(_ value: some BinaryInteger) { append(String(value)) }

    /// Appends the shortest text that reads back as the same number; infinities and NaN, which JSON lacks, become null.
    public mutating func write(_ value: Double) {
        guard value.isFinite else { return raw("null") }
        // The magnitude, because the lowest integer has no absolute value.
        let whole = Int64(exactly: value).flatMap { $0.magnitude < 1 << 53 ? $0 : nil }
        append(whole.map(String.init) ?? "\(value)")
    }

    /// Appends a string in quotes, escaped.
    public mutating func write(_ value: String) {
        raw(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { appendEscaped($0) }
        raw(UInt8(ascii: "\""))
    }

    /// Appends an RFC 3339 UTC time with milliseconds, in quotes.
    public mutating func write(_ value: Date) {
        raw(UInt8(ascii: "\""))
        Timestamp.append(value, to: &bytes)
        raw(UInt8(ascii: "\""))
    }

    /// Appends a member name in quotes with `camelCase` turned to `snake_case`, and the colon.
    mutating func writeName(snakeCasing name: String) {
        raw(UInt8(ascii: "\""))
        for byte in name.utf8 {
            if byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") {
                raw(UInt8(ascii: "_"))
                raw(byte | 0x20)
            } else {
                raw(byte)
            }
        }
        raw("\":")
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for index in utf8.indices {
            let byte = utf8[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F else {
                continue
            }
            bytes.append(contentsOf: utf8[start..<index])
            appendEscape(of: byte)
            start = index + 1
        }
        bytes.append(contentsOf: utf8[start...])
    }

    private mutating func appendEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        default:
            raw("\\u00")
            let digits: StaticString = "0123456789abcdef"
            raw(digits.utf8Start[Int(byte >> 4)])
            raw(digits.utf8Start[Int(byte & 15)])
        }
    }
}
