import Foundation
import SpotterDomain

/// How a hook is wanted.
struct HookRequest: Codable, Sendable, FieldsDescribed {
    let name: String
    let direction: Direction?
    let style: HookStyle
    let action: HookAction
    let enabled: Bool?
    let secret: String?

    enum Direction: String, Codable, CaseIterable, Sendable, SchemaDescribed { case inbound }

    static let fields: [String: Field] = [
        "name": Field("For people; unique.", length: 1...100),
        "direction": Field("Messages come in; that is all there is yet."),
        "style": Field("How messages are signed."),
        "action": Field("What a message starts."),
        "enabled": Field("Whether messages are taken; true by default."),
        "secret": Field(
            "The sender's own: of stripe and hubspot the secret that they show, of highlevel their public key. Left "
                + "out, one is made and shown once.", length: 8...4_096),
    ]

    var settings: HookSettings { HookSettings(name: name, style: style, action: action, enabled: enabled) }
}

/// What changes of a hook.
struct HookPatch: Codable, Sendable, FieldsDescribed {
    let name: String
    let style: HookStyle
    let action: HookAction
    let enabled: Bool?

    static let fields: [String: Field] = [
        "name": Field("For people; unique.", length: 1...100),
        "style": Field("How messages are signed; cannot be changed."),
        "action": Field("What a message starts."),
        "enabled": Field("Whether messages are taken; true by default."),
    ]

    var settings: HookSettings { HookSettings(name: name, style: style, action: action, enabled: enabled) }
}

/// Another secret.
struct HookRotation: Codable, Sendable, FieldsDescribed {
    let secret: String?
    let endPrevious: Bool?

    init() { (secret, endPrevious) = (nil, nil) }

    static let fields: [String: Field] = [
        "secret": Field("The sender's own; left out, one is made and shown once.", length: 8...4_096),
        "end_previous": Field(
            "Whether the secret before ends now. By default it stays good until the next rotation."),
    ]
}

/// A hook as the API shows it.
struct HookResource: Codable, Sendable {
    let id: HookID
    let version: Int
    let name: String
    let direction: HookRequest.Direction
    let style: HookStyle
    let action: HookAction
    let enabled: Bool
    let path: String
    let warning: String?
    /// Only where it was made just now.
    let secret: String?
    let createdAt: Date
    let updatedAt: Date

    init(_ hook: Hook, secret: String? = nil) {
        id = hook.id
        version = hook.version
        name = hook.settings.name
        direction = .inbound
        style = hook.settings.style
        action = hook.settings.action
        enabled = hook.settings.enabled ?? true
        path = "/v1/hooks/\(hook.id)"
        warning = hook.settings.style.warning
        self.secret = secret
        createdAt = hook.createdAt
        updatedAt = hook.updatedAt
    }
}

/// A delivery in a list: without what was sent.
struct HookDeliverySummaryResource: Codable, Sendable {
    let id: HookDeliveryID
    let hookId: HookID
    let state: HookDelivery.State
    let reason: String?
    let externalId: String?
    let executionId: ExecutionID?
    let replayOf: HookDeliveryID?
    let receivedAt: Date

    init(_ delivery: HookDelivery) {
        id = delivery.id
        hookId = delivery.hookId
        state = delivery.state
        reason = delivery.reason
        externalId = delivery.externalId
        executionId = delivery.executionId
        replayOf = delivery.replayOf
        receivedAt = delivery.receivedAt
    }
}

/// A delivery with what was sent.
struct HookDeliveryResource: Codable, Sendable {
    let id: HookDeliveryID
    let hookId: HookID
    let state: HookDelivery.State
    let reason: String?
    let externalId: String?
    let executionId: ExecutionID?
    let replayOf: HookDeliveryID?
    let payload: JSONValue
    let headers: [String: String]
    let receivedAt: Date

    init(_ delivery: HookDelivery) {
        id = delivery.id
        hookId = delivery.hookId
        state = delivery.state
        reason = delivery.reason
        externalId = delivery.externalId
        executionId = delivery.executionId
        replayOf = delivery.replayOf
        payload = delivery.payload
        headers = delivery.headers
        receivedAt = delivery.receivedAt
    }
}

/// What a sender is told: that its message is stored.
struct HookReceiptResource: Codable, Sendable {
    let deliveryId: HookDeliveryID
    let duplicate: Bool
}
