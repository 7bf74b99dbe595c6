import Foundation
import SpotterDomain

extension StoreConformance {
    /// What is made of slots by the rules of their schedules.
    static let firePolicies: [StoreBehaviour] = [
        StoreBehaviour("while a run is not over, skip leaves the slot out and says why") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(at: Date() - 20, overlap: .skip)
            let run = try unwrap(try await gym.fire(item).plans.first?.runs.first)
            try await gym.again(item, at: Date() - 10)
            try requireEqual(try await gym.fire(item).fired, 0)
            try requireEqual(try await gym.fires(of: item).map(\.reason), [.overlap, nil])
            _ = try await gym.end(run.id)
            try await gym.again(item, at: Date() - 5)
            try requireEqual(try await gym.fire(item).fired, 1)
        },
        StoreBehaviour("while a run is not over, queue lets one wait until it is, and no more") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(at: Date() - 20, overlap: .queue)
            let first = try unwrap(try await gym.fire(item).plans.first?.runs.first)
            try await gym.again(item, at: Date() - 10)
            let second = try unwrap(try await gym.fire(item).plans.first?.runs.first)
            try require(try await stores.executions.execution(second.id, in: gym.scope).isNextRun)
            try await gym.again(item, at: Date() - 5)
            try requireEqual(try await gym.fire(item).fired, 0)
            try requireEqual(try await gym.fires(of: item).map(\.reason), [.overlap, nil, nil])
            _ = try await gym.end(first.id, .failed)
            try requireEqual(try await stores.executions.execution(second.id, in: gym.scope).state, .queued)
        },
        StoreBehaviour("allow lets any number of runs be") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(at: Date() - 20, overlap: .allow)
            for back in [20.0, 15, 10] {
                try await gym.again(item, at: Date() - back)
                try requireEqual(try await gym.fire(item).fired, 1)
            }
            try requireEqual(try await stores.queue.statistics(in: gym.scope).ready, 3)
        },
        StoreBehaviour("missed slots are made up for as catch_up says, each with its reason") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let skip = try await gym.missing(.skip)
            let latest = try await gym.missing(.latest)
            let all = try await gym.missing(.all)
            // The newest may be on time still.
            try require(skip.fired <= 1 && skip.reasons == ["missed"])
            try require(latest.fired == 1 && latest.reasons == ["superseded"])
            try require(all.fired >= 4 && all.reasons.isEmpty)
        },
        StoreBehaviour("slots that are too many to name are one record for all of them") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled("* * * * * *", at: Date() - 600, catchUp: .all, overlap: .allow)
            let report = try await gym.fire(item)
            try requireEqual(report.fired, Schedule.maximumRuns)
            let first = try unwrap(report.plans.first?.fires.first)
            try requireEqual(first.fireAt, item.nextFireAt)
            try require(try unwrap(first.throughAt) > first.fireAt)
            try requireEqual(first.reason, .tooMany)
        },
        StoreBehaviour("jitter puts a slot off and does not change which slot it is") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(at: Date() - 1_900, catchUp: .all, jitter: 1_800)
            let release = try unwrap(item.nextReleaseAt)
            try require(release >= (try unwrap(item.nextFireAt)) && release <= (try unwrap(item.nextFireAt)) + 1_800)
            try requireEqual(
                try await stores.fires.status(coming: 1, in: gym.scope).coming.first?.releaseAt, release)
            try requireEqual(try await gym.fire(item).fired, 1)
            try requireEqual(try await gym.fires(of: item).map(\.fireAt), [try unwrap(item.nextFireAt)])
        },
        StoreBehaviour("tasks that fire together run in the order of their dependencies") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let first = try await gym.scheduled()
            let second = try await gym.scheduled(after: [first.id])
            let report = try await gym.fire([second.id, first.id])
            try requireEqual(report.fired, 2)
            let runs = Dictionary(uniqueKeysWithValues: report.plans.map { ($0.item.id, $0.runs.first?.id) })
            let (before, after) = (try unwrap(runs[first.id] ?? nil), try unwrap(runs[second.id] ?? nil))
            try require(try await stores.executions.execution(after, in: gym.scope).isBlocked)
            _ = try await gym.end(before)
            try requireEqual(try await stores.executions.execution(after, in: gym.scope).state, .queued)
        },
        StoreBehaviour("the best agent that is enabled does it, and where there is none the record says so") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let able = try await gym.scheduled(at: Date() - 20, capabilities: ["support"])
            try requireEqual(try await gym.fire(able).fired, 1)
            let unable = try await gym.scheduled(capabilities: ["levitation"])
            try requireEqual(try await gym.fire(unable).fired, 0)
            try requireEqual(try await gym.fires(of: unable).map(\.reason), [.noAgent])
            try require(
                try unwrap(try await stores.tasks.status(of: unable.id, in: gym.scope).item.nextFireAt) > Date())
        },
        StoreBehaviour("a rule that cannot be read any more is written down once and fires no more") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var broken = try await gym.scheduled().next { $0.schedule?.timezone = "Europe/Atlantis" }
            broken.nextFireAt = Date() - 1
            _ = try await stores.tasks.update(broken, planned: .keep, in: gym.scope)
            try requireEqual(try await gym.fire(broken).fired, 0)
            try requireEqual(try await gym.fires(of: broken).map(\.reason), [.unreadable])
            try requireEqual(try await stores.tasks.status(of: broken.id, in: gym.scope).item.nextFireAt, nil)
            try requireEqual(try await stores.fires.due(limit: 9, in: gym.scope), [])
        },
    ]

    /// Fires while workers hold runs, and how what is due is found over all organisations: each needs stores that nobody
    /// else uses.
    static let looks: [StoreBehaviour] = [
        StoreBehaviour("a run that a worker ends lets the one that waits for it go on") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(at: Date() - 20, overlap: .queue)
            let first = try unwrap(try await gym.fire(item).plans.first?.runs.first)
            let running = try await gym.hold(first.id)
            try await gym.again(item, at: Date() - 10)
            let second = try unwrap(try await gym.fire(item).plans.first?.runs.first)
            var ended = running
            (ended.state, ended.completedAt) = (.completed, TestOrganization.start)
            try await gym.record(ExecutionRecord(execution: ended))
            try requireEqual(try await stores.executions.execution(second.id, in: gym.scope).state, .queued)
        },
        StoreBehaviour("a run that is paused and resumed still waits for the one before") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(at: Date() - 20, overlap: .queue)
            let first = try unwrap(try await gym.fire(item).plans.first?.runs.first)
            let running = try await gym.hold(first.id)
            try await gym.again(item, at: Date() - 10)
            let second = try unwrap(try await gym.fire(item).plans.first?.runs.first)
            for state in [ExecutionState.paused, .queued] {
                _ = try await stores.executions.change(second.id, at: TestOrganization.start, in: gym.scope) {
                    var execution = $0.execution
                    execution.state = state
                    return ExecutionChange(execution: execution)
                }
            }
            try require(try await stores.executions.execution(second.id, in: gym.scope).isNextRun)
            var ended = running
            (ended.state, ended.completedAt) = (.completed, TestOrganization.start)
            try await gym.record(ExecutionRecord(execution: ended))
            try requireEqual(try await stores.executions.execution(second.id, in: gym.scope).state, .queued)
        },
        StoreBehaviour("cancel_running ends what waits, asks what runs to end, and begins when that has") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(at: Date() - 20, overlap: .cancelRunning)
            let first = try unwrap(try await gym.fire(item).plans.first?.runs.first)
            try await gym.again(item, at: Date() - 15)
            let report = try await gym.fire(item)
            try requireEqual(report.ended, [first.id])
            try requireEqual(try await stores.executions.execution(first.id, in: gym.scope).state, .cancelled)
            let second = try unwrap(report.plans.first?.runs.first)
            var running = try await gym.hold(second.id)
            try await gym.again(item, at: Date() - 10)
            let third = try await gym.fire(item)
            try requireEqual(third.asked, [second.id])
            let waiting = try unwrap(third.plans.first?.runs.first).id
            try requireEqual(try await stores.executions.execution(second.id, in: gym.scope).requested, .cancel)
            try require(try await stores.executions.execution(waiting, in: gym.scope).isNextRun)
            (running.state, running.completedAt) = (.cancelled, TestOrganization.start)
            try await gym.record(ExecutionRecord(execution: running))
            try requireEqual(try await stores.executions.execution(waiting, in: gym.scope).state, .queued)
        },
        StoreBehaviour("a look gives each organisation its share, goes round, and passes over the stopped") { stores in
            var gyms: [TestOrganization] = []
            for _ in 0..<3 { gyms.append(try await TestOrganization.make(in: stores)) }
            gyms.sort { $0.scope.organization < $1.scope.organization }
            for gym in gyms { for _ in 0..<3 { _ = try await gym.scheduled() } }
            func look(_ most: Int, after: Int?) async throws -> [Int?] {
                let bounds = LookBounds(most: most, share: 2, after: after.map { gyms[$0].scope.organization })
                let look = try await stores.fires.look(bounds, by: nil)
                try require(look.due.allSatisfy { $0.tasks.count <= 2 })
                return look.due.map { due in gyms.firstIndex { $0.scope.organization == due.organization } }
            }
            try requireEqual(try await look(9, after: nil), [0, 1, 2])
            try requireEqual(try await look(9, after: 1), [2, 0, 1])
            try requireEqual(try await look(3, after: 0), [1, 2])
            try await stores.fires.setState(.stopped, at: TestOrganization.start, in: gyms[1].scope)
            try requireEqual(try await look(9, after: nil), [0, 2])
        },
        StoreBehaviour("a look tells how long it is to the next, and who looked") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.fires.look(LookBounds(), by: nil), ScheduleLook())
            _ = try await gym.scheduled(at: Date() + 600)
            let worker = try await gym.worker()
            let look = try await stores.fires.look(LookBounds(), by: worker)
            try requireEqual(look.due, [])
            try require((540...600).contains(try unwrap(look.next)))
            let status = try await stores.fires.status(coming: 0, in: gym.scope)
            try requireEqual(status.lookedBy, worker)
            try require(status.lastLookAt != nil)
            // What belongs to somebody whose schedules do not fire is not waited for.
            let stopped = try await TestOrganization.make(in: stores)
            _ = try await stopped.scheduled()
            try require(try unwrap(try await stores.fires.look(LookBounds(), by: nil).next) < 0)
            try await stores.fires.setState(.stopped, at: TestOrganization.start, in: stopped.scope)
            try require(try unwrap(try await stores.fires.look(LookBounds(), by: nil).next) > 500)
        },
    ]
}

extension TestOrganization {
    /// What becomes of five minutes in which nobody looked at a task that fires every minute.
    fileprivate func missing(_ catchUp: ScheduleRule.CatchUp) async throws -> (fired: Int, reasons: Set<String>) {
        let item = try await scheduled("0 * * * * *", at: Date() - 300, catchUp: catchUp, overlap: .allow)
        let report = try await fire(item)
        let fires = try await fires(of: item)
        try requireEqual(fires.count { $0.outcome == .fired }, report.fired)
        try require((4...6).contains(fires.count))
        return (report.fired, Set(fires.compactMap { $0.reason?.rawValue }))
    }

    /// Lets a worker take up what is ready, a run among it.
    fileprivate func hold(_ run: ExecutionID) async throws -> Execution {
        let claims = try await stores.queue.claim(200, for: try await worker(), after: nil)
        try requireEqual(claims.map(\.execution), [run])
        return try await stores.executions.execution(run, in: scope)
    }
}
