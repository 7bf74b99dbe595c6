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
