/// GitHub's `X-Hub-Signature-256: sha256=…` (docs.github.com, "Validating webhook deliveries"): HMAC-SHA256 of the body
/// in hex. Neither a time nor the id in `X-GitHub-Delivery` is signed, so only the body tells a delivery from another.
enum GitHubWebhook {
    private static let field = "x-hub-signature-256"

    static func verify(_ message: WebhookMessage, _ secrets: [String]) throws(WebhookRefusal) -> String? {
        let text = try message.header(field)
        guard text.hasPrefix("sha256="), let code = try? Hex.decode(String(text.dropFirst(7))) else {
            throw .malformed(field)
        }
        guard WebhookCodes.isAny(of: [code], good: message.body, for: secrets) else { throw .mismatch }
        return nil
    }
}
