/// Keys as text: PASERK's `k4.public.` and `k4.secret.` (paseto-standard/paserk).
public enum PASERK {
    /// A key as read from its text.
    public enum Key: Sendable {
        /// A key that only verifies.
        case `public`(Ed25519.PublicKey)
        /// A key that signs.
        case secret(Ed25519.SecretKey)

        /// The half that verifies.
        public var publicKey: Ed25519.PublicKey {
            switch self {
            case .public(let key): key
            case .secret(let key): key.publicKey
            }
        }
    }

    private static let publicHeader = "k4.public."
    private static let secretHeader = "k4.secret."

    /// Reads a `k4.public.…` or `k4.secret.…`; every other type and version is refused.
    /// - Throws: `SigningError`, which never repeats the text.
    public static func parse(_ text: some StringProtocol) throws(SigningError) -> Key {
        if text.hasPrefix(publicHeader) {
            let bytes = try Base64URL.decode(utf8: text.utf8.dropFirst(publicHeader.utf8.count))
            return .public(try Ed25519.PublicKey(bytes: bytes))
        }
        if text.hasPrefix(secretHeader) {
            let bytes = try Base64URL.decode(utf8: text.utf8.dropFirst(secretHeader.utf8.count))
            // The text form always has both halves; a lone seed here would be a key of another library's making.
            guard bytes.count == 64 else { throw .keyLength(expected: "64", actual: bytes.count) }
            return .secret(try Ed25519.SecretKey(bytes: bytes))
        }
        throw .malformed("a key begins with k4.secret. or k4.public.")
    }

    /// `k4.public.` and base64url of the 32 bytes.
    public static func text(of key: Ed25519.PublicKey) -> String {
        publicHeader + Base64URL.encode(key.bytes)
    }

    /// `k4.secret.` and base64url of seed and public key. A secret: for a key file only.
    public static func text(of key: Ed25519.SecretKey) throws(SigningError) -> String {
        secretHeader + Base64URL.encode(try key.exportBytes())
    }
}
