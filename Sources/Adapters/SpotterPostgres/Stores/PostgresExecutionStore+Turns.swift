import PostgresKit
import SpotterDomain

extension PostgresExecutionStore {
    func begin(
        _ opening: TurnOpening, worker: WorkerID, in scope: OrganizationScope
    ) async throws -> TurnStart {
        guard opening.execution.takesTurns, let conversation = opening.execution.conversationId else {
            return try await beginAtOnce(opening, nil, worker, in: scope)
        }
        // Whoever had the floor may end between the two looks: the next round takes it.
        for round in 0..<10 {
            do {
                return try await beginAtOnce(opening, conversation, worker, in: scope)
            } catch is TurnSQL.FloorTaken {}
            if opening.replacing != nil, round > 0 { throw TurnLine.isAnswering }
            do {
                // Nobody keeps a floor after the end; if it should be so, it is put right here.
                _ = try await door.write(scope, TurnSQL.lock([conversation]) + TurnSQL.passOn([conversation]))
                if let message = opening.message {
                    return try await enterLine(opening, message, conversation, in: scope)
                }
            } catch is TurnSQL.FloorFree {}
        }
        throw SpotterError(.unavailable, "The conversation is too busy now; try again in a moment.", retryAfter: 1)
    }

    /// - Parameter conversation: whose floor it takes; nil for a turn that belongs to another's.
    private func beginAtOnce(
        _ opening: TurnOpening, _ conversation: ConversationID?, _ worker: WorkerID, in scope: OrganizationScope
    ) async throws -> TurnStart {
        let execution = opening.execution
        var statements = PostgresReceiptStore.insert(opening.receipt)
        if let conversation {
            statements += TurnSQL.lock([conversation]) + [TurnSQL.requireFree(conversation)]
            if let answer = opening.replacing {
                statements.append(TurnSQL.requireLast(answer, in: conversation))
            }
        }
        statements.append(try ExecutionSQL.insert([execution], worker: worker))
        if let conversation { statements.append(TurnSQL.take(conversation, for: execution.id)) }
        if let message = opening.message { statements += try message.append(mustExist: true) }
        let bookedPlace = opening.reservation.map { _ in statements.count }
        if let reservation = opening.reservation {
            statements.append(try BudgetSQL.book(lines: [], wanted: [reservation], at: execution.createdAt))
        }
        statements += PostgresEventStore.append(opening.events, at: execution.createdAt)
        let rows = try await door.write(scope, statements)
        let events = try PostgresEventStore.placed(opening.events, rows.last, at: execution.createdAt)
        // A row without a step says that budgets have a say.
        let isBudgeted = try bookedPlace.map { try rows[$0].decoded(RecordBatch.verdict).contains { $0 == nil } }
        return TurnStart(events: events, isInLine: false, isBudgeted: isBudgeted ?? false)
    }

    private func enterLine(
        _ opening: TurnOpening, _ message: Message, _ conversation: ConversationID, in scope: OrganizationScope
    ) async throws -> TurnStart {
        let execution = opening.execution.putInLine
        var statements = PostgresReceiptStore.insert(opening.receipt)
        statements += TurnSQL.lock([conversation]) + [TurnSQL.requireTaken(conversation)]
        statements.append(try ExecutionSQL.insert([execution]))
        statements += try message.enterLine()
        let events = [execution.lineEvent]
        statements += PostgresEventStore.append(events, at: execution.createdAt)
        let rows = try await door.write(scope, statements)
        return TurnStart(
            events: try PostgresEventStore.placed(events, rows.last, at: execution.createdAt), isInLine: true)
    }
}
