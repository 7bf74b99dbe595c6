import Foundation
import PostgresKit
import SpotterDomain

/// Executions and their journals in PostgreSQL.
struct PostgresExecutionStore: ExecutionStore {
    let door: StoreDoor

    // MARK: Beginning

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
        let batch = try RecordBatch(records, at: now)
        let last = batch.booking + PostgresEventStore.append(batch.events, at: now)
        guard !batch.endedTasks.isEmpty else {
            let rows = try await door.write(scope, batch.statements + last)
            return try report(batch, rows, from: 0, at: now)
        }
        // Most often nobody waits for a task, and one round trip is enough.
        do {
            let first = [
                DependencyJudge.lock(shared: true), DependencyJudge.requireNobodyWaits(for: batch.endedTasks),
            ]
            let rows = try await door.write(scope, first + batch.statements + last)
            return try report(batch, rows, from: first.count, at: now)
        } catch is DependencyJudge.SomebodyWaits {
            return try await recordAlone(batch, at: now, in: scope)
        }
    }

    private func report(_ batch: RecordBatch, _ rows: [Rows], from start: Int, at now: Date) throws -> RecordReport {
        let booked = batch.booking.isEmpty ? nil : rows[start + batch.statements.count]
        return try batch.report(rows[start...], booked: booked, appended: rows.last, batch.events, at: now)
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
            let last = try await transaction.batch(batch.booking + PostgresEventStore.append(events, at: now))
            let booked = batch.booking.isEmpty ? nil : last.first
            return try batch.report(rows[1...], booked: booked, appended: last.last, events, at: now)
        }
    }

    func change(
        _ id: ExecutionID, at now: Date, receipt: ExecutionReceipt?, in scope: OrganizationScope,
        _ decide: @escaping @Sendable (Journal) throws -> ExecutionChange?
    ) async throws -> Execution {
        do {
            return try await changeOnce(id, at: now, receipt: receipt, in: scope, decide)
        } catch is TurnSQL.FloorTaken { throw TurnLine.isAnswering }
    }

    private func changeOnce(
        _ id: ExecutionID, at now: Date, receipt: ExecutionReceipt?, in scope: OrganizationScope,
        _ decide: @escaping @Sendable (Journal) throws -> ExecutionChange?
    ) async throws -> Execution {
        try await door.transaction(scope) { transaction in
            let journal = try await Self.locked(id, receipt?.receipt, in: transaction)
            let execution = journal.execution
            guard let change = try decide(journal) else {
                _ = try await transaction.batch(PostgresReceiptStore.answer(receipt, with: execution))
                return execution
            }
            let effect = TaskEffect(of: change.execution, on: execution, at: now)
            var statements = Self.takeFloor(change.execution, after: execution)
            statements.append(try ExecutionSQL.update(effect.execution))
            if change.execution.state.isTerminal, let parent = execution.parentId {
                statements += ExecutionSQL.signal(parents: [parent])
            }
            statements += Self.passOnFloor(change.execution, after: execution)
            statements += try ExecutionSQL.upsert([(id, change.steps)])
            if execution.kind == .call, change.execution.state.isTerminal { statements += CallSQL.end([id]) }
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

    /// A turn that had ended and goes on takes its turn again. The answer that it is to stand in for must still be the
    /// last: what stands in for it comes at the end.
    private static func takeFloor(_ new: Execution, after old: Execution) -> [Statement] {
        guard old.takesTurns, old.state.isTerminal, !new.state.isTerminal, let conversation = old.conversationId else {
            return []
        }
        return TurnSQL.lock([conversation]) + [TurnSQL.take(conversation, for: old.id)]
            + (old.replacedAnswer.map { [TurnSQL.requireLast($0, in: conversation)] } ?? [])
    }

    /// A turn that ends lets the next one begin.
    private static func passOnFloor(_ new: Execution, after old: Execution) -> [Statement] {
        guard old.takesTurns, !old.state.isTerminal, new.state.isTerminal, let conversation = old.conversationId else {
            return []
        }
        return [TurnSQL.leaveLine(conversation, old.id)] + TurnSQL.passOn([conversation])
    }

    /// Locks an execution with its conversation, and the one that waits for it. One in the history is brought back
    /// first. A used key comes before every other complaint, so the receipt is there before all.
    private static func locked(
        _ id: ExecutionID, _ receipt: Receipt?, in transaction: Transaction
    ) async throws -> Journal {
        let look = [
            TurnSQL.lockConversation(of: id), ExecutionSQL.lockWithParent(id), ExecutionSQL.select([id]),
            ExecutionSQL.steps(of: [id]),
        ]
        var rows = try await transaction.batch(
            PostgresReceiptStore.insert(receipt) + [DependencyJudge.lock(ifOfTask: id)] + look)
        if rows[rows.count - 2].isEmpty {
            rows = try await transaction.batch(
                [
                    HistorySQL.lockDependencies(ifOfTask: id), HistorySQL.lockConversation(of: id),
                    HistorySQL.bringBack(id),
                ] + look)
        }
        guard let execution = try rows[rows.count - 2].firstDecoded(Execution.init) else {
            throw SpotterError.notFound("execution")
        }
        return Journal(execution: execution, steps: try rows[rows.count - 1].decoded(Step.init))
    }
}
