/// A `v4.public` token as people see and paste it: `spotter_live_<body>_<checksum>`.
///
/// The body is the token without its header: base64url of payload and signature, then `.` and the footer when there
/// is one. The checksum, six base62 digits of the CRC-32 of all before its underscore, lets a secret scanner (and
/// the caller) tell a real token from a look-alike without asking anybody. It proves nothing about who made it.
public struct PrintedToken: Hashable, Sendable {
    /// What a token opens.
    public enum Kind: String, CaseIterable, Sendable {
        /// An organisation's real data.
        case live
        /// Data made for tests.
        case test
        /// The administration of the installation.
        case adm
    }

    /// Matches the tokens of every prefix, for secret scanners (RE2, PCRE and ICU alike).
    public static let pattern = pattern(prefix: "[a-z][a-z0-9]{1,31}")

    /// Matches the tokens of one prefix. A match still wants `parse`, which knows the checksum.
    public static func pattern(prefix: String) -> String {
        #"\b"# + prefix + #"_(?:live|test|adm)_[A-Za-z0-9_-]{86,}(?:\.[A-Za-z0-9_-]+)?_[0-9A-Za-z]{6}\b"#
    }

    private static let checksumDigits = 6

    /// The first word: 2 to 32 characters `a-z 0-9`, beginning with a letter.
    public let prefix: String

    /// What the token opens.
    public let kind: Kind

    private let body: String

    /// The printed form of a `v4.public.…` token.
    /// - Throws: As `PASETO.UnverifiedToken` for anything else, `.malformed` for an impossible prefix.
    public init(_ token: String, prefix: String, kind: Kind) throws(SigningError) {
        guard Self.isPrefix(prefix) else { throw .malformed("a token's prefix is 2 to 32 of a-z and 0-9") }
        _ = try PASETO.UnverifiedToken(token)
        self.init(body: String(token.dropFirst(PASETO.header.count)), prefix: prefix, kind: kind)
    }

    private init(body: String, prefix: String, kind: Kind) {
        self.body = body
        self.prefix = prefix
        self.kind = kind
    }

    /// Reads a printed token, checking prefix, kind, checksum and form. Its signature is still to be verified.
    ///
    /// Base64url has `_` and `-` of its own, so the text is read from both ends: two words from the front, seven
    /// characters from the back.
    /// - Throws: `SigningError.tooLong`, `.wrongPrefix`, `.malformed` or `.checksumMismatch`.
    public static func parse(_ text: String, prefix: String) throws(SigningError) -> PrintedToken {
        let limit = PASETO.maximumLength + prefix.utf8.count + 16
        guard text.utf8.count <= limit else { throw .tooLong(limit: limit) }
        for kind in Kind.allCases {
            let front = "\(prefix)_\(kind.rawValue)_"
            guard text.utf8.starts(with: front.utf8) else { continue }
            let rest = text.utf8.dropFirst(front.utf8.count)
            guard rest.count > checksumDigits + 1, let body = String(rest.dropLast(checksumDigits + 1)),
                rest.dropLast(checksumDigits).last == UInt8(ascii: "_")
            else { throw .malformed("no checksum at the end") }
            let printed = PrintedToken(body: body, prefix: prefix, kind: kind)
            guard printed.text.utf8.elementsEqual(text.utf8) else { throw .checksumMismatch }
            return try PrintedToken(printed.token, prefix: prefix, kind: kind)
        }
        throw .wrongPrefix
    }

    /// The token to verify: `v4.public.` and the body.
    public var token: String { PASETO.header + body }

    /// The printed form. A secret: to be shown once, never logged.
    public var text: String {
        let front = "\(prefix)_\(kind.rawValue)_\(body)"
        return front + "_" + Base62.encode(UInt64(CRC32.checksum(front.utf8)), width: Self.checksumDigits)
    }

    /// What a list may show: prefix, kind and the last four characters, which are of the checksum.
    public var masked: String { "\(prefix)_\(kind.rawValue)_…\(text.suffix(4))" }

    private static func isPrefix(_ text: String) -> Bool {
        let characters = Array(text.utf8)
        guard (2...32).contains(characters.count), let first = characters.first else { return false }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return letters.contains(first) && characters.allSatisfy { letters.contains($0) || digits.contains($0) }
    }
}

extension PrintedToken: CustomStringConvertible, CustomReflectable {
    /// The masked form.
    public var description: String { masked }

    /// Shows the masked form only, also to `dump`.
    public var customMirror: Mirror { Mirror(self, children: ["masked": masked]) }
}
