/// The secret itself in `X-Webhook-Secret`: for senders that cannot sign. Anyone who reads a message can make others, so it
/// is the last resort. `Webhook-Id` names a delivery, where the sender gives one.
enum SharedSecretWebhook {
    private static let field = "x-webhook-secret"

    static func verify(_ message: WebhookMessage, _ secrets: [String]) throws(WebhookRefusal) -> String? {
        // The digests are of one length: how long the secret is does not show.
        let text = try message.header(field)
        guard let shown = try? SHA256.hash(Array(text.utf8)) else { throw .mismatch }
        var isGood = false
        for secret in secrets where !secret.isEmpty {
            guard let known = try? SHA256.hash(Array(secret.utf8)) else { continue }
            isGood = constantTimeEqual(shown, known) || isGood
        }
        guard isGood else { throw .mismatch }
        let id = try message.optionalHeader("webhook-id")
        return id.flatMap { $0.isEmpty || $0.utf8.count > 1_024 ? nil : $0 }
    }
}
