import Foundation
import SpotterDomain

/// How a hook is wanted.
struct HookRequest: Codable, Sendable, FieldsDescribed {
    let name: String
    let direction: HookDirection?
    let style: HookStyle?
    let action: HookAction?
    let url: String?
    let events: [String]?
    let ordered: Bool?
    let enabled: Bool?
    let secret: String?

    static let fields: [String: Field] = HookPatch.fields.merging([
        "direction": Field("Which way messages go: inbound unless given."),
        "style": Field("How messages are signed; required of inbound, and `standard` of outbound."),
        "secret": Field(
            "The sender's own: of stripe and hubspot the secret that they show, of highlevel their public key, of "
                + "twilio the account's auth token. Left "
                + "out, one is made and shown once.", length: 8...4_096),
    ]) { _, own in own }

    /// - Throws: `invalid` for what is missing, or belongs to the other direction.
    func settings() throws -> HookSettings {
        try HookSettings(
            HookPatch(
                name: name, style: style, action: action, url: url, events: events, ordered: ordered, enabled: enabled),
            direction: direction ?? .inbound)
    }
}

/// What changes of a hook.
struct HookPatch: Codable, Sendable, FieldsDescribed {
    let name: String
    let style: HookStyle?
    let action: HookAction?
    let url: String?
    let events: [String]?
    let ordered: Bool?
    let enabled: Bool?

    static let fields: [String: Field] = [
        "name": Field("For people; unique.", length: 1...100),
        "style": Field("How messages are signed; cannot be changed."),
        "action": Field("What a message starts; of inbound."),
        "url": Field(
            "Where events are sent, by https; of outbound.", length: 1...2_000, example: "https://example.com/spotter"),
        "events": Field(
            "Which events are sent: names, families such as `execution.*`, or `*`; of outbound.",
            count: 1...HookTarget.mostPatterns),
        "ordered": Field(
            "Whether the events of one execution, or of another resource, wait for each other; false by default. Of "
                + "outbound."),
        "enabled": Field("Whether messages are taken or sent; true by default."),
    ]

    init(
        name: String, style: HookStyle?, action: HookAction?, url: String?, events: [String]?, ordered: Bool?,
        enabled: Bool?
    ) {
        (self.name, self.style, self.action, self.url) = (name, style, action, url)
        (self.events, self.ordered, self.enabled) = (events, ordered, enabled)
    }

    init(_ settings: HookSettings) {
        self.init(
            name: settings.name, style: settings.style, action: settings.action, url: settings.target?.url,
            events: settings.target?.events, ordered: settings.target?.ordered, enabled: settings.enabled)
    }
}

extension HookSettings {
    /// - Throws: `invalid` for what is missing, or belongs to the other direction.
    init(_ wanted: HookPatch, direction: HookDirection) throws {
        var issues: [FieldIssue] = []
        func need(_ isThere: Bool, _ pointer: String) {
            if !isThere { issues.append(FieldIssue(pointer: pointer, message: "is required of \(direction.rawValue)")) }
        }
        func refuse(_ isThere: Bool, _ pointer: String) {
            if isThere {
                issues.append(FieldIssue(pointer: pointer, message: "cannot be given of \(direction.rawValue)"))
            }
        }
        switch direction {
        case .inbound:
            need(wanted.style != nil, "/style")
            need(wanted.action != nil, "/action")
            refuse(wanted.url != nil, "/url")
            refuse(wanted.events != nil, "/events")
            refuse(wanted.ordered != nil, "/ordered")
        case .outbound:
            need(wanted.url != nil, "/url")
            need(wanted.events != nil, "/events")
            refuse(wanted.action != nil, "/action")
            refuse(wanted.style != nil && wanted.style != .standard, "/style")
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        if let style = wanted.style, let action = wanted.action {
            self.init(name: wanted.name, style: style, action: action, enabled: wanted.enabled)
        } else {
            self.init(
                name: wanted.name,
                target: HookTarget(url: wanted.url ?? "", events: wanted.events ?? [], ordered: wanted.ordered),
                enabled: wanted.enabled)
        }
    }
}

/// Another secret.
struct HookRotation: Codable, Sendable, FieldsDescribed {
    let secret: String?
    let endPrevious: Bool?

    init() { (secret, endPrevious) = (nil, nil) }

    static let fields: [String: Field] = [
        "secret": Field("The sender's own; left out, one is made and shown once.", length: 8...4_096),
        "end_previous": Field(
            "Whether the secret before ends now. By default it stays good until the next rotation; what is sent is "
                + "signed with both."),
    ]
}

/// Which events are sent again.
struct HookReplayRequest: Codable, Sendable, FieldsDescribed {
    let from: Date?
    let to: Date?
    let after: String?
    let eventIds: [String]?

    static let fields: [String: Field] = [
        "from": Field("The first moment of a range of what the hook's `events` name."),
        "to": Field("The first moment that does not count any more; up to now unless given."),
        "after": Field("The `next` of an earlier answer, to go on with the same range."),
        "event_ids": Field(
            "These events, of types that the hook sends; in place of a range.", count: 1...100),
    ]

