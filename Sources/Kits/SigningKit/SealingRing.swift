/// The keys of an installation that seal values at rest: the first seals, all open.
///
/// Its file holds one key a line, `a256gcm.` and base64url of the 32 bytes; `#` begins a comment:
///
///     # seals since June
///     a256gcm.…
///     a256gcm.…   # until everything is sealed anew
///
/// A key's id follows from its bytes, so that no two lines can be mixed up.
public struct SealingRing: Sendable {
    /// The longest text that is read, in bytes.
    public static let maximumLength = 64 * 1024
    /// The most keys that a ring may have.
    public static let maximumKeys = 64

    private let lines: [Line]
    private let keys: [String: SealingKey]
    /// The id of the key that seals.
    public let sealingKeyID: String

    /// Reads a ring.
    /// - Throws: `SigningError.keyRing` naming the line; never repeats what the line holds.
    public init(parsing text: String) throws(SigningError) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong(limit: Self.maximumLength) }
        try self.init(lines: try Self.lines(of: text))
    }

    /// A ring of one new key.
    public static func generate() throws(SigningError) -> SealingRing {
        try SealingRing(lines: [Line(key: try newKey(), comment: "")])
    }

    /// The line of a new key, for a ring that is kept by hand. A secret.
    public static func newLine() throws(SigningError) -> String { text(of: try newKey()) }

    private init(lines: [Line]) throws(SigningError) {
        var places: [String: Int] = [:]
        var keys: [String: SealingKey] = [:]
        for (index, line) in lines.enumerated() {
            guard let key = line.key else { continue }
            if let first = places[key.id] {
                throw .keyRing(line: index + 1, reason: "the same key as in line \(first)")
            }
            guard keys.count < Self.maximumKeys else {
                throw .keyRing(line: index + 1, reason: "more than \(Self.maximumKeys) keys")
            }
            places[key.id] = index + 1
            keys[key.id] = key
        }
        guard let first = lines.compactMap(\.key).first else { throw .keyRing(line: 1, reason: "no key in the file") }
        self.lines = lines
        self.keys = keys
        sealingKeyID = first.id
    }

    /// The ids of all keys, in the order of the file.
    public var keyIDs: [String] { lines.compactMap(\.key?.id) }

    /// Seals with the first key; see `SealingKey.seal`.
    public func seal(_ plaintext: [UInt8], associatedData: [UInt8]) throws(SigningError) -> SealedBox {
        guard let key = keys[sealingKeyID] else { throw .unknownKey(id: sealingKeyID) }
        return try key.seal(plaintext, associatedData: associatedData)
    }

    /// Opens with the key that the box names; see `SealingKey.open`.
    /// - Throws: `SigningError.unknownKey` when the ring has no such key.
    public func open(_ box: SealedBox, associatedData: [UInt8]) throws(SigningError) -> [UInt8] {
        guard let key = keys[box.keyID] else { throw .unknownKey(id: box.keyID) }
        return try key.open(box, associatedData: associatedData)
    }

    /// The ring with a new key before the others, which go on opening. Comments stay.
    /// - Throws: `SigningError.keyRing` when the ring is full.
    public func rotated() throws(SigningError) -> SealingRing {
        var rotated = lines
        let first = rotated.firstIndex { $0.key != nil } ?? rotated.startIndex
        rotated.insert(Line(key: try Self.newKey(), comment: ""), at: first)
        return try SealingRing(lines: rotated)
    }

    /// The ring with the key that seals and those of `ids` alone.
    public func keeping(_ ids: Set<String>) throws(SigningError) -> SealingRing {
        try SealingRing(
            lines: lines.filter { line in line.key.map { $0.id == sealingKeyID || ids.contains($0.id) } ?? true })
    }

    /// The ring as a file, secrets included: write it with mode 0600 only.
    public var text: String { lines.map { $0.text + "\n" }.joined() }
}

extension SealingRing: CustomStringConvertible, CustomReflectable {
    /// The ids; nothing secret.
    public var description: String { "SealingRing(\(keyIDs.joined(separator: ", ")))" }

    /// Shows the ids only, also to `dump`.
    public var customMirror: Mirror { Mirror(self, children: ["keyIDs": keyIDs]) }
}

extension SealingRing {
    private static let header = "a256gcm."

    /// One line, kept whole so that no comment is lost.
    private struct Line: Sendable {
        let key: SealingKey?
        /// From the `#` on, or empty.
        let comment: String

        var text: String {
            guard let key else { return comment }
            return SealingRing.text(of: key) + (comment.isEmpty ? "" : " " + comment)
        }
    }

    private static func lines(of text: String) throws(SigningError) -> [Line] {
        var lines: [Line] = []
        for (index, line) in KeyRingLine.split(text).enumerated() {
            do throws(SigningError) {
                let (word, comment) = KeyRingLine.parts(of: line)
                lines.append(Line(key: word.isEmpty ? nil : try key(word), comment: comment))
            } catch {
                throw .keyRing(line: index + 1, reason: error.description)
            }
        }
        return lines
    }

    private static func key(_ word: Substring) throws(SigningError) -> SealingKey {
        guard word.hasPrefix(header) else { throw .malformed("a key begins with \(header)") }
        return try key(try Base64URL.decode(utf8: word.utf8.dropFirst(header.utf8.count)))
    }

    private static func newKey() throws(SigningError) -> SealingKey { try key(try SecureRandom.bytes(32)) }

    private static func key(_ bytes: [UInt8]) throws(SigningError) -> SealingKey {
        guard bytes.count == 32 else { throw .keyLength(expected: "32", actual: bytes.count) }
        // Nothing of the key can be told from its id: that is a keyed hash of fixed words.
        let id = try HMACSHA256.authenticate(Array("spotter sealing key id".utf8), key: bytes)
        return try SealingKey(id: "seal-" + Base64URL.encode(Array(id.prefix(12))), bytes: bytes)
    }

    private static func text(of key: SealingKey) -> String { header + Base64URL.encode(key.exportBytes()) }
}
