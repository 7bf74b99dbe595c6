import SigningKit
import Testing

/// Twilio's signature over address and form.
struct TwilioWebhookTests {
    private static let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    private static let form =
        "To=%2B18005551212&CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&Caller=%2B14158675309"
    /// The vector that Twilio's own libraries are tested with.
    private static let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8="

    private func verify(
        _ form: String = form, url: String = url, signature: String = signature, secrets: [String] = ["12345"]
    ) throws {
        let message = WebhookMessage(
            method: "POST", url: url, headers: [("X-Twilio-Signature", signature)], body: Array(form.utf8))
        _ = try WebhookStyle.twilio.verify(message, secrets: secrets, now: 0)
    }

    @Test func `the published vector is believed, in whatever order the fields come and with either port`() throws {
        try verify()
        try verify(Self.form.split(separator: "&").reversed().joined(separator: "&"))
        try verify(url: "https://mycompany.com:443/myapp.php?foo=1&bar=2")
        try verify(secrets: ["another", "12345"])
        // A field that stands twice with the same value is signed once.
        try verify(Self.form + "&Digits=1234")
    }

    @Test func `what was changed is not believed`() {
        for form in [Self.form + "&Body=x", "", Self.form.replacing("1234&", with: "1235&"), Self.form + "&Digits=1"] {
            #expect(throws: WebhookRefusal.mismatch) { try verify(form) }
        }
        for url in ["https://mycompany.com/myapp.php?foo=1", "http://mycompany.com/myapp.php?foo=1&bar=2", ""] {
            #expect(throws: WebhookRefusal.mismatch) { try verify(url: url) }
        }
        #expect(throws: WebhookRefusal.mismatch) { try verify(secrets: ["12346", ""]) }
        #expect(throws: WebhookRefusal.mismatch) { try verify(secrets: []) }
    }

    @Test(arguments: ["", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "AAAA"])
    func `a signature that is none is not believed`(_ signature: String) {
        #expect(throws: WebhookRefusal.malformed("x-twilio-signature")) { try verify(signature: signature) }
    }

    @Test(arguments: ["Body=%", "Body=%4", "Body=%GG", "%zz=1"])
    func `a form that cannot be decoded is not believed`(_ form: String) {
        #expect(throws: WebhookRefusal.malformed("body")) { try verify(form) }
    }

    @Test func `a plus is a space, and bytes need not be text`() throws {
        let form = "Body=a+b%20c%FF"
        let signed = Array("https://gym.test/".utf8) + Array("Bodya b c".utf8) + [0xFF]
        let code = try HMACSHA1.authenticate(signed, key: Array("12345678".utf8))
        let text = String(Base64URL.encode(code).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }) + "="
        try verify(form, url: "https://gym.test/", signature: text, secrets: ["12345678"])
    }
}
