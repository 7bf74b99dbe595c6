import Foundation
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

/// Two instances on one channel stand for two processes on one database.
@Suite(.timeLimit(.minutes(5))) struct SignalsTests {
    private let organization: OrganizationID = RandomIDGenerator().id(at: .now)
    private let execution: ExecutionID = RandomIDGenerator().id(at: .now)

    /// Runs `body` with both running, after they have been told that anything may have changed.
    private static func pair(
        pause: Duration = .milliseconds(5), _ body: (MemorySignalChannel, Signals, Signals) async throws -> Void
    ) async throws {
        let channel = MemorySignalChannel()
        let (here, there) = (
            Signals(channel: channel, pause: pause, log: .silent), Signals(channel: channel, pause: pause, log: .silent)
        )
        var first = [here, there].map { $0.subscribe(to: .work).makeAsyncIterator() }
        let running = [Task { try await here.run() }, Task { try await there.run() }]
        defer { for task in running { task.cancel() } }
        for index in first.indices { #expect(await first[index].next()?.hasWork == true) }
        try await body(channel, here, there)
    }

    @Test func `each kind reaches its subscribers in other processes and in one's own`() async throws {
        try await Self.pair { _, here, there in
            var work = [here, there].map { $0.subscribe(to: .work).makeAsyncIterator() }
            var events = [here, there].map { $0.subscribe(to: .events).makeAsyncIterator() }
            var control = [here, there].map { $0.subscribe(to: .control).makeAsyncIterator() }
            here.send(.events(organization))
            here.send(.control(execution))
            here.send(.work)
            for index in 0..<2 {
                #expect(await work[index].next()?.hasWork == true)
                #expect(await events[index].next()?.events == .only([organization]))
                #expect(await control[index].next()?.control == .only([execution]))
            }
        }
    }

    @Test func `who wants only those of others is not told of one's own`() async throws {
        try await Self.pair { _, here, there in
            var others = here.subscribe(to: .control, onlyFromOthers: true).makeAsyncIterator()
            let foreign: ExecutionID = RandomIDGenerator().id(at: .now)
            here.send(.control(execution))
            there.send(.control(foreign))
            #expect(await others.next()?.control == .only([foreign]))
        }
    }

    @Test func `what comes together is one notification`() async throws {
        // A pause without an end: nothing is passed on between the first and the last.
        try await Self.pair(pause: .seconds(3_600)) { channel, here, there in
            var events = there.subscribe(to: .events).makeAsyncIterator()
            here.send(.events(organization))
            #expect(await events.next()?.events == .only([organization]))
            for _ in 0..<1_000 { here.send(.events(RandomIDGenerator().id(at: .now))) }
            #expect(channel.sent.count == 1)
        }
    }

    @Test func `what was sent before the end is still passed on`() async throws {
        let channel = MemorySignalChannel()
        let signals = Signals(channel: channel, log: .silent)
        signals.send(.work)
        signals.shutDown()
        try await signals.run()
        #expect(channel.sent.count == 1)
    }

    @Test func `after an interruption anything may have changed`() async throws {
        try await Self.pair { channel, here, _ in
            var events = here.subscribe(to: .events).makeAsyncIterator()
            channel.interrupt()
            #expect(await events.next()?.events == .all)
        }
    }

    @Test func `who lets go is forgotten`() async throws {
        let signals = Signals(channel: MemorySignalChannel(), log: .silent)
        let reading = Task { for await _ in signals.subscribe(to: .work) {} }
        while signals.subscribers == 0 { await Task.yield() }
        reading.cancel()
        await reading.value
        while signals.subscribers > 0 { await Task.yield() }
    }

    @Test func `a channel that fails does no harm here`() async throws {
        let signals = Signals(channel: BrokenChannel(), log: .silent)
        var work = signals.subscribe(to: .work).makeAsyncIterator()
        signals.send(.work)
        signals.shutDown()
        try await signals.run()
        #expect(await work.next()?.hasWork == true)
    }

    private struct BrokenChannel: SignalChannel {
        func notify(_ payload: String) async throws { throw SpotterError(.unavailable, "No database.") }
        func listen() -> AsyncStream<String> { AsyncStream { $0.finish() } }
    }
}
