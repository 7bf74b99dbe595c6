/// HubSpot's version 3 (developers.hubspot.com, "Validating requests"): HMAC-SHA256 in Base64 of the method, the address,
/// the body and the time in milliseconds, one after the other.
enum HubSpotWebhook {
    private static let (field, timeField) = ("x-hubspot-signature-v3", "x-hubspot-request-timestamp")

    static func verify(
        _ message: WebhookMessage, _ secrets: [String], now: Int64
    ) throws(WebhookRefusal) -> String? {
        let time = try message.header(timeField)
        let text = try message.header(field)
        try WebhookTime.check(time, of: timeField, unit: 1, now: now)
        guard let code = WebhookBase64.decode(text) else { throw .malformed(field) }
        let signed = Array((message.method + address(message.url)).utf8) + message.body + Array(time.utf8)
        guard WebhookCodes.isAny(of: [code], good: signed, for: secrets) else { throw .mismatch }
        return nil
    }

    /// The characters that HubSpot signs in clear though they came escaped. The question mark that begins the query is
    /// not one of them.
    private static let escapes: [String: Character] = [
        "3A": ":", "2F": "/", "3F": "?", "40": "@", "21": "!", "24": "$", "27": "'", "28": "(", "29": ")", "2A": "*",
        "2C": ",", "3B": ";",
    ]

    private static func address(_ url: String) -> String {
        guard url.contains("%") else { return url }
        var result = ""
        var rest = url[...]
        while let next = rest.first {
            if next == "%", let clear = escapes[rest.dropFirst().prefix(2).uppercased()] {
                result.append(clear)
                rest = rest.dropFirst(3)
            } else {
                result.append(next)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
