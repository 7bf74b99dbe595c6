import Foundation
import PostgresKit
import SpotterDomain

/// The queue in PostgreSQL. The database's clock alone decides who lives and what is due.
struct PostgresWorkQueue: WorkQueue {
    let door: StoreDoor

    // MARK: Workers

    func register(_ worker: WorkerID, lease: Duration) async throws {
        _ = try await door.ask(Self.register(worker, lease: lease))
    }

    func beat(_ worker: WorkerID, lease: Duration) async throws -> Bool {
        try await door.ask(Self.beat(worker, lease: lease)).first != nil
    }

    func leave(_ worker: WorkerID) async throws { _ = try await door.ask(Self.leave(worker)) }

    func forgetWorkers() async throws -> Int {
        try await door.ask(Statement("SELECT app.forget_workers()")).firstDecoded { try $0.get(0) } ?? 0
    }

    static func register(_ worker: WorkerID, lease: Duration) -> Statement {
        Statement(
            """
            INSERT INTO spotter.workers (id, lease_until)
            VALUES ($1, now() + $2::bigint * interval '1 millisecond')
            """, worker.uuid, lease.wholeMilliseconds)
    }

    static func beat(_ worker: WorkerID, lease: Duration) -> Statement {
        Statement(
            """
            UPDATE spotter.workers SET lease_until = now() + $2::bigint * interval '1 millisecond'
            WHERE id = $1 AND lease_until > now() RETURNING id
            """, worker.uuid, lease.wholeMilliseconds)
    }

    static func leave(_ worker: WorkerID) -> Statement {
        Statement("DELETE FROM spotter.workers WHERE id = $1", worker.uuid)
    }

    // MARK: Across organisations

    func claim(_ wanted: Int, for worker: WorkerID, after: OrganizationID?) async throws -> [Claim] {
        let statement = Statement(
            "SELECT organization_id, id, attempt FROM app.claim_executions($1, $2, $3)", worker.uuid, wanted,
            after?.uuid ?? Self.lowest)
        return try await door.ask(statement).decoded { row in
            Claim(organization: try row.id(0), execution: try row.id(1), attempt: try row.get(2))
        }
    }

    func wakeDue() async throws -> Woken {
        let statement = Statement("SELECT organization_id, woken, is_to_judge FROM app.wake_due($1)", Self.batch)
        var woken = Woken()
        for row in try await door.ask(statement) {
            woken.ready += try row.get(1)
            if try row.get(2) { woken.toJudge.append(try row.id(0)) }
        }
        return woken
    }

    func organizationsToRescue() async throws -> [OrganizationID] {
        try await door.ask(Statement("SELECT app.organizations_to_rescue()")).decoded { try $0.id(0) }
    }

    func requested(of worker: WorkerID) async throws -> [Claim.Name] {
        let statement = Statement(
            "SELECT organization_id, id FROM app.requested_executions($1)", worker.uuid)
        return try await door.ask(statement).decoded { row in
            Claim.Name(organization: try row.id(0), execution: try row.id(1))
        }
    }

    func orphans(limit: Int, after: Claim.Name?) async throws -> [Claim.Name] {
        let statement = Statement(
            "SELECT organization_id, id FROM app.orphaned_executions($1, $2, $3)",
            after?.organization.uuid ?? Self.lowest, after?.execution.uuid ?? Self.lowest, limit)
        return try await door.ask(statement).decoded { row in
            Claim.Name(organization: try row.id(0), execution: try row.id(1))
        }
    }

    private static let lowest = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    /// How many of one organisation are woken at once.
    private static let batch = 1_000

    // MARK: Of one organisation

