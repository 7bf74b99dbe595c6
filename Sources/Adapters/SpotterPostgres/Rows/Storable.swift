import Foundation
import SpotterDomain

/// JSON without the one character that neither PostgreSQL's text nor the domain's parser takes.
///
/// A model or a tool may say anything, and what it said must not make the rest of a turn unreadable or unwritable.
enum StorableJSON {
    private static let escape = Array(#"\u0000"#.utf8)
    private static let replacement = Array(#"\ufffd"#.utf8)

    /// The document with each escaped NUL replaced by U+FFFD, the replacement character.
    static func bytes(of document: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var copied = 0
        var index = 0
        while index < document.count {
            guard document[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            // A backslash and what follows it belong together, so that `\\u0000`, escaped itself, stays text.
            if document[index...].starts(with: escape) {
                result += document[copied..<index] + replacement
                index += escape.count
                copied = index
            } else {
                index += 2
            }
        }
        // Almost no document has one.
        return copied == 0 ? document : result + document[copied...]
    }

    /// The text of a document, for arrays of them.
    static func text(of value: JSONValue) -> String { String(decoding: bytes(of: value.bytes), as: UTF8.self) }
}

/// Text without NUL, which PostgreSQL cannot hold.
enum StorableText {
    static func text(of text: String) -> String { text.replacing("\0", with: "\u{FFFD}") }
}
