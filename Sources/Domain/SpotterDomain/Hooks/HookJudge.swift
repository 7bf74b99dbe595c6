public import Foundation

/// What came to the address of a hook, as it came.
public struct HookMessage: Sendable {
    /// In capitals.
    public let method: String
    /// The whole address, as the sender wrote it.
    public let url: String
    /// In their order, repetitions too.
    public let headers: [(name: String, value: String)]
    /// The very bytes.
    public let body: [UInt8]

    /// A message.
    public init(method: String, url: String, headers: [(name: String, value: String)], body: [UInt8]) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// The headers that expressions may name, with `_` for `-`. None of them is signed.
    public var readableHeaders: [String: String] {
        let readable: Set = [
            "content-type", "user-agent", "webhook-id", "webhook-timestamp", "x-github-event", "x-github-delivery",
            "x-request-id",
        ]
        var found: [String: String] = [:]
        for (name, value) in headers where readable.contains(name.lowercased()) && !value.utf8.contains(0) {
            found[name.lowercased().replacing("-", with: "_")] = String(value.prefix(500))
        }
        return found
    }
}

/// What a message that is believed has besides its body.
public struct HookProof: Sendable, Hashable {
    /// The sender's name for the delivery, where the style has a header for it that can be trusted.
    public let deliveryID: String?
    /// SHA-256 of the body, in hex.
    public let digest: String

    /// A proof.
    public init(deliveryID: String?, digest: String) {
        self.deliveryID = deliveryID
        self.digest = digest
    }

    /// What tells the delivery from others: only of what was signed.
    public func key(of payload: JSONValue, style: HookStyle) -> String {
        let named: String? =
            switch style {
            case .standard, .sharedSecret: deliveryID
            case .stripe: payload["id"]?.string
            case .highlevel: payload["webhookId"]?.string
            case .twilio: payload["MessageSid"]?.string
            case .github, .hubspot: nil
            }
        guard let named, (1...200).contains(named.utf8.count) else { return "sha256:\(digest)" }
        return "id:\(named)"
    }
}

/// Tells genuine messages from others.
public protocol HookJudge: Sendable {
    /// Believes a message, or throws; what it throws is for logs alone.
    ///
    /// - Parameter secrets: those that are good now; with none, nothing is believed.
    func verify(_ message: HookMessage, style: HookStyle, secrets: [String], at now: Date) throws -> HookProof
    /// Whether a text can be a secret of the style.
    func accepts(secret: String, style: HookStyle) -> Bool
    /// A new secret; nil where the sender makes it.
    func newSecret(for style: HookStyle) throws -> String?
}

/// Where the secrets of hooks are kept, sealed.
public protocol HookSecrets: Sendable {
    /// Those that are good now, the newest first.
    func secrets(of hook: HookID, in scope: OrganizationScope) throws -> [String]
    /// Keeps a secret as the newest. The one before stays good, too, until the next takes its place.
    func add(_ secret: String, to hook: HookID, at now: Date, in scope: OrganizationScope) async throws
    /// Forgets the secret before the newest.
    func forgetPrevious(of hook: HookID, at now: Date, in scope: OrganizationScope) async throws
    /// Forgets all of them.
    func forget(_ hook: HookID, at now: Date, in scope: OrganizationScope) async throws
}

extension SecretName {
    /// What messages to a hook are signed with now.
    public static func hook(_ id: HookID) -> SecretName? { SecretName("hook:\(id)") }
    /// What they were signed with before.
    public static func previous(of id: HookID) -> SecretName? { SecretName("hookbefore:\(id)") }
}
