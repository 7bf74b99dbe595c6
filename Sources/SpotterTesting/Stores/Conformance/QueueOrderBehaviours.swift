import Foundation
import SpotterDomain

extension StoreConformance {
    /// When an execution becomes ready, and which of the ready ones is the first.
    static let times: [StoreBehaviour] = [
        StoreBehaviour("the more urgent is claimed first, and of the same urgency the first") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let priorities: [Priority] = [.low, .medium, .high, .critical, .low, .medium]
            let work = priorities.map { gym.work(priority: $0) }
            for work in work { _ = try await stores.executions.enqueue([work], receipt: nil, in: gym.scope) }
            let order = try await gym.claimOneByOne(work.count)
            try requireEqual(order, [3, 2, 1, 5, 0, 4].map { work[$0].id })
        },
        StoreBehaviour("what is less urgent waits for what came ten minutes later, and not for ever") { stores in
            let gym = try await TestOrganization.make(in: stores)
            // Minutes ago and urgency, in the order in which they are to be taken up.
            let ready: [(Double, Priority)] = [
                (180, .medium), (59, .critical), (120, .low), (109, .medium), (101, .high), (118.5, .low),
                (108, .medium),
            ]
            let places = ready.map { minutes, priority in
                let moved: [Priority: Double] = [.critical: 60, .high: 10, .low: -10]
                return minutes + moved[priority, default: 0]
            }
            let now = Date()
            let work = ready.map { gym.work(priority: $0.1) }
            try await gym.park(work, until: ready.map { now - $0.0 * 60 })
            try requireEqual(try await stores.queue.wakeDue().ready, work.count)
            let order = places.indices.sorted { places[$0] > places[$1] }
            try requireEqual(try await gym.claimOneByOne(work.count), order.map { work[$0].id })
        },
        StoreBehaviour("what was begun goes before what was not, however urgent that is") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let begun = gym.work(priority: .low)
            try await gym.park([begun], until: [Date()])
            let fresh = gym.work(priority: .critical)
            _ = try await stores.executions.enqueue([fresh], receipt: nil, in: gym.scope)
            try requireEqual(try await stores.queue.wakeDue().ready, 1)
            try requireEqual(try await gym.claimOneByOne(2), [begun.id, fresh.id])
        },
        StoreBehaviour("an execution with a time is not claimed before it, and then once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            let now = Date()
            let (past, future) = (gym.work(wakeAt: now - 0.05), gym.work(wakeAt: now + 3_600))
            _ = try await stores.executions.enqueue([past, future], receipt: nil, in: gym.scope)
            let parked = [gym.work(), gym.work(), gym.work()]
            try requireEqual(
                try await stores.queue.claim(9, for: worker, after: nil).map(\.execution), [past.id])
            try await gym.park(parked, until: [now - 0.05, now + 3_600, nil])
            try requireEqual(try await stores.queue.claim(9, for: worker, after: nil), [])
            let before = try await stores.queue.statistics(in: gym.scope)
            try requireEqual([before.ready, before.scheduled, before.waiting], [0, 1, 3])
            try requireEqual(try await stores.queue.wakeDue().ready, 1)
            try requireEqual(try await stores.queue.wakeDue().ready, 0)
            let claims = try await stores.queue.claim(9, for: worker, after: nil)
            try requireEqual(claims.map(\.execution), [parked[0].id])
            try requireEqual(claims.map(\.attempt), [2])
            try requireEqual(try await stores.executions.execution(parked[1].id, in: gym.scope).state, .waiting)
        },
        StoreBehaviour("the executions of every organisation are woken, each by one process") { stores in
            var work: [ExecutionID] = []
            for _ in 0..<3 {
                let gym = try await TestOrganization.make(in: stores)
                let parked = (0..<4).map { _ in gym.work() }
                try await gym.park(parked, until: parked.map { _ in Date() - 1 })
                work += parked.map(\.id)
            }
            let woken = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await stores.queue.wakeDue().ready } }
                return try await group.reduce(0, +)
            }
            // One that a process has locked is passed over by the others, and is there the next time.
            try requireEqual(woken + (try await stores.queue.wakeDue().ready), work.count)
        },
    ]

    /// The figures that people see.
    static let figures: [StoreBehaviour] = [
        StoreBehaviour("the queue's figures are those of the organisation alone") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.queue.statistics(in: gym.scope), QueueStatistics())
            try await gym.park([gym.work(priority: .low), gym.work()], until: [Date() - 3_600, nil])
            _ = try await stores.queue.wakeDue()
            var (paused, dead) = (gym.work(), gym.work())
            paused.state = .paused
            dead.state = .failed
            dead.deadAt = TestOrganization.start
            _ = try await stores.executions.enqueue(
                [gym.work(wakeAt: Date() + 3_600), gym.work(), paused, dead], receipt: nil, in: gym.scope)
            _ = try await gym.begunTurn()
            try await stores.queue.setLimits(maxRunning: 7, startsPerMinute: nil, in: gym.scope)
            try await stores.queue.setPaused(true, at: TestOrganization.start, in: gym.scope)
            var figures = try await stores.queue.statistics(in: gym.scope)
            try require(
                (3_600_000..<4_200_000).contains(figures.oldestReadyMs), "\(figures.oldestReadyMs) ms is no hour")
            figures.oldestReadyMs = 0
            try requireEqual(
                figures,
                QueueStatistics(
                    ready: 2, scheduled: 1, running: 1, waiting: 1, paused: 1, dead: 1, isPaused: true, maxRunning: 7,
                    startsPerMinute: nil))
            try requireEqual(try await stores.queue.statistics(in: other.scope), QueueStatistics())
        }
    ]
}

extension TestOrganization {
    /// Claims one at a time, and returns them in order.
    func claimOneByOne(_ count: Int) async throws -> [ExecutionID] {
        let worker = try await worker()
        var order: [ExecutionID] = []
        for _ in 0..<count {
            order += try await stores.queue.claim(1, for: worker, after: scope.organization).map(\.execution)
        }
        return order
    }

    /// Stores executions that wait, each until its time or for something else, after a first attempt.
    func park(_ executions: [Execution], until times: [Date?]) async throws {
        let worker = try await worker()
        for (execution, time) in zip(executions, times) {
            var run = execution
            run.state = .running
            run.attempt = 1
            try await begin(run, worker: worker)
            run.state = .waiting
            run.wakeAt = time
            try await record(ExecutionRecord(execution: run))
        }
    }
}
