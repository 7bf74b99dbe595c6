/// The bytes of a file, to find the place of one of them.
struct SourceText {
    let bytes: [UInt8]
    let firstLine: Int

    /// The offset of the first byte that is not UTF-8, or `nil`.
    var invalidByte: Int? {
        var offset = 0
        while offset < bytes.count {
            guard let length = sequenceLength(at: offset) else { return offset }
            offset += length
        }
        return nil
    }

    /// The offset of the first `%TAG` at a line's beginning that comes after `count` others, or `nil`.
    func tagDirective(after count: Int) -> Int? {
        // The last bytes of LF, CR and of the three other line breaks of YAML 1.1: U+0085, U+2028 and U+2029.
        let breaks: [UInt8] = [0x0A, 0x0D, 0x85, 0xA8, 0xA9]
        let directive = Array("%TAG".utf8)
        var found = 0
        for (offset, byte) in bytes.enumerated() where byte == directive[0] {
            guard offset == 0 || breaks.contains(bytes[offset - 1]), bytes[offset...].starts(with: directive) else {
                continue
            }
            found += 1
            if found > count { return offset }
        }
        return nil
    }

    /// The place of the byte at `offset`; CR, LF and CRLF each end a line.
    func mark(at offset: Int) -> Mark {
        var line = firstLine
        var column = 1
        let before = bytes.prefix(max(0, offset))
        for (index, byte) in before.enumerated() {
            let isBreak = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            if isBreak, byte == UInt8(ascii: "\n"), index > 0, before[index - 1] == UInt8(ascii: "\r") { continue }
            if isBreak {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return Mark(line: line, column: column)
    }

    /// The character at a place as the parser counts it, or `nil` past the end of the line or file.
    func character(at mark: Mark) -> Unicode.Scalar? {
        var line = firstLine
        var lineStart = 0
        for (index, byte) in bytes.enumerated() where line < mark.line && byte == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        guard line == mark.line else { return nil }
        let text = String(decoding: bytes[lineStart...].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return text.unicodeScalars.dropFirst(mark.column - 1).first
    }

    /// The length of the UTF-8 sequence at `offset` (Unicode 15, table 3-7), or `nil` when it is none.
    private func sequenceLength(at offset: Int) -> Int? {
        let first = bytes[offset]
        let second: ClosedRange<UInt8>
        let length: Int
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard offset + length <= bytes.count, second.contains(bytes[offset + 1]) else { return nil }
        let rest = bytes[(offset + 2)..<(offset + length)]
        return rest.allSatisfy { (0x80...0xBF).contains($0) } ? length : nil
    }
}
