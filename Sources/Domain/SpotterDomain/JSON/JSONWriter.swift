public import Foundation

/// Appends JSON text to one growing buffer.
///
/// Every answer of the API goes through it, so it looks at strings eight bytes at a time and copies whole runs that need
/// no escape. What types write of themselves stands in `JSONWritable`.
public struct JSONWriter: Sendable {
    // Filled to its capacity, so that a value is written in place behind one check for room instead of one a byte. The
    // unsafe pointers into it never leave the calls below, each of which has made room for what it stores.
    @usableFromInline var storage: [UInt8]
    @usableFromInline var count = 0

    /// A writer with room for `capacity` bytes before it has to grow.
    public init(capacity: Int = 512) { storage = [UInt8](repeating: 0, count: capacity) }

    /// The UTF-8 text so far.
    public var bytes: [UInt8] { Array(storage[..<count]) }

    /// The text so far as a string.
    public var text: String { String(decoding: storage[..<count], as: UTF8.self) }

    /// The text, without a copy; the writer is empty afterwards.
    public mutating func take() -> [UInt8] {
        storage.removeLast(storage.count - count)
        defer { self = JSONWriter(capacity: 0) }
        return storage
    }

    /// Has `write` store at most `most` bytes behind the text; it returns how many they are.
    @inlinable
    @inline(__always)
    mutating func append(atMost most: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        if storage.count - count < most { grow(by: most) }
        let count = count
        let written = storage.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { write($0 + count) } ?? 0
        }
        self.count = count + written
    }

    @usableFromInline
    @inline(never)
    mutating func grow(by more: Int) {
        // By a lot while it is small: a list is fifty times as long as one of its elements.
        let multiple = storage.count * (storage.count < 16_384 ? 4 : 2)
        var larger = [UInt8](repeating: 0, count: max(count + more, multiple, 64))
        larger.withUnsafeMutableBytes { larger in
            storage.withUnsafeBytes { larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        storage = larger
    }

    /// Appends a byte of punctuation, such as `{` or `,`.
    public mutating func raw(_ byte: UInt8) {
        append(atMost: 1) {
            $0.pointee = byte
            return 1
        }
    }

    /// Appends text that is JSON already.
    public mutating func raw(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes that are JSON already.
    public mutating func raw(_ json: [UInt8]) { json.withUnsafeBufferPointer { append($0) } }

    private mutating func append(_ utf8: UnsafeBufferPointer<UInt8>) {
        guard let start = utf8.baseAddress else { return }
        append(atMost: utf8.count) {
            $0.update(from: start, count: utf8.count)
            return utf8.count
        }
    }
}

// MARK: Objects

extension JSONWriter {
    /// Appends the name of an object's member, which is ASCII and needs no escape, with the comma before it unless it
    /// is the first.
    ///
    /// Inlinable, so that a name is copied by a few instructions that know its length.
    @inlinable
    @inline(__always)
    public mutating func name(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        let isFirst = count > 0 && storage[count - 1] == UInt8(ascii: "{")
        append(atMost: length + 4) { target in
            var target = target
            if !isFirst {
                target.pointee = UInt8(ascii: ",")
                target += 1
            }
            target[0] = UInt8(ascii: "\"")
            (target + 1).update(from: name.utf8Start, count: length)
            target[length + 1] = UInt8(ascii: "\"")
            target[length + 2] = UInt8(ascii: ":")
            return length + (isFirst ? 3 : 4)
        }
    }

    /// Appends a member name in quotes with `camelCase` turned to `snake_case`, and the colon.
    mutating func writeName(snakeCasing name: String) {
        var name = name
        name.withUTF8 { name in
            append(atMost: name.count * 2 + 3) { target in
                var end = 1
                target[0] = UInt8(ascii: "\"")
                for byte in name {
                    if byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") {
                        target[end] = UInt8(ascii: "_")
                        target[end + 1] = byte | 0x20
                        end += 2
                    } else {
                        target[end] = byte
                        end += 1
                    }
                }
                target[end] = UInt8(ascii: "\"")
                target[end + 1] = UInt8(ascii: ":")
                return end + 2
            }
        }
    }
}

// MARK: Values

extension JSONWriter {
    /// Appends a whole value, compact.
    public mutating func write(_ value: JSONValue) {
        switch value {
        case .null: raw("null")
        case .bool(let value): write(value)
        case .int(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let array): write(array)
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
    public mutating func write(_ value: some BinaryInteger) {
        if let value = Int64(exactly: value) { append(value) } else { append(String(value)) }
    }

    /// Appends an integer in decimal.
    public mutating func write(_ value: Int) { append(Int64(value)) }

    /// Appends the shortest text that reads back as the same number; infinities and NaN, which JSON lacks, become null.
    public mutating func write(_ value: Double) {
        guard value.isFinite else { return raw("null") }
        // The magnitude, because the lowest integer has no absolute value.
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return append(whole) }
        // Most fractions are of one or two digits. A decimal of up to 15 digits that is nearest to a number is also the
        // shortest that is.
        let hundredths = (value * 100).rounded()
        if hundredths.magnitude < 1e12, hundredths / 100 == value { return append(hundredths: Int64(hundredths)) }
        append("\(value)")
    }

    /// Appends a string in quotes, escaped.
    public mutating func write(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            guard let start = utf8.baseAddress, !JSONEscapes.areNeeded(in: utf8) else { return writeEscaped(utf8) }
            append(atMost: utf8.count + 2) { target in
                target[0] = UInt8(ascii: "\"")
                (target + 1).update(from: start, count: utf8.count)
                target[utf8.count + 1] = UInt8(ascii: "\"")
                return utf8.count + 2
            }
        }
    }

    /// Appends an RFC 3339 UTC time with milliseconds, in quotes.
    public mutating func write(_ value: Date) {
        append(atMost: Timestamp.length + 2) { target in
            target[0] = UInt8(ascii: "\"")
            Timestamp.write(value, to: target + 1)
            target[Timestamp.length + 1] = UInt8(ascii: "\"")
            return Timestamp.length + 2
        }
    }

    /// Appends an id in quotes.
    public mutating func write<Kind>(_ value: Identifier<Kind>) {
        var prefix = Kind.prefix
        prefix.withUTF8 { prefix in
            append(atMost: prefix.count + 29) { target in
                target[0] = UInt8(ascii: "\"")
                let length = TypeID.write(value.uuid, prefix: prefix, to: target + 1)
                target[length + 1] = UInt8(ascii: "\"")
                return length + 2
            }
        }
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    private mutating func append(_ value: Int64) {
        append(atMost: 20) { Self.store(value, at: $0) }
    }

    private mutating func append(hundredths: Int64) {
        if hundredths < 0 { raw(UInt8(ascii: "-")) }
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        append(Int64(whole))
        append(atMost: 3) { target in
            target[0] = UInt8(ascii: ".")
            target[1] = UInt8(ascii: "0") + UInt8(rest / 10)
            target[2] = UInt8(ascii: "0") + UInt8(rest % 10)
            return rest % 10 == 0 ? 2 : 3
        }
    }

    /// At most 20 bytes: the sign and nineteen digits.
    private static func store(_ value: Int64, at target: UnsafeMutablePointer<UInt8>) -> Int {
        var rest = value.magnitude
        var length = value < 0 ? 2 : 1
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        rest = value.magnitude
        var position = length
        repeat {
            position -= 1
            target[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if value < 0 { target[0] = UInt8(ascii: "-") }
        return length
    }

    private mutating func writeEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        raw(UInt8(ascii: "\""))
        var start = 0
        for index in utf8.indices where JSONEscapes.isNeeded(for: utf8[index]) {
            append(UnsafeBufferPointer(rebasing: utf8[start..<index]))
            appendEscape(of: utf8[index])
            start = index + 1
        }
        append(UnsafeBufferPointer(rebasing: utf8[start...]))
        raw(UInt8(ascii: "\""))
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

/// Which bytes of a string cannot stand in JSON as they are.
private enum JSONEscapes {
    static func isNeeded(for byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    static func areNeeded(in utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(utf8)
        var index = 0
        while index + 8 <= raw.count {
            if areNeeded(in: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) { return true }
            index += 8
        }
        return raw[index...].contains(where: isNeeded)
    }

    /// Eight bytes at once. A subtraction sets the high bit of a byte that was less than what is taken from it; that a
    /// borrow may set one more behind it makes no difference to whether there is any.
    private static func areNeeded(in bytes: UInt64) -> Bool {
        let each: UInt64 = 0x0101_0101_0101_0101
        func zeros(_ bytes: UInt64) -> UInt64 { (bytes &- each) & ~bytes }
        let controls = (bytes &- each &* 0x20) & ~bytes
        let quotes = zeros(bytes ^ each &* 0x22)
        let backslashes = zeros(bytes ^ each &* 0x5C)
        let deletes = zeros(bytes ^ each &* 0x7F)
        return (controls | quotes | backslashes | deletes) & (each &* 0x80) != 0
    }
}
