/// Stripe's `Stripe-Signature: t=…,v1=…` (docs.stripe.com/webhooks/signature): HMAC-SHA256 of `t.body` in hex, of the
/// secret as it is written. The id of a delivery is in the body.
enum StripeWebhook {
    private static let field = "stripe-signature"
    private static let mostItems = 32

    static func verify(
        _ message: WebhookMessage, _ secrets: [String], now: Int64
    ) throws(WebhookRefusal) -> String? {
        let items = try message.header(field).split(separator: ",").map {
            $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        guard items.count <= mostItems, items.allSatisfy({ $0.count == 2 }) else { throw .malformed(field) }
        let times = items.filter { $0[0] == "t" }.map { $0[1] }
        guard times.count == 1 else { throw .malformed(field) }
        try WebhookTime.check(times[0], of: field, unit: 1_000, now: now)
        // Only v1: v0 is Stripe's own for tests, and whoever takes it can be talked down to it.
        let codes = items.filter { $0[0] == "v1" }.compactMap { try? Hex.decode(String($0[1])) }
        let signed = Array("\(times[0]).".utf8) + message.body
        guard WebhookCodes.isAny(of: codes, good: signed, for: secrets) else { throw .mismatch }
        return nil
    }
}

/// Codes of HMAC-SHA256 whose keys are the secrets as they are written.
enum WebhookCodes {
    /// Tries all, whatever came of the first.
    static func isAny(of codes: [[UInt8]], good signed: [UInt8], for secrets: [String]) -> Bool {
        var isGood = false
        for secret in secrets where !secret.isEmpty {
            for code in codes {
                let isValid = try? HMACSHA256.isValid(code, for: signed, key: Array(secret.utf8))
                isGood = (isValid ?? false) || isGood
            }
        }
        return isGood
    }
}
