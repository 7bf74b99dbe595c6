public import Foundation

/// Reads the log, and adds to it what callers publish.
public protocol EventStore: Sendable {
    /// Events after `position` that `types` wants, oldest first, at most `limit`; with `execution`, only that one's.
    ///
    /// It looks at so many places at most that a filter that wants nothing costs little; the slice says how far it got.
    func events(
        after position: Int64, execution: ExecutionID?, types: EventTypeFilter, limit: Int,
        in scope: OrganizationScope
    ) async throws -> EventSlice
    /// The last place given out; 0 for an empty log.
    func lastPosition(in scope: OrganizationScope) async throws -> Int64
    /// The last place whose event may have been deleted because the organisation keeps no older ones; 0 while all are
    /// there.
    func forgottenPosition(in scope: OrganizationScope) async throws -> Int64
    /// Gives each draft the next place in the log and saves it.
    ///
    /// - Throws: `ReceiptExists` when the receipt's key was used before; nothing was saved then.
    func append(
        _ drafts: [EventDraft], at now: Date, receipt: PlacedReceipt?, in scope: OrganizationScope
    ) async throws -> [Event]
}

extension EventStore {
    /// Events of any type.
    public func events(
        after position: Int64, execution: ExecutionID?, limit: Int, in scope: OrganizationScope
    ) async throws -> [Event] {
        try await events(after: position, execution: execution, types: .all, limit: limit, in: scope).events
    }
}

/// A stretch of the log.
public struct EventSlice: Sendable, Hashable {
    /// What was asked for, oldest first.
    public let events: [Event]
    /// Everything up to here was looked at: the next reading begins after it.
    public let position: Int64
    /// Whether there may be more already.
    public let hasMore: Bool

    /// A stretch as a store read it.
    public init(events: [Event], position: Int64, hasMore: Bool) {
        self.events = events
        self.position = position
        self.hasMore = hasMore
    }

    /// Puts a reading together.
    ///
    /// - Parameters:
    ///   - after: where it began.
    ///   - limit: how many events were asked for at most.
    ///   - end: the last place looked at.
    ///   - last: the last place of the log, known before the events were read.
    public init(_ events: [Event], after: Int64, limit: Int, end: Int64, last: Int64) {
        let seen = events.last?.position ?? after
        let isFull = events.count >= limit
        self.init(
            events: events, position: isFull ? seen : max(seen, min(end, last), after),
            hasMore: isFull || end < last)
    }
}

/// A receipt whose answer tells the place that the request's last event was given: only the store knows it.
public struct PlacedReceipt: Sendable, Hashable {
    /// As the caller sent it.
    public let key: String
    /// As `Receipt.fingerprint`.
    public let fingerprint: [UInt8]
    /// The answer's HTTP status.
    public let status: Int
    /// The answer's bytes before the place, which is written in decimal digits.
    public let before: [UInt8]
    /// The answer's bytes after it.
    public let after: [UInt8]
    /// When the request came in.
    public let createdAt: Date

    /// A receipt to be filled in.
    public init(key: String, fingerprint: [UInt8], status: Int, before: [UInt8], after: [UInt8], createdAt: Date) {
        self.key = key
        self.fingerprint = fingerprint
        self.status = status
        self.before = before
        self.after = after
        self.createdAt = createdAt
    }

    /// The receipt once the place is known.
    public func receipt(at position: Int64) -> Receipt {
        Receipt(
            key: key, fingerprint: fingerprint,
            response: .init(status: status, body: before + Array("\(position)".utf8) + after), createdAt: createdAt)
    }
}
