import COpenSSL

/// A key that seals small secrets for storage: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
///
/// With random nonces one key may seal 2³² values; the key's id travels with each value, so that keys can be
/// changed while old values still open.
public struct SealingKey: Sendable {
    /// The most bytes that one value may have.
    public static let maximumPlaintext = 16 << 20

    /// The key's name, 1 to 64 bytes of UTF-8; stored with each value, in clear.
    public let id: String

    private let storage: Storage

    /// A key from its 32 bytes.
    /// - Throws: `SigningError.keyLength`, or `.malformed` for an id that is empty or over 64 bytes.
    public init(id: String, bytes: [UInt8]) throws(SigningError) {
        guard bytes.count == 32 else { throw .keyLength(expected: "32", actual: bytes.count) }
        guard (1...64).contains(id.utf8.count) else { throw .malformed("a sealing key's id has 1 to 64 bytes") }
        self.id = id
        storage = Storage(bytes)
    }

    /// Encrypts `plaintext`, at most 16 MiB.
    ///
    /// - Parameter associatedData: What the value belongs to, such as its table, row and column: not stored, but
    ///   the same bytes are needed to open, so that a sealed value cannot be moved elsewhere.
    public func seal(_ plaintext: [UInt8], associatedData: [UInt8] = []) throws(SigningError) -> SealedBox {
        guard plaintext.count <= Self.maximumPlaintext else { throw .tooLong(limit: Self.maximumPlaintext) }
        let nonce = try SecureRandom.bytes(SealedBox.nonceByteCount)
        let sealed = try AESGCM.encrypt(
            plaintext, key: storage.bytes, nonce: nonce, associatedData: bound(associatedData))
        return SealedBox(keyID: id, nonce: nonce, ciphertext: sealed.ciphertext, tag: sealed.tag)
    }

    /// Decrypts what `seal` made with the same key and associated data.
    /// - Throws: `SigningError.unknownKey` when the box names another key, `.openingFailed` when it was altered.
    public func open(_ box: SealedBox, associatedData: [UInt8] = []) throws(SigningError) -> [UInt8] {
        guard box.keyID == id else { throw .unknownKey(id: box.keyID) }
        return try AESGCM.decrypt(box, key: storage.bytes, associatedData: bound(associatedData))
    }

    /// The key itself, for a ring's file only.
    func exportBytes() -> [UInt8] { storage.bytes }

    /// Binds the id too: a value relabelled with another key's name must not open.
    private func bound(_ associatedData: [UInt8]) -> [UInt8] {
        PASETO.preAuthenticationEncoding([Array(id.utf8), associatedData])
    }

    /// The key's bytes, wiped when the last copy of the key is gone.
    ///
    /// `@unchecked Sendable`: the bytes are written in `init` and wiped in `deinit`, never in between.
    private final class Storage: @unchecked Sendable {
        private(set) var bytes: [UInt8]

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        deinit {
            bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        }
    }
}

extension SealingKey: CustomStringConvertible, CustomReflectable {
    /// The id; nothing secret.
    public var description: String { "SealingKey(\(id))" }

    /// Shows the id only, also to `dump`.
    public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
