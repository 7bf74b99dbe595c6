import Foundation
import SpotterDomain

extension StoreConformance {
    static let events: [StoreBehaviour] = [
        StoreBehaviour("events are read in order from any place on, of all or of one execution") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 0)
            let first = try await gym.begunTurn()
            let second = try await gym.begunTurn()
            for execution in [first, second, first] {
                try await gym.record(
                    ExecutionRecord(
                        execution: execution,
                        events: [EventDraft(.stepStarted, execution: execution.id, data: ["b": 1, "a": "\u{7}ü"])]))
            }
            let all = try await stores.events.events(after: 0, execution: nil, limit: 100, in: gym.scope)
            try requireEqual(all.map(\.position), [1, 2, 3, 4, 5])
            try requireEqual(
                all.map(\.execution), [first.id, second.id, first.id, second.id, first.id])
            try requireEqual(all.last?.data.description, #"{"b":1,"a":"\u0007ü"}"#)
            try requireEqual(all.last?.at, TestOrganization.start)
            let rest = try await stores.events.events(after: 3, execution: nil, limit: 100, in: gym.scope)
            try requireEqual(rest.map(\.position), [4, 5])
            let limited = try await stores.events.events(after: 1, execution: nil, limit: 2, in: gym.scope)
            try requireEqual(limited.map(\.position), [2, 3])
            let own = try await stores.events.events(after: 1, execution: first.id, limit: 100, in: gym.scope)
            try requireEqual(own.map(\.position), [3, 5])
            try requireEqual(
                try await stores.events.events(after: 5, execution: nil, limit: 100, in: gym.scope), [])
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 5)
        },
        StoreBehaviour("a filter passes over what it does not want, and says how far it looked") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let types: [EventType] = [.stepStarted, .toolStarted, .stepFailed, .messageDelta, .messageDelta]
            _ = try await stores.events.append(
                types.map { EventDraft($0) } + [try EventDraft(publishing: "custom.door_1", data: [:])],
                at: TestOrganization.start, receipt: nil, in: gym.scope)
            func read(_ text: String, after: Int64 = 0, limit: Int = 100) async throws -> EventSlice {
                try await stores.events.events(
                    after: after, execution: nil, types: EventTypeFilter(text), limit: limit, in: gym.scope)
            }
            let steps = try await read("step.*")
            try requireEqual(steps.events.map(\.position), [1, 3])
            try requireEqual(steps.position, 6)
            try require(!steps.hasMore)
            try requireEqual(try await read("tool.started,custom.*").events.map(\.position), [2, 6])
            // `_` is a letter, not a pattern.
            try requireEqual(try await read("custom.door-1,custom.doorx1").events, [])
            let first = try await read("step.*", limit: 1)
            try requireEqual(first.position, 1)
            try require(first.hasMore)
            try requireEqual(try await read("tool.failed,*", after: 4).events.map(\.position), [5, 6])
            let nothing = try await read("tool.failed", after: 2)
            try requireEqual(nothing, EventSlice(events: [], position: 6, hasMore: false))
            try requireEqual(try await read("tool.failed", after: 9).position, 9)
        },
        StoreBehaviour("a filter that wants nothing gets to the end of a long log, a stretch at a time") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let drafts = [EventDraft](repeating: EventDraft(.messageDelta), count: 5_000)
            _ = try await stores.events.append(drafts, at: TestOrganization.start, receipt: nil, in: gym.scope)
            var slice = EventSlice(events: [], position: 0, hasMore: true)
            var readings = 0
            while slice.hasMore {
                let next = try await stores.events.events(
                    after: slice.position, execution: nil, types: EventTypeFilter("step.*"), limit: 10, in: gym.scope)
                try require(next.position > slice.position && next.events.isEmpty)
                slice = next
                readings += 1
                try require(readings <= 10)
            }
            try requireEqual(slice.position, 5_000)
        },
        StoreBehaviour("what is published is in the log with its receipt, or neither is") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let draft = try EventDraft(publishing: "custom.door", data: ["b": 1, "a": 2])
            func receipt(_ key: String) -> PlacedReceipt {
                PlacedReceipt(
                    key: key, fingerprint: [1], status: 201, before: Array("<".utf8), after: Array(">".utf8),
                    createdAt: TestOrganization.start)
            }
            let first = try await stores.events.append(
                [draft, draft], at: TestOrganization.start, receipt: receipt("one"), in: gym.scope)
            try requireEqual(first.map(\.position), [1, 2])
            try requireEqual(first.last?.data.description, #"{"b":1,"a":2}"#)
            let kept = try await stores.receipts.receipt(forKey: "one", in: gym.scope)
            try requireEqual(kept, receipt("one").receipt(at: 2))
            try requireEqual(kept?.response?.body, Array("<2>".utf8))
            try await requireThrows(ReceiptExists.self) {
                _ = try await stores.events.append(
                    [draft], at: TestOrganization.start, receipt: receipt("one"), in: gym.scope)
            }
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 2)
            let next = try await stores.events.append(
                [draft], at: TestOrganization.start, receipt: nil, in: gym.scope)
            try requireEqual(next.map(\.position), [3])
            let none = try await stores.events.append([], at: TestOrganization.start, receipt: nil, in: gym.scope)
            try requireEqual(none, [])
        },
        StoreBehaviour("places have no gaps and none appears below one that was seen, however many write at once") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            var executions: [Execution] = []
            for _ in 0..<4 { executions.append(try await gym.begunTurn()) }
            let total = Int64(executions.count + executions.count * 10 * 2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for execution in executions {
                    group.addTask {
                        let draft = EventDraft(.messageDelta, execution: execution.id)
                        for _ in 0..<10 {
                            try await gym.record(ExecutionRecord(execution: execution, events: [draft, draft]))
                        }
                    }
                }
                group.addTask {
                    // A reader that only ever goes forward misses nothing.
                    var seen: Int64 = 0
                    let deadline = ContinuousClock.now + .seconds(60)
                    while seen < total {
                        try require(ContinuousClock.now < deadline, "only \(seen) of \(total) events came")
                        let new = try await stores.events.events(
                            after: seen, execution: nil, limit: 7, in: gym.scope)
                        for event in new {
                            try requireEqual(event.position, seen + 1)
                            seen = event.position
                        }
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), total)
        },
    ]
}
