import COpenSSL

/// One OpenSSL key, parsed once and freed with its last owner.
///
/// `@unchecked Sendable`: the key is never changed after `init`, OpenSSL locks its own caches inside, and each
/// signature or verification has its own context.
final class EVPKey: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes over `pointer`.
    private init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// A key from the 32-byte Ed25519 seed.
    static func secret(seed: [UInt8]) throws(SigningError) -> EVPKey {
        guard let pointer = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count) else {
            ERR_clear_error()
            throw .cryptography("reading an Ed25519 seed")
        }
        return EVPKey(owning: pointer)
    }

    /// A key from the 32 public bytes; that they are a point of the curve is found out at verification.
    static func `public`(_ bytes: [UInt8]) throws(SigningError) -> EVPKey {
        guard let pointer = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count) else {
            ERR_clear_error()
            throw .cryptography("reading an Ed25519 public key")
        }
        return EVPKey(owning: pointer)
    }

    /// The 32 public bytes.
    func publicBytes() throws(SigningError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(pointer, &bytes, &count) == 1, count == 32 else {
            ERR_clear_error()
            throw .cryptography("deriving an Ed25519 public key")
        }
        return bytes
    }

    /// The 32-byte seed of a secret key.
    func seed() throws(SigningError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_private_key(pointer, &bytes, &count) == 1, count == 32 else {
            ERR_clear_error()
            throw .cryptography("reading back an Ed25519 seed")
        }
        return bytes
    }

    /// The 64-byte signature of `message`.
    func sign(_ message: [UInt8]) throws(SigningError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw .cryptography("allocation") }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: 64)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, pointer) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == 64
        else {
            ERR_clear_error()
            throw .cryptography("signing")
        }
        return signature
    }

    /// Whether `signature` is this key's for `message`.
    func verify(_ signature: [UInt8], of message: [UInt8]) throws(SigningError) -> Bool {
        guard let context = EVP_MD_CTX_new() else { throw .cryptography("allocation") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, nil, nil, pointer) == 1 else {
            ERR_clear_error()
            throw .cryptography("preparing a verification")
        }
        let verdict = EVP_DigestVerify(context, signature, signature.count, message, message.count)
        // A wrong signature may leave an entry in the thread's error queue, which libpq or TLS would trip over later.
        if verdict != 1 { ERR_clear_error() }
        return verdict == 1
    }
}
