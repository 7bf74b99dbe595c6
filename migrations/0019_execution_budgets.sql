-- Budgets of single executions, and the workflow that a line was spent for.

SET LOCAL ROLE spotter_owner;

ALTER TABLE spotter.ledger ADD workflow_id uuid;
ALTER TABLE spotter.reservations ADD workflow_id uuid;

CREATE INDEX ledger_corrects_idx ON spotter.ledger (organization_id, corrects) WHERE corrects IS NOT NULL;

-- What one run of an agent may cost, in dollars, and how many tokens it may use. NULL: any amount, any number.
ALTER TABLE spotter.agents
    ADD max_cost numeric CHECK (max_cost >= 0),
    ADD max_tokens bigint CHECK (max_tokens >= 0);

-- `run`: set by the run itself from its agent's limits; it goes when the run has ended.
ALTER TABLE spotter.budgets
    DROP CONSTRAINT budgets_scope_check,
    ADD CONSTRAINT budgets_scope_check CHECK (scope IN ('organization', 'agent', 'task', 'execution')),
    DROP CONSTRAINT budgets_source_check,
    ADD CONSTRAINT budgets_source_check CHECK (source IN ('api', 'file', 'run'));
CREATE INDEX budgets_execution_idx ON spotter.budgets (organization_id) WHERE scope = 'execution';