    /// The places in the log.
    ///
    /// - Throws: `invalid` for what is no place, or both a range and a list.
    func wish() throws -> (from: Date?, to: Date?, events: [Int64]?, after: Int64?) {
        guard (from == nil) != (eventIds == nil) else {
            throw SpotterError.invalid("/from", "must be given, or event_ids, and not both")
        }
        return (
            from, to,
            try eventIds.map { ids in
                try ids.enumerated().map { try Self.place($0.element, at: "/event_ids/\($0.offset)") }
            }, try after.map { try Self.place($0, at: "/after") }
        )
    }

    private static func place(_ text: String, at pointer: String) throws -> Int64 {
        guard let place = Int64(text), place > 0, "\(place)" == text else {
            throw SpotterError.invalid(pointer, "must be the id of an event")
        }
        return place
    }
}

/// What came of a wish to send events again.
struct HookReplayResource: Codable, Sendable {
    /// How many are queued now that were not before.
    let queued: Int
    /// What to give as `after` to go on; null where there is no more.
    let next: String?
}

/// A hook as the API shows it.
struct HookResource: Codable, Sendable {
    let id: HookID
    let version: Int
    let name: String
    let direction: HookDirection
    let style: HookStyle
    let action: HookAction?
    let url: String?
    let events: [String]?
    let ordered: Bool?
    let enabled: Bool
    let path: String?
    let warning: String?
    /// How it goes with the target; where one hook is read.
    let endpoint: HookEndpointResource?
    /// Only where it was made just now.
    let secret: String?
    let createdAt: Date
    let updatedAt: Date

    init(_ hook: Hook, secret: String? = nil, endpoint: HookEndpoint? = nil) {
        let settings = hook.settings
        id = hook.id
        version = hook.version
        name = settings.name
        direction = settings.direction
        style = settings.style
        action = settings.action
        url = settings.target?.url
        events = settings.target?.events
        ordered = settings.target?.isOrdered
        enabled = settings.isEnabled
        path = direction == .inbound ? "/v1/hooks/\(hook.id)" : nil
        warning = direction == .inbound ? settings.style.warning : nil
        self.endpoint = endpoint.map(HookEndpointResource.init)
        self.secret = secret
        createdAt = hook.createdAt
        updatedAt = hook.updatedAt
    }
}

/// How it goes with a target.
struct HookEndpointResource: Codable, Sendable {
    let pending: Int
    let failingSince: Date?
    let pausedUntil: Date?
    let disabledReason: String?

    init(_ endpoint: HookEndpoint) {
        (pending, failingSince) = (endpoint.pending, endpoint.failingSince)
        (pausedUntil, disabledReason) = (endpoint.pausedUntil, endpoint.disabledReason)
    }
}

/// How far a delivery is.
enum HookDeliveryState: String, Codable, CaseIterable, Sendable, SchemaDescribed {
    /// Of inbound.
    case accepted
    /// Of outbound.
    case pending, delivered, cancelled
    case failed
}

/// A delivery, of either direction. What was sent, and the attempts, are there where one delivery is read.
struct HookDeliveryResource: Codable, Sendable {
    let id: HookDeliveryID
    let hookId: HookID
    let state: HookDeliveryState
    let reason: String?
    let externalId: String?
    let executionId: ExecutionID?
    let replayOf: HookDeliveryID?
    let payload: JSONValue?
    let headers: [String: String]?
    let receivedAt: Date?
    let eventId: String?
    let event: String?
    let attempt: Int?
    let dueAt: Date?
    let attempts: [HookAttempt]?
    let createdAt: Date?
    let endedAt: Date?

    /// A message that came in.
    init(_ delivery: HookDelivery, isWhole: Bool = false) {
        id = delivery.id
        hookId = delivery.hookId
        state = delivery.state == .accepted ? .accepted : .failed
        reason = delivery.reason
        externalId = delivery.externalId
        executionId = delivery.executionId
        replayOf = delivery.replayOf
        payload = isWhole ? delivery.payload : nil
        headers = isWhole ? delivery.headers : nil
        receivedAt = delivery.receivedAt
        (eventId, event, attempt, dueAt, attempts, createdAt, endedAt) = (nil, nil, nil, nil, nil, nil, nil)
    }

    /// An event on its way out.
    init(_ delivery: OutboundDelivery, isWhole: Bool = false) {
        id = delivery.id
        hookId = delivery.hookId
        state =
            switch delivery.state {
            case .pending: .pending
            case .delivered: .delivered
            case .failed: .failed
            case .cancelled: .cancelled
            }
        reason = delivery.reason
        (externalId, executionId, replayOf, payload, headers, receivedAt) = (nil, nil, nil, nil, nil, nil)
        eventId = delivery.position.map { "\($0)" }
        event = delivery.eventType
        attempt = delivery.attempt
        dueAt = delivery.state == .pending ? delivery.dueAt : nil
        attempts = isWhole ? delivery.attempts : delivery.attempts.suffix(1)
        createdAt = delivery.createdAt
        endedAt = delivery.endedAt
    }
}

/// What a sender is told: that its message is stored.
struct HookReceiptResource: Codable, Sendable {
    let deliveryId: HookDeliveryID
    let duplicate: Bool
}
