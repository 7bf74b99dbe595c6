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
        /// Is done before each reading.
        private let onRead: @Sendable () async throws -> Void
        /// Is done before each writing.
        private let onAppend: @Sendable ([EventDraft]) async -> Void

        init(
            _ store: any EventStore, onRead: @escaping @Sendable () async throws -> Void = {},
            onAppend: @escaping @Sendable ([EventDraft]) async -> Void = { _ in }
        ) {
            self.store = store
            self.onRead = onRead
            self.onAppend = onAppend
        }

        func events(
            after position: Int64, execution: ExecutionID?, types: EventTypeFilter, limit: Int,
            in scope: OrganizationScope
        ) async throws -> EventSlice {
            count.withLock { $0 += 1 }
            try await onRead()
            return try await store.events(
                after: position, execution: execution, types: types, limit: limit, in: scope)
        }
        func lastPosition(in scope: OrganizationScope) async throws -> Int64 {
            try await store.lastPosition(in: scope)
        }
        func forgottenPosition(in scope: OrganizationScope) async throws -> Int64 {
            try await store.forgottenPosition(in: scope)
        }
        func append(
            _ drafts: [EventDraft], at now: Date, receipt: PlacedReceipt?, in scope: OrganizationScope
        ) async throws -> [Event] {
            await onAppend(drafts)
            return try await store.append(drafts, at: now, receipt: receipt, in: scope)
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

    @Test func `who was woken for what is read already does not read the log for it`() async throws {
        let gym = try await TestOrganization.make(in: .memory())
        let bus = EventBus(tick: { try await Task.sleep(for: .seconds(3_600)) })
        let (events, scope, run): (any EventStore, OrganizationScope, ExecutionID) = (
            gym.stores.events, gym.scope, gym.id()
        )
        @Sendable func write(_ number: Int) async throws {
            bus.wake(
                scope.organization,
                with: try await events.append(
                    [Self.draft(number, of: run)], at: TestOrganization.start, receipt: nil, in: scope))
        }
        let hasWritten = Mutex(false)
        // Written between the subscription and the first reading, which so finds what the signal will be for.
        let log = WatchedLog(
            events,
            onRead: {
                let isFirst = hasWritten.withLock { written in
                    defer { written = true }
                    return !written
                }
                if isFirst { try await write(0) }
            })
        let position = try await events.lastPosition(in: scope)
        var texts: [String] = []
        try await EventFeed(store: log, bus: bus).follow(after: position, execution: run, in: scope) { found in
            texts += found.compactMap { $0.data["text"]?.string }
            if texts.count == 1 {
                Task { try await write(1) }
            }
            return texts.count < 2
        }
        #expect(texts == ["0", "1"])
        #expect(log.reads == 1)
    }

    @Test func `events that are published together are each their own publisher's act`() async throws {
        let gym = try await TestOrganization.make(in: .memory())
        let (first, begin) = AsyncStream.makeStream(of: Void.self)
        let acts = Mutex<[[String?]]>([])
        let scope = gym.scope
        let log = WatchedLog(
            gym.stores.events,
            onAppend: { _ in
                let actors = AuditSlip.current?.drafts(in: scope.organization).map(\.actor.id) ?? []
                let isFirst = acts.withLock { acts in
                    acts.append(actors)
                    return acts.count == 1
                }
                // The others come while this one is written.
                if isFirst { for await _ in first {} }
            })
        let publisher = EventPublisher(store: log)
        let ids = RandomIDGenerator()
        let publishing = (0..<4).map { number in
            // Each has asked before the next begins.
            Task.immediate {
                let draft = AuditDraft(
                    id: AuditEntryID(ids.uuid(at: TestOrganization.start)), actor: AuditActor(.token, id: "\(number)"),
                    action: "publishEvent")
                _ = try await AuditSlip.$current.withValue(number == 3 ? nil : AuditSlip(draft)) {
                    try await publisher.publish(
                        EventDraft(publishing: "custom.door", data: [:]), at: TestOrganization.start, in: scope
                    ) { _ in }
                }
            }
        }
        begin.finish()
        for task in publishing { try await task.value }
        // In one writing or two: nobody knows when the first begins.
        #expect(acts.withLock { $0.flatMap(\.self) } == ["0", "1", "2"])
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
