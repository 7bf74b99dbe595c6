import SigningKit
import Testing

/// Every style with what is good, and with each way in which it can be wrong.
struct WebhookTests {
    private static let now: Int64 = 1_614_265_330_000
    private static let body = Array(#"{"test": 2432232314}"#.utf8)

    /// The vector of Standard Webhooks' own documentation.
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    private static func standard(
        _ signature: String = signature, id: String? = id, time: String? = "1614265330", body: [UInt8] = body
    ) -> WebhookMessage {
        var headers: [(name: String, value: String)] = [("Webhook-Signature", signature)]
        if let id { headers.append(("webhook-id", id)) }
        if let time { headers.append(("webhook-timestamp", time)) }
        return WebhookMessage(method: "POST", url: "https://gym.test/", headers: headers, body: body)
    }

    @Test func `what is signed here is what the documentation has, one signature for each secret`() throws {
        let again = try StandardWebhookSigner.signature(
            id: Self.id, timestamp: 1_614_265_330, body: Self.body, secrets: [Self.secret])
        #expect(again == Self.signature)
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let both = try StandardWebhookSigner.signature(
            id: Self.id, timestamp: 1_614_265_330, body: Self.body, secrets: [other, Self.secret])
        for secret in [other, Self.secret] {
            let proof = try WebhookStyle.standard.verify(Self.standard(both), secrets: [secret], now: Self.now)
            #expect(proof.deliveryID == Self.id)
        }
        for secrets in [[], ["whsec_short"], ["whpk_" + Self.secret.dropFirst(6)]] {
            #expect(throws: (any Error).self) {
                try StandardWebhookSigner.signature(id: "a", timestamp: 1, body: [], secrets: secrets)
            }
        }
    }

    @Test func `the published vector of Standard Webhooks is believed, and names its delivery`() throws {
        let proof = try WebhookStyle.standard.verify(Self.standard(), secrets: [Self.secret], now: Self.now)
        #expect(proof.deliveryID == Self.id)
        #expect(proof.digest == (try SHA256.hex(Self.body)))
    }

