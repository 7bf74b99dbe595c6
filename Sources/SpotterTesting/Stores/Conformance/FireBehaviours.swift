import Foundation
import SpotterDomain

extension StoreConformance {
    /// How schedules fire, in an organisation of one's own.
    static let fires: [StoreBehaviour] = fireWrites + firePolicies

    private static let fireWrites: [StoreBehaviour] = [
        StoreBehaviour("a slot becomes a run, a record, an event and the next slot, all at once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(overlap: .allow)
            let report = try await gym.fire(item)
            try requireEqual(report.fired, 1)
            let run = try unwrap(report.plans.first?.runs.first)
            try requireEqual(try await stores.executions.execution(run.id, in: gym.scope).state, .queued)
            let status = try await stores.tasks.status(of: item.id, in: gym.scope)
            try requireEqual(status.lastRun?.id, run.id)
            try requireEqual(status.executionsCount, 1)
            try requireEqual(status.item.lastFireAt, item.nextFireAt)
            try require(try unwrap(status.item.nextFireAt) > Date())
            try requireEqual(status.item.version, 1)
            let fire = try unwrap(try await gym.fires(of: item).first)
            try requireEqual(fire.fireAt, item.nextFireAt)
            try requireEqual(fire.outcome, .fired)
            try requireEqual(fire.executionId, run.id)
            let log = try await stores.events.events(after: 0, execution: run.id, limit: 9, in: gym.scope)
            try requireEqual(log.map(\.type), ["task.scheduled", "execution.queued"])
            try requireEqual(log.first?.data["outcome"], "fired")
            try requireEqual(
                log.first?.data["next_run_at"], status.item.nextFireAt.map { .string(Timestamp.string(from: $0)) })
        },
        StoreBehaviour("what became of slots is forgotten after its time, and not before a month") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let now = Date()
            let ages: [TimeInterval] = [100, 45, 35, 10]
            var items: [WorkItem] = []
            for age in ages {
                let item = try await gym.scheduled(at: now - age * 86_400, overlap: .allow)
                _ = try await gym.fire([item.id], at: now - age * 86_400 + 1)
                items.append(item)
            }
            func forget(before days: TimeInterval, limit: Int = 9) async throws -> Int {
                try await stores.fires.forget(before: now - days * 86_400, limit: limit, in: gym.scope)
            }
            try requireEqual(try await forget(before: 90), 1)
            try requireEqual(try await gym.fires(of: items[0]), [])
            // However much is asked for, and the oldest first.
            try requireEqual(try await forget(before: 0, limit: 1), 1)
            try requireEqual(try await gym.fires(of: items[1]), [])
            try requireEqual(try await forget(before: 0), 1)
            try requireEqual(try await forget(before: 0), 0)
            try requireEqual(try await gym.fires(of: items[3]).count, 1)
        },
        StoreBehaviour("of many that fire the same tasks at once, each task fires once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var items: [WorkItem] = []
            for _ in 0..<12 { items.append(try await gym.scheduled(overlap: .allow)) }
            let ids = items.map(\.id)
            let fired = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await gym.fire(ids.shuffled()).fired } }
                return try await group.reduce(0, +)
            }
            // What others were at was left out, and is fired by whoever looks next.
            let rest = try await gym.fire(ids).fired
            try requireEqual(fired + rest, ids.count)
            for item in items {
                try requireEqual(try await gym.fires(of: item).count, 1)
                let runs = try await stores.executions.list(
                    ExecutionFilter(task: item.id), PageRequest(), in: gym.scope)
                try requireEqual(runs.items.count, 1)
            }
        },
        StoreBehaviour("when the plan fails nothing was written, and the slot fires with the next look") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (first, second) = (try await gym.scheduled(), try await gym.scheduled())
            let planner = FirePlanner(ids: RandomIDGenerator())
            try await requireThrows(LeaseLost.self) {
                try await stores.fires.fire([first.id, second.id], in: gym.scope) { task, agents, now in
                    if task.item.id == second.id { throw LeaseLost() }
                    return try planner.plan(task, agents: agents, at: now)
                }
            }
            try requireEqual(try await gym.fires(of: first), [])
            try requireEqual(try await stores.tasks.status(of: first.id, in: gym.scope).lastRun, nil)
            try requireEqual(try await gym.fire([first.id, second.id]).fired, 2)
        },
        StoreBehaviour("a slot that was decided on before is not decided on again, whatever the task says") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(overlap: .allow)
            _ = try await gym.fire(item)
            // A clock that is behind has set the task back.
            var late = item.next { _ in }
            late.nextFireAt = item.nextFireAt
            _ = try await stores.tasks.update(late, planned: .keep, in: gym.scope)
            let report = try await gym.fire(item)
            try requireEqual(report.fired, 0)
            try requireEqual(report.plans.count, 1)
            try requireEqual(try await gym.fires(of: item).count, 1)
            try require(try unwrap(try await stores.tasks.status(of: item.id, in: gym.scope).item.nextFireAt) > Date())
        },
        StoreBehaviour("what is not due, disabled, deleted, unknown or another's does not fire") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let (later, off, gone) = (
                try await gym.scheduled(at: Date() + 3_600), try await gym.scheduled(), try await gym.scheduled()
            )
            try await gym.change(off) { $0.enabled = false }
            try await stores.tasks.delete(gone.id, version: nil, at: TestOrganization.start, in: gym.scope)
            let theirs = try await other.scheduled()
            try requireEqual(try await stores.fires.due(limit: 9, in: gym.scope), [])
            try requireEqual(try await gym.fire([later.id, off.id, gone.id, theirs.id, gym.id()]).plans, [])
            try requireEqual(try await stores.fires.due(limit: 9, in: other.scope), [theirs.id])
            try await requireError(.notFound) {
                try await stores.fires.fires(of: theirs.id, PageRequest(), in: gym.scope)
            }
        },
        StoreBehaviour("nothing fires while the scheduler is stopped, and what fell due is decided on afterwards") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled()
            try await stores.fires.setState(.stopped, at: TestOrganization.start, in: gym.scope)
            try requireEqual(try await gym.fire(item).plans, [])
            var status = try await stores.fires.status(coming: 5, in: gym.scope)
            try requireEqual(status.state, .stopped)
            try requireEqual([status.scheduled, status.due], [1, 1])
            try requireEqual(status.coming.map(\.task), [item.id])
            try requireEqual(status.coming.first?.fireAt, item.nextFireAt)
            try await stores.fires.setState(.running, at: TestOrganization.start, in: gym.scope)
            try requireEqual(try await gym.fire(item).fired, 1)
            status = try await stores.fires.status(coming: 5, in: gym.scope)
            try requireEqual([status.scheduled, status.due], [1, 0])
        },
        StoreBehaviour("the history of fires is given newest first, page by page") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let item = try await gym.scheduled(
                "* * * * * *", at: Date() - 5, catchUp: .all, overlap: .allow)
            _ = try await gym.fire(item)
            let all = try await gym.fires(of: item)
            try require(all.count >= 5)
            try requireEqual(all.map(\.fireAt), all.map(\.fireAt).sorted(by: >))
            var (seen, after) = ([ScheduleFire](), Cursor?.none)
            repeat {
                let page = try await stores.fires.fires(
                    of: item.id, PageRequest(limit: 2, after: after), in: gym.scope)
                seen += page.items
                after = page.next
            } while after != nil
            try requireEqual(seen, all)
            try await requireError(.invalid) {
                try await stores.fires.fires(
                    of: item.id, PageRequest(limit: 2, after: Cursor(item.id.uuid)), in: gym.scope)
            }
        },
    ]
}

