/// HighLevel's `X-GHL-Signature` (marketplace.gohighlevel.com, "Webhook authentication"): Ed25519 of the body in Base64,
/// by a key that HighLevel publishes. No time is signed: that a delivery is taken once is all that stops a replay.
enum HighLevelWebhook {
    private static let field = "x-ghl-signature"
    /// What stands before the 32 bytes in a key's DER form (RFC 8410).
    private static let prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

    /// A public key in Base64: its 32 bytes, or its DER form, which is what stands between the lines of a PEM file.
    static func key(_ text: String) -> Ed25519.PublicKey? {
        guard let bytes = WebhookBase64.decode(text) else { return nil }
        if bytes.count == prefix.count + 32, bytes.starts(with: prefix) {
            return try? Ed25519.PublicKey(bytes: Array(bytes.dropFirst(prefix.count)))
        }
        return try? Ed25519.PublicKey(bytes: bytes)
    }

    static func verify(_ message: WebhookMessage, _ secrets: [String]) throws(WebhookRefusal) -> String? {
        guard let code = WebhookBase64.decode(try message.header(field)), code.count == Ed25519.signatureByteCount
        else { throw .malformed(field) }
        var isGood = false
        for key in secrets.compactMap(key) { isGood = ((try? key.isValid(code, for: message.body)) ?? false) || isGood }
        guard isGood else { throw .mismatch }
        return nil
    }
}