-- An execution with those that began it, from the part to the whole: what it spends counts for all of them.
CREATE FUNCTION app.lineage(execution uuid) RETURNS uuid[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, spotter, app
    AS $$
    WITH RECURSIVE line (id, depth) AS (
        SELECT execution, 0
        UNION ALL
        SELECT parent.parent_id, line.depth + 1
        FROM line JOIN executions AS parent ON parent.organization_id = app.organization() AND parent.id = line.id
        WHERE parent.parent_id IS NOT NULL AND line.depth < 32)
    SELECT array_agg(id) FROM line
    $$;
GRANT EXECUTE ON FUNCTION app.lineage(uuid) TO spotter_app;

-- An execution with all that it began, from the whole to the parts, also of those that ended long ago.
CREATE FUNCTION app.descent(execution uuid) RETURNS uuid[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, spotter, app
    AS $$
    WITH RECURSIVE line (id, depth) AS (
        SELECT execution, 0
        UNION ALL
        SELECT child.id, line.depth + 1
        FROM line CROSS JOIN LATERAL (
            SELECT id FROM executions WHERE organization_id = app.organization() AND parent_id = line.id
            UNION ALL
            SELECT id FROM executions_history WHERE organization_id = app.organization() AND parent_id = line.id
        ) AS child
        WHERE line.depth < 32)
    SELECT array_agg(id) FROM line
    $$;
GRANT EXECUTE ON FUNCTION app.descent(uuid) TO spotter_app;

-- Adds lines, takes away the reservations of their calls and those in `freed`, and makes the ones that are wanted, as far
-- as every budget has room; says of each wanted one how long its answer may be, or which budget refuses it, and in a row
-- without a step that budgets have a say. Tells once a period that most of a budget is spent, and that it is used up.
--
-- A wanted call may say what its run may spend at most: that becomes a budget of its own, which goes with the run's end.
-- Nobody else spends for a run, or reserves, while that is made, but what it began; so the lock that all share will do.
--
-- Budgets are locked from the whole to the part, all before the first is changed. Goes behind everything else in its
-- transaction but the events.
CREATE OR REPLACE FUNCTION app.book(lines json, freed json, wanted json, moment timestamptz)
    RETURNS TABLE (
        step uuid, number integer, granted bigint, reason text, scope text, period text, limit_amount numeric,
        currency text, limit_tokens bigint, spent numeric, spent_tokens bigint)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    mine uuid := app.organization();
    opened_at timestamptz;
    touched uuid[];
    has_runs boolean;
    used_up uuid[] := '{}';
    entry record;
    tight record;
    answer bigint;
BEGIN
    PERFORM app.lock_budgets(true);
    SELECT max(ends_at) INTO opened_at FROM ledger_closings WHERE organization_id = mine;
    INSERT INTO budgets (
        organization_id, id, scope, subject_id, period, limit_amount, limit_tokens, currency, source, about,
        period_start, spent, spent_tokens, reserved, reserved_tokens, created_at, updated_at)
    SELECT mine, call.cap_id, 'execution', call.execution_id, 'total', call.cap_amount, call.cap_tokens, call.currency,
        'run', call.cap_about, to_timestamp(0), past.billed, past.tokens, held.billed, held.tokens, moment, moment
    FROM (
            -- OFFSET: what was spent before is looked for only where there is no budget yet.
            SELECT wish.*, app.descent(wish.execution_id) AS parts
            FROM json_to_recordset(wanted) AS wish (
                execution_id uuid, currency text, cap_id uuid, cap_amount numeric, cap_tokens bigint, cap_about jsonb)
            WHERE wish.cap_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM budgets
                WHERE organization_id = mine AND subject_id = wish.execution_id AND period = 'total')
            OFFSET 0) AS call
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(billed), 0) AS billed,
                coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens
            FROM ledger WHERE organization_id = mine AND execution_id = ANY (call.parts)) AS past
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(billed), 0) AS billed,
                coalesce(sum(input_tokens + output_tokens), 0)::bigint AS tokens
            FROM reservations WHERE organization_id = mine AND execution_id = ANY (call.parts)) AS held
    ON CONFLICT ON CONSTRAINT budgets_subject_key DO NOTHING;
    has_runs := EXISTS (SELECT FROM budgets WHERE organization_id = mine AND scope = 'execution');
    SELECT array_agg(id) INTO touched FROM (
        SELECT id FROM budgets
        WHERE organization_id = mine AND subject_id IN (
            SELECT mine
            UNION SELECT unnest(ARRAY[agent_id, task_id])
                FROM json_to_recordset(lines) AS line (agent_id uuid, task_id uuid)
            UNION SELECT unnest(ARRAY[agent_id, task_id])
                FROM json_to_recordset(freed) AS call (agent_id uuid, task_id uuid)
            UNION SELECT unnest(ARRAY[agent_id, task_id])
                FROM json_to_recordset(wanted) AS call (agent_id uuid, task_id uuid)
            UNION SELECT unnest(app.lineage(execution_id)) FROM (
                SELECT execution_id FROM json_to_recordset(lines) AS line (execution_id uuid) WHERE has_runs
                UNION SELECT execution_id FROM json_to_recordset(freed) AS call (execution_id uuid) WHERE has_runs
                UNION SELECT execution_id FROM json_to_recordset(wanted) AS call (execution_id uuid) WHERE has_runs
            ) AS runs)
        ORDER BY array_position(ARRAY['organization', 'agent', 'task', 'execution'], scope), subject_id, period
        FOR NO KEY UPDATE) AS locked;
    IF touched IS NOT NULL THEN
        RETURN QUERY SELECT NULL::uuid, NULL::integer, NULL::bigint, NULL, NULL, NULL, NULL::numeric, NULL,
            NULL::bigint, NULL::numeric, NULL::bigint;
    END IF;
    UPDATE budgets SET
        period_start = app.period_start(period, moment), spent = 0, spent_tokens = 0, warned = false, reached = false
    WHERE organization_id = mine AND id = ANY (touched) AND period_start < app.period_start(period, moment);

    WITH added AS (
        INSERT INTO ledger (
            organization_id, id, at, step_id, call_number, execution_id, agent_id, conversation_id, task_id, provider,
            model, outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
            model_calls, raw_usage, is_estimate, price_version, markup_version, corrects, base, markup, billed,
            currency, note, workflow_id)
        SELECT mine, id, greatest(at, opened_at), step_id, call_number, execution_id, agent_id, conversation_id,
            task_id, provider, model, outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
            reasoning_tokens, model_calls, raw_usage, is_estimate, price_version, markup_version, corrects, base, markup, billed,
            currency, note, workflow_id
        FROM json_to_recordset(lines) AS new (
            id uuid, at timestamptz, step_id uuid, call_number integer, execution_id uuid, agent_id uuid,
            conversation_id uuid, task_id uuid, provider text, model text, outcome text, input_tokens bigint,
            output_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint,
            model_calls bigint, raw_usage json, is_estimate boolean, price_version text, markup_version text,
            corrects uuid, base numeric, markup numeric, billed numeric, currency text, note text, workflow_id uuid)
        ON CONFLICT ON CONSTRAINT ledger_call_key DO NOTHING
        RETURNING step_id, call_number, execution_id, agent_id, task_id, at, billed,
            input_tokens + output_tokens AS tokens),
    ended AS (
        DELETE FROM reservations AS held USING (
            SELECT step_id, call_number FROM added
            UNION SELECT step_id, call_number
                FROM json_to_recordset(freed) AS call (step_id uuid, call_number integer)) AS call
        WHERE held.organization_id = mine AND held.step_id = call.step_id AND held.call_number = call.call_number
        RETURNING held.execution_id, held.agent_id, held.task_id, held.billed,
            held.input_tokens + held.output_tokens AS tokens),
    moved AS (
        SELECT execution_id, agent_id, task_id, at, billed AS more, tokens AS more_tokens, 0::numeric AS less,
            0::bigint AS less_tokens
        FROM added
        UNION ALL SELECT execution_id, agent_id, task_id, NULL, 0, 0, billed, tokens FROM ended),
    sums AS (
        SELECT budget.id,
            coalesce(sum(more) FILTER (WHERE moved.at >= budget.period_start), 0) AS more,
            coalesce(sum(more_tokens) FILTER (WHERE moved.at >= budget.period_start), 0) AS more_tokens,
            sum(less) AS less, sum(less_tokens) AS less_tokens
        FROM budgets AS budget JOIN moved ON budget.subject_id IN (mine, moved.agent_id, moved.task_id)
            OR (budget.scope = 'execution' AND budget.subject_id = ANY (app.lineage(moved.execution_id)))
        WHERE budget.organization_id = mine AND budget.id = ANY (touched)
        GROUP BY budget.id)
    UPDATE budgets AS budget SET
        spent = budget.spent + sums.more, spent_tokens = budget.spent_tokens + sums.more_tokens,
        reserved = greatest(0, budget.reserved - sums.less),
        reserved_tokens = greatest(0, budget.reserved_tokens - sums.less_tokens)
    FROM sums WHERE budget.organization_id = mine AND budget.id = sums.id;

    FOR entry IN
        SELECT * FROM json_to_recordset(wanted) AS call (
            step_id uuid, call_number integer, line_id uuid, execution_id uuid, attempt integer, agent_id uuid,
            conversation_id uuid, task_id uuid, workflow_id uuid, provider text, model text, input_tokens bigint,
            output_tokens bigint, cache_write_tokens bigint, least_tokens bigint, price_version text,
            markup_version text, question numeric, per_token numeric, percent numeric, currency text)
        ORDER BY step_id, call_number
    LOOP
        -- What each budget has room for: beside the calls under way, and if there were none.
        SELECT budget.*, rooms.* INTO tight FROM budgets AS budget
            CROSS JOIN LATERAL (
                SELECT
                    least(
                        CASE WHEN budget.limit_amount IS NULL THEN NULL WHEN entry.price_version IS NULL THEN -1
                            ELSE app.affordable(
                                budget.limit_amount - budget.spent - budget.reserved, entry.question,
                                entry.per_token, entry.percent, entry.output_tokens) END,
                        budget.limit_tokens - budget.spent_tokens - budget.reserved_tokens - entry.input_tokens
                    ) AS room,
                    least(
                        CASE WHEN budget.limit_amount IS NULL THEN NULL WHEN entry.price_version IS NULL THEN -1
                            ELSE app.affordable(
                                budget.limit_amount - budget.spent, entry.question, entry.per_token, entry.percent,
                                entry.output_tokens) END,
                        budget.limit_tokens - budget.spent_tokens - entry.input_tokens
                    ) AS alone,
                    budget.limit_amount IS NOT NULL AND entry.price_version IS NULL AS unpriced) AS rooms
            WHERE budget.organization_id = mine AND budget.id = ANY (touched)
                AND (budget.subject_id IN (mine, entry.agent_id, entry.task_id)
                    OR (budget.scope = 'execution' AND budget.subject_id = ANY (app.lineage(entry.execution_id))))
            ORDER BY rooms.room >= entry.least_tokens, rooms.unpriced DESC, rooms.alone >= entry.least_tokens,
                CASE WHEN rooms.room >= entry.least_tokens THEN rooms.room END,
                array_position(ARRAY['organization', 'agent', 'task', 'execution'], budget.scope), budget.period
            LIMIT 1;
        IF FOUND AND tight.room < entry.least_tokens THEN
            IF NOT tight.unpriced AND tight.alone < entry.least_tokens THEN used_up := used_up || tight.id; END IF;
            RETURN QUERY SELECT entry.step_id, entry.call_number, NULL::bigint,
                CASE WHEN tight.unpriced THEN 'unpriced' WHEN tight.alone < entry.least_tokens THEN 'reached'
                    ELSE 'busy' END,
                tight.scope, tight.period, tight.limit_amount, tight.currency, tight.limit_tokens, tight.spent,
                tight.spent_tokens;
            CONTINUE;
        END IF;
        answer := least(entry.output_tokens, CASE WHEN FOUND THEN tight.room END);
        INSERT INTO reservations (
            organization_id, step_id, call_number, line_id, execution_id, attempt, agent_id, conversation_id, task_id,
            provider, model, input_tokens, output_tokens, cache_write_tokens, price_version, markup_version, base,
            markup, billed, currency, workflow_id)
        SELECT mine, entry.step_id, entry.call_number, entry.line_id, entry.execution_id, entry.attempt,
            entry.agent_id, entry.conversation_id, entry.task_id, entry.provider, entry.model, entry.input_tokens,
            answer, entry.cache_write_tokens, entry.price_version, entry.markup_version, base,
            base * entry.percent * 0.01,
            base + base * entry.percent * 0.01, entry.currency, entry.workflow_id
        FROM (SELECT entry.question + answer * entry.per_token AS base) AS worth;
        UPDATE budgets AS budget SET
            reserved = budget.reserved + held.billed,
            reserved_tokens = budget.reserved_tokens + held.input_tokens + held.output_tokens
        FROM reservations AS held
        WHERE budget.organization_id = mine AND budget.id = ANY (touched)
            AND (budget.subject_id IN (mine, entry.agent_id, entry.task_id)
                OR (budget.scope = 'execution' AND budget.subject_id = ANY (app.lineage(entry.execution_id))))
            AND held.organization_id = mine AND held.step_id = entry.step_id
            AND held.call_number = entry.call_number;
        RETURN QUERY SELECT entry.step_id, entry.call_number, answer, NULL, NULL, NULL, NULL::numeric, NULL,
            NULL::bigint, NULL::numeric, NULL::bigint;
    END LOOP;

    FOR entry IN
        UPDATE budgets SET warned = true
        WHERE organization_id = mine AND id = ANY (touched) AND NOT warned
            AND (spent * 100 >= limit_amount * 80 OR spent_tokens::numeric * 100 >= limit_tokens::numeric * 80)
        RETURNING about, spent, spent_tokens, currency
    LOOP
        PERFORM app.tell(
            'budget.warning',
            app.budget_data(entry.about, entry.spent, entry.spent_tokens, entry.currency), moment);
    END LOOP;
    FOR entry IN
        UPDATE budgets SET reached = true
        WHERE organization_id = mine AND id = ANY (touched) AND NOT reached
            AND (spent >= limit_amount OR spent_tokens >= limit_tokens OR id = ANY (used_up))
        RETURNING about, spent, spent_tokens, currency
    LOOP
        PERFORM app.tell(
            'budget.reached',
            app.budget_data(entry.about, entry.spent, entry.spent_tokens, entry.currency), moment);
    END LOOP;
