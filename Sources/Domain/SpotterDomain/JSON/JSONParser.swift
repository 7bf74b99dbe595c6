/// A strict reader of JSON (RFC 8259): UTF-8 only, no byte order mark, no duplicate member names, no lone surrogates,
/// bounded depth, and no `\u0000`, which PostgreSQL can store neither as text nor as jsonb.
///
/// A scan that finds duplicate names has to read strings with their escapes anyway, so the same pass builds the value.
public struct JSONParser {
    /// What is wrong and where.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        /// What is wrong, for people.
        public let message: String
        /// Byte offset from the start.
        public let offset: Int
        /// The message with the place in the text.
        public var description: String { "\(message) at byte \(offset)" }
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0
    private let maximumDepth: Int

    private init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// Reads exactly one value.
    ///
    /// - Parameter maximumDepth: how deep arrays and objects may nest.
    public static func parse(_ bytes: [UInt8], maximumDepth: Int = 128) throws(Failure) -> JSONValue {
        let result: Result<JSONValue, Failure> = bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer, maximumDepth: maximumDepth)
            do throws(Failure) { return .success(try parser.document()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Reads exactly one value from text.
    public static func parse(_ text: String) throws(Failure) -> JSONValue { try parse(Array(text.utf8)) }

    // MARK: Grammar

    private mutating func document() throws(Failure) -> JSONValue {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw fail("a byte order mark is not allowed")
        }
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw fail("something follows the value") }
        return value
    }

    private mutating func value() throws(Failure) -> JSONValue {
        guard let byte = peek() else { throw fail("a value is missing") }
        switch byte {
        case UInt8(ascii: "{"): return try nested { (parser) throws(Failure) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(Failure) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw fail("a value cannot start like this")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(Failure) -> JSONValue
    ) throws(Failure) -> JSONValue {
        depth += 1
        guard depth <= maximumDepth else { throw fail("nested deeper than \(maximumDepth)") }
        defer { depth -= 1 }
        position += 1
        skipSpace()
        return try read(&self)
    }

    private mutating func object() throws(Failure) -> JSONValue {
        var object = JSONObject()
        if take(UInt8(ascii: "}")) { return .object(object) }
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw fail("a member name in quotes is expected") }
            let start = position
            let key = try string()
            guard object[key] == nil else {
                throw Failure(message: "the member \"\(key.prefix(60))\" appears twice", offset: start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw fail("':' is expected") }
            skipSpace()
            object[key] = try value()
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(object) }
            guard take(UInt8(ascii: ",")) else { throw fail("',' or '}' is expected") }
            skipSpace()
        }
    }

    private mutating func array() throws(Failure) -> JSONValue {
        var array: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(array) }
        while true {
            array.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(array) }
            guard take(UInt8(ascii: ",")) else { throw fail("',' or ']' is expected") }
            skipSpace()
        }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        let length = word.utf8CodeUnitCount
        guard position + length <= bytes.count else { throw fail("unknown word") }
        for index in 0..<length where bytes[position + index] != word.utf8Start[index] { throw fail("unknown word") }
        position += length
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if let next = peek(), isDigit(next) { throw fail("a number cannot start with 0") }
        } else {
            try digits()
        }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            throw Failure(message: "the number is out of range", offset: start)
        }
        return .double(value)
    }

    private mutating func digits() throws(Failure) {
        guard let first = peek(), isDigit(first) else { throw fail("a digit is expected") }
        while let next = peek(), isDigit(next) { position += 1 }
    }

    // MARK: Strings

    private mutating func string() throws(Failure) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let raw = bytes[start..<position]
                position += 1
                guard let text = String(validating: raw, as: UTF8.self) else {
                    throw Failure(message: "invalid UTF-8 in a string", offset: start)
                }
                return text
            }
            if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
            guard byte >= 0x20 else { throw fail("a control character must be escaped") }
            position += 1
        }
        throw fail("a string is not closed")
    }

    private mutating func stringWithEscapes(from start: Int) throws(Failure) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else {
                    throw Failure(message: "invalid UTF-8 in a string", offset: start)
                }
                return result
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw Failure(message: "a control character must be escaped", offset: position - 1)
            default: text.append(byte)
            }
        }
        throw fail("a string is not closed")
    }

    private mutating func escape(into text: inout [UInt8]) throws(Failure) {
        guard let byte = peek() else { throw fail("a string is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"): text.append(contentsOf: Array(String(Character(try unicodeEscape())).utf8))
        default: throw Failure(message: "unknown escape", offset: position - 1)
        }
    }

    private mutating func unicodeEscape() throws(Failure) -> Unicode.Scalar {
        let first = try hexQuad()
        var code = UInt32(first)
        if (0xD800..<0xDC00).contains(first) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fail("a surrogate stands alone") }
            let second = try hexQuad()
            guard (0xDC00..<0xE000).contains(second) else { throw fail("a surrogate stands alone") }
            code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard code != 0 else { throw fail("the character U+0000 is not allowed") }
        guard let scalar = Unicode.Scalar(code) else { throw fail("a surrogate stands alone") }
        return scalar
    }

    private mutating func hexQuad() throws(Failure) -> UInt16 {
        guard position + 4 <= bytes.count else { throw fail("four hexadecimal digits are expected") }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue, bytes[position] < 0x80 else {
                throw fail("four hexadecimal digits are expected")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    // MARK: Bytes

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private func fail(_ message: String) -> Failure { Failure(message: message, offset: position) }
}
