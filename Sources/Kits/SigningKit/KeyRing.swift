/// The keys of an installation: one that signs, and all that still verify.
///
/// Its file holds one PASERK a line; `#` begins a comment. The first `k4.secret` signs; further `k4.secret` and
/// `k4.public` lines verify only, so that tokens made with yesterday's key stay good until it is taken out:
///
///     # signing since June
///     k4.secret.…
///     k4.public.…   # until the tokens of May are over
public struct KeyRing: Sendable {
    /// The longest file that is read, in bytes, and the most keys it may have.
    public static let maximumLength = 64 * 1024
    /// The most keys that a ring may have.
    public static let maximumKeys = 64

    private let lines: [KeyRingLine]
    private let signingKey: Ed25519.SecretKey?
    private let publicKeys: [String: Ed25519.PublicKey]

    /// Reads a ring.
    /// - Throws: `SigningError.keyRing` naming the line; never repeats what the line holds.
    public init(parsing text: String) throws(SigningError) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong(limit: Self.maximumLength) }
        try self.init(lines: try KeyRingLine.parse(text))
    }

    /// A ring of one key.
    public init(signingWith key: Ed25519.SecretKey) throws(SigningError) {
        try self.init(lines: [KeyRingLine(content: .key(.secret(key)), comment: "")])
    }

    init(lines: [KeyRingLine]) throws(SigningError) {
        var found: [String: (key: Ed25519.PublicKey, line: Int)] = [:]
        var secret: Ed25519.SecretKey?
        for (index, line) in lines.enumerated() {
            guard case .key(let key) = line.content else { continue }
            if case .secret(let candidate) = key, secret == nil { secret = candidate }
            let publicKey = key.publicKey
            if let first = found[publicKey.id] {
                throw .keyRing(line: index + 1, reason: "the same key as in line \(first.line)")
            }
            guard found.count < Self.maximumKeys else {
                throw .keyRing(line: index + 1, reason: "more than \(Self.maximumKeys) keys")
            }
            found[publicKey.id] = (publicKey, index + 1)
        }
        guard !found.isEmpty else { throw .keyRing(line: 1, reason: "no key in the file") }
        self.lines = lines
        signingKey = secret
        publicKeys = found.mapValues(\.key)
    }

    /// The id of the key that signs; `nil` when the ring only verifies.
    public var signingKeyID: String? { signingKey?.publicKey.id }

    /// The ids of all keys that verify, in the order of the file.
    public var keyIDs: [String] { lines.compactMap(\.key?.publicKey.id) }

    /// Signs `payload` as a `v4.public` token whose footer is `{"kid":"…"}`.
    /// - Throws: `SigningError.noSigningKey`, or as `PASETO.sign`.
    public func sign(_ payload: [UInt8], implicitAssertion: [UInt8] = []) throws(SigningError) -> String {
        guard let signingKey else { throw .noSigningKey }
        let footer = KeyIDFooter.encode(signingKey.publicKey.id)
        return try PASETO.sign(payload, with: signingKey, footer: footer, implicitAssertion: implicitAssertion)
    }

    /// Verifies `token` with the key that its footer names, and returns the payload.
    /// - Throws: `SigningError.unknownKey` when the ring has no such key; otherwise as `PASETO.verify`.
    public func verify(_ token: String, implicitAssertion: [UInt8] = []) throws(SigningError) -> [UInt8] {
        let parsed = try PASETO.UnverifiedToken(token)
        guard let id = KeyIDFooter.decode(parsed.footer) else { throw .unknownKey(id: nil) }
        guard let key = publicKeys[id] else { throw .unknownKey(id: id) }
        return try parsed.verify(with: key, implicitAssertion: implicitAssertion)
    }

    /// The text of the ring after `newKey` took over signing. Comments stay.
    ///
    /// Keys that signed before are kept as `k4.public`: they need to verify, and a secret that nobody needs is
    /// best not kept.
    /// - Throws: `SigningError.keyRing` when the ring has the key already or is full.
    public func rotate(by newKey: Ed25519.SecretKey) throws(SigningError) -> String {
        var rotated = lines.map(\.withoutSecret)
        let first = rotated.firstIndex { $0.key != nil } ?? rotated.startIndex
        rotated.insert(KeyRingLine(content: .key(.secret(newKey)), comment: ""), at: first)
        return try KeyRing(lines: rotated).text()
    }

    /// The text of the ring without the key `id`: tokens signed by it are refused from then on.
    /// - Throws: `SigningError.unknownKey`; `.keyRing` when it is the last key.
    public func retire(_ id: String) throws(SigningError) -> String {
        guard publicKeys[id] != nil else { throw .unknownKey(id: id) }
        return try KeyRing(lines: lines.filter { $0.key?.publicKey.id != id }).text()
    }

    /// The ring as a file, secrets included: write it with mode 0600 only.
    public func text() throws(SigningError) -> String {
        var text = ""
        for line in lines { text += try line.text() + "\n" }
        return text
    }
}

extension KeyRing: CustomStringConvertible, CustomReflectable {
    /// The ids; nothing secret.
    public var description: String { "KeyRing(\(keyIDs.joined(separator: ", ")))" }

    /// Shows the ids only, also to `dump`.
    public var customMirror: Mirror { Mirror(self, children: ["keyIDs": keyIDs]) }
}
