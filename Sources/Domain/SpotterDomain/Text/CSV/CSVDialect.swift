/// How the text of a file is written down.
public enum TextEncoding: String, Sendable, Hashable {
    case utf8 = "UTF-8"
    /// What Windows calls ANSI in the west: Latin-1 with signs where that has control characters.
    case windows1252 = "Windows-1252"

    /// The text of some bytes.
    public func text(of bytes: [UInt8]) -> String {
        switch self {
        case .utf8: return String(decoding: bytes, as: UTF8.self)
        case .windows1252:
            var text = String.UnicodeScalarView()
            for byte in bytes {
                let isSign = (0x80..<0xA0).contains(byte)
                text.append(isSign ? Self.signs[Int(byte - 0x80)] : Unicode.Scalar(byte))
            }
            return String(text)
        }
    }

    // Five places are not given to anything.
    private static let signs: [Unicode.Scalar] = [
        "\u{20AC}", "\u{FFFD}", "\u{201A}", "\u{0192}", "\u{201E}", "\u{2026}", "\u{2020}", "\u{2021}", "\u{02C6}",
        "\u{2030}", "\u{0160}", "\u{2039}", "\u{0152}", "\u{FFFD}", "\u{017D}", "\u{FFFD}", "\u{FFFD}", "\u{2018}",
        "\u{2019}", "\u{201C}", "\u{201D}", "\u{2022}", "\u{2013}", "\u{2014}", "\u{02DC}", "\u{2122}", "\u{0161}",
        "\u{203A}", "\u{0153}", "\u{FFFD}", "\u{017E}", "\u{0178}",
    ]
}

/// Tells UTF-8 from anything else, piece by piece.
public struct UTF8Check: Sendable {
    /// Whether everything so far may be UTF-8.
    public private(set) var isSound = true
    private var left = 0
    private var least: UInt32 = 0
    private var scalar: UInt32 = 0

    /// Nothing has been looked at.
    public init() {}

    /// Looks at a piece.
    public mutating func read(_ bytes: some Sequence<UInt8>) {
        guard isSound else { return }
        for byte in bytes where left > 0 || byte >= 0x80 { read(byte) }
    }

    /// Whether the whole is UTF-8, now that there is no more.
    public var isSoundAtEnd: Bool { isSound && left == 0 }

    private mutating func read(_ byte: UInt8) {
        if left > 0 {
            guard byte & 0xC0 == 0x80 else { return isSound = false }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
            left -= 1
            if left == 0, scalar < least || (0xD800..<0xE000).contains(scalar) || scalar > 0x10FFFF { isSound = false }
            return
        }
        switch byte {
        case 0xC2...0xDF: (left, least, scalar) = (1, 0x80, UInt32(byte & 0x1F))
        case 0xE0...0xEF: (left, least, scalar) = (2, 0x800, UInt32(byte & 0x0F))
        case 0xF0...0xF4: (left, least, scalar) = (3, 0x10000, UInt32(byte & 0x07))
        default: isSound = false
        }
    }
}

/// What is between the fields of a file.
public enum CSVDialect {
    /// The mark that some programs put before UTF-8.
    public static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The separator of a file, from its beginning: that of comma, semicolon, tab and bar that its first row has most
    /// of outside quotes; a comma where there is none.
    public static func delimiter(of beginning: some Sequence<UInt8>) -> UInt8 {
        let known = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]
        var counts = [Int](repeating: 0, count: known.count)
        var isQuoted = false
        var hasText = false
        for byte in beginning {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if hasText { break }
                continue
            }
            hasText = true
            if let index = known.firstIndex(of: byte) { counts[index] += 1 }
        }
        let most = counts.max() ?? 0
        return known[counts.firstIndex(of: most) ?? 0]
    }
}