END
$$;

-- Puts calls on the bill of which nobody will hear again: those reserved by an attempt that is over, of `wanted`
-- executions or, where that is NULL, of any. Returns how many. Those that others look at just now are left to them.
CREATE OR REPLACE FUNCTION app.charge_lost(wanted uuid[], most integer, moment timestamptz) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    mine uuid := app.organization();
    lost json;
BEGIN
    SELECT json_agg(json_build_object(
        'id', line_id, 'at', moment, 'step_id', step_id, 'call_number', call_number, 'execution_id', execution_id,
        'agent_id', agent_id, 'conversation_id', conversation_id, 'task_id', task_id,
        'workflow_id', workflow_id, 'provider', provider,
        'model', model, 'outcome', 'unknown', 'input_tokens', input_tokens, 'output_tokens', output_tokens,
        'cache_read_tokens', 0, 'cache_write_tokens', cache_write_tokens, 'reasoning_tokens', 0, 'model_calls', 1,
        'is_estimate', true, 'price_version', price_version, 'markup_version', markup_version, 'base', base,
        'markup', markup, 'billed', billed, 'currency', currency)) INTO lost
    FROM (
        SELECT held.* FROM reservations AS held
        WHERE held.organization_id = mine AND (wanted IS NULL OR held.execution_id = ANY (wanted))
            AND NOT EXISTS (
                SELECT FROM executions AS run
                WHERE run.organization_id = mine AND run.id = held.execution_id AND run.state = 'running'
                    AND run.attempt = held.attempt)
        ORDER BY held.step_id, held.call_number LIMIT most FOR UPDATE SKIP LOCKED) AS held;
    IF lost IS NULL THEN RETURN 0; END IF;
    PERFORM app.book(lost, NULL, NULL, moment);
    RETURN json_array_length(lost);
END
$$;

-- Takes away the budgets of executions that have ended. Returns how many.
CREATE FUNCTION app.drop_ended_budgets() RETURNS bigint
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, spotter, app
    AS $$
    WITH dropped AS (
        DELETE FROM budgets AS budget
        WHERE budget.organization_id = app.organization() AND budget.scope = 'execution' AND NOT EXISTS (
            SELECT FROM executions AS run
            WHERE run.organization_id = budget.organization_id AND run.id = budget.subject_id
                AND run.state NOT IN ('completed', 'failed', 'cancelled'))
        RETURNING 1)
    SELECT count(*) FROM dropped
    $$;
GRANT EXECUTE ON FUNCTION app.drop_ended_budgets() TO spotter_app;