    func rescue(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Rescue {
        try await door.transaction(scope) { transaction in
            let locked = try await transaction.batch([
                DependencyJudge.lock(), Self.lockConversations(limit), Self.lockLeftBehind(limit),
            ])[2]
            let ids = try locked.decoded { try $0.id(0) as ExecutionID }
            guard !ids.isEmpty else { return Rescue() }
            let rows = try await transaction.query(Self.rescue(ids, at: now))
            let found = try rows.decoded { row in
                (
                    id: try row.id(0) as ExecutionID, state: try row.named(1) as ExecutionState,
                    parent: try row.optionalID(2) as ExecutionID?, task: try row.optionalID(3) as WorkItemID?,
                    conversation: try row.optionalID(4) as ConversationID?
                )
            }
            func those(_ state: ExecutionState) -> [ExecutionID] {
                found.filter { $0.state == state }.map(\.id).sorted()
            }
            let rescue = Rescue(requeued: those(.queued), dead: those(.failed), cancelled: those(.cancelled))
            let ended = found.filter(\.state.isTerminal)
            _ = try await transaction.batch(
                ExecutionSQL.signal(parents: ended.compactMap(\.parent))
                    + TurnSQL.passOn(ended.compactMap(\.conversation)) + CallSQL.end(ended.map(\.id)))
            let events =
                try await rescue.events
                + DependencyJudge.judge([], orDependentsOf: ended.compactMap(\.task), at: now, in: transaction)
            // Nobody knows whether the calls were made that these had under way.
            let lost = BudgetSQL.chargeLost(of: found.map(\.id), limit: 10_000, at: now)
            _ = try await transaction.batch([lost] + PostgresEventStore.append(events, at: now))
            return rescue
        }
    }

    func judgeDue(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        try await door.transaction(scope) { transaction in
            let due = try await transaction.batch([DependencyJudge.lock(), Self.due(limit)])[1]
            let ids = try due.decoded { try $0.id(0) as ExecutionID }
            guard !ids.isEmpty else { return 0 }
            let rows = try await transaction.batch([DependencyJudge.lockWithParents(ids), Self.block(ids)])[1]
            let blocked = try rows.decoded { (id: try $0.id(0) as ExecutionID, task: try $0.id(1) as WorkItemID) }
            let events = try await DependencyJudge.judge(
                blocked.map(\.task), orDependentsOf: [], at: now, in: transaction)
            let judged = Set(events.compactMap(\.execution))
            let waiting = blocked.filter { !judged.contains($0.id) }
                .map { Execution.blockedEvent(of: $0.id, task: $0.task) }
            _ = try await transaction.batch(PostgresEventStore.append(waiting + events, at: now))
            return ids.count
        }
    }

    /// Runs whose time has come and whose tasks depend on others; see app.wake_due.
    private static func due(_ limit: Int) -> Statement {
        Statement(
            """
            SELECT id FROM spotter.executions
            WHERE wake_at <= now() AND app.is_to_be_judged(state, attempt, task_id)
            ORDER BY wake_at LIMIT $1
            """, limit)
    }

    /// Lets those of `ids`, all locked, wait for what their tasks depend on.
    private static func block(_ ids: [ExecutionID]) -> Statement {
        Statement(
            """
            UPDATE spotter.executions SET state = 'waiting', current_step = 'dependencies', wake_at = NULL
            WHERE id = ANY ($1::uuid[]) AND wake_at <= now() AND app.is_to_be_judged(state, attempt, task_id)
            RETURNING id, task_id
            """, ids.map(\.uuid))
    }

    /// Locks the conversations of what is left behind: whoever ends a turn there gives the next one the floor.
    private static func lockConversations(_ limit: Int) -> Statement {
        Statement(
            """
            SELECT FROM spotter.conversations WHERE id = ANY (ARRAY(
                SELECT conversation_id FROM spotter.executions
                WHERE worker_id IS NOT NULL AND conversation_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM spotter.workers WHERE workers.id = worker_id AND lease_until > now())
                ORDER BY id LIMIT $1))
            ORDER BY id FOR NO KEY UPDATE
            """, limit)
    }

    /// Locks what is left behind, and those that wait for it, in the order of their ids.
    private static func lockLeftBehind(_ limit: Int) -> Statement {
        Statement(
            """
            WITH left_behind AS MATERIALIZED (
                SELECT id, parent_id FROM spotter.executions
                WHERE worker_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM spotter.workers WHERE workers.id = worker_id AND lease_until > now())
                ORDER BY id LIMIT $1)
            SELECT id FROM spotter.executions
            WHERE id = ANY (ARRAY(SELECT id FROM left_behind UNION SELECT parent_id FROM left_behind))
            ORDER BY id FOR NO KEY UPDATE
            """, limit)
    }

    /// Lets go of those of `ids`, all locked, that are left behind still: of several processes that rescue, one wins.
    private static func rescue(_ ids: [ExecutionID], at now: Date) throws -> Statement {
        Statement(
            """
            UPDATE spotter.executions AS stored SET
                state = left_behind.next_state, crashes = left_behind.crashes, worker_id = NULL,
                requested = CASE WHEN left_behind.next_state = 'queued' THEN stored.requested END,
                place_at = CASE WHEN left_behind.next_state = 'queued'
                    THEN app.place(now(), stored.priority, stored.attempt) END,
                dead_at = CASE WHEN left_behind.next_state = 'failed' THEN $4::timestamptz END,
                completed_at = CASE WHEN left_behind.next_state <> 'queued' THEN $4::timestamptz END,
                error = CASE WHEN left_behind.next_state = 'failed' THEN $3::json END,
                current_step = CASE WHEN left_behind.next_state = 'queued' THEN stored.current_step END
            FROM (
                SELECT id, crashes + 1 AS crashes,
                    CASE WHEN requested = 'cancel' THEN 'cancelled' WHEN crashes + 1 >= $2 THEN 'failed'
                        ELSE 'queued' END AS next_state
                FROM spotter.executions
                WHERE id = ANY ($1::uuid[]) AND worker_id IS NOT NULL AND NOT EXISTS (
                    SELECT FROM spotter.workers WHERE workers.id = worker_id AND lease_until > now())) AS left_behind
            WHERE stored.id = left_behind.id
            RETURNING stored.id, stored.state, stored.parent_id, stored.task_id, stored.conversation_id
            """, ids.map(\.uuid), Rescue.crashesAllowed, try PostgresValue.document(Rescue.givenUp), now)
    }

    func statistics(in scope: OrganizationScope) async throws -> QueueStatistics {
        let statement = Statement(
            """
            SELECT
                (SELECT count(*) FROM spotter.executions WHERE place_at IS NOT NULL),
                (SELECT count(*) FROM spotter.executions WHERE wake_at IS NOT NULL AND state = 'queued'),
                (SELECT count(*) FROM spotter.executions WHERE worker_id IS NOT NULL),
                (SELECT count(*) FROM spotter.executions WHERE state = 'waiting' AND state <> 'completed'),
                (SELECT count(*) FROM spotter.executions WHERE state = 'paused' AND state <> 'completed'),
                (SELECT count(*) FROM spotter.executions WHERE dead_at IS NOT NULL),
                -- As far as its place is before that of one that becomes ready now.
                (SELECT coalesce(extract(epoch FROM max(app.place(now(), priority, attempt) - place_at)) * 1000, 0)
                    ::bigint FROM spotter.executions WHERE place_at IS NOT NULL),
                queues.paused_at IS NOT NULL, queues.max_running, queues.starts_per_minute
            FROM spotter.queues
            """)
        let found = try await door.read(scope, statement).firstDecoded { row in
            QueueStatistics(
                ready: try row.get(0), scheduled: try row.get(1), running: try row.get(2), waiting: try row.get(3),
                paused: try row.get(4), dead: try row.get(5), oldestReadyMs: max(0, try row.get(6)),
                isPaused: try row.get(7), maxRunning: try row.get(8), startsPerMinute: try row.get(9))
        }
        guard let found else { throw SpotterError.notFound("organization") }
        return found
    }

    func setPaused(_ isPaused: Bool, at now: Date, in scope: OrganizationScope) async throws {
        let statement = Statement(
            "UPDATE spotter.queues SET paused_at = CASE WHEN $1 THEN coalesce(paused_at, $2) END", isPaused, now)
        _ = try await door.write(scope, statement)
    }

    func setLimits(maxRunning: Int, startsPerMinute: Int?, in scope: OrganizationScope) async throws {
        let statement = Statement(
            "UPDATE spotter.queues SET max_running = $1, starts_per_minute = $2", maxRunning, startsPerMinute)
        _ = try await door.write(scope, statement)
    }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
