import Foundation
import PostgresKit
import SpotterDomain

/// Executions and their journals in PostgreSQL.
///
/// Every transaction here takes its locks in one order, so that none waits for another in a circle: receipt,
/// execution, steps, conversation, event log.
struct PostgresExecutionStore: ExecutionStore {
    let door: StoreDoor

    func begin(
        _ execution: Execution, message: Message, events: [EventDraft], receipt: Receipt?, lease: Duration,
        in scope: OrganizationScope
    ) async throws -> [Event] {
        var statements = PostgresReceiptStore.insert(receipt)
        statements.append(try execution.insert(lease: lease))
        statements.append(try message.append(mustExist: true))
        statements += PostgresEventStore.append(events, at: execution.createdAt)
        let rows = try await door.write(scope, statements)
        return try PostgresEventStore.placed(events, rows.last, at: execution.createdAt)
    }

    func record(_ record: ExecutionRecord, at now: Date, in scope: OrganizationScope) async throws -> [Event] {
        var statements = [try record.execution.fencedUpdate()]
        statements += try record.steps.map { try $0.upsert(into: record.execution.id) }
        if let (key, response) = record.receipt {
            statements.append(
                Statement(
                    """
                    UPDATE spotter.receipts SET response_status = $2, response_body = $3
                    WHERE key = $1 AND response_status IS NULL
                    """, key, response.status, response.body))
        }
        if let message = record.message {
            // When the conversation was deleted meanwhile, nobody is left to read the answer.
            statements.append(try message.append(mustExist: false))
        }
        statements += PostgresEventStore.append(record.events, at: now)
        let rows = try await door.write(scope, statements)
        return try PostgresEventStore.placed(record.events, rows.last, at: now)
    }

    func takeOver(
        _ id: ExecutionID, lease: Duration, in scope: OrganizationScope
    ) async throws -> Execution? {
        let statement = Statement(
            """
            UPDATE spotter.executions SET
                attempt = attempt + 1, lease_ms = $2::bigint,
                lease_until = now() + $2::bigint * interval '1 millisecond'
            WHERE id = $1 AND state = 'running' AND lease_until <= now()
            RETURNING id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
                cost, steps_total, steps_completed, current_step, created_at, started_at, completed_at
            """, id.uuid, lease.wholeMilliseconds)
        return try await door.write(scope, statement).firstDecoded(Execution.init)
    }

    func execution(_ id: ExecutionID, in scope: OrganizationScope) async throws -> Execution {
        let rows = try await door.read(scope, Self.select(id))
        guard let execution = try rows.firstDecoded(Execution.init) else { throw SpotterError.notFound("execution") }
        return execution
    }

    func journal(of id: ExecutionID, in scope: OrganizationScope) async throws -> Journal {
        let steps = Statement(
            """
            SELECT id, step_index, name, kind, state, attempt, input, output, error, usage, cost, started_at,
                completed_at
            FROM spotter.steps WHERE execution_id = $1 ORDER BY step_index
            """, id.uuid)
        let rows = try await door.read(scope, [Self.select(id), steps])
        guard let execution = try rows[0].firstDecoded(Execution.init) else {
            throw SpotterError.notFound("execution")
        }
        return Journal(execution: execution, steps: try rows[1].decoded(Step.init))
    }

    private static func select(_ id: ExecutionID) -> Statement {
        Statement(
            """
            SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
                cost, steps_total, steps_completed, current_step, created_at, started_at, completed_at
            FROM spotter.executions WHERE id = $1
            """, id.uuid)
    }

    func list(
        _ filter: ExecutionFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Execution> {
        let executions = try await door.read(scope, filter.select(page)).decoded(Execution.init)
        return Page(fetched: executions, limit: page.limit) { Cursor($0.id.uuid) }
    }
}

extension ExecutionFilter {
    /// The query whose index serves this filter: by conversation, by agent, by state, or all.
    fileprivate func select(_ page: PageRequest) -> Statement {
        if let conversation {
            return Statement(
                """
                SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error,
                    usage, cost, steps_total, steps_completed, current_step, created_at, started_at, completed_at
                FROM spotter.executions
                WHERE id < $1 AND conversation_id = $2 AND ($3::uuid IS NULL OR agent_id = $3)
                    AND ($4::text IS NULL OR state = $4)
                ORDER BY id DESC LIMIT $5
                """, page.before, conversation.uuid, agent?.uuid, state?.rawValue, page.fetchLimit)
        }
        if let agent {
            return Statement(
                """
                SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error,
                    usage, cost, steps_total, steps_completed, current_step, created_at, started_at, completed_at
                FROM spotter.executions
                WHERE id < $1 AND agent_id = $2 AND ($3::text IS NULL OR state = $3)
                ORDER BY id DESC LIMIT $4
                """, page.before, agent.uuid, state?.rawValue, page.fetchLimit)
        }
        if let state {
            return Statement(
                """
                SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error,
                    usage, cost, steps_total, steps_completed, current_step, created_at, started_at, completed_at
                FROM spotter.executions WHERE id < $1 AND state = $2 ORDER BY id DESC LIMIT $3
                """, page.before, state.rawValue, page.fetchLimit)
        }
        return Statement(
            """
            SELECT id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output, error, usage,
                cost, steps_total, steps_completed, current_step, created_at, started_at, completed_at
            FROM spotter.executions WHERE id < $1 ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit)
    }
}
