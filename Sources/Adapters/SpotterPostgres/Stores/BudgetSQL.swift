import Foundation
import PostgresKit
import SpotterDomain

/// What budgets, and the spending that they bound, are written and read with.
enum BudgetSQL {
    /// Books lines, gives up reservations and makes others; the rows are the verdicts on these, and one
    /// without a step where budgets have a say.
    static func book(
        lines: [LedgerLine], freed: [ReleaseRow] = [], wanted: [Reservation] = [], at now: Date
    ) throws -> Statement {
        Statement(
            """
            SELECT step, number, granted, reason, scope, period, limit_amount, currency, limit_tokens, spent,
                spent_tokens
            FROM app.book($1::json, $2::json, $3::json, $4)
            """, try PostgresValue.document(lines.isEmpty ? nil : lines.map(LedgerRow.init)),
            try PostgresValue.document(freed.isEmpty ? nil : freed),
            try PostgresValue.document(wanted.isEmpty ? nil : wanted.map(ReservationRow.init)), now)
    }

    /// Puts calls on the bill of which nobody will hear again; of any execution, unless some are named.
    static func chargeLost(of executions: [ExecutionID]? = nil, limit: Int, at now: Date) -> Statement {
        Statement(
            "SELECT app.charge_lost($1::uuid[], $2::integer, $3)", executions.map { $0.map(\.uuid) }, limit, now)
    }

    static func lock(shared: Bool) -> Statement { Statement("SELECT app.lock_budgets($1)", shared) }

    static let select = Statement(
        """
        SELECT id, scope, subject_id, period, limit_amount, limit_tokens, currency, source, period_start, spent,
            spent_tokens, reserved, reserved_tokens, warned, reached, created_at, updated_at
        FROM spotter.budgets
        ORDER BY array_position(ARRAY['organization', 'agent', 'task', 'execution'], scope), subject_id, period
        """)

    static func select(of subject: UUID, _ period: Budget.Period) -> Statement {
        Statement(
            "SELECT id FROM spotter.budgets WHERE subject_id = $1 AND period = $2", subject, period.rawValue)
    }

    /// Takes away the budgets of executions that have ended.
    static let dropEnded = Statement("SELECT app.drop_ended_budgets()")

    /// Takes away the budgets of these executions.
    static func drop(of executions: [ExecutionID]) -> Statement {
        Statement(
            "DELETE FROM spotter.budgets WHERE scope = 'execution' AND subject_id = ANY ($1::uuid[])",
            executions.map(\.uuid))
    }

    /// Stops the transaction where there is no such agent or task, or no such execution any more.
    static func require(_ subject: Budget.Subject) -> [Statement] {
        switch subject {
        case .organization: []
        case .agent(let id):
            [
                Statement(
                    """
                    SELECT app.require(
                        EXISTS (SELECT FROM spotter.agents WHERE id = $1 AND deleted_at IS NULL), 'SP404', 'agent')
                    """, id.uuid)
            ]
        case .task(let id):
            [
                Statement(
                    """
                    SELECT app.require(
                        EXISTS (SELECT FROM spotter.tasks WHERE id = $1 AND deleted_at IS NULL), 'SP404', 'task')
                    """, id.uuid)
            ]
        case .execution(let id):
            [
                Statement(
                    """
                    SELECT app.require(
                        EXISTS (SELECT FROM spotter.executions
                            WHERE id = $1 AND state NOT IN ('completed', 'failed', 'cancelled')), 'SP404', 'execution')
                    """, id.uuid)
            ]
        }
    }

    /// Sets a budget; the transaction has the lock alone. What was spent and is reserved is counted anew.
    static func put(_ budget: Budget, in scope: OrganizationScope) -> Statement {
        Statement(
            """
            INSERT INTO spotter.budgets AS stored (
                organization_id, id, scope, subject_id, period, limit_amount, limit_tokens, currency, source, about,
                period_start, spent, spent_tokens, reserved, reserved_tokens, created_at, updated_at)
            SELECT (SELECT app.organization()), $1, $2, $3, $4, $5::numeric, $6::bigint, $7, $8,
                $9::jsonb, $10, lines.billed,
                lines.tokens, held.billed, held.tokens, $11, $11
            FROM (
                SELECT coalesce(sum(billed), 0) AS billed,
                    coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens
                FROM spotter.ledger
                WHERE at >= $10 AND ($2 = 'organization' OR ($2 = 'agent' AND agent_id = $3)
                    OR ($2 = 'task' AND task_id = $3) OR ($2 = 'execution' AND $3 = ANY (app.lineage(execution_id))
                        AND at >= (SELECT created_at FROM spotter.executions WHERE id = $3)))) AS lines,
                (
                SELECT coalesce(sum(billed), 0) AS billed,
                    coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens
                FROM spotter.reservations
                WHERE $2 = 'organization' OR ($2 = 'agent' AND agent_id = $3)
                    OR ($2 = 'task' AND task_id = $3)
                    OR ($2 = 'execution' AND $3 = ANY (app.lineage(execution_id)))) AS held
            ON CONFLICT ON CONSTRAINT budgets_subject_key DO UPDATE SET
                limit_amount = excluded.limit_amount, limit_tokens = excluded.limit_tokens,
                currency = excluded.currency, source = excluded.source, about = excluded.about,
                period_start = excluded.period_start, spent = excluded.spent, spent_tokens = excluded.spent_tokens,
                reserved = excluded.reserved, reserved_tokens = excluded.reserved_tokens,
                -- What was told stays told, unless there is room again.
                warned = stored.warned AND stored.period_start = excluded.period_start
                    AND coalesce(excluded.spent * 100 >= excluded.limit_amount * 80
                        OR excluded.spent_tokens::numeric * 100 >= excluded.limit_tokens::numeric * 80, false),
                reached = stored.reached AND stored.period_start = excluded.period_start
                    AND coalesce(excluded.spent >= excluded.limit_amount
                        OR excluded.spent_tokens >= excluded.limit_tokens, false),
                updated_at = excluded.updated_at
            RETURNING id, scope, subject_id, period, limit_amount, limit_tokens, currency, source, period_start,
                spent, spent_tokens, reserved, reserved_tokens, warned, reached, created_at, updated_at
            """, budget.id.uuid, budget.subject.scope, budget.subject.uuid(in: scope), budget.period.rawValue,
            budget.limit?.amount, budget.tokens, budget.limit?.currency ?? Cost.zero.billed.currency,
            budget.source.rawValue, PostgresValue.document(budget.about), budget.periodStart, budget.updatedAt)
    }

    static func delete(_ id: BudgetID) -> Statement {
        Statement("DELETE FROM spotter.budgets WHERE id = $1 RETURNING id", id.uuid)
    }
}
