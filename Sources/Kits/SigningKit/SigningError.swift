/// Why a key, a token or a sealed value was refused. No case carries a secret or the refused text.
public enum SigningError: Error, Equatable, Sendable {
    /// The text or the bytes have not the form they must have; the words say what is wrong.
    case malformed(String)
    /// The input is longer than `limit` bytes.
    case tooLong(limit: Int)
    /// The token does not begin with the only header accepted, `v4.public.`.
    case wrongHeader
    /// The printed token's prefix or kind is not the expected one.
    case wrongPrefix
    /// The printed token's checksum does not match: it was mistyped, truncated or made up.
    case checksumMismatch
    /// The signature does not belong to this token and key.
    case badSignature
    /// No key of the ring has the token's key id; `nil` when the footer names none.
    case unknownKey(id: String?)
    /// The token's time is over.
    case expired
    /// The token is not valid yet, or says that it was issued in the future.
    case notYetValid
    /// The token was made for another audience.
    case wrongAudience
    /// A key of the wrong size, in bytes.
    case keyLength(expected: String, actual: Int)
    /// A 64-byte secret key whose public half does not belong to its seed.
    case mismatchedKeyHalves
    /// A line of a key ring (from 1) that cannot be used, and why.
    case keyRing(line: Int, reason: String)
    /// The ring has no secret key, so that it can verify but not sign.
    case noSigningKey
    /// The sealed value was altered, or sealed with another key or for another purpose.
    case openingFailed
    /// OpenSSL refused to do its part; the words name the operation.
    case cryptography(String)
}

extension SigningError: CustomStringConvertible {
    /// One sentence without any secret, fit for a log.
    public var description: String {
        switch self {
        case .malformed(let reason): "malformed: \(reason)"
        case .tooLong(let limit): "longer than \(limit) bytes"
        case .wrongHeader: "not a v4.public token"
        case .wrongPrefix: "not one of our tokens: another prefix or kind"
        case .checksumMismatch: "the checksum does not match: the token was mistyped or cut"
        case .badSignature: "the signature does not match"
        case .unknownKey(let id?): "no key with the id \(id) in the ring"
        case .unknownKey(nil): "the token's footer names no key"
        case .expired: "expired"
        case .notYetValid: "not valid yet"
        case .wrongAudience: "made for another audience"
        case .keyLength(let expected, let actual): "a key of \(actual) bytes where \(expected) are needed"
        case .mismatchedKeyHalves: "the public half of the secret key does not belong to its seed"
        case .keyRing(let line, let reason): "key ring, line \(line): \(reason)"
        case .noSigningKey: "the key ring has no secret key to sign with"
        case .openingFailed: "the sealed value was altered, or sealed with another key or for another purpose"
        case .cryptography(let operation): "OpenSSL: \(operation) failed"
        }
    }
}
