public import Foundation

/// Which messages a list shows. Everything that is nil lets all pass.
public struct OutboxFilter: Sendable, Hashable {
    /// How far they are.
    public var status: OutboxMessage.Status?
    /// Their way out.
    public var channel: MessageChannel?
    /// What they are for.
    public var purpose: MessagePurpose?
    /// Whom they are for.
    public var person: MessagePerson?

    /// A filter; without arguments one that lets all pass.
    public init(
        status: OutboxMessage.Status? = nil, channel: MessageChannel? = nil, purpose: MessagePurpose? = nil,
        person: MessagePerson? = nil
    ) {
        self.status = status
        self.channel = channel
        self.purpose = purpose
        self.person = person
    }
}

/// A message that a courier has taken, and under which number.
public struct OutboxClaim: Sendable, Hashable {
    /// Whose message it is.
    public let organization: OrganizationID
    /// The message.
    public let id: OutboxID
    /// Which try of the message it is; it begins anew where a person sends the message again.
    public let attempt: Int
    /// What every later write names: it only ever grows, so that after another courier has taken the message, the claim
    /// is void.
    public let fence: Int64

    /// A claim.
    public init(organization: OrganizationID, id: OutboxID, attempt: Int, fence: Int64) {
        self.organization = organization
        self.id = id
        self.attempt = attempt
        self.fence = fence
    }
}

/// What has become of a message that a courier had.
public enum OutboxOutcome: Sendable, Hashable {
    /// It was taken; the provider's name for it.
    case sent(providerId: String?)
    /// It is tried again after so long.
    case again(after: Duration, reason: String)
    /// It was not tried, and this time does not count as an attempt; not before `until`, if there is one.
    case handedBack(until: Date?, reason: String?)
    /// It ends, or rests, as `status` says.
    case ended(OutboxMessage.Status, reason: String)
}

/// Where messages wait, and what became of them is kept.
public protocol OutboxStore: Sendable {
    /// Puts messages in, all or none. One whose key is there already is not put in again: it is answered as it is now.
    ///
    /// - Returns: as many as were given, in their order, with whether each is new.
    /// - Throws: `idempotencyMismatch` where another content stands under a key; `notFound` for people who are not
    ///   there.
    func enqueue(
        _ drafts: [OutboxDraft], in scope: OrganizationScope
    ) async throws -> [(message: OutboxMessage, isNew: Bool)]
    /// One message. Throws `notFound`.
    func message(_ id: OutboxID, in scope: OrganizationScope) async throws -> OutboxMessage
    /// Newest first.
    func list(
        _ filter: OutboxFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<OutboxMessage>
    /// Keeps a message from going out.
    ///
    /// - Throws: `notFound`, or `conflict` unless it is held or queued.
    func cancel(_ id: OutboxID, in scope: OrganizationScope) async throws -> OutboxMessage
    /// Puts a message that failed, was cancelled or needs a review into the queue again, as if it had never been tried;
    /// claims that couriers had of it stay void.
    ///
    /// - Throws: `notFound`, or `conflict` for any other.
    func retry(_ id: OutboxID, at now: Date, in scope: OrganizationScope) async throws -> OutboxMessage
    /// Queues what was held for want of a way out, as of now where its time has come: then all of it counts towards what
    /// somebody may get in a week. Returns how many.
    func release(_ channels: [MessageChannel], in scope: OrganizationScope) async throws -> Int

    /// Takes up to `limit` messages whose time has come, of all organisations in turn. Those that were taken by couriers
    /// whose lease is over come to `needsReview`: whether they were sent, nobody knows.
    ///
    /// - Parameters:
    ///   - lease: for how long they are the courier's.
    ///   - after: the organisation to begin behind; nil begins with the first.
    func claim(limit: Int, lease: Duration, after: OrganizationID?) async throws -> [OutboxClaim]
    /// Writes what became of a message. Throws `LeaseLost` where the claim is void.
    func record(_ outcome: OutboxOutcome, of claim: OutboxClaim) async throws
}
