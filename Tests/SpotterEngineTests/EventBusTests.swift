import Foundation
import SpotterDomain
import SpotterEngine
import Testing

@Suite struct EventBusTests {
    private let scope = OrganizationScope(RandomIDGenerator().id(at: .now))

    @Test func `a reader is woken by its own organisation and by no other`() async {
        let bus = EventBus()
        let (mine, other) = (bus.signals(in: scope), OrganizationScope(RandomIDGenerator().id(at: .now)))
        bus.wake(other.organization)
        bus.wake(scope.organization)
        bus.wake(scope.organization)
        var iterator = mine.makeAsyncIterator()
        #expect(await iterator.next() != nil)
        #expect(bus.readers == 1)
    }

    @Test(.timeLimit(.minutes(1))) func `the bus rests between its ticks and ends when it is told to`() async throws {
        let bus = EventBus()
        let running = Task { try await bus.run() }
        defer { running.cancel() }
        let started = ContinuousClock.now
        await wait(for: 2, of: bus)
        // Two ticks take two seconds: a bus that spins would need no time at all.
        #expect(started.duration(to: .now) > .milliseconds(1_500))
        bus.shutDown()
        try await running.value
        #expect(bus.isStopping)
    }

    /// Reads so many signals, and then lets go of the stream: a bus ends when nobody reads any more.
    private func wait(for count: Int, of bus: EventBus) async {
        var signals = bus.signals(in: scope).makeAsyncIterator()
        for _ in 0..<count { _ = await signals.next() }
    }
}
