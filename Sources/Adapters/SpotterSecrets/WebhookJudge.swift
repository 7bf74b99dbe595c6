public import Foundation
import SigningKit
public import SpotterDomain

/// Tells genuine messages to hooks from others, by the styles of the signing kit.
public struct WebhookJudge: HookJudge, HookSigner {
    /// Knows every style.
    public init() {}

    /// See `HookJudge`.
    public func verify(
        _ message: HookMessage, style: HookStyle, secrets: [String], at now: Date
    ) throws -> HookProof {
        let proof = try Self.style(style).verify(
            WebhookMessage(method: message.method, url: message.url, headers: message.headers, body: message.body),
            secrets: secrets, now: Int64((now.timeIntervalSince1970 * 1_000).rounded()))
        return HookProof(deliveryID: proof.deliveryID, digest: proof.digest)
    }

    /// See `HookJudge`.
    public func accepts(secret: String, style: HookStyle) -> Bool { Self.style(style).accepts(secret: secret) }

    /// See `HookJudge`.
    public func newSecret(for style: HookStyle) throws -> String? {
        guard Self.style(style).isSecretMadeHere else { return nil }
        return try "whsec_" + Data(SecureRandom.bytes(32)).base64EncodedString()
    }

    /// See `HookSigner`.
    public func signature(id: String, timestamp: Int, body: [UInt8], secrets: [String]) throws -> String {
        try StandardWebhookSigner.signature(id: id, timestamp: timestamp, body: body, secrets: secrets)
    }

    private static func style(_ style: HookStyle) -> WebhookStyle {
        switch style {
        case .standard: .standard
        case .stripe: .stripe
        case .github: .github
        case .hubspot: .hubspot
        case .highlevel: .highlevel
        case .twilio: .twilio
        case .sharedSecret: .sharedSecret
        }
    }
}
