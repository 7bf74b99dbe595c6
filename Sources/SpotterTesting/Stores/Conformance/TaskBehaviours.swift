import Foundation
import SpotterDomain

extension StoreConformance {
    static let tasks: [StoreBehaviour] = taskChanges + taskRuns + taskLists

    private static let taskChanges: [StoreBehaviour] = [
        StoreBehaviour("every setting of a task comes back as it was") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task(for: agent)
            let rule = ScheduleRule(cron: "30 6 * * MON-FRI", overlap: .queue).resolved(timezone: "Europe/London")
            let settings = WorkItemSettings(
                title: "Grüße \"x\"", description: "100 % \\ _ 👋\n", requiredCapabilities: ["{x}", "b,c", "NULL"],
                input: ["a": [1, 2.5, nil], "b": ["c": true]], priority: .critical, kind: .message, schedule: rule,
                dependsOn: [first.id], maxAttempts: 7, backoffMs: 250, backoff: .linear, timeoutSeconds: 86_400,
                enabled: false, metadata: ["ä": "ö\"\n"])
            let item = WorkItem(
                id: gym.id(), version: 1, settings: settings, nextFireAt: TestOrganization.start + 60,
                createdAt: TestOrganization.start, updatedAt: TestOrganization.start + 1)
            let made = try await stores.tasks.create(item, start: nil, receipt: { _ in nil }, in: gym.scope)
            try requireEqual(made, WorkItemStatus(item: item))
            try requireEqual(try await stores.tasks.status(of: item.id, in: gym.scope), made)
        },
        StoreBehaviour("a task is kept with every default spelled out") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let item = WorkItem(
                id: gym.id(), version: 1, settings: WorkItemSettings(title: "Plain", agentId: agent.id),
                createdAt: TestOrganization.start, updatedAt: TestOrganization.start)
            _ = try await stores.tasks.create(item, start: nil, receipt: { _ in nil }, in: gym.scope)
            let stored = try await stores.tasks.status(of: item.id, in: gym.scope)
            try requireEqual(stored.item.settings, item.settings.resolved)
            try requireEqual(stored.state, .pending)
        },
        StoreBehaviour("that a task is made, changed or deleted stands in the log, also where it never runs") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let maker: ExecutionID = gym.id()
            let item = gym.draftTask(for: agent)
            _ = try await stores.tasks.create(item, start: nil, by: maker, receipt: { _ in nil }, in: gym.scope)
            let next = item.next { $0.title = "Other" }
            _ = try await stores.tasks.update(next, planned: .keep, in: gym.scope)
            try await requireError(.preconditionFailed) {
                try await stores.tasks.update(next, planned: .keep, in: gym.scope)
            }
            try await requireError(.preconditionFailed) {
                try await stores.tasks.delete(item.id, version: 1, at: TestOrganization.start, in: gym.scope)
            }
            try await stores.tasks.delete(item.id, version: 2, at: TestOrganization.start, in: gym.scope)
            let log = try await stores.events.events(after: 0, execution: nil, limit: 99, in: gym.scope)
                .filter { $0.data["task_id"]?.string == item.id.description }
            try requireEqual(log.map(\.type), ["task.created", "task.changed", "task.deleted"])
            try requireEqual(log.map { $0.data["version"] }, [1, 2, 2])
            try requireEqual(log.map(\.execution), [maker, nil, nil])
        },
        StoreBehaviour("of many changes of one version of a task at once exactly one is made") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let item = try await gym.task(for: agent)
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        do {
                            try await gym.change(item) { $0.title = "Title \(number)" }
                            return true
                        } catch let error as SpotterError where error.code == .preconditionFailed { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try requireEqual(made, 1)
            try requireEqual(try await stores.tasks.status(of: item.id, in: gym.scope).item.version, 2)
        },
        StoreBehaviour("a used idempotency key comes before every other complaint about a task") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let item = gym.draftTask(for: agent)
            _ = try await stores.tasks.create(item, start: nil, receipt: { _ in gym.receipt("a") }, in: gym.scope)
            let broken = gym.draftTask(for: agent, after: [gym.id()])
            try await requireThrows(ReceiptExists.self) {
                try await stores.tasks.create(broken, start: nil, receipt: { _ in gym.receipt("a") }, in: gym.scope)
            }
            try await requireThrows(ReceiptExists.self) {
                try await stores.tasks.start(
                    gym.draftRun(of: gym.draftTask(for: agent), by: agent), receipt: gym.receipt("a"), in: gym.scope)
            }
            // A request that fails for itself leaves its key unused.
            try await requireError(.invalid) {
                try await stores.tasks.create(broken, start: nil, receipt: { _ in gym.receipt("b") }, in: gym.scope)
            }
            try requireEqual(try await stores.receipts.receipt(forKey: "b", in: gym.scope), nil)
        },
        StoreBehaviour("the receipt of a task that is created with a blocked run says so") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let first = try await gym.task(for: agent)
            let item = gym.draftTask(for: agent, after: [first.id])
            let made = try await stores.tasks.create(
                item, start: gym.draftRun(of: item, by: agent),
                receipt: { status in
                    Receipt(
                        key: "k", fingerprint: [],
                        response: .init(status: 201, body: Array(status.state.rawValue.utf8)),
                        createdAt: TestOrganization.start)
                }, in: gym.scope)
            try requireEqual(made.state, .blocked)
            try requireEqual(try await stores.tasks.status(of: item.id, in: gym.scope), made)
            let receipt = try unwrap(try await stores.receipts.receipt(forKey: "k", in: gym.scope))
            try requireEqual(receipt.response?.body, Array("blocked".utf8))
        },
        StoreBehaviour("another organisation's tasks do not exist") { stores in
            let mine = try await TestOrganization.make(in: stores)
            let theirs = try await TestOrganization.make(in: stores)
            let agent = try await theirs.agent(named: "Coach")
            let own = try await mine.agent(named: "Coach")
            let item = try await theirs.task(for: agent)
            try await requireError(.notFound) { try await stores.tasks.status(of: item.id, in: mine.scope) }
            try await requireError(.notFound) {
                try await stores.tasks.delete(item.id, version: nil, at: TestOrganization.start, in: mine.scope)
            }
            let next = item.next { $0.title = "Stolen" }
            try await requireError(.notFound) { try await stores.tasks.update(next, planned: .keep, in: mine.scope) }
            try await requireError(.notFound) {
                try await stores.tasks.start(mine.draftRun(of: item, by: own), receipt: nil, in: mine.scope)
            }
            let dependent = mine.draftTask(for: own, after: [item.id])
            let error = try await requireError(.invalid) {
                try await stores.tasks.create(dependent, start: nil, receipt: { _ in nil }, in: mine.scope)
            }
            try requireEqual(error.issues.map(\.pointer), ["/depends_on/0"])
            try requireEqual(try await stores.tasks.list(WorkItemFilter(), PageRequest(), in: mine.scope).items, [])
            try requireEqual(try await stores.tasks.statistics(in: mine.scope), WorkItemStatistics())
            try requireEqual(try await stores.tasks.status(of: item.id, in: theirs.scope), WorkItemStatus(item: item))
        },
    ]

    private static let taskRuns: [StoreBehaviour] = [
        StoreBehaviour("a run of a task goes into the queue, and the task stands as it does") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let item = try await gym.task(for: agent)
            let run = try await gym.start(item, by: agent)
            try requireEqual(run.state, .queued)
            try requireEqual(try await stores.executions.execution(run.id, in: gym.scope), run)
            for state in [ExecutionState.waiting, .paused, .completed, .failed, .cancelled] {
                let run = try await gym.start(item, by: agent)
                _ = try await gym.end(run.id, state)
                let status = try await stores.tasks.status(of: item.id, in: gym.scope)
                try requireEqual(status.state.rawValue, state.rawValue)
                try requireEqual(status.lastRun?.id, run.id)
            }
            try requireEqual(try await stores.tasks.status(of: item.id, in: gym.scope).executionsCount, 6)
            let history = try await stores.executions.list(
                ExecutionFilter(task: item.id), PageRequest(), in: gym.scope)
            try requireEqual(history.items.count, 6)
            try requireEqual(history.items.last?.id, run.id)
        },
        StoreBehaviour("a planned run waits for its time, and another plan takes its place") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let times = [1, 2, 3].map { TestOrganization.start + $0 * 86_400_000 }
            let item = gym.draftTask(for: agent, runAt: times[0])
            let first = try gym.draftRun(of: item, by: agent, at: times[0])
            let made = try await stores.tasks.create(item, start: first, receipt: { _ in nil }, in: gym.scope)
            try requireEqual(made.state, .scheduled)
            try requireEqual(made.nextRunAt, times[0])
            try requireEqual(try await stores.tasks.status(of: item.id, in: gym.scope), made)
            let moved = item.next { $0.runAt = times[1] }
            let second = try gym.draftRun(of: moved, by: agent, at: times[1])
            let status = try await stores.tasks.update(moved, planned: .replace(second), in: gym.scope)
            try requireEqual(status.nextRunAt, times[1])
            try requireEqual(status.executionsCount, 2)
            try requireEqual(try await stores.executions.execution(first.id, in: gym.scope).state, .cancelled)
            // A run by hand in between does not change the plan.
            let byHand = try await gym.start(item, by: agent)
            _ = try await gym.end(byHand.id)
            let between = try await stores.tasks.status(of: item.id, in: gym.scope)
            try requireEqual(between.state, .scheduled)
            try requireEqual(between.nextRunAt, times[1])
            let dropped = try await stores.tasks.update(
                moved.next { $0.runAt = nil }, planned: .replace(nil), in: gym.scope)
            try requireEqual(dropped.state, .completed)
            try requireEqual(dropped.nextRunAt, nil)
            try requireEqual(try await stores.executions.execution(second.id, in: gym.scope).state, .cancelled)
            let events = try await stores.events.events(after: 0, execution: nil, limit: 99, in: gym.scope)
            try requireEqual(events.count { $0.type == "task.scheduled" }, 2)
        },
        StoreBehaviour("a deleted task is found nowhere, and its runs that have not begun are cancelled") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let item = try await gym.task(for: agent)
            let done = try await gym.start(item, by: agent)
            _ = try await gym.end(done.id)
            let queued = try await gym.start(item, by: agent)
            let dependent = try await gym.task("After it", for: agent, after: [item.id])
            func delete(_ item: WorkItem, version: Int? = nil) async throws {
                try await stores.tasks.delete(item.id, version: version, at: TestOrganization.start, in: gym.scope)
            }
            let error = try await requireError(.conflict) { try await delete(item) }
            try require(error.message.contains(dependent.id.description))
            try await requireError(.preconditionFailed) { try await delete(dependent, version: 2) }
            try await delete(dependent, version: 1)
            try await delete(item)
            try await requireError(.notFound) { try await delete(item) }
            try await requireError(.notFound) { try await stores.tasks.status(of: item.id, in: gym.scope) }
            try await requireError(.notFound) { try await gym.start(item, by: agent) }
            try await requireError(.notFound) { try await gym.change(item) { $0.title = "x" } }
            try await requireError(.invalid) { try await gym.task("x", for: agent, after: [item.id]) }
            try requireEqual(try await stores.tasks.statistics(in: gym.scope), WorkItemStatistics())
            try requireEqual(try await stores.executions.execution(done.id, in: gym.scope).state, .completed)
            try requireEqual(try await stores.executions.execution(queued.id, in: gym.scope).state, .cancelled)
        },
    ]

    private static let taskLists: [StoreBehaviour] = [
        StoreBehaviour("tasks are listed newest first, and found by words, agent and state") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (coach, desk) = (try await gym.agent(named: "Coach"), try await gym.agent(named: "Desk"))
            var items: [WorkItem] = []
            for number in 0..<5 { items.append(try await gym.task("Report \(number)", for: coach)) }
            let other = try await gym.task("Ünser 100%", for: desk)
            let run = try await gym.start(items[1], by: coach)
            _ = try await gym.end(run.id, .failed)
            _ = try await gym.start(items[2], by: coach)
            _ = try await gym.start(items[3], by: coach, at: TestOrganization.start + 86_400_000)
            func titles(_ filter: WorkItemFilter) async throws -> [String] {
                try await stores.tasks.list(filter, PageRequest(), in: gym.scope).items.map(\.item.settings.title)
            }
            let all = try await allPages(limit: 2) { page in
                try await stores.tasks.list(WorkItemFilter(), page, in: gym.scope)
            }
            try requireEqual(all.map(\.item.id), [other.id] + items.reversed().map(\.id))
            try requireEqual(try await titles(WorkItemFilter(search: "REPORT 3")), ["Report 3"])
            try requireEqual(try await titles(WorkItemFilter(search: "ünser 100%")), ["Ünser 100%"])
            try requireEqual(try await titles(WorkItemFilter(agent: desk.id)), ["Ünser 100%"])
            try requireEqual(try await titles(WorkItemFilter(state: .failed)), ["Report 1"])
            try requireEqual(try await titles(WorkItemFilter(state: .queued)), ["Report 2"])
            try requireEqual(try await titles(WorkItemFilter(state: .scheduled)), ["Report 3"])
            try requireEqual(try await titles(WorkItemFilter(state: .pending, agent: coach.id)).count, 2)
            var expected = WorkItemStatistics()
            for (state, count) in [(WorkItemState.pending, 3), (.failed, 1), (.queued, 1), (.scheduled, 1)] {
                expected.add(count, in: state)
            }
            try requireEqual(try await stores.tasks.statistics(in: gym.scope), expected)
            try requireEqual(expected.total, 6)
        },
        StoreBehaviour("a task with a schedule is scheduled while it is enabled") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Coach")
            let rule = ScheduleRule(cron: "@daily").resolved(timezone: "UTC")
            var item = gym.draftTask(for: agent, schedule: rule)
            item.nextFireAt = TestOrganization.start + 60
            _ = try await stores.tasks.create(item, start: nil, receipt: { _ in nil }, in: gym.scope)
            func ids(_ state: WorkItemState) async throws -> [WorkItemID] {
                try await stores.tasks.list(WorkItemFilter(state: state), PageRequest(), in: gym.scope).items
                    .map(\.item.id)
            }
            try requireEqual(try await ids(.scheduled), [item.id])
            try await gym.change(item) { $0.enabled = false }
            try requireEqual(try await ids(.scheduled), [])
            try requireEqual(try await ids(.pending), [item.id])
            try requireEqual(try await stores.tasks.status(of: item.id, in: gym.scope).nextRunAt, nil)
        },
    ]
}

extension WorkItem {
    /// The next version of it.
    func next(_ edit: (inout WorkItemSettings) -> Void) -> WorkItem {
        var settings = settings
        edit(&settings)
        return WorkItem(
            id: id, version: version + 1, settings: settings, nextFireAt: nextFireAt, lastFireAt: lastFireAt,
            createdAt: createdAt, updatedAt: TestOrganization.start + Double(version))
    }
}

extension TestOrganization {
    /// Stores the next version of `item`.
    @discardableResult
    func change(_ item: WorkItem, _ edit: (inout WorkItemSettings) -> Void) async throws -> WorkItemStatus {
        try await stores.tasks.update(item.next(edit), planned: .keep, in: scope)
    }
}
