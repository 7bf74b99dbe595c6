/// Base64 with the URL alphabet and no padding (RFC 4648 §5), decoded strictly.
///
/// Each byte string has exactly one text: padding, characters outside the alphabet and bits set beyond the last
/// byte are refused, so that a token cannot be written in two ways.
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The value of each ASCII character, 0xFF outside the alphabet.
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    /// The text of `bytes`; four characters for each three bytes, rounded up, without padding.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var accumulator: UInt32 = 0
        var bits = 0
        for byte in bytes {
            accumulator = (accumulator << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(accumulator >> UInt32(bits)) & 0x3F])
            }
        }
        if bits > 0 { text.append(alphabet[Int(accumulator << UInt32(6 - bits)) & 0x3F]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`.
    /// - Throws: `SigningError.malformed` for padding, a foreign character, an impossible length or stray bits.
    public static func decode(_ text: String) throws(SigningError) -> [UInt8] {
        try decode(utf8: text.utf8)
    }

    /// The bytes of a text given as its UTF-8 code units.
    public static func decode(utf8 text: some Collection<UInt8>) throws(SigningError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var accumulator: UInt32 = 0
        var bits = 0
        for character in text {
            let value = values[Int(character)]
            guard value != 0xFF else { throw .malformed("base64url: a character outside A-Z a-z 0-9 - _") }
            accumulator = (accumulator << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: accumulator >> UInt32(bits)))
            }
        }
        guard bits < 6 else { throw .malformed("base64url: one character too many or too few") }
        guard accumulator & ((1 << UInt32(bits)) - 1) == 0 else { throw .malformed("base64url: stray bits at the end") }
        return bytes
    }
}
