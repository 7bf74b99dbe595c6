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
        let signals = bus.signals(in: scope)
        let running = Task { try await bus.run() }
        var woken = 0
        let started = ContinuousClock.now
        for await _ in signals {
            woken += 1
            if woken == 2 { break }
        }
        // Two ticks take two seconds: a bus that spins would need no time at all.
        #expect(started.duration(to: .now) > .milliseconds(1_500))
        bus.shutDown()
        try await running.value
        #expect(bus.isStopping)
    }
}
