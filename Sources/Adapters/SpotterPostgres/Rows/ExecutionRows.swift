import PostgresKit
import SpotterDomain

extension Execution {
    /// Reads the columns in the order that every query of executions lists them.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), kind: try row.named(1), state: try row.named(2), attempt: try row.get(3),
            conversationId: try row.optionalID(4), agentId: try row.optionalID(5), agentVersion: try row.get(6),
            input: try row.json(7), output: try row.optionalJSON(8), error: try row.optionalDocument(9),
            usage: try row.document(10), cost: try row.document(11), stepsTotal: try row.get(12),
            stepsCompleted: try row.get(13), currentStep: try row.get(14), createdAt: try row.get(15),
            startedAt: try row.get(16), completedAt: try row.get(17))
    }

    /// Saves a new execution, held for `lease` if it runs.
    func insert(lease: Duration) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.executions (
                organization_id, id, kind, state, attempt, conversation_id, agent_id, agent_version, input, output,
                error, usage, cost, steps_total, steps_completed, current_step, created_at, started_at, completed_at,
                lease_ms, lease_until)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                $16, $17, $18, $19::bigint,
                CASE WHEN $3 = 'running' THEN now() + $19::bigint * interval '1 millisecond' END)
            """,
            parameters: [
                .id(id), .text(kind.rawValue), .text(state.rawValue), .int(Int64(attempt)), .id(conversationId),
                .id(agentId), agentVersion.postgresValue, .document(input), .document(output),
                try .document(error), try .document(usage), try .document(cost), .int(Int64(stepsTotal)),
                .int(Int64(stepsCompleted)), .text(currentStep), .timestamp(createdAt), .timestamp(startedAt),
                .timestamp(completedAt), .int(lease.wholeMilliseconds),
            ])
    }

    /// Saves what has changed and renews the lease, if the attempt is still this one and the execution has not ended;
    /// otherwise the transaction fails with `LeaseLost`.
    func fencedUpdate() throws -> Statement {
        Statement(
            """
            WITH held AS (
                UPDATE spotter.executions SET
                    state = $3, output = $4, error = $5, usage = $6, cost = $7, steps_total = $8,
                    steps_completed = $9, current_step = $10, started_at = $11, completed_at = $12,
                    lease_until = CASE WHEN $3 = 'running' THEN now() + lease_ms * interval '1 millisecond' END
                WHERE id = $1 AND attempt = $2 AND state NOT IN ('completed', 'failed', 'cancelled')
                RETURNING id)
            SELECT app.require(EXISTS (SELECT FROM held), 'SP001', 'lease lost')
            """,
            parameters: [
                .id(id), .int(Int64(attempt)), .text(state.rawValue), .document(output), try .document(error),
                try .document(usage), try .document(cost), .int(Int64(stepsTotal)), .int(Int64(stepsCompleted)),
                .text(currentStep), .timestamp(startedAt), .timestamp(completedAt),
            ])
    }
}

extension Step {
    /// Reads the columns in the order of the journal's query.
    init(_ row: Row) throws {
        self.init(
            id: try row.id(0), index: try row.get(1), name: try row.get(2), kind: try row.named(3),
            state: try row.named(4), attempt: try row.get(5), input: try row.json(6), output: try row.optionalJSON(7),
            error: try row.optionalDocument(8), usage: try row.optionalDocument(9),
            cost: try row.optionalDocument(10), startedAt: try row.get(11), completedAt: try row.get(12))
    }

    /// Saves the step in the journal of `execution`, in place of the one with its id.
    func upsert(into execution: ExecutionID) throws -> Statement {
        // A step of another execution is not replaced: the transaction fails, as nothing was saved.
        Statement(
            """
            WITH saved AS (
                INSERT INTO spotter.steps AS stored (
                    organization_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                    started_at, completed_at, execution_id)
                VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                ON CONFLICT (organization_id, id) DO UPDATE SET
                    step_index = excluded.step_index, name = excluded.name, kind = excluded.kind,
                    state = excluded.state, attempt = excluded.attempt, input = excluded.input,
                    output = excluded.output, error = excluded.error, usage = excluded.usage, cost = excluded.cost,
                    started_at = excluded.started_at, completed_at = excluded.completed_at
                WHERE stored.execution_id = excluded.execution_id
                RETURNING id)
            SELECT app.require(EXISTS (SELECT FROM saved), '23505', 'the step belongs to another execution')
            """,
            parameters: [
                .id(id), .int(Int64(index)), .text(name), .text(kind.rawValue), .text(state.rawValue),
                .int(Int64(attempt)), .document(input), .document(output), try .document(error),
                try .document(usage), try .document(cost), .timestamp(startedAt), .timestamp(completedAt),
                .id(execution),
            ])
    }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
