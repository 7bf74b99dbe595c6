import Foundation
import SpotterDomain

extension StoreConformance {
    /// How executions enter the queue and are taken up.
    static let claims: [StoreBehaviour] = [
        StoreBehaviour("an execution is enqueued, claimed, recorded and completed") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            let work = gym.work()
            let ids = try await stores.executions.enqueue([work], receipt: gym.receipt("key"), in: gym.scope)
            try requireEqual(ids, [work.id])
            try requireEqual(try await stores.executions.execution(work.id, in: gym.scope), work)
            let event = try await stores.events.events(after: 0, execution: work.id, limit: 9, in: gym.scope)
            try requireEqual(event.map(\.type), ["execution.queued"])
            try requireEqual(event.first?.data, ["kind": "probe", "priority": "medium"])
            try await requireThrows(ReceiptExists.self) {
                try await stores.executions.enqueue([gym.work()], receipt: gym.receipt("key"), in: gym.scope)
            }
            let claims = try await stores.queue.claim(9, for: worker, after: nil)
            try requireEqual(
                claims, [Claim(organization: gym.scope.organization, execution: work.id, attempt: 1)])
            try requireEqual(try await stores.queue.claim(9, for: worker, after: nil), [])
            var run = try await stores.executions.execution(work.id, in: gym.scope)
            try requireEqual(run.state, .running)
            try requireEqual(run.attempt, 1)
            try require(run.startedAt != nil)
            try await gym.record(ExecutionRecord(execution: run))
            run.state = .completed
            run.output = ["n": 2]
            run.completedAt = TestOrganization.start + 1
            try await gym.record(ExecutionRecord(execution: run))
            try requireEqual(try await stores.executions.execution(work.id, in: gym.scope), run)
            try requireEqual(try await stores.queue.claim(9, for: worker, after: nil), [])
        },
        StoreBehaviour("every field of an enqueued execution comes back") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let work = Execution(
                id: gym.id(), kind: .task, state: .queued, attempt: 0, conversationId: nil, agentId: agent.id,
                agentVersion: 1, input: ["z": 1, "a": "ü"], taskId: gym.id(), parentId: gym.id(), priority: .critical,
                retryPolicy: RetryPolicy(maxAttempts: 5, backoffMs: 7, backoff: .linear),
                deadlineAt: TestOrganization.start + 60, uniqueKey: "nightly",
                wakeAt: TestOrganization.start + 1e9, createdAt: TestOrganization.start)
            _ = try await stores.executions.enqueue([work], receipt: nil, in: gym.scope)
            try requireEqual(try await stores.executions.execution(work.id, in: gym.scope), work)
            try await requireError(.conflict) {
                var twin = work
                twin.wakeAt = nil
                let copy = Execution(
                    id: twin.id, kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
                    agentVersion: nil, input: [:], createdAt: TestOrganization.start)
                return try await stores.executions.enqueue([copy], receipt: nil, in: gym.scope)
            }
            let ghost = Execution(
                id: gym.id(), kind: .task, state: .queued, attempt: 0, conversationId: nil, agentId: gym.id(),
                agentVersion: 1, input: [:], createdAt: TestOrganization.start)
            try await requireError(.notFound) {
                try await stores.executions.enqueue([gym.work(), ghost], receipt: nil, in: gym.scope)
            }
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 1)
            try requireEqual(try await stores.executions.enqueue([], receipt: nil, in: gym.scope), [])
        },
        StoreBehaviour("no execution is claimed twice, however many claim at once") { stores in
            let gyms = [try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)]
            var expected: Set<ExecutionID> = []
            for gym in gyms {
                let work = (0..<30).map { _ in gym.work() }
                expected.formUnion(try await stores.executions.enqueue(work, receipt: nil, in: gym.scope))
            }
            let worker = try await gyms[0].worker()
            var claimed: [ExecutionID] = []
            // An organisation from which another takes at the moment is passed over, so one round need not suffice.
            for _ in 0..<60 where claimed.count < expected.count {
                claimed += try await withThrowingTaskGroup(of: [Claim].self) { group in
                    for _ in 0..<8 { group.addTask { try await stores.queue.claim(3, for: worker, after: nil) } }
                    return try await group.reduce(into: []) { $0 += $1.map(\.execution) }
                }
            }
            try requireEqual(claimed.count, expected.count)
            try requireEqual(Set(claimed), expected)
        },
        StoreBehaviour("a unique key is held until its execution ends, and then is free") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let worker = try await gym.worker()
            let (first, twin, other, plain) = (
                gym.work(uniqueKey: "a"), gym.work(uniqueKey: "a"), gym.work(uniqueKey: "b"), gym.work()
            )
            func enqueue(_ work: Execution...) async throws -> [ExecutionID] {
                try await stores.executions.enqueue(work, receipt: nil, in: gym.scope)
            }
            try requireEqual(
                try await enqueue(first, twin, other, plain), [first.id, first.id, other.id, plain.id])
            // Only what was put there is told of.
            let events = try await stores.events.events(after: 0, execution: nil, limit: 9, in: gym.scope)
            try requireEqual(events.compactMap(\.execution), [first.id, other.id, plain.id])
            try requireEqual(try await enqueue(twin), [first.id])
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), 3)
            try await requireError(.notFound) { try await stores.executions.execution(twin.id, in: gym.scope) }
            for claim in try await stores.queue.claim(9, for: worker, after: nil) where claim.execution == first.id {
                var run = try await stores.executions.execution(first.id, in: gym.scope)
                try requireEqual(try await enqueue(twin), [first.id])
                run.state = .waiting
                try await gym.record(ExecutionRecord(execution: run))
                try requireEqual(try await enqueue(twin), [first.id])
            }
            _ = try await stores.executions.change(first.id, at: TestOrganization.start, in: gym.scope) {
                var cancelled = $0.execution
                cancelled.state = .cancelled
                return ExecutionChange(execution: cancelled)
            }
            try requireEqual(try await enqueue(twin), [twin.id])
        },
        StoreBehaviour("of many that enqueue the same keys at once, in any order, one wins each") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let keys = ["a", "b", "c", "d"]
            let answers = try await withThrowingTaskGroup(of: [String: ExecutionID].self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let order = number.isMultiple(of: 2) ? keys : keys.reversed()
                        let ids = try await stores.executions.enqueue(
                            order.map { gym.work(uniqueKey: $0) }, receipt: nil, in: gym.scope)
                        return Dictionary(uniqueKeysWithValues: zip(order, ids))
                    }
                }
                return try await group.reduce(into: Set<[String: ExecutionID]>()) { $0.insert($1) }
            }
            try requireEqual(answers.count, 1)
            try requireEqual(try await stores.queue.statistics(in: gym.scope).ready, keys.count)
            try requireEqual(try await stores.events.lastPosition(in: gym.scope), Int64(keys.count))
        },
        StoreBehaviour("a worker whose lease is over, or that nobody knows, claims nothing") { stores in
            let gym = try await TestOrganization.make(in: stores)
            _ = try await stores.executions.enqueue([gym.work()], receipt: nil, in: gym.scope)
            let dead = try await gym.worker(lease: .zero)
            try requireEqual(try await stores.queue.claim(9, for: dead, after: nil), [])
            try requireEqual(try await stores.queue.claim(9, for: gym.id(), after: nil), [])
            let alive = try await gym.worker()
            try requireEqual(try await stores.queue.claim(9, for: alive, after: nil).count, 1)
        },
        StoreBehaviour("an execution that is left behind three times is claimed three times and given up") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let work = gym.work()
            _ = try await stores.executions.enqueue([work], receipt: nil, in: gym.scope)
            for attempt in 1...Rescue.crashesAllowed {
                let worker = try await gym.worker()
                let claims = try await stores.queue.claim(1, for: worker, after: nil)
                try requireEqual(claims.map(\.attempt), [attempt])
                try await stores.queue.leave(worker)
                let rescue = try await stores.queue.rescue(limit: 9, at: TestOrganization.start, in: gym.scope)
                let isLast = attempt == Rescue.crashesAllowed
                try requireEqual(rescue, isLast ? Rescue(dead: [work.id]) : Rescue(requeued: [work.id]))
            }
            try requireEqual(try await stores.queue.claim(1, for: try await gym.worker(), after: nil), [])
            let log = try await stores.events.events(after: 0, execution: work.id, limit: 9, in: gym.scope)
            try requireEqual(
                log.map(\.type), ["execution.queued", "execution.queued", "execution.queued", "execution.failed"])
        },
    ]
}
