import Foundation

/// Signs messages by Standard Webhooks 1.0.
public enum StandardWebhookSigner {
    /// The value of `webhook-signature`: a `v1` signature for each secret, in their order.
    ///
    /// - Parameter timestamp: seconds since 1970.
    /// - Throws: for a text that is no secret (`whsec_` and 24 to 64 bytes in Base64), or for none.
    public static func signature(id: String, timestamp: Int, body: [UInt8], secrets: [String]) throws -> String {
        guard !secrets.isEmpty else { throw WebhookRefusal.mismatch }
        let signed = Array("\(id).\(timestamp).".utf8) + body
        return try secrets.map { secret in
            guard case .shared(let key)? = StandardWebhook.Key(secret) else { throw WebhookRefusal.mismatch }
            return "v1,\(Data(try HMACSHA256.authenticate(signed, key: key)).base64EncodedString())"
        }.joined(separator: " ")
    }
}

/// Standard Webhooks 1.0 (standard-webhooks/standard-webhooks, spec/standard-webhooks.md): `id.timestamp.body` is signed,
/// with `v1` HMAC-SHA256 or `v1a` Ed25519, and there may be several signatures.
enum StandardWebhook {
    enum Key {
        case shared([UInt8])
        case `public`(Ed25519.PublicKey)

        /// `whsec_` and 24 to 64 bytes, or `whpk_` and 32, in Base64.
        init?(_ text: String) {
            let isPublic = text.hasPrefix("whpk_")
            guard isPublic || text.hasPrefix("whsec_"),
                let bytes = WebhookBase64.decode(text.dropFirst(isPublic ? 5 : 6))
            else { return nil }
            if isPublic {
                guard let key = try? Ed25519.PublicKey(bytes: bytes) else { return nil }
                self = .public(key)
            } else {
                guard (24...64).contains(bytes.count) else { return nil }
                self = .shared(bytes)
            }
        }

        func accepts(_ version: Substring, _ code: [UInt8], of signed: [UInt8]) -> Bool {
            switch (self, version) {
            case (.shared(let key), "v1"):
                (try? HMACSHA256.isValid(code, for: signed, key: key)) ?? false
            case (.public(let key), "v1a"):
                code.count == Ed25519.signatureByteCount && ((try? key.isValid(code, for: signed)) ?? false)
            default: false
            }
        }
    }

    private static let mostSignatures = 16

    static func verify(
        _ message: WebhookMessage, _ secrets: [String], now: Int64
    ) throws(WebhookRefusal) -> String? {
        let id = try message.header("webhook-id")
        let time = try message.header("webhook-timestamp")
        let list = try message.header("webhook-signature")
        // A dot would let one id and time pass for another.
        guard !id.isEmpty, id.utf8.count <= 1_024, !id.contains(".") else { throw .malformed("webhook-id") }
        try WebhookTime.check(time, of: "webhook-timestamp", unit: 1_000, now: now)
        let signatures = list.split(separator: " ")
        guard (1...mostSignatures).contains(signatures.count) else { throw .malformed("webhook-signature") }
        let signed = Array("\(id).\(time).".utf8) + message.body
        var isGood = false
        for key in secrets.compactMap(Key.init) {
            for signature in signatures {
                // Of versions to come nothing is known: they are passed over, not refused.
                let parts = signature.split(separator: ",", maxSplits: 1)
                guard parts.count == 2, let code = WebhookBase64.decode(parts[1]) else { continue }
                isGood = key.accepts(parts[0], code, of: signed) || isGood
            }
        }
        guard isGood else { throw .mismatch }
        return id
    }
}
