/// The CRC-32 of IEEE 802.3 (polynomial 0xEDB88320, reflected), as zlib and PNG have it.
public enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func next(_ sum: UInt32, _ byte: UInt8) -> UInt32 {
        table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8)
    }

    /// The checksum of `bytes`; "123456789" gives 0xCBF43926.
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0), next)
    }
}

/// Numbers in 62 digits: `0-9`, then `A-Z`, then `a-z`.
public enum Base62 {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The number, most significant digit first, filled up with zeros to `width` digits; longer if it needs more.
    public static func encode(_ number: UInt64, width: Int = 1) -> String {
        var reversed: [UInt8] = []
        var rest = number
        while rest > 0 {
            reversed.append(digits[Int(rest % 62)])
            rest /= 62
        }
        while reversed.count < width { reversed.append(digits[0]) }
        return String(decoding: reversed.reversed(), as: UTF8.self)
    }

    /// The number that `text` writes.
    /// - Throws: `SigningError.malformed` for an empty text, a foreign character or a number over 64 bits.
    public static func decode(_ text: String) throws(SigningError) -> UInt64 {
        guard !text.isEmpty else { throw .malformed("base62: empty") }
        var number: UInt64 = 0
        for character in text.utf8 {
            guard let digit = digits.firstIndex(of: character) else { throw .malformed("base62: not a digit") }
            let (product, overflow) = number.multipliedReportingOverflow(by: 62)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { throw .malformed("base62: over 64 bits") }
            number = sum
        }
        return number
    }
}
