import Foundation
import PostgresKit
import SpotterDomain

/// Executions and their journals in PostgreSQL.
struct PostgresExecutionStore: ExecutionStore {
    let door: StoreDoor

    // MARK: Beginning

    func begin(
        _ execution: Execution, message: Message, events: [EventDraft], receipt: Receipt?, worker: WorkerID,
        in scope: OrganizationScope
    ) async throws -> [Event] {
        var statements = PostgresReceiptStore.insert(receipt)
        statements.append(try ExecutionSQL.insert([execution], worker: worker))
        statements.append(try message.append(mustExist: true))
        statements += PostgresEventStore.append(events, at: execution.createdAt)
        let rows = try await door.write(scope, statements)
        return try PostgresEventStore.placed(events, rows.last, at: execution.createdAt)
    }

    func enqueue(
        _ executions: [Execution], receipt: Receipt?, in scope: OrganizationScope
    ) async throws -> [ExecutionID] {
        guard let first = executions.first else { return [] }
        let receipts = PostgresReceiptStore.insert(receipt)
        if executions.allSatisfy({ $0.uniqueKey == nil }) {
            let insert = try ExecutionSQL.insert(executions)
            let events = PostgresEventStore.append(executions.map(\.queuedEvent), at: first.createdAt)
            _ = try await door.write(scope, receipts + [insert] + events)
            return executions.map(\.id)
        }
        return try await door.transaction(scope) { transaction in
            _ = try await transaction.batch(receipts)
            let entry = try await Self.enter(executions, in: transaction)
            let new = executions.filter { entry.saved.contains($0.id) }
            _ = try await transaction.batch(PostgresEventStore.append(new.map(\.queuedEvent), at: first.createdAt))
            return executions.map { entry.holders[$0.id] ?? $0.id }
        }
    }

    /// Saves those whose unique key is free, and finds who holds the others' keys.
    private static func enter(
        _ executions: [Execution], in transaction: Transaction
    ) async throws -> (saved: Set<ExecutionID>, holders: [ExecutionID: ExecutionID]) {
        var saved: Set<ExecutionID> = []
        var holders: [ExecutionID: ExecutionID] = [:]
        var open = executions
        // A holder may end between the two statements; the key is free then, and the next round takes it.
        for _ in 0..<10 where !open.isEmpty {
            let rows = try await transaction.batch([
                ExecutionSQL.insert(open), Self.holders(of: open.compactMap(\.uniqueKey)),
            ])
            try saved.formUnion(rows[0].decoded { try $0.id(0) })
            let found = try rows[1].decoded { (try $0.get(0, as: String.self), try $0.id(1) as ExecutionID) }
            let byKey = Dictionary(found) { first, _ in first }
            open.removeAll { execution in
                if saved.contains(execution.id) { return true }
                holders[execution.id] = execution.uniqueKey.flatMap { byKey[$0] }
                return holders[execution.id] != nil
            }
        }
        guard open.isEmpty else {
            throw SpotterError(.unavailable, "The queue is too busy now; try again in a moment.", retryAfter: 1)
        }
        return (saved, holders)
    }

    private static func holders(of keys: [String]) -> Statement {
        Statement(
            """
            SELECT unique_key, id FROM spotter.executions
            WHERE unique_key = ANY ($1::text[]) AND state NOT IN ('completed', 'failed', 'cancelled')
            """, keys)
    }

    // MARK: Recording

    func record(
        _ records: [ExecutionRecord], at now: Date, in scope: OrganizationScope
    ) async throws -> RecordReport {
        let batch = try RecordBatch(records)
        let events = PostgresEventStore.append(batch.events, at: now)
        guard !batch.endedTasks.isEmpty else {
            let rows = try await door.write(scope, batch.statements + events)
            return try batch.report(rows[...], appended: rows.last, batch.events, at: now)
        }
        // Most often nobody waits for a task, and one round trip is enough.
        do {
            let first = [
                DependencyJudge.lock(shared: true), DependencyJudge.requireNobodyWaits(for: batch.endedTasks),
            ]
            let rows = try await door.write(scope, first + batch.statements + events)
            return try batch.report(rows[first.count...], appended: rows.last, batch.events, at: now)
        } catch is DependencyJudge.SomebodyWaits {
            return try await recordAlone(batch, at: now, in: scope)
        }
    }

