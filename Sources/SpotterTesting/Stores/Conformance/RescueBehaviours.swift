import Foundation
import SpotterDomain

extension StoreConformance {
    /// What becomes of the executions of a process that is gone.
    static let rescues: [StoreBehaviour] = [
        StoreBehaviour("what a dead worker held goes back into the queue, and its late records are discarded") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let held = try await gym.begunTurn()
            let left = try await gym.begunTurn(worker: try await gym.worker(lease: .zero))
            let orphan = try await gym.begunTurn(worker: gym.id())
            try require(try await stores.queue.organizationsToRescue().contains(gym.scope.organization))
            let rescue = try await stores.queue.rescue(limit: 10, at: TestOrganization.start, in: gym.scope)
            try requireEqual(rescue, Rescue(requeued: [left.id, orphan.id]))
            for run in [left, orphan] {
                var expected = run
                expected.state = .queued
                expected.crashes = 1
                try requireEqual(try await stores.executions.execution(run.id, in: gym.scope), expected)
                try await gym.requireDiscarded(run)
            }
            let events = try await stores.events.events(after: 3, execution: nil, limit: 9, in: gym.scope)
            try requireEqual(events.map(\.type), ["execution.queued", "execution.queued"])
            try requireEqual(events.map(\.execution), [left.id, orphan.id])
            try requireEqual(events.first?.data, ["reason": "process_lost"])
            try require(try await !stores.queue.organizationsToRescue().contains(gym.scope.organization))
            try requireEqual(
                try await stores.queue.rescue(limit: 10, at: TestOrganization.start, in: gym.scope), Rescue())
            try await gym.record(ExecutionRecord(execution: held))
        },
        StoreBehaviour("an execution that no process survives is given up, and its parent is told") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let parent = try await gym.begunTurn()
            var run = gym.run(under: parent.id)
            run.crashes = Rescue.crashesAllowed - 1
            run.currentStep = "model"
            try await gym.begin(run, worker: try await gym.worker(lease: .zero))
            var parked = parent
            parked.state = .waiting
            try await gym.record(ExecutionRecord(execution: parked))
            let now = TestOrganization.start + 9
            let rescue = try await stores.queue.rescue(limit: 10, at: now, in: gym.scope)
            try requireEqual(rescue, Rescue(dead: [run.id]))
            run.state = .failed
            run.crashes = Rescue.crashesAllowed
            run.error = Rescue.givenUp
            run.deadAt = now
            run.completedAt = now
            run.currentStep = nil
            try requireEqual(try await stores.executions.execution(run.id, in: gym.scope), run)
            let event = try await stores.events.events(after: 0, execution: run.id, limit: 9, in: gym.scope).last
            try requireEqual(event?.type, "execution.failed")
            try requireEqual(event?.data["code"], "process_lost")
            try requireEqual(try await stores.executions.execution(parent.id, in: gym.scope).state, .queued)
            try requireEqual(try await stores.queue.statistics(in: gym.scope).dead, 1)
        },
        StoreBehaviour("what was to be cancelled when its process went away is cancelled, and a pause is kept") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let dead = try await gym.worker(lease: .zero)
            let parent = try await gym.begunTurn()
            let cancelled = gym.run(under: parent.id)
            try await gym.begin(cancelled, worker: dead)
            let paused = try await gym.begunTurn(worker: dead)
            try await gym.ask(.cancel, of: cancelled)
            try await gym.ask(.pause, of: paused)
            let rescue = try await stores.queue.rescue(limit: 10, at: TestOrganization.start, in: gym.scope)
            try requireEqual(rescue, Rescue(requeued: [paused.id], cancelled: [cancelled.id]))
            let ended = try await stores.executions.execution(cancelled.id, in: gym.scope)
            try requireEqual(ended.state, .cancelled)
            try requireEqual(ended.requested, nil)
            try requireEqual(ended.completedAt, TestOrganization.start)
            try requireEqual(try await stores.executions.execution(paused.id, in: gym.scope).requested, .pause)
            try requireEqual(try await stores.executions.execution(parent.id, in: gym.scope).signals, 1)
            let events = try await stores.events.events(after: 0, execution: cancelled.id, limit: 9, in: gym.scope)
            try requireEqual(events.last?.type, "execution.cancelled")
        },
        StoreBehaviour("a rescue takes no more than it is told to, in the order of ids") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let dead = try await gym.worker(lease: .zero)
            var runs: [ExecutionID] = []
            for _ in 0..<5 { runs.append(try await gym.begunTurn(worker: dead).id) }
            for part in [runs[0..<2], runs[2..<4], runs[4...]] {
                let rescue = try await stores.queue.rescue(limit: 2, at: TestOrganization.start, in: gym.scope)
                try requireEqual(rescue.requeued, Array(part))
            }
        },
        StoreBehaviour("of many processes that rescue exactly one takes each execution") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let dead = try await gym.worker(lease: .zero)
            var runs: Set<ExecutionID> = []
            for _ in 0..<12 { runs.insert(try await gym.begunTurn(worker: dead).id) }
            let rescued = try await withThrowingTaskGroup(of: Rescue.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await stores.queue.rescue(limit: 100, at: TestOrganization.start, in: gym.scope)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1.requeued }
            }
            try requireEqual(rescued.count, runs.count)
            try requireEqual(Set(rescued), runs)
            for journal in try await stores.executions.journals(of: rescued, in: gym.scope) {
                try requireEqual(journal.execution.crashes, 1)
            }
        },
        StoreBehaviour("a worker whose lease is over cannot beat, one that is alive can until it leaves") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let dead = try await gym.worker(lease: .zero)
            try requireEqual(try await stores.queue.beat(dead, lease: .seconds(60)), false)
            try requireEqual(try await stores.queue.beat(gym.id(), lease: .seconds(60)), false)
            let alive = try await gym.worker()
            try requireEqual(try await stores.queue.beat(alive, lease: .seconds(60)), true)
            try await requireError(.conflict) { try await stores.queue.register(alive, lease: .seconds(60)) }
            // The lease is as long as the last beat says.
            try requireEqual(try await stores.queue.beat(alive, lease: .zero), true)
            try requireEqual(try await stores.queue.beat(alive, lease: .seconds(60)), false)
            let left = try await gym.worker()
            try await stores.queue.leave(left)
            try requireEqual(try await stores.queue.beat(left, lease: .seconds(60)), false)
        },
    ]
}
