public import SpotterDomain

/// Follows an organisation's log from any place in it, without gap or repeat.
public struct EventFeed: Sendable {
    private let store: any EventStore
    private let bus: EventBus
    private static let batch = 200

    /// A feed that reads from `store` when `bus` wakes it.
    public init(store: any EventStore, bus: EventBus) {
        self.store = store
        self.bus = bus
    }

    /// Calls `receive` with the events after `position`, oldest first, as they come; with an empty array about once a
    /// second when there are none, so that a reader can show it is alive. Ends when `receive` returns false, by
    /// cancellation, or, for a reader of the whole log, when the process shuts down.
    public func follow(
        after position: Int64, execution: ExecutionID?, in scope: OrganizationScope,
        _ receive: ([Event]) async throws -> Bool
    ) async throws {
        // Subscribing before the first read: what is written in between wakes us.
        let signals = bus.signals(in: scope)
        var position = position
        var iterator = signals.makeAsyncIterator()
        while true {
            try Task.checkCancellation()
            if execution == nil, bus.isStopping { return }
            let events = try await store.events(
                after: position, execution: execution, limit: Self.batch, in: scope)
            guard try await receive(events) else { return }
            position = events.last?.position ?? position
            if events.count == Self.batch { continue }
            guard await iterator.next() != nil else { return }
        }
    }

    /// The first events after `position`, as they are now.
    public func after(
        _ position: Int64, execution: ExecutionID?, in scope: OrganizationScope
    ) async throws -> [Event] {
        try await store.events(after: position, execution: execution, limit: Self.batch, in: scope)
    }

    /// The place after which everything is still to come.
    public func end(in scope: OrganizationScope) async throws -> Int64 { try await store.lastPosition(in: scope) }
}
