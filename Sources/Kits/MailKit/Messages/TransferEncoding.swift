import Foundation

/// Bodies in seven bits and short lines (RFC 2045 §6.7, §6.8).
enum TransferEncoding {
    /// The longest line of an encoded body, without its end.
    private static let width = 76

    /// A text as quoted-printable, its line ends as CRLF. No line begins with a dot or `From `, which some servers
    /// change on the way, and `=_` never stands in it, which is what boundaries are made of.
    static func quotedPrintable(_ text: String) -> String {
        var result = ""
        for (index, line) in lines(of: text).enumerated() {
            if index > 0 { result += "\r\n" }
            append(line, to: &result)
        }
        return result
    }

    /// Bytes as base64 in lines.
    static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
    }

    /// By bytes: to Swift a CR and an LF are one character, and a lone one of either is a line end too.
    private static func lines(of text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var isAfterReturn = false
        for byte in text.utf8 {
            switch byte {
            case 0x0A where isAfterReturn: isAfterReturn = false
            case 0x0A, 0x0D:
                lines.append([])
                isAfterReturn = byte == 0x0D
            default:
                lines[lines.count - 1].append(byte)
                isAfterReturn = false
            }
        }
        return lines
    }

    private static func append(_ line: [UInt8], to result: inout String) {
        var length = 0
        for (index, byte) in line.enumerated() {
            let isLast = index == line.count - 1
            let isBlank = byte == 0x20 || byte == 0x09
            let isPlain = (0x21...0x7E).contains(byte) && byte != 0x3D || isBlank && !isLast
            let isRisky = length == 0 && (byte == 0x2E || byte == 0x46)
            let piece = isPlain && !isRisky ? String(UnicodeScalar(byte)) : escape(byte)
            // One column is kept for the mark of a soft end, also where none comes.
            if length + piece.utf8.count > width - 1 {
                result += "=\r\n"
                length = 0
                let isRiskyNow = byte == 0x2E || byte == 0x46
                let again = isRiskyNow ? escape(byte) : piece
                result += again
                length = again.utf8.count
            } else {
                result += piece
                length += piece.utf8.count
            }
        }
    }

    private static func escape(_ byte: UInt8) -> String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        return "=\(digits[Int(byte >> 4)])\(digits[Int(byte & 0x0F)])"
    }
}
