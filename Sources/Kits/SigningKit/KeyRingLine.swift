/// One line of a key ring's file, kept whole so that a rotation loses no comment.
struct KeyRingLine: Sendable {
    enum Content: Sendable {
        case key(PASERK.Key)
        case nothing
    }

    let content: Content

    /// From the `#` on, or empty.
    let comment: String

    var key: PASERK.Key? {
        if case .key(let key) = content { key } else { nil }
    }

    /// The line with a secret key turned into its public half.
    var withoutSecret: KeyRingLine {
        guard let key else { return self }
        return KeyRingLine(content: .key(.public(key.publicKey)), comment: comment)
    }

    /// Reads the lines of a file; LF and CRLF both end one.
    static func parse(_ text: String) throws(SigningError) -> [KeyRingLine] {
        var parsed: [KeyRingLine] = []
        for (index, line) in split(text).enumerated() {
            do throws(SigningError) {
                parsed.append(try KeyRingLine(line))
            } catch {
                throw .keyRing(line: index + 1, reason: error.description)
            }
        }
        return parsed
    }

    /// The lines of a file of keys.
    static func split(_ text: String) -> [Substring] {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { Substring($0) }
    }

    /// What stands before the comment, and the comment from its `#` on; both without blanks at the ends.
    static func parts(of line: Substring) -> (word: Substring, comment: String) {
        // No character of a key is a '#', so the first one always begins a comment.
        let mark = line.firstIndex(of: "#") ?? line.endIndex
        return (line[..<mark].trimmed, String(line[mark...].trimmed))
    }

    func text() throws(SigningError) -> String {
        switch content {
        case .nothing: return comment
        case .key(.public(let key)): return joined(PASERK.text(of: key))
        case .key(.secret(let key)): return joined(try PASERK.text(of: key))
        }
    }

    private func joined(_ key: String) -> String {
        comment.isEmpty ? key : key + " " + comment
    }
}

extension KeyRingLine {
    private init(_ line: Substring) throws(SigningError) {
        let word: Substring
        (word, comment) = Self.parts(of: line)
        content = word.isEmpty ? .nothing : .key(try PASERK.parse(word))
    }
}

extension Substring {
    /// Without spaces, tabs and the CR of a CRLF at both ends.
    fileprivate var trimmed: Substring {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        var text = drop(while: blank)
        while let last = text.last, blank(last) { text.removeLast() }
        return text
    }
}
