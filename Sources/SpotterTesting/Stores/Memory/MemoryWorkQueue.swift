import Foundation
import SpotterDomain

/// The queue in memory. The stores' clock decides who lives and what is due.
struct MemoryWorkQueue: WorkQueue, Heartbeat {
    let database: MemoryDatabase

    // MARK: Workers

    func register(_ worker: WorkerID, lease: Duration) throws {
        let until = database.clock.now() + lease
        try database.everything { state in
            guard state.workers[worker] == nil else {
                throw SpotterError(.conflict, "There is already a worker with this id.")
            }
            state.workers[worker] = until
        }
    }

    func beat(_ worker: WorkerID, lease: Duration) throws -> Bool {
        let now = database.clock.now()
        return database.everything { state in
            guard state.isAlive(worker, at: now) else { return false }
            state.workers[worker] = now + lease
            return true
        }
    }

    func leave(_ worker: WorkerID) throws {
        database.everything { $0.workers[worker] = nil }
    }

    func forgetWorkers() async throws -> Int {
        let end = database.clock.now() - 86_400
        return database.everything { state in
            let holders = Set(state.organizations.values.flatMap { $0.executions.values.compactMap(\.worker) })
            let gone = state.workers.filter { $0.value < end && !holders.contains($0.key) }.keys
            for worker in gone { state.workers[worker] = nil }
            return gone.count
        }
    }

    // MARK: Across organisations

    func claim(_ wanted: Int, for worker: WorkerID, after: OrganizationID?) async throws -> [Claim] {
        let now = database.clock.now()
        return database.everything { state in
            guard state.isAlive(worker, at: now) else { return [] }
            let all = state.organizations.keys.sorted()
            var claims: [Claim] = []
            /// Takes a share of each in turn; false when nothing was to be had.
            func goRound(_ round: [OrganizationID]) -> Bool {
                let before = claims.count
                for organization in round {
                    let share = min(wanted - claims.count, max(1, wanted / 8))
                    let taken = state.organizations[organization]?.claim(share, for: worker, at: now) ?? []
                    claims += taken.map {
                        Claim(organization: organization, execution: $0.execution.id, attempt: $0.execution.attempt)
                    }
                }
                return claims.count > before
            }
            // First those behind `after`, then all again and again.
            _ = goRound(all.filter { id in after.map { $0 < id } ?? true })
            while claims.count < wanted, goRound(all) {}
            return claims
        }
    }

    func wakeDue() async throws -> Woken {
        let now = database.clock.now()
        return database.everything { state in
            state.organizations.keys.reduce(into: Woken()) { woken, organization in
                woken.ready += state.organizations[organization]?.wake(at: now) ?? 0
                let isToBeJudged = !(state.organizations[organization]?.dueToBeJudged(at: now).isEmpty ?? true)
                if isToBeJudged { woken.toJudge.append(organization) }
            }
        }
    }

    func judgeDue(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        let clock = database.clock.now()
        return try database.write(scope) { records in
            let due = records.dueToBeJudged(at: clock).prefix(max(limit, 0))
            let blocked = due.compactMap { run in run.taskId.map { (id: run.id, task: $0) } }
            for run in due { records.executions[run.id]?.execution = run.judged(.blocked, at: now) }
            let events = records.judge(blocked.map(\.task), orDependentsOf: [], at: now, clock: clock)
            let judged = Set(events.compactMap(\.execution))
            let waiting = blocked.filter { !judged.contains($0.id) }
                .map { Execution.blockedEvent(of: $0.id, task: $0.task) }
            _ = records.append(waiting + events, at: now)
            return due.count
        }
    }

    func organizationsToRescue() async throws -> [OrganizationID] {
        let now = database.clock.now()
        return database.everything { state in
            state.organizations.filter { !$0.value.leftBehind(at: now, state).isEmpty }.map(\.key)
        }
    }

    func requested(of worker: WorkerID) async throws -> [Claim.Name] {
        database.everything { state in
            state.organizations.flatMap { organization, records in
                records.executions.values
                    .filter { $0.worker == worker && $0.execution.requested != nil }
                    .map { Claim.Name(organization: organization, execution: $0.execution.id) }
            }
        }
    }

    func orphans(limit: Int, after: Claim.Name?) async throws -> [Claim.Name] {
        database.everything { state in
            let names = state.organizations.flatMap { organization, records in
                records.orphans.map { Claim.Name(organization: organization, execution: $0) }
            }
            let rest = names.sorted { ($0.organization, $0.execution) < ($1.organization, $1.execution) }
                .filter { name in
                    after.map { ($0.organization, $0.execution) < (name.organization, name.execution) } ?? true
                }
            return Array(rest.prefix(max(limit, 0)))
        }
    }

    // MARK: Of one organisation

    func rescue(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Rescue {
        let clock = database.clock.now()
        return try database.everything { state in
            guard var records = state.organizations[scope.organization] else { return Rescue() }
            let ids = Array(records.leftBehind(at: clock, state).prefix(max(limit, 0)))
            for id in ids { records.executions[id]?.leaveBehind(at: clock, recordedAt: now) }
            let found = ids.compactMap { records.executions[$0]?.execution }
            func those(_ state: ExecutionState) -> [ExecutionID] { found.filter { $0.state == state }.map(\.id) }
            let rescue = Rescue(requeued: those(.queued), dead: those(.failed), cancelled: those(.cancelled))
            let ended = found.filter(\.state.isTerminal)
            records.signal(ended.compactMap(\.parentId), at: clock)
            _ = records.passOn(after: ended, at: clock)
            records.endCalls(ended, at: clock)
            let judged = records.judge([], orDependentsOf: ended.compactMap(\.taskId), at: now, clock: clock)
            _ = try records.chargeLost(of: ids, limit: .max, at: now, in: scope)
            _ = records.append(rescue.events + judged, at: now)
            state.organizations[scope.organization] = records
            return rescue
        }
    }

    func statistics(in scope: OrganizationScope) async throws -> QueueStatistics {
        let now = database.clock.now()
        return try database.write(scope) { $0.statistics(at: now) }
    }

    func setPaused(_ isPaused: Bool, at now: Date, in scope: OrganizationScope) async throws {
        try database.write(scope) { $0.queue.pausedAt = isPaused ? $0.queue.pausedAt ?? now : nil }
    }

    func setLimits(maxRunning: Int, startsPerMinute: Int?, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            records.queue.maxRunning = maxRunning
            records.queue.startsPerMinute = startsPerMinute
        }
    }
}

