public import Foundation
public import SpotterDomain

/// Follows an organisation's log from any place in it, without gap or repeat.
public struct EventFeed: Sendable {
    private let store: any EventStore
    private let bus: EventBus
    private let publisher: EventPublisher
    /// Events read at one time.
    public static let batch = 200

    /// A feed that reads from `store` when `bus` wakes it.
    public init(store: any EventStore, bus: EventBus) {
        self.store = store
        self.bus = bus
        publisher = EventPublisher(store: store)
    }

    /// Calls `receive` with the events after `position`, oldest first, as they come; with an empty array about once a
    /// second when there are none, so that a reader can show it is alive. Ends when `receive` returns false, by
    /// cancellation, or, for a reader of the whole log, when the process shuts down.
    ///
    /// - Parameter types: others are passed over, once.
    public func follow(
        after position: Int64, execution: ExecutionID?, types: EventTypeFilter = .all, in scope: OrganizationScope,
        _ receive: ([Event]) async throws -> Bool
    ) async throws {
        // Subscribing before the first read: what is written in between wakes us.
        let signals = bus.signals(in: scope, execution: execution)
        var position = position
        var hints: Int?
        var iterator = signals.makeAsyncIterator()
        while true {
            try Task.checkCancellation()
            if execution == nil, bus.isStopping { return }
            if let hints, bus.isAtEnd(position, after: hints, in: scope) {
                // Woken for what was read already, together with what was written before it.
                guard await iterator.next() != nil else { return }
                continue
            }
            let slice = try await next(after: position, execution, types, in: scope, &hints)
            guard try await receive(slice.events) else { return }
            position = slice.position
            if slice.hasMore { continue }
            guard await iterator.next() != nil else { return }
        }
    }

    private func next(
        after position: Int64, _ execution: ExecutionID?, _ types: EventTypeFilter, in scope: OrganizationScope,
        _ hints: inout Int?
    ) async throws -> EventSlice {
        if let slice = bus.recent(after: position, execution: execution, types: types, in: scope) { return slice }
        hints = bus.hints(in: scope)
        return try await store.events(
            after: position, execution: execution, types: types, limit: Self.batch, in: scope)
    }

    /// The first events after `position`, as they are now.
    public func after(
        _ position: Int64, execution: ExecutionID?, types: EventTypeFilter = .all, limit: Int = batch,
        in scope: OrganizationScope
    ) async throws -> EventSlice {
        try await store.events(after: position, execution: execution, types: types, limit: limit, in: scope)
    }

    /// Checks that a reader who has seen everything up to `position` can go on from there; the beginning, which is 0, is
    /// wherever the log begins now.
    ///
    /// - Throws: `gone` where events after it were deleted meanwhile, because the organisation keeps no older ones.
    public func resume(after position: Int64, in scope: OrganizationScope) async throws -> Int64 {
        guard position > 0 else { return position }
        let forgotten = try await store.forgottenPosition(in: scope)
        guard position >= forgotten else {
            throw SpotterError(
                .gone,
                "Events after \(position) are no longer kept; the oldest that may be there is \(forgotten + 1). "
                    + "Read anew what you follow, then go on without an id, or from 0 for all that is kept.")
        }
        return position
    }

    /// Adds what a caller publishes to the log, and wakes the readers.
    public func publish(
        _ draft: EventDraft, at now: Date, receipt: PlacedReceipt? = nil, in scope: OrganizationScope
    ) async throws -> Event {
        guard let receipt else {
            return try await publisher.publish(draft, at: now, in: scope) { [bus] in
                bus.wake(scope.organization, with: $0)
            }
        }
        let events = try await store.append([draft], at: now, receipt: receipt, in: scope)
        bus.wake(scope.organization, with: events)
        guard let event = events.first else { throw SpotterError(.internal, "The event has no place in the log.") }
        return event
    }

    /// The place after which everything is still to come.
    public func end(in scope: OrganizationScope) async throws -> Int64 { try await store.lastPosition(in: scope) }
}
