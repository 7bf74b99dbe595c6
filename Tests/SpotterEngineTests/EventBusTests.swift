import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct EventBusTests {
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

    @Test func `everybody is woken once a tick, and the bus ends when it is told to`() async throws {
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self)
        let asked = Atomic<Int>(0)
        let bus = EventBus(tick: {
            asked.add(1, ordering: .relaxed)
            for await _ in ticks { return }
            throw CancellationError()
        })
        let running = Task { try await bus.run() }
        defer { running.cancel() }
        do {
            var signals = bus.signals(in: scope).makeAsyncIterator()
            for _ in 0..<2 {
                tick.yield()
                _ = await signals.next()
            }
            // A bus that does not wait for its ticks would have asked for more.
            #expect(asked.load(ordering: .relaxed) <= 3)
        }
        bus.shutDown()
        try await running.value
        #expect(bus.isStopping)
    }

    @Test func `events of another process wake this one's readers without waiting for the tick`() async throws {
        let channel = MemorySignalChannel()
        let parts = (0..<2).map { _ in
            let signals = Signals(channel: channel, log: .silent)
            return (
                signals: signals, bus: EventBus(signals: signals, tick: { try await Task.sleep(for: .seconds(3_600)) })
            )
        }
        // Whoever begins to listen is told once that anything may have changed; after that, only what happened.
        var readers = parts.map { $0.bus.signals(in: scope).makeAsyncIterator() }
        var running = parts.map { part in Task { try await part.bus.run() } }
        defer { for task in running { task.cancel() } }
        while parts.contains(where: { $0.signals.subscribers == 0 }) { await Task.yield() }
        running += parts.map { part in Task { try await part.signals.run() } }
        for index in readers.indices { #expect(await readers[index].next() != nil) }
        parts[0].bus.wake(scope.organization)
        #expect(await readers[0].next() != nil)
        #expect(await readers[1].next() != nil)
    }
}
