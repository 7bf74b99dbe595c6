public import Foundation
public import SpotterDomain

/// Hooks that send: what has become of their events, and sending them again.
extension HookService {
    /// How it goes with a hook's target; nil for one that takes messages.
    public func endpoint(of hook: Hook, in scope: OrganizationScope) async throws -> HookEndpoint? {
        guard hook.settings.target != nil else { return nil }
        return try await sending.store.endpoint(of: hook.id, in: scope)
    }

    /// What a hook signs with now, for the operator's own receiver.
    public func signingSecrets(of hook: HookID, in scope: OrganizationScope) throws -> [String] {
        try secrets.secrets(of: hook, in: scope)
    }

    /// Newest first; throws `notFound` for a hook that does not send.
    public func outbound(
        of id: HookID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<OutboundDelivery> {
        try await sending.store.deliveries(of: id, page, in: scope)
    }

    /// Throws `notFound`.
    public func outbound(
        _ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope
    ) async throws -> OutboundDelivery {
        try await sending.store.delivery(id, of: hook, in: scope)
    }

    /// Sends a delivery again, under its id, from the first attempt on.
    ///
    /// - Throws: `notFound`, `conflict` where the hook is disabled; `ReceiptExists`.
    public func repeatOutbound(
        _ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope,
        receipt: (OutboundDelivery) throws -> Receipt? = { _ in nil }
    ) async throws -> OutboundDelivery {
        let known = try await sending.store.delivery(id, of: hook, in: scope)
        let queued = try await sending.store.requeue(id, of: hook, receipt: try receipt(known), in: scope)
        sending.onQueued()
        return queued
    }

    /// Which events are sent again.
    public struct ReplayWish: Sendable {
        /// Those that happened at this time or later.
        public var from: Date?
        /// Those that happened before this.
        public var to: Date?
        /// Those with these places in the log, of types that the hook sends.
        public var events: [Int64]?
        /// Those behind this place, of a range: where an earlier wish has ended.
        public var after: Int64?

        /// A wish; a range or a list.
        public init(from: Date? = nil, to: Date? = nil, events: [Int64]? = nil, after: Int64? = nil) {
            self.from = from
            self.to = to
            self.events = events
            self.after = after
        }
    }

    /// What came of such a wish.
    public struct Replayed: Sendable {
        /// How many events are queued now that were not before.
        public let queued: Int
        /// Where the next wish begins, if there is more.
        public let next: Int64?
    }

    /// Sends events again that the hook wants, or for the first time those that happened while it was disabled; at most
    /// ``OutboundLimits/mostReplayed`` at a time.
    ///
    /// - Throws: `notFound`, `invalid`, `conflict` where the hook is disabled.
    public func replay(
        _ wish: ReplayWish, of id: HookID, at now: Date, in scope: OrganizationScope
    ) async throws -> Replayed {
        let hook = try await store.hook(id, in: scope)
        guard let target = hook.settings.target else {
            throw SpotterError(.conflict, "This hook takes messages. Replay one of its deliveries by its id.")
        }
        let (found, next) =
            if let places = wish.events {
                (try await events(at: places, for: target, in: scope), nil as Int64?)
            } else { try await events(of: wish, for: target, in: scope) }
        let deliveries = found.map {
            OutboundDelivery(
                id: ids.id(at: now), hookId: id, position: $0.position, eventType: $0.type,
                resource: target.resource(of: $0), dueAt: now, createdAt: now)
        }
        let queued = try await sending.store.queue(deliveries, of: id, in: scope)
        sending.onQueued()
        return Replayed(queued: queued, next: next)
    }

    /// Sends a message that only shows that it comes through.
    ///
    /// - Throws: `notFound`, `conflict` where the hook takes messages or is disabled.
    public func test(_ id: HookID, at now: Date, in scope: OrganizationScope) async throws -> OutboundDelivery {
        let hook = try await store.hook(id, in: scope)
        guard hook.settings.target != nil else {
            throw SpotterError(.conflict, "This hook takes messages; only one that sends can be tested.")
        }
        let delivery = OutboundDelivery(
            id: ids.id(at: now), hookId: id, position: nil, eventType: HookMessageBody.testType, resource: nil,
            dueAt: now, createdAt: now)
        _ = try await sending.store.queue([delivery], of: id, in: scope)
        sending.onQueued()
        return try await sending.store.delivery(delivery.id, of: id, in: scope)
    }

    private func events(
        at places: [Int64], for target: HookTarget, in scope: OrganizationScope
    ) async throws -> [Event] {
        var found: [Event] = []
        let filter = try target.filter()
        for (place, position) in places.enumerated() {
            let event = try await sending.events.events(after: position - 1, execution: nil, limit: 1, in: scope).first
            guard let event, event.position == position else {
                throw SpotterError.invalid("/event_ids/\(place)", "is not an event of this organisation")
            }
            guard filter.matches(event.type) else {
                let message = "is of the type \(event.type), which the hook does not send"
                throw SpotterError.invalid("/event_ids/\(place)", message)
            }
            found.append(event)
        }
        return found
    }

    private func events(
        of wish: ReplayWish, for target: HookTarget, in scope: OrganizationScope
    ) async throws -> ([Event], Int64?) {
        guard let from = wish.from else {
            throw SpotterError.invalid("/from", "is required unless there are event_ids")
        }
        let filter = try target.filter()
        var place = try await sending.store.position(before: from, in: scope)
        place = max(place, wish.after ?? 0)
        // Nothing that happens from now on, for it is sent anyway.
        let last = try await sending.events.lastPosition(in: scope)
        var found: [Event] = []
        while place < last {
            let slice = try await sending.events.events(
                after: place, execution: nil, types: filter,
                limit: OutboundLimits.mostReplayed - found.count, in: scope)
            for event in slice.events {
                if event.position > last || wish.to.map({ event.at >= $0 }) ?? false { return (found, nil) }
                if event.at >= from { found.append(event) }
            }
            place = slice.position
            guard slice.hasMore else { return (found, nil) }
            if found.count >= OutboundLimits.mostReplayed { return (found, place) }
            try Task.checkCancellation()
        }
        return (found, nil)
    }
}
