public import Foundation

/// Decides what becomes of tasks that are due. No database and no clock: the store that asks has locked the tasks, and
/// writes what comes out in the same transaction.
public struct FirePlanner: Sendable {
    private let ids: any IDGenerator

    /// - Parameter ids: for the runs.
    public init(ids: any IDGenerator) { self.ids = ids }

    /// - Parameters:
    ///   - agents: those that the tasks name, and where a task names none, all that are enabled.
    ///   - now: the database's time.
    public func plan(_ task: DueTask, agents: [Agent], at now: Date) throws -> FirePlan {
        var plan = FirePlan(task.item)
        guard let slot = task.item.nextFireAt else { return plan }
        guard let schedule = try? task.item.readSchedule() else {
            plan.item.nextFireAt = nil
            plan.fires = Self.new([ScheduleFire(slot, skipped: .unreadable, at: now)], task)
            return plan
        }
        let due = schedule.due(slot, now: now)
        plan.item.nextFireAt = due.nextSlot
        var fires = due.skipped.map { ScheduleFire($0.slot, skipped: .init($0.reason), at: now) }
        if let range = due.skippedBefore {
            fires.append(ScheduleFire(range.lowerBound, through: range.upperBound, skipped: .tooMany, at: now))
        }
        let agent = Self.agent(for: task.item.settings, among: agents)
        let overlap = schedule.rule.overlap ?? .skip
        var queue = RunQueue(task.openRuns)
        for slot in due.run where !task.decided.contains(slot) {
            guard let agent else {
                fires.append(ScheduleFire(slot, skipped: .noAgent, at: now))
                continue
            }
            // Each would be cancelled by the next at once.
            if overlap == .cancelRunning, slot != due.run.last {
                fires.append(ScheduleFire(slot, skipped: .superseded, at: now))
                continue
            }
            switch queue.admit(overlap) {
            case .skip: fires.append(ScheduleFire(slot, skipped: .overlap, at: now))
            case let admitted:
                if admitted == .cancelThenStart { plan.cancelled = task.openRuns.map(\.id) }
                let run = try run(of: task, at: slot, by: agent, waits: queue.lastWaits, now)
                queue.add(run)
                plan.runs.append(run)
                plan.item.lastFireAt = slot
                fires.append(ScheduleFire(slot, ranAs: run.id, at: now))
            }
        }
        plan.fires = Self.new(fires, task)
        return plan
    }

    /// Those that are not written down yet, in order.
    private static func new(_ fires: [ScheduleFire], _ task: DueTask) -> [ScheduleFire] {
        fires.filter { !task.decided.contains($0.fireAt) }.sorted { $0.fireAt < $1.fireAt }
    }

    private static func agent(for settings: WorkItemSettings, among agents: [Agent]) -> Agent? {
        guard let id = settings.agentId else {
            return Agent.best(for: settings.requiredCapabilities ?? [], among: agents)
        }
        return agents.first { $0.id == id && ($0.settings.enabled ?? true) }
    }

    private func run(
        of task: DueTask, at slot: Date, by agent: Agent, waits: Bool, _ now: Date
    ) throws -> Execution {
        // The slot names the run; that it is there once is held by the record of the fire, and by this key too.
        let key = "schedule:\(task.item.id):\(Int64((slot.timeIntervalSince1970 * 1_000).rounded()))"
        let run = try task.item.execution(ids.id(at: now), by: agent, uniqueKey: key, at: now)
        if waits { return run.waitingForPreviousRun }
        return task.isDependent ? run.judged(.blocked, at: now) : run
    }
}

/// The runs of one task that are not over, as its new ones come in.
private struct RunQueue {
    private var running: Int
    private var waiting: Int
    /// Runs that a process holds: they end a little after they are cancelled.
    private let held: Int
    /// Whether the one that was admitted last waits for those before it.
    private(set) var lastWaits = false

    init(_ open: [DueTask.OpenRun]) {
        waiting = open.count { $0.isNext }
        running = open.count - waiting
        held = open.count { $0.state == .running }
    }

    mutating func admit(_ overlap: ScheduleRule.Overlap) -> ScheduleRule.Overlap.Decision {
        let decision = overlap.decide(running: running, waiting: waiting)
        lastWaits = decision == .wait || (decision == .cancelThenStart && held > 0)
        return decision
    }

    mutating func add(_ run: Execution) {
        guard !run.state.isTerminal else { return }
        if lastWaits { waiting += 1 } else { running += 1 }
    }
}
