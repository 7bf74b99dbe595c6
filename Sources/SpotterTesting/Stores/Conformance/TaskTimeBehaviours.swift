import Foundation
import SpotterDomain

extension StoreConformance {
    /// Runs with a time of their own, of tasks that depend on others: how those are then is what matters.
    static let runsWithTheirTime: [StoreBehaviour] = [
        StoreBehaviour("a run is judged by its dependencies when its time has come, and not before") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task("1", for: agent)
            let item = try await gym.task("2", for: agent, after: [first.id])
            // Failed when the run is made, and completed when it is due.
            _ = try await gym.end(try await gym.start(first, by: agent).id, .failed)
            let run = try await gym.start(item, by: agent, at: gym.due)
            try requireEqual(run.state, .queued)
            try requireEqual(try await gym.state(of: item), .scheduled)
            _ = try await gym.end(try await gym.start(first, by: agent).id)
            // Nothing but its time lets it begin.
            let worker = try await gym.worker()
            try requireEqual(try await stores.queue.claim(9, for: worker, after: nil), [])
            try requireEqual(try await gym.wake(), 1)
            let claims = try await stores.queue.claim(9, for: worker, after: nil)
            try requireEqual(claims.map(\.execution), [run.id])
            try requireEqual(try await stores.queue.wakeDue(), Woken())
        },
        StoreBehaviour("a run whose time has come waits for its dependencies, and fails with them") { stores in
            for end in [ExecutionState.completed, .failed] {
                let gym = try await TestOrganization.make(in: stores)
                let agent = try await gym.agent(named: "Coach")
                let first = try await gym.task("1", for: agent)
                let item = try await gym.task("2", for: agent, after: [first.id])
                let last = try await gym.task("3", for: agent, after: [item.id])
                let run = try await gym.start(item, by: agent, at: gym.due)
                let follower = try await gym.start(last, by: agent)
                let position = try await stores.events.lastPosition(in: gym.scope)
                try requireEqual(try await gym.wake(), 1)
                try requireEqual(try await gym.state(of: item), .blocked)
                _ = try await gym.end(try await gym.start(first, by: agent).id, end)
                let events = try await stores.events.events(
                    after: position, execution: run.id, limit: 9, in: gym.scope)
                let news: EventType = end == .completed ? .executionQueued : .executionFailed
                try requireEqual(events.map(\.type), [EventType.executionWaiting.rawValue, news.rawValue])
                let state = try await stores.executions.execution(follower.id, in: gym.scope).state
                try requireEqual(state, end == .completed ? .waiting : .failed)
            }
        },
        StoreBehaviour("a run whose dependency has failed when its time comes fails with all that wait for it") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task("1", for: agent)
            let item = try await gym.task("2", for: agent, after: [first.id])
            let last = try await gym.task("3", for: agent, after: [item.id])
            let run = try await gym.start(item, by: agent, at: gym.due)
            let follower = try await gym.start(last, by: agent)
            _ = try await gym.end(try await gym.start(first, by: agent).id, .cancelled)
            try requireEqual(try await stores.executions.execution(run.id, in: gym.scope).state, .queued)
            try requireEqual(try await gym.wake(), 1)
            for id in [run.id, follower.id] {
                let stored = try await stores.executions.execution(id, in: gym.scope)
                try requireEqual(stored.error?.code, "dependency_failed")
            }
        },
        StoreBehaviour("a run that is resumed before its time waits for that") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task("1", for: agent)
            let item = try await gym.task("2", for: agent, after: [first.id])
            let later = TestOrganization.start + 86_400_000
            let run = try await gym.start(item, by: agent, at: later)
            for state in [ExecutionState.paused, .queued] {
                _ = try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) { journal in
                    var execution = journal.execution
                    execution.state = state
                    execution.wakeAt = nil
                    return ExecutionChange(execution: execution)
                }
            }
            let stored = try await stores.executions.execution(run.id, in: gym.scope)
            try requireEqual(stored.state, .queued)
            try requireEqual(stored.wakeAt, later)
            try requireEqual(try await gym.state(of: item), .scheduled)
            try requireEqual(try await stores.queue.wakeDue(), Woken())
        },
        StoreBehaviour("of several processes that judge what is due, each run is judged by one") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task("1", for: agent)
            var runs: [ExecutionID] = []
            for number in 0..<7 {
                let item = try await gym.task("t\(number)", for: agent, after: [first.id])
                runs.append(try await gym.start(item, by: agent, at: gym.due).id)
            }
            let position = try await stores.events.lastPosition(in: gym.scope)
            let judged = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await stores.queue.judgeDue(limit: 2, at: Date(), in: gym.scope) }
                }
                return try await group.reduce(0, +)
            }
            try requireEqual(judged, runs.count)
            let events = try await stores.events.events(after: position, execution: nil, limit: 99, in: gym.scope)
            try requireEqual(Set(events.compactMap(\.execution)), Set(runs))
            try requireEqual(events.count, runs.count)
        },
    ]
}

extension TestOrganization {
    /// A time that has come.
    fileprivate var due: Date { Date() - 0.05 }

    /// Wakes what is due, and judges what is to be judged here. Returns how many were judged.
    fileprivate func wake() async throws -> Int {
        let woken = try await stores.queue.wakeDue()
        try requireEqual(woken, Woken(ready: 0, toJudge: [scope.organization]))
        return try await stores.queue.judgeDue(limit: 9, at: Date(), in: scope)
    }
}
