/// Finds secrets of this house in bytes of any kind: printed tokens, signing keys, and secrets of hooks.
///
/// A token counts only when its checksum is right, so that examples and look-alikes in documents are not reported; the
/// others by their form. Takes the bytes in pieces of any size and keeps a few thousand of them.
public struct LeakScanner: Sendable {
    /// What was found. Never the secret itself.
    public struct Finding: Hashable, Sendable {
        /// What kind of secret.
        public enum Kind: String, Sendable, CaseIterable {
            /// A token of an installation.
            case token
            /// The secret half of a key that signs tokens.
            case signingKey = "signing_key"
            /// What messages of hooks are signed with.
            case hookSecret = "hook_secret"
        }

        /// What kind of secret.
        public let kind: Kind
        /// The line, from 1 on.
        public let line: Int
        /// The byte of the line, from 1 on.
        public let column: Int
        /// What may be shown of it.
        public let masked: String
    }

    /// The longest token that is looked for: four times as long as one that names every scope.
    private static let longestToken = 4_096
    /// The longest run of letters that is looked at in one go; of a longer one so much stays that a token across the
    /// seam is found all the same.
    private static let longestRun = 2 * longestToken

    private let prefix: String
    private let fronts: [[UInt8]]
    private var word: [UInt8] = []
    private var wordColumn = 1
    /// Up to where in the word secrets have been reported.
    private var reported = 0
    private var line = 1
    private var column = 1

    /// - Parameter prefix: the first word of the tokens.
    public init(prefix: String) {
        self.prefix = prefix
        fronts = PrintedToken.Kind.allCases.map { Array("\(prefix)_\($0.rawValue)_".utf8) }
    }

    /// Takes the next bytes.
    public mutating func scan(_ bytes: some Sequence<UInt8>) -> [Finding] {
        var findings: [Finding] = []
        for byte in bytes {
            if Self.isLetter(byte) || Self.isInHookSecret(byte, word) {
                if word.isEmpty { wordColumn = column }
                word.append(byte)
                if word.count > Self.longestRun { look(&findings, keeping: Self.longestToken) }
            } else if !word.isEmpty {
                look(&findings, keeping: 0)
            }
            column += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            }
        }
        return findings
    }

    /// There are no more bytes.
    public mutating func finish() -> [Finding] {
        var findings: [Finding] = []
        look(&findings, keeping: 0)
        return findings
    }

    /// What tokens and keys are made of; padding and slashes belong to the secrets of hooks.
    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    /// Base64 has two more letters, which end a word elsewhere.
    private static func isInHookSecret(_ byte: UInt8, _ word: [UInt8]) -> Bool {
        (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")) && word.starts(with: Array("whsec_".utf8))
    }

    private mutating func look(_ findings: inout [Finding], keeping kept: Int) {
        var place = reported
        while place < word.count {
            guard let (kind, end, masked) = secret(at: place) else {
                place += 1
                continue
            }
            findings.append(Finding(kind: kind, line: line, column: wordColumn + place, masked: masked))
            place = end
            reported = end
        }
        let dropped = max(0, word.count - kept)
        word.removeFirst(dropped)
        wordColumn += dropped
        reported = max(0, reported - dropped)
    }

    private func secret(at place: Int) -> (Finding.Kind, end: Int, masked: String)? {
        if word[place] == prefix.utf8.first, let found = token(at: place) { return found }
        if let end = run(after: "k4.secret.", at: place, atLeast: 80) { return (.signingKey, end, "k4.secret.…") }
        if place == 0 || word[place - 1] == UInt8(ascii: "."),
            let end = run(after: "whsec_", at: place, atLeast: 24)
        {
            return (.hookSecret, end, "whsec_…")
        }
        return nil
    }

    /// Where a run of base64 behind `front` ends, if it is long enough.
    private func run(after front: StaticString, at place: Int, atLeast count: Int) -> Int? {
        let front = UnsafeBufferPointer(start: front.utf8Start, count: front.utf8CodeUnitCount)
        guard word[place...].starts(with: front) else { return nil }
        let start = place + front.count
        let end = word[start...].firstIndex(of: UInt8(ascii: ".")) ?? word.count
        return end - start >= count ? end : nil
    }

    private func isFront(_ place: Int) -> Bool {
        word[place] == prefix.utf8.first && fronts.contains { word[place...].starts(with: $0) }
    }

    /// The checksum is worked out byte by byte, and looked for behind each underscore on the way, as far as the next
    /// front: once through the word, whatever stands in it.
    private func token(at place: Int) -> (Finding.Kind, end: Int, masked: String)? {
        guard let front = fronts.first(where: { word[place...].starts(with: $0) }) else { return nil }
        var checksum = CRC32.Running()
        let limit = min(word.count, place + Self.longestToken)
        for index in place..<limit {
            if index > place, isFront(index) { return nil }
            if word[index] == UInt8(ascii: "_"), index > place + front.count, index + 7 <= word.count {
                let digits = Base62.encode(UInt64(checksum.value), width: 6).utf8
                if word[(index + 1)...].starts(with: digits),
                    let printed = try? PrintedToken.parse(
                        String(decoding: word[place..<index + 7], as: UTF8.self), prefix: prefix)
                {
                    return (.token, index + 7, printed.masked)
                }
            }
            checksum.append(word[index])
        }
        return nil
    }
}
