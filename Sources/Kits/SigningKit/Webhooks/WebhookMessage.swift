/// A request that says it is a webhook, as it came: nothing of it is believed yet.
public struct WebhookMessage: Sendable {
    /// In capitals, such as `POST`.
    public let method: String
    /// The whole address, as the sender wrote it.
    public let url: String
    /// The very bytes.
    public let body: [UInt8]
    private let fields: [(name: String, value: String)]

    /// A message. The case of the fields' names does not matter.
    public init(method: String, url: String, headers: [(name: String, value: String)], body: [UInt8]) {
        self.method = method
        self.url = url
        self.body = body
        fields = headers.map { ($0.name.lowercased(), $0.value) }
    }

    /// The only value of a field: a second one could be somebody else's.
    func header(_ name: String) throws(WebhookRefusal) -> String {
        guard let value = try optionalHeader(name) else { throw .missing(name) }
        return value
    }

    func optionalHeader(_ name: String) throws(WebhookRefusal) -> String? {
        let values = fields.filter { $0.name == name }
        guard values.count <= 1 else { throw .repeated(name) }
        return values.first?.value
    }
}

/// Why a message is not believed. For logs: a sender is told nothing of it.
public enum WebhookRefusal: Error, Hashable, Sendable {
    /// The field is not there.
    case missing(String)
    /// The field is there more than once.
    case repeated(String)
    /// The field is not as its style has it.
    case malformed(String)
    /// It was signed too long ago.
    case stale
    /// It was signed later than now.
    case future
    /// No signature fits any secret.
    case mismatch
}

/// What a message that is believed has besides its body.
public struct WebhookProof: Sendable, Hashable {
    /// The sender's name for the delivery, as the style's own header has it; nil where it has none that can be trusted.
    public let deliveryID: String?
    /// SHA-256 of the body, in hex.
    public let digest: String
}

/// How a message says that it is genuine.
public enum WebhookStyle: String, CaseIterable, Sendable {
    /// Standard Webhooks 1.0: `v1` with a shared secret, `v1a` with a public key.
    case standard
    case stripe, github
    /// HubSpot's version 3.
    case hubspot
    /// HighLevel's Ed25519.
    case highlevel
    /// Twilio's HMAC-SHA1 of address and form, and that of those who are compatible with it.
    case twilio
    /// The secret itself in a header: whoever reads one message can make others.
    case sharedSecret = "shared_secret"

    /// How far a message's time may be from now, both ways, in milliseconds: five minutes.
    public static let tolerance: Int64 = 300_000

    /// Believes the message, or says why not. Every secret and every signature is tried, whatever came of the first.
    ///
    /// - Parameters:
    ///   - secrets: those that are good now: two while one takes the other's place.
    ///   - now: milliseconds since 1970.
    public func verify(
        _ message: WebhookMessage, secrets: [String], now: Int64
    ) throws(WebhookRefusal) -> WebhookProof {
        let id: String?
        switch self {
        case .standard: id = try StandardWebhook.verify(message, secrets, now: now)
        case .stripe: id = try StripeWebhook.verify(message, secrets, now: now)
        case .github: id = try GitHubWebhook.verify(message, secrets)
        case .hubspot: id = try HubSpotWebhook.verify(message, secrets, now: now)
        case .highlevel: id = try HighLevelWebhook.verify(message, secrets)
        case .twilio: id = try TwilioWebhook.verify(message, secrets)
        case .sharedSecret: id = try SharedSecretWebhook.verify(message, secrets)
        }
        guard let digest = try? SHA256.hex(message.body) else { throw .mismatch }
        return WebhookProof(deliveryID: id, digest: digest)
    }

    /// Whether a text can be a secret of this style.
    public func accepts(secret: String) -> Bool {
        switch self {
        case .standard: StandardWebhook.Key(secret) != nil
        case .highlevel: HighLevelWebhook.key(secret) != nil
        case .stripe, .github, .hubspot, .twilio, .sharedSecret: secret.utf8.count >= 8
        }
    }

    /// Whether whoever receives may make the secret; otherwise the sender gives its own.
    public var isSecretMadeHere: Bool { [.standard, .github, .sharedSecret].contains(self) }
}

/// The time that a message was signed with.
enum WebhookTime {
    /// - Parameter unit: how many milliseconds the number counts.
    static func check(
        _ text: some StringProtocol, of field: String, unit: Int64, now: Int64
    ) throws(WebhookRefusal) {
        // Only what senders write: no sign, no zero in front, nothing that could overflow.
        guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            !text.hasPrefix("0"), let number = Int64(text)
        else { throw .malformed(field) }
        let time = number * unit
        if time < now - WebhookStyle.tolerance { throw .stale }
        if time > now + WebhookStyle.tolerance { throw .future }
    }
}

/// Base64 with padding, as signatures and keys have it.
enum WebhookBase64 {
    /// Nil for anything but the one spelling of the bytes.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count % 4 == 0, !text.isEmpty else { return nil }
        var bytes = Array(text.utf8)
        var padding = 0
        while padding < 2, bytes.last == UInt8(ascii: "=") {
            bytes.removeLast()
            padding += 1
        }
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "+"): bytes[index] = UInt8(ascii: "-")
            case UInt8(ascii: "/"): bytes[index] = UInt8(ascii: "_")
            case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
            default: break
            }
        }
        return try? Base64URL.decode(utf8: bytes)
    }
}
