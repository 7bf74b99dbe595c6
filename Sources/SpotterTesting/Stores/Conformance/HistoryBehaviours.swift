import Foundation
import SpotterDomain

extension StoreConformance {
    /// What becomes of executions that ended long ago.
    static let histories: [StoreBehaviour] = moves + readings

    private static let moves: [StoreBehaviour] = [
        StoreBehaviour("what has completed goes to the history after its time, what has failed after a longer one") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let young = gym.ended(.completed, age: 23 * 3_600), old = gym.ended(.completed, age: 25 * 3_600)
            let failed = gym.ended(.failed, age: 6 * 86_400), cancelled = gym.ended(.cancelled, age: 6 * 86_400)
            let longFailed = gym.ended(.failed, age: 8 * 86_400), longCancelled = gym.ended(.cancelled, age: 8 * 86_400)
            var waiting = gym.work()
            waiting.state = .waiting
            try await gym.enqueue([young, old, failed, cancelled, longFailed, longCancelled, waiting, gym.work()])
            try requireEqual(try await gym.archive(), ArchivedBatch(count: 3, last: old.id))
            try requireEqual(try await gym.archive(), ArchivedBatch(count: 0, last: nil))
            let other = Retention(completed: 3_600, failed: 5 * 86_400)
            try requireEqual(try await gym.archive(other), ArchivedBatch(count: 3, last: young.id))
        },
        StoreBehaviour("executions go to the history in batches, by id, each one once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let runs = (0..<5).map { gym.ended(.completed, age: 90_000 - Double($0)) }
            try await gym.enqueue(runs.shuffled())
            try requireEqual(
                try await gym.archive(after: runs[0].id, limit: 2), ArchivedBatch(count: 2, last: runs[2].id))
            try requireEqual(
                try await gym.archive(after: runs[3].id, limit: 2), ArchivedBatch(count: 1, last: runs[4].id))
            try requireEqual(try await gym.archive(limit: 9), ArchivedBatch(count: 2, last: runs[3].id))
            try requireEqual(try await gym.listed(), runs.reversed())
        },
        StoreBehaviour("of many processes that move executions to the history exactly one takes each") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let runs = (0..<60).map { gym.ended(.completed, age: 90_000 - Double($0)) }
            try await gym.enqueue(runs)
            let moved = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        var count = 0
                        while case let batch = try await gym.archive(limit: 7), batch.last != nil {
                            count += batch.count
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
            // Who finds nothing but what others have locked stops; nothing is left behind all the same.
            let rest = try await gym.archive(limit: 100)
            try requireEqual(moved + rest.count, runs.count)
            try requireEqual(try await gym.listed(), runs.reversed())
        },
        StoreBehaviour("an execution stays as long as it waits for another, or another for it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var waiting = gym.work()
            waiting.state = .waiting
            let child = gym.ended(.completed, age: 90_000, parent: waiting.id)
            let parent = gym.ended(.completed, age: 90_000)
            let open = gym.work(parent: parent.id)
            let sibling = gym.ended(.completed, age: 90_000, parent: parent.id)
            try await gym.enqueue([waiting, child, parent, open, sibling])
            try requireEqual(try await gym.archive(), ArchivedBatch(count: 1, last: sibling.id))
            try await gym.end(open.id)
            try await gym.end(waiting.id)
            try requireEqual(try await gym.archive().count, 2)
        },
        StoreBehaviour("one organisation's executions do not go with another's, nor are they seen by it") { stores in
            let mine = try await TestOrganization.make(in: stores)
            let theirs = try await TestOrganization.make(in: stores)
            let run = theirs.ended(.failed, age: 9 * 86_400)
            try await theirs.enqueue([run])
            try requireEqual(try await mine.archive(), ArchivedBatch(count: 0, last: nil))
            try requireEqual(try await theirs.archive().count, 1)
            try requireEqual(try await mine.listed(), [])
            try requireEqual(try await stores.executions.journals(of: [run.id], in: mine.scope), [])
            try await requireError(.notFound) { try await stores.executions.execution(run.id, in: mine.scope) }
            try await requireError(.notFound) {
                try await stores.executions.change(run.id, at: TestOrganization.start, in: mine.scope) { _ in nil }
            }
            try requireEqual(try await theirs.listed(), [run])
        },
    ]

    /// When everything has had its time that ended at the start, or is made now.
    private static var later: Date { max(TestOrganization.start, Date()) + 30 * 86_400 }

    private static let readings: [StoreBehaviour] = [
        StoreBehaviour("an execution in the history is read with its journal as it was, among others") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var run = try await gym.begunTurn()
            let steps = [0, 1].map { gym.step($0, of: run, kind: .tool, state: $0 == 0 ? .failed : .completed) }
            run.state = .completed
            run.output = ["text": "Done"]
            run.stepsTotal = 2
            run.completedAt = TestOrganization.start
            try await gym.record(ExecutionRecord(execution: run, steps: steps))
            let other = try await gym.begunTurn()
            let before = try await stores.executions.journals(of: [run.id, other.id], in: gym.scope)
            try requireEqual(try await gym.archive(at: later).count, 1)
            try requireEqual(try await stores.executions.execution(run.id, in: gym.scope), run)
            try requireEqual(
                try await stores.executions.journal(of: run.id, in: gym.scope), Journal(execution: run, steps: steps))
            try requireEqual(
                try await stores.executions.journals(of: [other.id, gym.id(), run.id], in: gym.scope), before)
        },
        StoreBehaviour("lists go on from one page to the next across the history, without a gap or a repeat") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let (task, parent): (WorkItemID, ExecutionID) = (gym.id(), gym.id())
            let runs = (0..<12).map { number in
                let state: ExecutionState = number.isMultiple(of: 4) ? .failed : .completed
                var run = gym.ended(
                    state, age: Double(12 - number) * 0.75 * 86_400,
                    parent: number.isMultiple(of: 2) ? parent : nil, task: number > 5 ? task : nil)
                if state == .failed { run.deadAt = run.completedAt }
                return run
            }
            try await gym.enqueue(runs)
            let filters = [
                ExecutionFilter(), ExecutionFilter(state: .completed), ExecutionFilter(state: .failed),
                ExecutionFilter(state: .queued), ExecutionFilter(task: task), ExecutionFilter(parent: parent),
                ExecutionFilter(state: .completed, task: task, parent: parent), ExecutionFilter(isDead: true),
            ]
            let before = try await gym.listed(filters)
            try requireEqual(before[0], runs.reversed())
            let first = try await stores.executions.list(
                ExecutionFilter(), PageRequest(limit: 5), in: gym.scope)
            // Three stay, one at the end and two among the others.
            try requireEqual(try await gym.archive().count, 9)
            try requireEqual(try await gym.listed(filters), before)
            let second = try await stores.executions.list(
                ExecutionFilter(), PageRequest(limit: 50, after: first.next), in: gym.scope)
            try requireEqual(first.items + second.items, runs.reversed())
        },
        StoreBehaviour(
            "lists by agent and by conversation show the history, and a deleted conversation is gone from it"
        ) {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            var run = try await gym.begunTurn()
            run.state = .completed
            run.completedAt = TestOrganization.start
            try await gym.record(ExecutionRecord(execution: run))
            let conversation = try unwrap(run.conversationId)
            try requireEqual(try await gym.archive(at: later).count, 1)
            let filters = [ExecutionFilter(agent: run.agentId), ExecutionFilter(conversation: conversation)]
            try requireEqual(try await gym.listed(filters), [[run], [run]])
            try await stores.conversations.delete(conversation, version: nil, in: gym.scope)
            let left = try await stores.executions.execution(run.id, in: gym.scope)
            try requireEqual(left.conversationId, nil)
            try requireEqual(try await gym.listed(filters), [[left], []])
        },
        StoreBehaviour("what is changed comes back from the history with its journal, and can be done again") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            var run = try await gym.begunTurn()
            let step = gym.step(0, of: run, kind: .tool, state: .failed)
            run.state = .failed
            run.deadAt = TestOrganization.start
            run.completedAt = run.deadAt
            try await gym.record(ExecutionRecord(execution: run, steps: [step]))
            try requireEqual(try await stores.queue.statistics(in: gym.scope).dead, 1)
            try requireEqual(try await gym.archive(at: later).count, 1)
            try requireEqual(try await stores.queue.statistics(in: gym.scope).dead, 0)
            try requireEqual(try await gym.listed(ExecutionFilter(isDead: true)), [run])
            // What is refused, and what changes nothing, leaves it as it was.
            try await requireThrows(LeaseLost.self) {
                try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) { _ in
                    throw LeaseLost()
                }
            }
            let same = try await stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) { _ in nil
            }
            try requireEqual(same, run)
            let old = Journal(execution: run, steps: [step])
            try requireEqual(try await stores.executions.journal(of: run.id, in: gym.scope), old)
            _ = try await gym.archive(at: later)
            let again = try await gym.again(run.id)
            try requireEqual(again.state, .queued)
            try requireEqual(again.signals, 1)
            try requireEqual(
                try await stores.executions.journal(of: run.id, in: gym.scope), Journal(execution: again, steps: [step])
            )
            try requireEqual(try await gym.listed(), [again])
            try requireEqual(try await stores.queue.statistics(in: gym.scope).ready, 1)
            try requireEqual(try await gym.archive(at: later).count, 0)
        },
        StoreBehaviour("a task knows how its last run ended when that is in the history") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Planner")
            let first = try await gym.task("First", for: agent)
            let second = try await gym.task("Second", for: agent, after: [first.id])
            let run = try await gym.start(first, by: agent)
            try await gym.end(run.id)
            let status = try await stores.tasks.status(of: first.id, in: gym.scope)
            let figures = try await stores.tasks.statistics(in: gym.scope)
            try requireEqual(status.state, .completed)
            try requireEqual(try await gym.archive(at: later).count, 1)
            try requireEqual(try await stores.tasks.status(of: first.id, in: gym.scope), status)
            try requireEqual(try await stores.tasks.statistics(in: gym.scope), figures)
            let listed = try await stores.tasks.list(WorkItemFilter(state: .completed), PageRequest(), in: gym.scope)
            try requireEqual(listed.items, [status])
            try requireEqual(try await gym.listed(ExecutionFilter(task: first.id)).map(\.id), [run.id])
            // What depends on it goes on.
            try requireEqual(try await gym.start(second, by: agent).state, .queued)
            let next = try await gym.start(first, by: agent)
            let now = try await stores.tasks.status(of: first.id, in: gym.scope)
            try requireEqual(now.lastRun?.id, next.id)
            try requireEqual(now.state, .queued)
        },
    ]

    /// Processes that are gone; each needs stores of its own, for they belong to no organisation.
    static let goneWorkers: [StoreBehaviour] = [
        StoreBehaviour("workers that have been dead for a day are forgotten, unless they still hold something") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let alive = try await gym.worker()
            _ = try await gym.worker(lease: .seconds(-86_300))
            let holding = try await gym.worker(lease: .seconds(-86_500))
            let forgotten = try await gym.worker(lease: .seconds(-86_500))
            _ = try await gym.begunTurn(worker: holding)
            try requireEqual(try await stores.queue.forgetWorkers(), 1)
            try requireEqual(try await stores.queue.forgetWorkers(), 0)
            // It is as if it had never been.
            try await stores.queue.register(forgotten, lease: .seconds(60))
            _ = try await stores.queue.rescue(limit: 9, at: TestOrganization.start, in: gym.scope)
            try requireEqual(try await stores.queue.forgetWorkers(), 1)
            try require(try await stores.queue.beat(alive, lease: .seconds(60)))
        }
    ]
}

