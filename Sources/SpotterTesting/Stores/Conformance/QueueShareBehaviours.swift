import Foundation
import SpotterDomain

extension StoreConformance {
    /// How much each organisation gets.
    static let shares: [StoreBehaviour] = [
        StoreBehaviour("organisations are served in turn, within one claim and from claim to claim") { stores in
            var gyms: [TestOrganization] = []
            for _ in 0..<3 { gyms.append(try await TestOrganization.make(in: stores)) }
            gyms.sort { $0.scope.organization < $1.scope.organization }
            for gym in gyms {
                let work = (0..<20).map { _ in gym.work() }
                _ = try await stores.executions.enqueue(work, receipt: nil, in: gym.scope)
            }
            let ids = gyms.map(\.scope.organization)
            let worker = try await gyms[0].worker()
            func claim(_ wanted: Int, after: OrganizationID?) async throws -> [Int] {
                try await stores.queue.claim(wanted, for: worker, after: after).compactMap { claim in
                    ids.firstIndex(of: claim.organization)
                }
            }
            try requireEqual(try await claim(6, after: nil), [0, 1, 2, 0, 1, 2])
            try requireEqual(try await claim(4, after: ids[0]), [1, 2, 0, 1])
            try requireEqual(try await claim(1, after: ids[1]), [2])
            try requireEqual(try await claim(1, after: ids[2]), [0])
            // A greater claim takes a share of an eighth of each at a time.
            try requireEqual(try await claim(16, after: ids[1]), [2, 2, 0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 0, 0])
            // Of those that have less the others get the rest.
            try requireEqual(try await claim(100, after: nil).count, 60 - 28)
            try requireEqual(try await claim(100, after: nil), [])
            try requireEqual(try await claim(0, after: nil), [])
        },
        StoreBehaviour("no more of an organisation run than its cap, which others do not feel") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            for each in [gym, other] {
                _ = try await stores.executions.enqueue(
                    (0..<5).map { _ in each.work() }, receipt: nil, in: each.scope)
            }
            try await stores.queue.setLimits(maxRunning: 2, startsPerMinute: 100, in: gym.scope)
            let claims = try await stores.queue.claim(50, for: worker, after: nil)
            let own = claims.filter { $0.organization == gym.scope.organization }
            try requireEqual([claims.count, own.count], [7, 2])
            try requireEqual(try await stores.queue.claim(50, for: worker, after: nil), [])
            // One that waits makes room, as does one that ends.
            for (claim, state) in zip(own, [ExecutionState.waiting, .completed]) {
                var run = try await stores.executions.execution(claim.execution, in: gym.scope)
                run.state = state
                try await gym.record(ExecutionRecord(execution: run))
                try requireEqual(try await stores.queue.claim(50, for: worker, after: nil).count, 1)
            }
        },
        StoreBehaviour("the cap holds however many claim at once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            _ = try await stores.executions.enqueue((0..<20).map { _ in gym.work() }, receipt: nil, in: gym.scope)
            try await stores.queue.setLimits(maxRunning: 5, startsPerMinute: nil, in: gym.scope)
            for _ in 0..<3 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask { _ = try await stores.queue.claim(3, for: worker, after: nil) }
                    }
                    try await group.waitForAll()
                }
            }
            try requireEqual(try await stores.queue.statistics(in: gym.scope).running, 5)
        },
        StoreBehaviour("no more are begun in a minute than allowed, and what goes on after a wait does not count") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            try await stores.queue.setLimits(maxRunning: 100, startsPerMinute: 3, in: gym.scope)
            _ = try await stores.executions.enqueue((0..<9).map { _ in gym.work() }, receipt: nil, in: gym.scope)
            let begun = try await stores.queue.claim(50, for: worker, after: nil)
            try requireEqual(begun.map(\.attempt), [1, 1, 1])
            try requireEqual(try await stores.queue.claim(50, for: worker, after: nil), [])
            for claim in begun {
                var run = try await stores.executions.execution(claim.execution, in: gym.scope)
                run.state = .queued
                try await gym.record(ExecutionRecord(execution: run))
            }
            let resumed = try await stores.queue.claim(50, for: worker, after: nil)
            try requireEqual(resumed.map(\.attempt), [2, 2, 2])
            try requireEqual(Set(resumed.map(\.execution)), Set(begun.map(\.execution)))
            // Without a limit the rest is begun.
            try await stores.queue.setLimits(maxRunning: 100, startsPerMinute: nil, in: gym.scope)
            try requireEqual(try await stores.queue.claim(50, for: worker, after: nil).count, 6)
        },
        StoreBehaviour("what was begun goes on though what was not has been ready for days without an allowance") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            try await stores.queue.setLimits(maxRunning: 100, startsPerMinute: 1, in: gym.scope)
            _ = try await stores.executions.enqueue([gym.work()], receipt: nil, in: gym.scope)
            let begun = try await stores.queue.claim(1, for: worker, after: nil)
            // Three that were to be begun days ago, and nothing is left of the minute's allowance.
            let old = (0..<3).map { _ in gym.work(priority: .critical) }
            try await gym.parkFresh(old, until: Date() - 3 * 86_400)
            try requireEqual(try await stores.queue.wakeDue().ready, 3)
            var run = try await stores.executions.execution(try unwrap(begun.first).execution, in: gym.scope)
            run.state = .queued
            try await gym.record(ExecutionRecord(execution: run))
            try requireEqual(try await stores.queue.claim(1, for: worker, after: nil).map(\.execution), [run.id])
        },
        StoreBehaviour("of a queue that is held back nothing is claimed until it goes on") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            _ = try await stores.executions.enqueue([gym.work(), gym.work()], receipt: nil, in: gym.scope)
            let running = try await stores.queue.claim(1, for: worker, after: nil)
            try await stores.queue.setPaused(true, at: TestOrganization.start, in: gym.scope)
            try await stores.queue.setPaused(true, at: TestOrganization.start, in: gym.scope)
            try requireEqual(try await stores.queue.claim(9, for: worker, after: nil), [])
            // What runs is not touched.
            let run = try await stores.executions.execution(try unwrap(running.first).execution, in: gym.scope)
            try await gym.record(ExecutionRecord(execution: run))
            try await stores.queue.setPaused(false, at: TestOrganization.start, in: gym.scope)
            try requireEqual(try await stores.queue.claim(9, for: worker, after: nil).count, 1)
        },
    ]
}

extension TestOrganization {
    /// Stores executions that were never begun and wait until `time`.
    fileprivate func parkFresh(_ executions: [Execution], until time: Date) async throws {
        let waiting = executions.map { execution in
            var waiting = execution
            waiting.state = .waiting
            return waiting
        }
        _ = try await stores.executions.enqueue(waiting, receipt: nil, in: scope)
        for execution in waiting {
            _ = try await stores.executions.change(execution.id, at: Self.start, in: scope) {
                var timed = $0.execution
                timed.wakeAt = time
                return ExecutionChange(execution: timed)
            }
        }
    }
}
