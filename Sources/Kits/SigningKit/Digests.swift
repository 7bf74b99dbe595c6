import COpenSSL

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
    /// The length of a digest in bytes.
    public static let byteCount = 32

    /// The 32-byte digest of `bytes`.
    /// - Throws: `SigningError.cryptography` when OpenSSL has no SHA-256 (a broken provider configuration).
    public static func hash(_ bytes: [UInt8]) throws(SigningError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: byteCount)
        guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else {
            throw .cryptography("SHA-256")
        }
        return digest
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public static func hex(_ bytes: [UInt8]) throws(SigningError) -> String {
        Hex.encode(try hash(bytes))
    }
}

/// HMAC with SHA-256 (RFC 2104).
public enum HMACSHA256 {
    /// The 32-byte authentication code of `message` under `key`, which may have any length.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) throws(SigningError) -> [UInt8] {
        guard let keyLength = Int32(exactly: key.count) else { throw .tooLong(limit: Int(Int32.max)) }
        var code = [UInt8](repeating: 0, count: SHA256.byteCount)
        // OpenSSL takes a null key to mean "the key of the last call": an empty key must have an address.
        let result = (key.isEmpty ? [0] : key).withUnsafeBytes { pointer in
            HMAC(EVP_sha256(), pointer.baseAddress, keyLength, message, message.count, &code, nil)
        }
        guard result != nil else { throw .cryptography("HMAC-SHA-256") }
        return code
    }

    /// Whether `code` authenticates `message`, compared in constant time.
    public static func isValid(_ code: [UInt8], for message: [UInt8], key: [UInt8]) throws(SigningError) -> Bool {
        constantTimeEqual(code, try authenticate(message, key: key))
    }
}

/// HMAC with SHA-1 (RFC 2104): for the signatures of senders that know nothing newer. As a code it is not broken, unlike
/// SHA-1 alone.
public enum HMACSHA1 {
    /// The length of a code in bytes.
    public static let byteCount = 20

    /// The 20-byte authentication code of `message` under `key`, which may have any length.
    public static func authenticate(_ message: [UInt8], key: [UInt8]) throws(SigningError) -> [UInt8] {
        guard let keyLength = Int32(exactly: key.count) else { throw .tooLong(limit: Int(Int32.max)) }
        var code = [UInt8](repeating: 0, count: byteCount)
        // As above: an empty key must have an address.
        let result = (key.isEmpty ? [0] : key).withUnsafeBytes { pointer in
            HMAC(EVP_sha1(), pointer.baseAddress, keyLength, message, message.count, &code, nil)
        }
        guard result != nil else { throw .cryptography("HMAC-SHA-1") }
        return code
    }

    /// Whether `code` authenticates `message`, compared in constant time.
    public static func isValid(_ code: [UInt8], for message: [UInt8], key: [UInt8]) throws(SigningError) -> Bool {
        constantTimeEqual(code, try authenticate(message, key: key))
    }
}

/// Whether two byte strings are equal, in a time that depends on their length alone.
///
/// Strings of different length are unequal at once: a length is no secret here.
public func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

/// Random bytes for keys, nonces and tokens.
public enum SecureRandom {
    /// The most that one call gives.
    public static let maximumCount = 1 << 20

    /// `count` bytes (0 to 1 MiB) of OpenSSL's generator, which the kernel seeds.
    /// - Throws: `SigningError.cryptography` when there is no entropy; never returns predictable bytes instead.
    public static func bytes(_ count: Int) throws(SigningError) -> [UInt8] {
        guard (0...maximumCount).contains(count) else { throw .tooLong(limit: maximumCount) }
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .cryptography("random bytes") }
        return bytes
    }
}
