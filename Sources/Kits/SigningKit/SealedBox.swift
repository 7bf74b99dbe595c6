/// A sealed value: whose key opens it, the nonce, the ciphertext and the tag that shows any change.
public struct SealedBox: Equatable, Sendable {
    static let nonceByteCount = 12
    static let tagByteCount = 16
    private static let version: UInt8 = 1

    /// The id of the key that opens it.
    public let keyID: String

    let nonce: [UInt8]
    let ciphertext: [UInt8]
    let tag: [UInt8]

    init(keyID: String, nonce: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
        self.keyID = keyID
        self.nonce = nonce
        self.ciphertext = ciphertext
        self.tag = tag
    }

    /// The bytes to store: version 1, length of the id, id, 12 of nonce, ciphertext, 16 of tag.
    public var serialized: [UInt8] {
        [Self.version, UInt8(keyID.utf8.count)] + Array(keyID.utf8) + nonce + ciphertext + tag
    }

    /// Reads what `serialized` wrote.
    /// - Throws: `SigningError.malformed`, or `.tooLong` for more than a sealed value can have.
    public init(serialized bytes: [UInt8]) throws(SigningError) {
        let limit = SealingKey.maximumPlaintext + 2 + 64 + Self.nonceByteCount + Self.tagByteCount
        guard bytes.count <= limit else { throw .tooLong(limit: limit) }
        guard bytes.count >= 2 else { throw .malformed("sealed value: too short") }
        guard bytes[0] == Self.version else { throw .malformed("sealed value: an unknown version") }
        let idLength = Int(bytes[1])
        let fixed = 2 + idLength + Self.nonceByteCount + Self.tagByteCount
        guard (1...64).contains(idLength), bytes.count >= fixed else {
            throw .malformed("sealed value: too short")
        }
        guard let keyID = String(validating: bytes[2..<(2 + idLength)], as: UTF8.self) else {
            throw .malformed("sealed value: the key's id is no text")
        }
        self.keyID = keyID
        let rest = bytes[(2 + idLength)...]
        nonce = Array(rest.prefix(Self.nonceByteCount))
        ciphertext = Array(rest.dropFirst(Self.nonceByteCount).dropLast(Self.tagByteCount))
        tag = Array(rest.suffix(Self.tagByteCount))
    }
}
