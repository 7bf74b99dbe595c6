import SigningKit

/// Gives bytes to everything that reads the headers of a webhook: a line each for signature, id and time, then the body.
///
/// Nothing traps, and nothing that was made up is believed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWebhook(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
    func text(_ index: Int) -> String { index < parts.count ? String(decoding: parts[index], as: UTF8.self) : "" }
    let (signature, id, time) = (text(0), text(1), text(2))
    let headers: [(name: String, value: String)] = [
        ("webhook-signature", signature), ("stripe-signature", signature), ("x-hub-signature-256", signature),
        ("x-hubspot-signature-v3", signature), ("x-ghl-signature", signature), ("x-webhook-secret", signature),
        ("x-twilio-signature", signature), ("webhook-id", id), ("webhook-timestamp", time),
        ("x-hubspot-request-timestamp", time),
    ]
    let message = WebhookMessage(
        method: "POST", url: "https://gym.test/" + id, headers: headers, body: parts.count > 3 ? Array(parts[3]) : [])
    for style in WebhookStyle.allCases {
        precondition((try? style.verify(message, secrets: secrets, now: 1_614_265_330_000)) == nil)
        _ = style.accepts(secret: signature)
    }
    return 0
}

/// Secrets that nobody has.
private let secrets: [String] = {
    guard let bytes = try? SecureRandom.bytes(32), let key = try? Ed25519.SecretKey.generate().publicKey.bytes else {
        return []
    }
    func base64(_ bytes: [UInt8]) -> String {
        String(Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }) + "="
    }
    return ["whsec_" + base64(bytes), "whpk_" + base64(key), base64(key)]
}()
