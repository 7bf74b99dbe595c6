import Foundation
import PostgresKit
import SpotterDomain

/// What the ledger is added up with.
enum UsageSQL {
    /// What lines add up to, under one key or under many.
    static func sums(_ filter: LedgerFilter, by grouping: UsageGrouping?) -> Statement {
        Statement(
            """
            SELECT key, lines, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
                model_calls, base, markup, billed
            FROM (
                SELECT key, count(*) AS lines, coalesce(sum(input_tokens), 0)::bigint AS input_tokens,
                    coalesce(sum(output_tokens), 0)::bigint AS output_tokens,
                    coalesce(sum(cache_read_tokens), 0)::bigint AS cache_read_tokens,
                    coalesce(sum(cache_write_tokens), 0)::bigint AS cache_write_tokens,
                    coalesce(sum(reasoning_tokens), 0)::bigint AS reasoning_tokens,
                    coalesce(sum(model_calls), 0)::bigint AS model_calls, coalesce(sum(base), 0) AS base,
                    coalesce(sum(markup), 0) AS markup, coalesce(sum(billed), 0) AS billed
                FROM (
                    SELECT *, CASE $8::text
                        WHEN 'agent' THEN agent_id::text WHEN 'conversation' THEN conversation_id::text
                        WHEN 'task' THEN task_id::text WHEN 'execution' THEN execution_id::text WHEN 'model' THEN model
                        WHEN 'provider' THEN provider WHEN 'day' THEN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
                        WHEN 'month' THEN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM')
                        WHEN 'workflow' THEN coalesce(
                            (SELECT 'crm:' || c.name FROM spotter.crm_workflows c WHERE c.id = workflow_id),
                            workflow_id::text) END AS key
                    FROM spotter.ledger
                    WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
                        AND ($3::uuid IS NULL OR agent_id = $3) AND ($4::uuid IS NULL OR conversation_id = $4)
                        AND ($5::uuid IS NULL OR task_id = $5) AND ($6::uuid IS NULL OR execution_id = $6)
                        AND ($7::text IS NULL OR model = $7) AND ($10::uuid IS NULL OR workflow_id = $10)) AS line
                GROUP BY key) AS sums
            ORDER BY CASE WHEN $8 IN ('day', 'month') THEN key COLLATE "C" END, billed DESC, key COLLATE "C"
            LIMIT $9
            """, filter.from, filter.until, filter.agent?.uuid, filter.conversation?.uuid, filter.task?.uuid,
            filter.execution?.uuid, filter.model, grouping?.rawValue, UsageSummary.limit,
            filter.workflow)
    }

    static let closings = Statement(
        """
        SELECT starts_at, closed_at, lines, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
            reasoning_tokens, model_calls, base, markup, billed
        FROM spotter.ledger_closings ORDER BY starts_at DESC
        """)

    /// Closes a month; the transaction has the lock of budgets alone.
    static func close(_ month: BillingMonth, at now: Date) -> Statement {
        Statement(
            """
            INSERT INTO spotter.ledger_closings (
                organization_id, starts_at, ends_at, closed_at, lines, input_tokens, output_tokens, cache_read_tokens,
                cache_write_tokens, reasoning_tokens, model_calls, base, markup, billed)
            SELECT (SELECT app.organization()), $1, $2, $3, count(*), coalesce(sum(input_tokens), 0),
                coalesce(sum(output_tokens), 0), coalesce(sum(cache_read_tokens), 0),
                coalesce(sum(cache_write_tokens), 0), coalesce(sum(reasoning_tokens), 0),
                coalesce(sum(model_calls), 0), coalesce(sum(base), 0), coalesce(sum(markup), 0),
                coalesce(sum(billed), 0)
            FROM spotter.ledger WHERE at >= $1 AND at < $2
            """, month.start, month.end, now)
    }
}

extension UsageSum {
    /// Reads the columns that begin with the count of lines at `column`.
    init(_ row: Row, key: String?, from column: Int) throws {
        let currency = Cost.zero.billed.currency
        self.init(
            key: key, lines: try row.get(column),
            usage: TokenUsage(
                inputTokens: try row.get(column + 1), outputTokens: try row.get(column + 2),
                cacheReadTokens: try row.get(column + 3), cacheWriteTokens: try row.get(column + 4),
                reasoningTokens: try row.get(column + 5), modelCalls: try row.get(column + 6)),
            cost: Cost(
                base: Money(try row.get(column + 7), currency), markup: Money(try row.get(column + 8), currency),
                billed: Money(try row.get(column + 9), currency)))
    }
}

extension UsageGrouping {
    /// The key as people read it.
    func text(of key: String?) -> String? {
        guard let key, let uuid = UUID(uuidString: key) else { return key }
        return switch self {
        case .agent: AgentID(uuid).description
        case .conversation: ConversationID(uuid).description
        case .task: WorkItemID(uuid).description
        case .execution: ExecutionID(uuid).description
        case .workflow: WorkflowID(uuid).description
        case .model, .provider, .day, .month: key
        }
    }
}

extension ClosedMonth {
    /// Reads the columns in the order of `UsageSQL.closings`.
    init(_ row: Row) throws {
        self.init(
            month: BillingMonth(of: try row.get(0)), closedAt: try row.get(1),
            total: try UsageSum(row, key: nil, from: 2))
    }
}