extension OrganizationRecords {
    /// What an organisation may have going at once, and its allowance of starts.
    struct Queue: Sendable {
        var maxRunning = 100
        var startsPerMinute: Int? = 100
        var pausedAt: Date?
        /// A token bucket that holds one minute's starts; full at first.
        var tokens = Double.infinity
        var refilledAt = Date.distantPast
    }

    /// Takes up to `share` of the ready ones, within the cap and the allowance.
    fileprivate mutating func claim(_ share: Int, for worker: WorkerID, at now: Date) -> [StoredExecution] {
        guard queue.pausedAt == nil else { return [] }
        let room = min(share, queue.maxRunning - executions.values.count { $0.worker != nil })
        guard room > 0 else { return [] }
        let ready = executions.values.filter { $0.placeAt != nil }.sorted(by: Self.areInOrder).prefix(room)
        let starts = ready.filter { $0.execution.attempt == 0 }.prefix(takeAllowance(at: now))
        queue.tokens -= Double(starts.count)
        let allowed = Set(starts.map(\.execution.id))
        return ready.filter { $0.execution.attempt > 0 || allowed.contains($0.execution.id) }.map { stored in
            var taken = stored
            taken.hand(to: worker, at: now)
            executions[taken.execution.id] = taken
            return taken
        }
    }

    private static func areInOrder(_ left: StoredExecution, _ right: StoredExecution) -> Bool {
        (left.placeAt ?? .distantFuture, left.execution.id) < (right.placeAt ?? .distantFuture, right.execution.id)
    }

    /// Fills the bucket up to `now`; returns how many may begin.
    private mutating func takeAllowance(at now: Date) -> Int {
        guard let limit = queue.startsPerMinute.map(Double.init) else { return .max }
        let refill = now.timeIntervalSince(queue.refilledAt) * limit / 60
        queue.tokens = min(limit, queue.tokens + refill)
        queue.refilledAt = now
        return Int(max(queue.tokens, 0))
    }

    fileprivate mutating func wake(at now: Date) -> Int {
        let toBeJudged = Set(dueToBeJudged(at: now).map(\.id))
        let due = executions.values.filter { stored in
            stored.execution.wakeAt.map { $0 <= now } ?? false && !toBeJudged.contains(stored.execution.id)
        }
        for stored in due { executions[stored.execution.id]?.makeReady(at: stored.execution.wakeAt ?? now) }
        return due.count
    }

    /// Runs whose time has come and whose tasks depend on others, the first first.
    fileprivate func dueToBeJudged(at now: Date) -> [Execution] {
        executions.values.map(\.execution)
            .filter { run in
                guard run.state == .queued, run.attempt == 0, let wakeAt = run.wakeAt, wakeAt <= now else {
                    return false
                }
                let dependencies = run.taskId.flatMap { tasks[$0]?.item.settings.dependsOn } ?? []
                return !dependencies.isEmpty
            }
            .sorted { ($0.wakeAt ?? now, $0.id) < ($1.wakeAt ?? now, $1.id) }
    }

    /// Those whose process is thought dead, in the order of their ids.
    fileprivate func leftBehind(at now: Date, _ state: MemoryDatabase.State) -> [ExecutionID] {
        executions.values
            .filter { stored in stored.worker.map { !state.isAlive($0, at: now) } ?? false }
            .map(\.execution.id).sorted()
    }

    /// Those that are open though their parents are not, and that nobody has asked to end.
    fileprivate var orphans: [ExecutionID] {
        executions.values.map(\.execution)
            .filter { child in
                guard let parent = child.parentId, !child.state.isTerminal, child.requested != .cancel else {
                    return false
                }
                return executions[parent]?.execution.state.isTerminal ?? true
            }
            .map(\.id)
    }

    fileprivate func statistics(at now: Date) -> QueueStatistics {
        let all = executions.values
        func count(_ state: ExecutionState) -> Int { all.count { $0.execution.state == state } }
        let ages = all.compactMap { stored in stored.placeAt.map { stored.place(readyAt: now).timeIntervalSince($0) } }
        return QueueStatistics(
            ready: all.count { $0.placeAt != nil },
            scheduled: all.count { $0.execution.wakeAt != nil && $0.execution.state == .queued },
            running: all.count { $0.worker != nil }, waiting: count(.waiting), paused: count(.paused),
            dead: all.count { $0.execution.deadAt != nil && !$0.isArchived },
            oldestReadyMs: max(0, Int((ages.max() ?? 0) * 1_000)), isPaused: queue.pausedAt != nil,
            maxRunning: queue.maxRunning, startsPerMinute: queue.startsPerMinute)
    }
}

extension Date {
    fileprivate static func + (date: Date, duration: Duration) -> Date {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        return date.addingTimeInterval(seconds)
    }
}