extension TestOrganization {
    /// A run that ended so long before the start, not stored yet.
    fileprivate func ended(
        _ state: ExecutionState, age: TimeInterval, parent: ExecutionID? = nil, task: WorkItemID? = nil
    ) -> Execution {
        let end = Self.start - age
        var run = Execution(
            id: Identifier(RandomIDGenerator().uuid(at: end)), kind: .probe, state: state, attempt: 1,
            conversationId: nil, agentId: nil, agentVersion: nil, input: ["n": 1], taskId: task, parentId: parent,
            createdAt: end, startedAt: end, completedAt: end)
        if state == .failed { run.error = ExecutionError(code: "tool_failed", message: "No such member.") }
        return run
    }

    fileprivate func enqueue(_ runs: [Execution]) async throws {
        _ = try await stores.executions.enqueue(runs, receipt: nil, in: scope)
    }

    /// Moves to the history what has had its time at the start.
    fileprivate func archive(
        _ retention: Retention = .standard, after: ExecutionID? = nil, limit: Int = 100, at now: Date = start
    ) async throws -> ArchivedBatch {
        try await stores.history.archive(retention, after: after, limit: limit, at: now, in: scope)
    }

    /// All pages of a list.
    fileprivate func listed(_ filter: ExecutionFilter = ExecutionFilter()) async throws -> [Execution] {
        try await allPages(limit: 3) { try await stores.executions.list(filter, $0, in: scope) }
    }

    fileprivate func listed(_ filters: [ExecutionFilter]) async throws -> [[Execution]] {
        var lists: [[Execution]] = []
        for filter in filters { lists.append(try await listed(filter)) }
        return lists
    }

    /// Puts a failed one back into the queue.
    fileprivate func again(_ id: ExecutionID) async throws -> Execution {
        try await stores.executions.change(id, at: Self.start, in: scope) { journal in
            var execution = journal.execution
            execution.state = .queued
            execution.deadAt = nil
            execution.completedAt = nil
            return ExecutionChange(execution: execution)
        }
    }
}