extension TestOrganization {
    /// Stores a task that fires by a schedule, from the slot at `date` on: by default once a year, a moment ago.
    func scheduled(
        _ cron: String? = nil, at date: Date = Date() - 1, catchUp: ScheduleRule.CatchUp = .latest,
        overlap: ScheduleRule.Overlap = .skip, jitter: Int = 0, after dependencies: [WorkItemID] = [],
        capabilities: [String]? = nil
    ) async throws -> WorkItem {
        let agent = try await agent(named: "Agent \(word())")
        let rule = ScheduleRule(
            cron: cron ?? Self.yearly(at: date), timezone: "UTC", overlap: overlap, catchUp: catchUp,
            jitterSeconds: jitter)
        var item = draftTask(for: agent, after: dependencies, schedule: rule.resolved(timezone: "UTC"))
        if let capabilities { (item.settings.agentId, item.settings.requiredCapabilities) = (nil, capabilities) }
        item.nextFireAt = try item.readSchedule()?.nextSlot(after: date - 1)
        _ = try await stores.tasks.create(item, start: nil, receipt: { _ in nil }, in: scope)
        return item
    }

    /// Lets a task that has fired fire again at `date`.
    func again(_ item: WorkItem, at date: Date) async throws {
        let current = try await stores.tasks.status(of: item.id, in: scope).item
        var next = current.next { $0.schedule?.cron = Self.yearly(at: date) }
        next.nextFireAt = try next.readSchedule()?.nextSlot(after: date - 1)
        _ = try await stores.tasks.update(next, planned: .keep, in: scope)
    }

    /// The second that `date` is in, every year.
    private static func yearly(at date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? calendar.timeZone
        let parts = calendar.dateComponents([.month, .day, .hour, .minute, .second], from: date)
        let numbers = [parts.second, parts.minute, parts.hour, parts.day, parts.month]
        return numbers.map { "\($0 ?? 0)" }.joined(separator: " ") + " *"
    }

    /// Fires tasks, if they are due.
    /// - Parameter date: when they are said to fire; nil means now.
    func fire(_ tasks: [WorkItemID], at date: Date? = nil) async throws -> FireReport {
        let planner = FirePlanner(ids: RandomIDGenerator())
        return try await stores.fires.fire(tasks, in: scope) { try planner.plan($0, agents: $1, at: date ?? $2) }
    }

    func fire(_ item: WorkItem) async throws -> FireReport { try await fire([item.id]) }

    /// What became of a task's slots, newest first.
    func fires(of item: WorkItem) async throws -> [ScheduleFire] {
        try await stores.fires.fires(of: item.id, PageRequest(limit: 200), in: scope).items
    }
}