    @Test func `a good signature among others is found, with the old secret and with the new`() throws {
        let other = "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
        let list = "v2,eA== v1,bm8= " + Self.signature + " v1a,bm8="
        for secrets in [[Self.secret, other], [other, Self.secret]] {
            _ = try WebhookStyle.standard.verify(Self.standard(list), secrets: secrets, now: Self.now)
        }
        #expect(throws: WebhookRefusal.mismatch) {
            try WebhookStyle.standard.verify(Self.standard(list), secrets: [other], now: Self.now)
        }
        #expect(throws: WebhookRefusal.mismatch) {
            try WebhookStyle.standard.verify(Self.standard(list), secrets: [], now: Self.now)
        }
    }

    @Test func `what was changed, even in white space, is not believed`() {
        let messages = [
            Self.standard(body: Array(#"{"test":2432232314}"#.utf8)), Self.standard(id: "msg_other"),
            Self.standard(time: "1614265331"), Self.standard("v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        ]
        for message in messages {
            #expect(throws: WebhookRefusal.mismatch) {
                try WebhookStyle.standard.verify(message, secrets: [Self.secret], now: Self.now)
            }
        }
    }

    @Test func `five minutes either way are taken, and no more`() throws {
        for offset in [-300_000, 300_000] as [Int64] {
            _ = try WebhookStyle.standard.verify(Self.standard(), secrets: [Self.secret], now: Self.now + offset)
        }
        #expect(throws: WebhookRefusal.stale) {
            try WebhookStyle.standard.verify(Self.standard(), secrets: [Self.secret], now: Self.now + 300_001)
        }
        #expect(throws: WebhookRefusal.future) {
            try WebhookStyle.standard.verify(Self.standard(), secrets: [Self.secret], now: Self.now - 300_001)
        }
    }

    @Test(arguments: ["", "abc", "-1", "+1614265330", "01614265330", "1614265330.0", "99999999999999999999"])
    func `a time that is none is not believed`(_ time: String) {
        #expect(throws: WebhookRefusal.malformed("webhook-timestamp")) {
            try WebhookStyle.standard.verify(Self.standard(time: time), secrets: [Self.secret], now: Self.now)
        }
    }

    @Test func `a header that is missing or there twice is not believed, in any style`() {
        let empty = WebhookMessage(method: "POST", url: "https://gym.test/", headers: [], body: [])
        for style in WebhookStyle.allCases {
            #expect(throws: WebhookRefusal.self) { try style.verify(empty, secrets: ["12345678"], now: Self.now) }
        }
        #expect(throws: WebhookRefusal.missing("webhook-id")) {
            try WebhookStyle.standard.verify(Self.standard(id: nil), secrets: [Self.secret], now: Self.now)
        }
        let twice = WebhookMessage(
            method: "POST", url: "", headers: [("X-Webhook-Secret", "12345678"), ("x-webhook-secret", "12345678")],
            body: [])
        #expect(throws: WebhookRefusal.repeated("x-webhook-secret")) {
            try WebhookStyle.sharedSecret.verify(twice, secrets: ["12345678"], now: Self.now)
        }
    }

    @Test func `v1a is verified with a public key`() throws {
        let key = try Ed25519.SecretKey.generate()
        let signed = Array("\(Self.id).1614265330.".utf8) + Self.body
        let code = Self.base64(try key.sign(signed))
        let text = "whpk_" + Self.base64(key.publicKey.bytes)
        _ = try WebhookStyle.standard.verify(Self.standard("v1a,\(code)"), secrets: [text], now: Self.now)
        let foreign = "whpk_" + Self.base64(try Ed25519.SecretKey.generate().publicKey.bytes)
        #expect(throws: WebhookRefusal.mismatch) {
            try WebhookStyle.standard.verify(Self.standard("v1a,\(code)"), secrets: [foreign], now: Self.now)
        }
    }

    @Test func `the published vector of GitHub is believed`() throws {
        let code = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        func message(_ body: String) -> WebhookMessage {
            WebhookMessage(
                method: "POST", url: "", headers: [("X-Hub-Signature-256", "sha256=\(code)")], body: Array(body.utf8))
        }
        let secrets = ["It's a Secret to Everybody"]
        let proof = try WebhookStyle.github.verify(message("Hello, World!"), secrets: secrets, now: Self.now)
        #expect(proof.deliveryID == nil)
        #expect(throws: WebhookRefusal.mismatch) {
            try WebhookStyle.github.verify(message("Hello, World"), secrets: secrets, now: Self.now)
        }
    }

    @Test func `Stripe's header is read strictly, and only its v1 counts`() throws {
        let secret = "whsec_test_secret"
        let code = Hex.encode(
            try HMACSHA256.authenticate(Array("1614265330.".utf8) + Self.body, key: Array(secret.utf8)))
        func verify(_ header: String, now: Int64 = Self.now) throws {
            _ = try WebhookStyle.stripe.verify(
                WebhookMessage(method: "POST", url: "", headers: [("Stripe-Signature", header)], body: Self.body),
                secrets: ["another secret", secret], now: now)
        }
        try verify("t=1614265330,v1=\(code)")
        try verify("t=1614265330,v1=00,v1=\(code),v0=zz")
        #expect(throws: WebhookRefusal.mismatch) { try verify("t=1614265330,v0=\(code)") }
        #expect(throws: WebhookRefusal.mismatch) { try verify("t=1614265331,v1=\(code)") }
        #expect(throws: WebhookRefusal.stale) { try verify("t=1614265330,v1=\(code)", now: Self.now + 300_001) }
        for header in ["", "v1=\(code)", "t=1614265330,t=1614265330,v1=\(code)", "t=1614265330,v1"] {
            #expect(throws: WebhookRefusal.malformed("stripe-signature")) { try verify(header) }
        }
    }

    @Test func `HubSpot's signature covers the method, the address and the time`() throws {
        let (secret, time) = ("hubspot-client-secret", "1614265330000")
        let clear = "https://gym.test/v1/hooks/a?next=/x:y"
        let code = Self.base64(
            try HMACSHA256.authenticate(
                Array("POST\(clear)".utf8) + Self.body + Array(time.utf8), key: Array(secret.utf8)))
        func verify(_ url: String, method: String = "POST", time: String = time) throws {
            _ = try WebhookStyle.hubspot.verify(
                WebhookMessage(
                    method: method, url: url,
                    headers: [("X-HubSpot-Signature-v3", code), ("X-HubSpot-Request-Timestamp", time)],
                    body: Self.body), secrets: [secret], now: Self.now)
        }
        try verify(clear)
        try verify("https://gym.test/v1/hooks/a?next=%2Fx%3ay")
        #expect(throws: WebhookRefusal.mismatch) { try verify("https://gym.test/v1/hooks/b?next=/x:y") }
        #expect(throws: WebhookRefusal.mismatch) { try verify(clear, method: "PUT") }
        #expect(throws: WebhookRefusal.mismatch) { try verify(clear, time: "1614265330001") }
        #expect(throws: WebhookRefusal.future) { try verify(clear, time: "1614265630001") }
    }

    @Test func `HighLevel's signature is verified with its public key, raw or as in a PEM file`() throws {
        let key = try Ed25519.SecretKey.generate()
        let raw = Self.base64(key.publicKey.bytes)
        let der = Self.base64(
            [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00] + key.publicKey.bytes)
        let code = Self.base64(try key.sign(Self.body))
        func verify(_ code: String, _ secret: String, _ body: [UInt8] = Self.body) throws {
            _ = try WebhookStyle.highlevel.verify(
                WebhookMessage(method: "POST", url: "", headers: [("X-GHL-Signature", code)], body: body),
                secrets: [secret], now: Self.now)
        }
        try verify(code, raw)
        try verify(code, der)
        #expect(WebhookStyle.highlevel.accepts(secret: der))
        #expect(!WebhookStyle.highlevel.accepts(secret: "bm8="))
        #expect(throws: WebhookRefusal.mismatch) { try verify(code, raw, Self.body + [0x20]) }
        #expect(throws: WebhookRefusal.malformed("x-ghl-signature")) { try verify("bm8=", raw) }
    }

    @Test func `a shared secret must be the very one`() throws {
        func verify(_ shown: String) throws -> WebhookProof {
            try WebhookStyle.sharedSecret.verify(
                WebhookMessage(
                    method: "POST", url: "", headers: [("X-Webhook-Secret", shown), ("Webhook-Id", "7")], body: []),
                secrets: ["the old secret", "the new secret"], now: Self.now)
        }
        #expect(try verify("the old secret").deliveryID == "7")
        #expect(try verify("the new secret").deliveryID == "7")
        for shown in ["", "the", "the new secret "] {
            #expect(throws: WebhookRefusal.mismatch) { try verify(shown) }
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let text = Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return String(text) + String(repeating: "=", count: (4 - text.count % 4) % 4)
    }
}
