import Foundation
import PostgresKit
import SpotterDomain

/// What the ledger is read with, and the versions of prices and markups are written with. `BudgetSQL.book` adds lines.
enum LedgerSQL {
    static func select(_ filter: LedgerFilter, after: LedgerLineID?, limit: Int) -> Statement {
        Statement(
            """
            SELECT id, at, step_id, call_number, execution_id, agent_id, conversation_id, task_id, provider, model,
                outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
                model_calls, raw_usage, is_estimate, price_version, markup_version, corrects, base, markup, billed,
                currency, note, workflow_id
            FROM spotter.ledger
            WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
                AND ($3::uuid IS NULL OR agent_id = $3) AND ($4::uuid IS NULL OR conversation_id = $4)
                AND ($5::uuid IS NULL OR task_id = $5) AND ($6::uuid IS NULL OR execution_id = $6)
                AND ($7::text IS NULL OR model = $7) AND ($8::uuid IS NULL OR id > $8)
                AND ($10::uuid IS NULL OR workflow_id = $10)
            ORDER BY id LIMIT $9
            """, filter.from, filter.until, filter.agent?.uuid, filter.conversation?.uuid, filter.task?.uuid,
            filter.execution?.uuid, filter.model, after?.uuid, max(limit, 0), filter.workflow)
    }

    /// A line and all that corrects it, in the order of their making.
    static func selectEntry(_ id: LedgerLineID) -> Statement {
        Statement(
            """
            SELECT id, at, step_id, call_number, execution_id, agent_id, conversation_id, task_id, provider, model,
                outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
                model_calls, raw_usage, is_estimate, price_version, markup_version, corrects, base, markup, billed,
                currency, note, workflow_id
            FROM spotter.ledger WHERE id = $1 OR corrects = $1 ORDER BY id
            """, id.uuid)
    }

    static func publish(_ prices: [ModelPrice]) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.model_pricing (
                version, provider, model, input_per_million, output_per_million, cache_read_per_million,
                cache_write_per_million, currency, valid_from)
            SELECT version, provider, model, input_per_million, output_per_million, cache_read_per_million,
                cache_write_per_million, currency, valid_from
            FROM json_to_recordset($1::json) AS new (
                version text, provider text, model text, input_per_million numeric, output_per_million numeric,
                cache_read_per_million numeric, cache_write_per_million numeric, currency text,
                valid_from timestamptz)
            ORDER BY version
            ON CONFLICT (version) DO NOTHING
            """, try PostgresValue.document(prices.map(PriceRow.init)))
    }

    static func publish(_ markups: [Markup]) throws -> Statement {
        Statement(
            """
            INSERT INTO spotter.markups (version, plan, percent, valid_from)
            SELECT version, plan, percent, valid_from
            FROM json_to_recordset($1::json) AS new (
                version text, plan text, percent numeric, valid_from timestamptz)
            ORDER BY version
            ON CONFLICT (version) DO NOTHING
            """, try PostgresValue.document(markups.map(MarkupRow.init)))
    }

    static let selectPrices = Statement(
        """
        SELECT provider, model, input_per_million, output_per_million, cache_read_per_million,
            cache_write_per_million, currency, valid_from
        FROM spotter.model_pricing ORDER BY provider COLLATE "C", model COLLATE "C", valid_from, version
        """)

    static let selectMarkups = Statement(
        """
        SELECT plan, percent, valid_from FROM spotter.markups ORDER BY plan COLLATE "C" NULLS FIRST, valid_from, version
        """)
}
