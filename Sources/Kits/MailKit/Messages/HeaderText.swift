import Foundation

/// Texts as fields of a message's head: RFC 5322 lines, RFC 2047 encoded words.
enum HeaderText {
    /// The longest a line should be, without its end (RFC 5322 §2.1.1).
    static let width = 78
    /// The longest an encoded word is; 75 are allowed (RFC 2047 §2), and a field's name stands before the first.
    private static let wordLength = 64

    /// Whether a text may stand in a field: no control character (a line end would begin another field), and nothing
    /// that breaks a line somewhere else.
    static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.generalCategory != .control && scalar != "\u{2028}" && scalar != "\u{2029}"
        }
    }

    /// `Name: value` with line ends, folded; the value in encoded words where it is not plain ASCII or could be taken
    /// for one.
    static func field(_ name: String, unstructured value: String) -> String {
        let words = needsEncoding(value) ? encodedWords(value) : value.split(separator: " ").map(String.init)
        return folded(name, words)
    }

    /// `Name: value` where the value is a list of words that hold no space, each of which stays whole.
    static func folded(_ name: String, _ words: [String]) -> String {
        var text = "\(name):"
        var length = text.utf8.count
        for (index, word) in words.enumerated() {
            if index > 0, length + 1 + word.utf8.count > width {
                text += "\r\n"
                length = 0
            }
            text += " \(word)"
            length += 1 + word.utf8.count
        }
        return text + "\r\n"
    }

    /// A mailbox as words of a field: `"Ana B." <ana@example.com>`.
    static func words(of mailbox: Mailbox) -> [String] {
        guard let name = mailbox.name, !name.isEmpty else { return ["<\(mailbox.address)>"] }
        if needsEncoding(name) { return encodedWords(name) + ["<\(mailbox.address)>"] }
        let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return ["\"\(escaped)\"", "<\(mailbox.address)>"]
    }

    /// Not ASCII; like an encoded word; or with spaces that folding would lose.
    private static func needsEncoding(_ text: String) -> Bool {
        !text.utf8.allSatisfy { (0x20...0x7E).contains($0) } || text.contains("=?")
            || text.contains("  ") || text.hasPrefix(" ") || text.hasSuffix(" ")
    }

    /// UTF-8 in base64, no character torn apart.
    static func encodedWords(_ text: String) -> [String] {
        let (opening, closing) = ("=?UTF-8?B?", "?=")
        let room = (wordLength - opening.utf8.count - closing.utf8.count) / 4 * 3
        var words: [String] = []
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            if bytes.count + next.count > room {
                words.append(opening + Data(bytes).base64EncodedString() + closing)
                bytes = []
            }
            bytes += next
        }
        if !bytes.isEmpty { words.append(opening + Data(bytes).base64EncodedString() + closing) }
        return words
    }

    /// `Tue, 5 May 2026 09:30:00 +0000` (RFC 5322 §3.3).
    static func date(_ date: Date) -> String {
        let calendar = Calendar(identifier: .gregorian)
        guard let utc = TimeZone(secondsFromGMT: 0) else { return "" }
        let parts = calendar.dateComponents(in: utc, from: date)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let two = { (number: Int?) in (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let day = days[((parts.weekday ?? 1) - 1) % 7]
        let month = months[((parts.month ?? 1) - 1) % 12]
        let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        return "\(day), \(parts.day ?? 1) \(month) \(parts.year ?? 1970) \(time) +0000"
    }
}
