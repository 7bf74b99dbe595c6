public import SpotterDomain

/// What hooks that send do it with.
public struct HookSending: Sendable {
    let store: any OutboundStore
    let events: any EventStore
    let transport: any HookTransport
    let onQueued: @Sendable () -> Void

    /// - Parameters:
    ///   - transport: says which addresses can be.
    ///   - onQueued: told when there is something to deliver, to wake whom it concerns.
    public init(
        store: any OutboundStore, events: any EventStore, transport: any HookTransport,
        onQueued: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        self.events = events
        self.transport = transport
        self.onQueued = onQueued
    }
}
