/// A way out of one organisation for one channel.
public protocol MessageTransport: Sendable {
    /// Hands a message over, once. Never throws: whatever happens is an outcome.
    func deliver(_ message: OutboxMessage) async -> DeliveryOutcome
}

/// What has become of a message that was handed over.
public enum DeliveryOutcome: Sendable, Hashable {
    /// It was taken; the other side's name for it.
    case accepted(reference: String?)
    /// It was not taken, and may be later; not before `after`, if the other side said so.
    case postponed(reason: String, after: Duration?)
    /// It will never be taken. `isOptOut` where the other side says that the receiver wants no messages.
    case refused(reason: String, isOptOut: Bool)
    /// It was sent, and no answer came: it may have been taken.
    case unknown(reason: String)
    /// It was broken off before it was sent, because this process stops.
    case interrupted
}

/// The present rules and ways out of every organisation.
public protocol MessagingDirectory: Sendable {
    /// The organisation's rules; the standard ones, without any way out, where none were set.
    func settings(in scope: OrganizationScope) -> MessagingSettings
    /// The way out for a channel; nil where none is configured.
    func transport(for channel: MessageChannel, in scope: OrganizationScope) -> (any MessageTransport)?
    /// The organisations that have any way out.
    var configured: [OrganizationID] { get }
}
