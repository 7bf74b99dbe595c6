public import Foundation

/// Marks the ids of hooks.
public enum HookKind: IdentifierKind {
    /// Ids begin with `hook_`.
    public static let prefix = "hook"
}

/// The id of a hook, such as `hook_01h…`. It cannot be guessed, and stands in the address that senders are given.
public typealias HookID = Identifier<HookKind>

/// How a sender shows that a message is its own.
public enum HookStyle: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case standard, stripe, github, hubspot, highlevel, twilio
    case sharedSecret = "shared_secret"

    /// What is to be known of the style before it is used; nil where there is nothing.
    public var warning: String? {
        switch self {
        case .sharedSecret:
            "The secret itself travels with every message, and whoever reads one can send others. Use a style that "
                + "signs wherever the sender knows one."
        case .highlevel, .github, .twilio:
            "The sender signs no time. A message is taken once in 80 hours; one that is sent again later is taken again."
        case .standard, .stripe, .hubspot: nil
        }
    }
}

/// Which way a hook's messages go.
public enum HookDirection: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case inbound, outbound
}

/// What people say of a hook.
public struct HookSettings: Sendable, Codable, Hashable {
    /// For people; unique in the organisation.
    public var name: String
    /// How messages are signed.
    public var style: HookStyle
    /// What a message starts; nil of a hook that sends.
    public var action: HookAction?
    /// What is sent where; nil of a hook that takes messages.
    public var target: HookTarget?
    /// Whether messages are taken or sent; nil means they are.
    public var enabled: Bool?

    /// Settings of a hook that takes messages.
    public init(name: String, style: HookStyle, action: HookAction, enabled: Bool? = nil) {
        self.name = name
        self.style = style
        self.action = action
        self.enabled = enabled
    }

    /// Settings of a hook that sends events, signed by Standard Webhooks.
    public init(name: String, target: HookTarget, enabled: Bool? = nil) {
        self.name = name
        style = .standard
        self.target = target
        self.enabled = enabled
    }

    /// Which way messages go.
    public var direction: HookDirection { target == nil ? .inbound : .outbound }
    /// Whether messages are taken or sent.
    public var isEnabled: Bool { enabled ?? true }
}

/// A way in for messages of other systems, or a way out for events.
public struct Hook: Sendable, Hashable {
    /// Never changes.
    public let id: HookID
    /// 1 at first, one more with each change.
    public var version: Int
    /// What people say of it.
    public var settings: HookSettings
    /// When it was made.
    public let createdAt: Date
    /// When it was last changed.
    public var updatedAt: Date

    /// A hook as it is kept.
    public init(id: HookID, version: Int, settings: HookSettings, createdAt: Date, updatedAt: Date) {
        self.id = id
        self.version = version
        self.settings = settings
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// How much of hooks there may be.
public enum HookLimits {
    /// The most hooks of an organisation.
    public static let mostHooks = 200
    /// The most bytes of a message.
    public static let longestMessage = 1 << 20

    /// Another one has the name.
    public static var nameIsTaken: SpotterError {
        SpotterError(
            .conflict, "Another hook of this organisation has this name.",
            issues: [FieldIssue(pointer: "/name", message: "is the name of another hook")])
    }

    /// There is no room for another.
    public static var tooMany: SpotterError {
        SpotterError(
            .limitReached, "This organisation has \(mostHooks) hooks and may have no more. Delete one first.")
    }

    /// The same whatever is wrong: nothing tells a hook that is not there from a signature that is bad.
    public static let refusal = SpotterError(.unauthenticated, "The message is not signed as this address expects it.")
}
