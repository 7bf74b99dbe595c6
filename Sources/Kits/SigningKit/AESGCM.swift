import COpenSSL

/// The cipher itself, with the nonce given: `SealingKey` is what to use.
enum AESGCM {
    static func encrypt(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], associatedData: [UInt8]
    ) throws(SigningError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        guard let context = EVP_CIPHER_CTX_new() else { throw .cryptography("allocation") }
        defer { EVP_CIPHER_CTX_free(context) }
        var ciphertext = [UInt8](repeating: 0, count: plaintext.count + 16)
        var tag = [UInt8](repeating: 0, count: SealedBox.tagByteCount)
        var written: Int32 = 0
        var rest: Int32 = 0
        guard EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            try authenticate(associatedData, EVP_EncryptUpdate, context),
            // An empty update would be taken as the end of the message.
            plaintext.isEmpty
                || EVP_EncryptUpdate(context, &ciphertext, &written, plaintext, Int32(plaintext.count)) == 1,
            EVP_EncryptFinal_ex(context, &tag, &rest) == 1, rest == 0,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1
        else {
            ERR_clear_error()
            throw .cryptography("AES-256-GCM sealing")
        }
        ciphertext.removeLast(ciphertext.count - Int(written))
        return (ciphertext, tag)
    }

    static func decrypt(_ box: SealedBox, key: [UInt8], associatedData: [UInt8]) throws(SigningError) -> [UInt8] {
        guard let context = EVP_CIPHER_CTX_new() else { throw .cryptography("allocation") }
        defer { EVP_CIPHER_CTX_free(context) }
        var plaintext = [UInt8](repeating: 0, count: box.ciphertext.count + 16)
        var tag = box.tag
        var written: Int32 = 0
        var rest: Int32 = 0
        var nothing: [UInt8] = [0]
        guard EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, box.nonce) == 1,
            try authenticate(associatedData, EVP_DecryptUpdate, context),
            box.ciphertext.isEmpty
                || EVP_DecryptUpdate(context, &plaintext, &written, box.ciphertext, Int32(box.ciphertext.count)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
        else {
            ERR_clear_error()
            throw .cryptography("AES-256-GCM opening")
        }
        // Only this call checks the tag: nothing decrypted may be returned before it.
        guard EVP_DecryptFinal_ex(context, &nothing, &rest) == 1 else {
            ERR_clear_error()
            throw .openingFailed
        }
        plaintext.removeLast(plaintext.count - Int(written))
        return plaintext
    }

    private typealias Update = (
        OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int32>?, UnsafePointer<UInt8>?, Int32
    ) -> Int32

    /// Feeds the data that is authenticated but not encrypted; without an output OpenSSL knows it as such.
    private static func authenticate(
        _ data: [UInt8], _ update: Update, _ context: OpaquePointer
    ) throws(SigningError) -> Bool {
        guard let count = Int32(exactly: data.count) else { throw .tooLong(limit: Int(Int32.max)) }
        var ignored: Int32 = 0
        return data.isEmpty || update(context, nil, &ignored, data, count) == 1
    }
}
