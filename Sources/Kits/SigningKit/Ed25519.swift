/// Ed25519 keys (RFC 8032), by OpenSSL. Signing and verifying may be done from many threads at once.
public enum Ed25519 {
    /// The length of a signature in bytes.
    public static let signatureByteCount = 64

    /// A key that signs. It never prints itself; its text is only to be had by asking for it (`paserk`).
    public struct SecretKey: Sendable {
        private let key: EVPKey

        /// The key that verifies what this one signs.
        public let publicKey: PublicKey

        /// A key from a 32-byte seed, or from 64 bytes: the seed followed by the public key.
        /// - Throws: `SigningError.keyLength`, or `.mismatchedKeyHalves` when the 64 bytes do not belong together.
        public init(bytes: [UInt8]) throws(SigningError) {
            guard bytes.count == 32 || bytes.count == 64 else {
                throw .keyLength(expected: "32 or 64", actual: bytes.count)
            }
            key = try EVPKey.secret(seed: Array(bytes.prefix(32)))
            publicKey = try PublicKey(bytes: try key.publicBytes())
            // Signing with a foreign public half leaks the secret (the "double public key" attack).
            if bytes.count == 64, !constantTimeEqual(Array(bytes.suffix(32)), publicKey.bytes) {
                throw .mismatchedKeyHalves
            }
        }

        /// A new random key.
        public static func generate() throws(SigningError) -> SecretKey {
            try SecretKey(bytes: try SecureRandom.bytes(32))
        }

        /// The 64 bytes of seed and public key. A secret: for a key file only.
        public func exportBytes() throws(SigningError) -> [UInt8] {
            try key.seed() + publicKey.bytes
        }

        /// The 64-byte signature of `message`.
        public func sign(_ message: [UInt8]) throws(SigningError) -> [UInt8] {
            try key.sign(message)
        }
    }

    /// A key that verifies.
    public struct PublicKey: Sendable {
        private let key: EVPKey

        /// The 32 bytes of the key.
        public let bytes: [UInt8]

        /// A short name for the key: base64url of the first 12 bytes of the SHA-256 of its 32 bytes, 16 characters.
        ///
        /// Not PASERK's `k4.pid`: that needs BLAKE2b with 33 bytes of output, which OpenSSL 3.0 cannot give.
        public let id: String

        /// A key from its 32 bytes.
        /// - Throws: `SigningError.keyLength`.
        public init(bytes: [UInt8]) throws(SigningError) {
            guard bytes.count == 32 else { throw .keyLength(expected: "32", actual: bytes.count) }
            key = try EVPKey.public(bytes)
            self.bytes = bytes
            id = Base64URL.encode(try SHA256.hash(bytes).prefix(12))
        }

        /// Whether `signature` was made for `message` by the secret half of this key.
        ///
        /// - Returns: `false` for a signature of the wrong length, too.
        /// - Throws: `SigningError.cryptography` only when OpenSSL itself fails.
        public func isValid(_ signature: [UInt8], for message: [UInt8]) throws(SigningError) -> Bool {
            guard signature.count == signatureByteCount else { return false }
            return try key.verify(signature, of: message)
        }
    }
}

extension Ed25519.PublicKey: Hashable, CustomStringConvertible {
    /// Keys are equal when their bytes are.
    public static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    /// The key's id.
    public var description: String { "Ed25519.PublicKey(\(id))" }
}

extension Ed25519.SecretKey: CustomStringConvertible, CustomReflectable {
    /// The id of the public half; nothing secret.
    public var description: String { "Ed25519.SecretKey(\(publicKey.id))" }

    /// Shows the id only, also to `dump` and to a debugger's summary.
    public var customMirror: Mirror { Mirror(self, children: ["id": publicKey.id]) }
}
