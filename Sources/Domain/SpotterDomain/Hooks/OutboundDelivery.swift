public import Foundation

/// One event on its way to the target of a hook. Its id is the message's id, the same at every attempt.
public struct OutboundDelivery: Sendable, Hashable {
    /// How far it is.
    public enum State: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// It is sent when it is due.
        case pending
        /// The target has taken it.
        case delivered
        /// It was tried as often as it is tried.
        case failed
        /// The hook was disabled before.
        case cancelled
    }

    /// For how long deliveries that have ended are kept.
    public static let lifetime: TimeInterval = 7 * 86_400

    /// Never changes.
    public let id: HookDeliveryID
    /// The hook that sends it.
    public let hookId: HookID
    /// The event's place in the log; nil of a test.
    public let position: Int64?
    /// What happened, such as `execution.completed`.
    public let eventType: String
    /// What it is about, where order matters.
    public let resource: String?
    /// How far it is.
    public var state: State
    /// Why it is not delivered.
    public var reason: String?
    /// How often it was tried since it was last asked for.
    public var attempt: Int
    /// Not before this.
    public var dueAt: Date
    /// The latest attempts, oldest first.
    public var attempts: [HookAttempt]
    /// When it was put into the queue.
    public let createdAt: Date
    /// When it was delivered or given up.
    public var endedAt: Date?

    /// A delivery as it is kept.
    public init(
        id: HookDeliveryID, hookId: HookID, position: Int64?, eventType: String, resource: String?,
        state: State = .pending, reason: String? = nil, attempt: Int = 0, dueAt: Date, attempts: [HookAttempt] = [],
        createdAt: Date, endedAt: Date? = nil
    ) {
        self.id = id
        self.hookId = hookId
        self.position = position
        self.eventType = eventType
        self.resource = resource
        self.state = state
        self.reason = reason
        self.attempt = attempt
        self.dueAt = dueAt
        self.attempts = attempts
        self.createdAt = createdAt
        self.endedAt = endedAt
    }
}

/// One attempt to deliver.
public struct HookAttempt: Sendable, Codable, Hashable {
    /// How many are kept of a delivery.
    public static let mostKept = 30
    /// How many bytes of an answer are kept.
    public static let longestAnswer = 500

    /// When it began.
    public let at: Date
    /// How long it took.
    public let durationMs: Int
    /// The answer's status; nil where there was none.
    public let status: Int?
    /// How the answer's body begins.
    public let answer: String?
    /// What went wrong; nil where nothing did.
    public let error: String?

    /// An attempt.
    public init(at: Date, durationMs: Int, status: Int?, answer: String?, error: String?) {
        self.at = at
        self.durationMs = durationMs
        self.status = status
        self.answer = answer
        self.error = error
    }
}

/// How it goes with the target of a hook.
public struct HookEndpoint: Sendable, Hashable {
    /// Whether events are sent.
    public var isActive: Bool
    /// Everything up to here was looked at.
    public var position: Int64
    /// Since when no attempt has succeeded; nil where the last one has.
    public var failingSince: Date?
    /// Nothing is sent before this: the target asked for it.
    public var pausedUntil: Date?
    /// Why Spotter has disabled the hook.
    public var disabledReason: String?
    /// How many deliveries wait.
    public var pending: Int

    /// How it goes.
    public init(
        isActive: Bool, position: Int64, failingSince: Date? = nil, pausedUntil: Date? = nil,
        disabledReason: String? = nil, pending: Int = 0
    ) {
        self.isActive = isActive
        self.position = position
        self.failingSince = failingSince
        self.pausedUntil = pausedUntil
        self.disabledReason = disabledReason
        self.pending = pending
    }
}

/// How much of sending there may be.
public enum OutboundLimits {
    /// How many deliveries of a hook wait; with so many the hook looks no further in the log, which holds the rest.
    public static let mostPending = 5_000
    /// How many messages are on their way to one target at a time, whatever the number of processes.
    public static let mostAtOnce = 4
    /// A target at which nothing has succeeded for so long is given up.
    public static let failureLimit = Duration.seconds(5 * 86_400)
    /// The most events that one wish repeats.
    public static let mostReplayed = 1_000
}