    /// Records ends that somebody waits for, and lets them go on.
    private func recordAlone(
        _ batch: RecordBatch, at now: Date, in scope: OrganizationScope
    ) async throws -> RecordReport {
        try await door.transaction(scope) { transaction in
            let rows = try await transaction.batch([DependencyJudge.lock()] + batch.statements)
            let events =
                try await batch.events
                + DependencyJudge.judge([], orDependentsOf: batch.endedTasks, at: now, in: transaction)
            let appended = try await transaction.batch(PostgresEventStore.append(events, at: now))
            return try batch.report(rows[1...], appended: appended.last, events, at: now)
        }
    }

    func change(
        _ id: ExecutionID, at now: Date, receipt: ExecutionReceipt?, in scope: OrganizationScope,
        _ decide: @escaping @Sendable (Journal) throws -> ExecutionChange?
    ) async throws -> Execution {
        try await door.transaction(scope) { transaction in
            // A used key comes before every other complaint, so the receipt is there first; its answer comes last.
            let rows = try await transaction.batch(
                PostgresReceiptStore.insert(receipt?.receipt) + [
                    DependencyJudge.lock(ifOfTask: id), ExecutionSQL.lockWithParent(id), ExecutionSQL.select([id]),
                    ExecutionSQL.steps(of: [id]),
                ])
            let (found, steps) = (rows[rows.count - 2], rows[rows.count - 1])
            guard let execution = try found.firstDecoded(Execution.init) else {
                throw SpotterError.notFound("execution")
            }
            let journal = Journal(execution: execution, steps: try steps.decoded(Step.init))
            guard let change = try decide(journal) else {
                _ = try await transaction.batch(PostgresReceiptStore.answer(receipt, with: execution))
                return execution
            }
            let effect = TaskEffect(of: change.execution, on: execution)
            var statements = [try ExecutionSQL.update(effect.execution)]
            if change.execution.state.isTerminal, let parent = execution.parentId {
                statements += ExecutionSQL.signal(parents: [parent])
            }
            statements += try ExecutionSQL.upsert([(id, change.steps)])
            var events = change.events
            if !effect.isNone {
                _ = try await transaction.batch(statements)
                statements = []
                events += try await DependencyJudge.judge(
                    effect.begun, orDependentsOf: effect.ended, at: now, in: transaction)
            }
            statements.append(ExecutionSQL.select([id]))
            let place = statements.count - 1
            let written = try await transaction.batch(statements + PostgresEventStore.append(events, at: now))
            let result = try written[place].firstDecoded(Execution.init) ?? change.execution
            _ = try await transaction.batch(PostgresReceiptStore.answer(receipt, with: result))
            return result
        }
    }

    // MARK: Reading

