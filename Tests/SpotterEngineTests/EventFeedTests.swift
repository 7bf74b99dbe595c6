import Foundation
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterEngine

@Suite(.timeLimit(.minutes(5))) struct EventFeedTests {
    /// Counts how often the log is read.
    private final class WatchedLog: EventStore {
        let store: any EventStore
        private let count = Mutex(0)
        var reads: Int { count.withLock(\.self) }

        init(_ store: any EventStore) { self.store = store }

        func events(
            after position: Int64, execution: ExecutionID?, types: EventTypeFilter, limit: Int,
            in scope: OrganizationScope
        ) async throws -> EventSlice {
            count.withLock { $0 += 1 }
            return try await store.events(
                after: position, execution: execution, types: types, limit: limit, in: scope)
        }
        func lastPosition(in scope: OrganizationScope) async throws -> Int64 {
            try await store.lastPosition(in: scope)
        }
        func append(
            _ drafts: [EventDraft], at now: Date, receipt: PlacedReceipt?, in scope: OrganizationScope
        ) async throws -> [Event] {
            try await store.append(drafts, at: now, receipt: receipt, in: scope)
        }
    }

    private static func draft(_ number: Int, of run: ExecutionID) -> EventDraft {
        EventDraft(.messageDelta, execution: run, data: ["text": .string("\(number)")])
    }

    @Test func `who follows a run reads from memory what this process writes`() async throws {
        let gym = try await TestOrganization.make(in: .memory())
        let log = WatchedLog(gym.stores.events)
        let bus = EventBus(tick: { try await Task.sleep(for: .seconds(3_600)) })
        let feed = EventFeed(store: log, bus: bus)
        let (mine, other): (ExecutionID, ExecutionID) = (gym.id(), gym.id())
        let position = try await log.lastPosition(in: gym.scope)
        let (began, begin) = AsyncStream.makeStream(of: Void.self)
        let scope = gym.scope
        let following = Task {
            var texts: [String] = []
            try await feed.follow(after: position, execution: mine, in: scope) { events in
                begin.yield()
                texts += events.compactMap { $0.data["text"]?.string }
                return texts.last != "19"
            }
            return texts
        }
        for await _ in began { break }
        let readsBefore = log.reads
        for number in 0..<20 {
            let drafts = [Self.draft(number, of: other), Self.draft(number, of: mine)]
            bus.wake(
                scope.organization,
                with: try await log.append(drafts, at: TestOrganization.start, receipt: nil, in: scope))
        }
        #expect(try await following.value == (0..<20).map(String.init))
        // Before the first was written nothing was known of what lay before it.
        #expect(log.reads - readsBefore <= 1)
        #expect(bus.readers == 0)
        #expect(bus.recent(after: position, execution: nil, types: .all, in: scope) == nil)
    }

    @Test func `what another process writes last is told as soon as somebody says so`() async throws {
        let gym = try await TestOrganization.make(in: .memory())
        let bus = EventBus(tick: { try await Task.sleep(for: .seconds(3_600)) })
        let feed = EventFeed(store: gym.stores.events, bus: bus)
        let run: ExecutionID = gym.id()
        let (events, scope) = (gym.stores.events, gym.scope)
        let position = try await events.lastPosition(in: scope)
        let (told, tell) = AsyncStream.makeStream(of: Int.self)
        let following = Task {
            var count = 0
            try await feed.follow(after: position, execution: nil, in: scope) { events in
                count += events.count
                tell.yield(count)
                return count < 3
            }
        }
        func write(_ number: Int) async throws -> [Event] {
            try await events.append(
                [Self.draft(number, of: run)], at: TestOrganization.start, receipt: nil, in: scope)
        }
        var counts = told.makeAsyncIterator()
        while await counts.next() != 0 {}
        for number in 0..<2 {
            bus.wake(scope.organization, with: try await write(number))
            while await counts.next() != number + 1 {}
        }
        // The other process's, after which nothing more is written here.
        _ = try await write(2)
        bus.wake(scope.organization)
        while await counts.next() != 3 {}
        try await following.value
    }

    @Test func `nothing is missed or told twice when other processes write in between`() async throws {
        let gym = try await TestOrganization.make(in: .memory())
        let bus = EventBus(tick: { try await Task.sleep(for: .seconds(3_600)) })
        let feed = EventFeed(store: gym.stores.events, bus: bus)
        let run: ExecutionID = gym.id()
        let (events, scope) = (gym.stores.events, gym.scope)
        let position = try await events.lastPosition(in: scope)
        let (rounds, writers) = (60, 4)
        let followers = [run, nil].map { execution in
            Task {
                var places: [Int64] = []
                try await feed.follow(after: position, execution: execution, in: scope) { events in
                    places += events.map(\.position)
                    return places.count < rounds * writers
                }
                return places
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 0..<rounds {
                        let written = try await events.append(
                            [Self.draft(number, of: run)], at: TestOrganization.start, receipt: nil, in: scope)
                        await Task.yield()
                        // Of what another process writes it is known only that there is something.
                        if writer == 0 {
                            bus.wake(scope.organization)
                        } else {
                            bus.wake(scope.organization, with: written)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        for follower in followers {
            #expect(try await follower.value == (1...Int64(rounds * writers)).map { position + $0 })
        }
    }
}
