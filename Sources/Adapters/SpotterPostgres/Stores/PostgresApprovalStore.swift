import PostgresKit
import SpotterDomain

/// Approvals in PostgreSQL: steps of journals, found by indexes that hold nothing else.
struct PostgresApprovalStore: ApprovalStore {
    let door: StoreDoor

    func approval(_ id: ApprovalID, in scope: OrganizationScope) async throws -> Approval {
        let statement = Statement(
            """
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost, effect,
                child_id, started_at, completed_at
            FROM spotter.steps WHERE kind = 'approval' AND id = $1
            UNION ALL
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost, effect,
                child_id, started_at, completed_at
            FROM spotter.steps_history WHERE kind = 'approval' AND id = $1
            LIMIT 1
            """, id.uuid)
        guard let approval = try await door.read(scope, statement).firstDecoded(Self.approval) else {
            throw SpotterError.notFound("approval")
        }
        return approval
    }

    func list(
        _ filter: ApprovalFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Approval> {
        let statement =
            filter.execution.map { Self.statement(of: $0, filter.state, page) }
            ?? (filter.state == .pending ? Self.pending(page) : Self.statement(filter.state, page))
        let approvals = try await door.read(scope, statement).decoded(Self.approval)
        return Page(fetched: approvals, limit: page.limit) { Cursor($0.id.uuid) }
    }

    /// Almost all have been decided: those that have not have an index of their own.
    private static func pending(_ page: PageRequest) -> Statement {
        Statement(
            """
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost, effect,
                child_id, started_at, completed_at
            FROM spotter.steps WHERE kind = 'approval' AND state = 'waiting' AND id < $1
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit)
    }

    /// What an approval's state is called, its step's says, and where that has completed its output.
    private static func statement(_ state: Approval.State?, _ page: PageRequest) -> Statement {
        Statement(
            """
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost, effect,
                child_id, started_at, completed_at
            FROM (
                (SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                    effect, child_id, started_at, completed_at
                FROM spotter.steps
                WHERE kind = 'approval' AND id < $1
                    AND ($3 = '' OR $3 = CASE state WHEN 'waiting' THEN 'pending'
                        WHEN 'completed' THEN coalesce(output ->> 'state', 'expired') ELSE 'expired' END)
                ORDER BY id DESC LIMIT $2)
                UNION ALL
                (SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                    effect, child_id, started_at, completed_at
                FROM spotter.steps_history
                WHERE kind = 'approval' AND id < $1
                    AND ($3 = '' OR $3 = CASE state WHEN 'waiting' THEN 'pending'
                        WHEN 'completed' THEN coalesce(output ->> 'state', 'expired') ELSE 'expired' END)
                ORDER BY id DESC LIMIT $2)) AS found
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, state?.rawValue ?? "")
    }

    private static func statement(
        of execution: ExecutionID, _ state: Approval.State?, _ page: PageRequest
    ) -> Statement {
        Statement(
            """
            SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost, effect,
                child_id, started_at, completed_at
            FROM (
                SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                    effect, child_id, started_at, completed_at
                FROM spotter.steps WHERE execution_id = $4
                UNION ALL
                SELECT execution_id, id, step_index, name, kind, state, attempt, input, output, error, usage, cost,
                    effect, child_id, started_at, completed_at
                FROM spotter.steps_history WHERE execution_id = $4) AS found
            WHERE kind = 'approval' AND id < $1
                AND ($3 = '' OR $3 = CASE state WHEN 'waiting' THEN 'pending'
                    WHEN 'completed' THEN coalesce(output ->> 'state', 'expired') ELSE 'expired' END)
            ORDER BY id DESC LIMIT $2
            """, page.before, page.fetchLimit, state?.rawValue ?? "", execution.uuid)
    }

    private static func approval(_ row: Row) throws -> Approval {
        guard let approval = Approval(try Step(row), of: try row.id(0)) else {
            throw SpotterError(.internal, "A stored approval cannot be read.")
        }
        return approval
    }
}