    func execution(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Execution {
        let rows = try await door.read(scope, ExecutionSQL.select([id]))
        guard let execution = try rows.firstDecoded(Execution.init) else { throw SpotterError.notFound("execution") }
        return execution
    }

    func journal(of id: ExecutionID, in scope: OrganizationScope) async throws -> Journal {
        guard let journal = try await journals(of: [id], in: scope).first else {
            throw SpotterError.notFound("execution")
        }
        return journal
    }

    func journals(of ids: [ExecutionID], in scope: OrganizationScope) async throws -> [Journal] {
        let rows = try await door.read(scope, [ExecutionSQL.select(ids), ExecutionSQL.steps(of: ids)])
        let steps = try rows[1].decoded { (try $0.id(0) as ExecutionID, try Step($0)) }
        let byExecution = Dictionary(grouping: steps, by: \.0)
        return try rows[0].decoded(Execution.init).map { execution in
            Journal(execution: execution, steps: byExecution[execution.id]?.map(\.1) ?? [])
        }
    }

    func list(
        _ filter: ExecutionFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Execution> {
        let executions = try await door.read(scope, filter.select(page)).decoded(Execution.init)
        return Page(fetched: executions, limit: page.limit) { Cursor($0.id.uuid) }
    }
}

extension ExecutionFilter {
    /// The name of the index that serves this filter best, as the query knows it.
    private var narrowest: String {
        if parent != nil { return "parent" }
        if conversation != nil { return "conversation" }
        if task != nil { return "task" }
        if isDead { return "dead" }
        if agent != nil { return "agent" }
        if let state, state != .completed { return "state" }
        return "all"
    }

    /// One page. Of the branches exactly one is run, by its own index: the others' first condition is false for all.
    fileprivate func select(_ page: PageRequest) -> Statement {
        Statement(
            """
            SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
                cost, steps_total, steps_completed, current_step, task_id, parent_id, priority, retry_policy,
                deadline_at, unique_key, failures, crashes, wake_at, requested, dead_at, signals, created_at,
                started_at, completed_at
            FROM spotter.executions WHERE id = ANY (ARRAY(
                (SELECT id FROM spotter.executions
                WHERE $1 = 'all' AND id < $2 AND ($3::text IS NULL OR state = $3)
                ORDER BY id DESC LIMIT $8)
                UNION ALL
                (SELECT id FROM spotter.executions
                WHERE $1 = 'state' AND id < $2 AND state = $3 AND state <> 'completed'
                ORDER BY id DESC LIMIT $8)
                UNION ALL
                (SELECT id FROM spotter.executions
                WHERE $1 = 'agent' AND id < $2 AND agent_id = $4 AND ($3::text IS NULL OR state = $3)
                ORDER BY id DESC LIMIT $8)
                UNION ALL
                (SELECT id FROM spotter.executions
                WHERE $1 = 'dead' AND id < $2 AND dead_at IS NOT NULL AND ($4::uuid IS NULL OR agent_id = $4)
                    AND ($3::text IS NULL OR state = $3)
                ORDER BY id DESC LIMIT $8)
                UNION ALL
                (SELECT id FROM spotter.executions
                WHERE $1 = 'task' AND id < $2 AND task_id = $6 AND ($4::uuid IS NULL OR agent_id = $4)
                    AND ($3::text IS NULL OR state = $3) AND ($9 OR dead_at IS NOT NULL)
                ORDER BY id DESC LIMIT $8)
                UNION ALL
                (SELECT id FROM spotter.executions
                WHERE $1 = 'conversation' AND id < $2 AND conversation_id = $5
                    AND ($4::uuid IS NULL OR agent_id = $4) AND ($6::uuid IS NULL OR task_id = $6)
                    AND ($3::text IS NULL OR state = $3) AND ($9 OR dead_at IS NOT NULL)
                ORDER BY id DESC LIMIT $8)
                UNION ALL
                (SELECT id FROM spotter.executions
                WHERE $1 = 'parent' AND id < $2 AND parent_id = $7
                    AND ($5::uuid IS NULL OR conversation_id = $5) AND ($4::uuid IS NULL OR agent_id = $4)
                    AND ($6::uuid IS NULL OR task_id = $6) AND ($3::text IS NULL OR state = $3)
                    AND ($9 OR dead_at IS NOT NULL)
                ORDER BY id DESC LIMIT $8)))
            ORDER BY id DESC
            """, narrowest, page.before, state?.rawValue, agent?.uuid, conversation?.uuid, task?.uuid, parent?.uuid,
            page.fetchLimit, !isDead)
    }
}
