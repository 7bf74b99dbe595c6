-- Budgets: caps on what calls of models may cost, which are never passed.
--
-- Before a call, what it may cost at most is reserved in every budget that it counts for; when it has ended, its line
-- takes the reservation's place. Both happen in the transactions that record the run, in one statement each.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.budgets (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    scope text NOT NULL CHECK (scope IN ('organization', 'agent', 'task')),
    -- The agent or the task; the organization itself for all of it.
    subject_id uuid NOT NULL,
    period text NOT NULL CHECK (period IN ('day', 'month', 'total')),
    -- NULL: any amount, any number.
    limit_amount numeric CHECK (limit_amount >= 0),
    limit_tokens bigint CHECK (limit_tokens >= 0),
    currency text NOT NULL,
    source text NOT NULL CHECK (source IN ('api', 'file')),
    -- What its events say of it, whatever is spent.
    about jsonb NOT NULL,
    -- The period that the figures are of.
    period_start timestamptz NOT NULL,
    spent numeric NOT NULL,
    spent_tokens bigint NOT NULL,
    -- What the calls under way may cost: the sum of their reservations.
    reserved numeric NOT NULL,
    reserved_tokens bigint NOT NULL,
    -- What was told in this period.
    warned boolean NOT NULL DEFAULT false,
    reached boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT budgets_subject_key UNIQUE (organization_id, subject_id, period),
    CHECK (limit_amount IS NOT NULL OR limit_tokens IS NOT NULL),
    CHECK ((scope = 'organization') = (subject_id = organization_id))
) WITH (fillfactor = 50);
ALTER TABLE spotter.budgets ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.budgets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.budgets
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.budgets TO spotter_app;

-- One row for each call that may be under way; it says all that its line would say if nobody heard of the call again.
CREATE TABLE spotter.reservations (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    step_id uuid NOT NULL,
    call_number integer NOT NULL,
    line_id uuid NOT NULL,
    -- Not a foreign key: an execution may go to the history before anybody has looked.
    execution_id uuid NOT NULL,
    attempt integer NOT NULL,
    agent_id uuid,
    conversation_id uuid,
    task_id uuid,
    provider text NOT NULL,
    model text NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    -- All of the input, where that is dearer than plain input.
    cache_write_tokens bigint NOT NULL,
    price_version text,
    markup_version text,
    base numeric NOT NULL,
    markup numeric NOT NULL,
    billed numeric NOT NULL,
    currency text NOT NULL,
    PRIMARY KEY (organization_id, step_id, call_number)
);
CREATE INDEX reservations_execution_id_idx ON spotter.reservations (organization_id, execution_id);
ALTER TABLE spotter.reservations ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.reservations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.reservations
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.reservations TO spotter_app;

-- Months that are closed, with what they came to. They stay so: a line that comes later counts from the end of the last
-- of them on.
CREATE TABLE spotter.ledger_closings (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    closed_at timestamptz NOT NULL,
    lines bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    model_calls bigint NOT NULL,
    base numeric NOT NULL,
    markup numeric NOT NULL,
    billed numeric NOT NULL,
    PRIMARY KEY (organization_id, starts_at),
    CHECK (starts_at < ends_at)
);
ALTER TABLE spotter.ledger_closings ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.ledger_closings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.ledger_closings
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT ON spotter.ledger_closings TO spotter_app;

-- Whoever reserves and spends shares the organization's lock until its transaction ends; whoever sets a budget has it
-- alone, and so has whoever closes a month. So a new budget knows every line and every reservation there is, and every
-- later one knows the budget; and a line is in a month before that is closed, or not in it.
CREATE FUNCTION app.lock_budgets(shared boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog
    AS $$
DECLARE
    key bigint := hashtextextended('spotter.budgets ' || app.organization()::text, 0);
BEGIN
    IF shared THEN PERFORM pg_advisory_xact_lock_shared(key); ELSE PERFORM pg_advisory_xact_lock(key); END IF;
END
$$;
GRANT EXECUTE ON FUNCTION app.lock_budgets(boolean) TO spotter_app;

-- When the period began in which a moment is; days and months are those of UTC.
CREATE FUNCTION app.period_start(period text, moment timestamptz) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE period WHEN 'total' THEN to_timestamp(0)
        ELSE date_trunc(period, moment AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' END;
GRANT EXECUTE ON FUNCTION app.period_start(text, timestamptz) TO spotter_app;

-- How many tokens an answer may have, at most `most`, so that the call costs no more than `room`; -1 if not even the
-- question can be paid.
CREATE FUNCTION app.affordable(
    room numeric, question numeric, per_token numeric, percent numeric, most bigint
) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog
    AS $$
DECLARE
    factor numeric := 1 + percent * 0.01;
    tokens bigint;
BEGIN
    IF question * factor > room THEN RETURN -1; END IF;
    IF (question + most * per_token) * factor <= room THEN RETURN most; END IF;
    tokens := greatest(0, least(most, floor((room / factor - question) / per_token)));
    -- A quotient may be rounded up in its last digit.
    WHILE (question + tokens * per_token) * factor > room LOOP tokens := tokens - 1; END LOOP;
    RETURN tokens;
END
$$;
GRANT EXECUTE ON FUNCTION app.affordable(numeric, numeric, numeric, numeric, bigint) TO spotter_app;

-- Puts an event at the end of the organization's log.
CREATE FUNCTION app.tell(type text, data json, moment timestamptz) RETURNS void
    LANGUAGE sql VOLATILE SET search_path = pg_catalog, spotter, app
    AS $$
    WITH log AS (
        UPDATE event_logs SET last_position = last_position + 1
        WHERE organization_id = (SELECT app.organization()) RETURNING organization_id, last_position)
    INSERT INTO events (organization_id, position, type, execution_id, at, data)
    SELECT organization_id, last_position, $1, NULL, $3, $2 FROM log
    $$;
GRANT EXECUTE ON FUNCTION app.tell(text, json, timestamptz) TO spotter_app;

-- Adds lines, takes away the reservations of their calls and those in `freed`, and makes the ones that are wanted, as far
-- as every budget has room; says of each wanted one how long its answer may be, or which budget refuses it, and in a row
-- without a step that budgets have a say. Tells once a period that most of a budget is spent, and that it is used up.
--
-- Budgets are locked from the whole to the part, all before the first is changed. Goes behind everything else in its
-- transaction but the events.
CREATE FUNCTION app.book(lines json, freed json, wanted json, moment timestamptz)
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
    used_up uuid[] := '{}';
    entry record;
    tight record;
    answer bigint;
BEGIN
    PERFORM app.lock_budgets(true);
    SELECT max(ends_at) INTO opened_at FROM ledger_closings WHERE organization_id = mine;
    SELECT array_agg(id) INTO touched FROM (
        SELECT id FROM budgets
        WHERE organization_id = mine AND subject_id IN (
            SELECT mine
            UNION SELECT unnest(ARRAY[agent_id, task_id])
                FROM json_to_recordset(lines) AS line (agent_id uuid, task_id uuid)
            UNION SELECT unnest(ARRAY[agent_id, task_id])
                FROM json_to_recordset(freed) AS call (agent_id uuid, task_id uuid)
            UNION SELECT unnest(ARRAY[agent_id, task_id])
                FROM json_to_recordset(wanted) AS call (agent_id uuid, task_id uuid))
        ORDER BY array_position(ARRAY['organization', 'agent', 'task'], scope), subject_id, period
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
            currency, note)
        SELECT mine, id, greatest(at, opened_at), step_id, call_number, execution_id, agent_id, conversation_id,
            task_id, provider, model, outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
            model_calls, raw_usage, is_estimate, price_version, markup_version, corrects, base, markup, billed,
            currency, note
        FROM json_to_recordset(lines) AS new (
            id uuid, at timestamptz, step_id uuid, call_number integer, execution_id uuid, agent_id uuid,
            conversation_id uuid, task_id uuid, provider text, model text, outcome text, input_tokens bigint,
            output_tokens bigint, cache_read_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint,
            model_calls bigint, raw_usage json, is_estimate boolean, price_version text, markup_version text,
            corrects uuid, base numeric, markup numeric, billed numeric, currency text, note text)
        ON CONFLICT ON CONSTRAINT ledger_call_key DO NOTHING
        RETURNING step_id, call_number, agent_id, task_id, at, billed, input_tokens + output_tokens AS tokens),
    ended AS (
        DELETE FROM reservations AS held USING (
            SELECT step_id, call_number FROM added
            UNION SELECT step_id, call_number
                FROM json_to_recordset(freed) AS call (step_id uuid, call_number integer)) AS call
        WHERE held.organization_id = mine AND held.step_id = call.step_id AND held.call_number = call.call_number
        RETURNING held.agent_id, held.task_id, held.billed, held.input_tokens + held.output_tokens AS tokens),
    moved AS (
        SELECT agent_id, task_id, at, billed AS more, tokens AS more_tokens, 0::numeric AS less, 0::bigint AS less_tokens
        FROM added
        UNION ALL SELECT agent_id, task_id, NULL, 0, 0, billed, tokens FROM ended),
    sums AS (
        SELECT budget.id,
            coalesce(sum(more) FILTER (WHERE moved.at >= budget.period_start), 0) AS more,
            coalesce(sum(more_tokens) FILTER (WHERE moved.at >= budget.period_start), 0) AS more_tokens,
            sum(less) AS less, sum(less_tokens) AS less_tokens
        FROM budgets AS budget JOIN moved ON budget.subject_id IN (mine, moved.agent_id, moved.task_id)
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
            conversation_id uuid, task_id uuid, provider text, model text, input_tokens bigint, output_tokens bigint,
            cache_write_tokens bigint, least_tokens bigint, price_version text, markup_version text, question numeric, per_token numeric,
            percent numeric, currency text)
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
            WHERE budget.organization_id = mine AND budget.subject_id IN (mine, entry.agent_id, entry.task_id)
            ORDER BY rooms.room >= entry.least_tokens, rooms.unpriced DESC, rooms.alone >= entry.least_tokens,
                CASE WHEN rooms.room >= entry.least_tokens THEN rooms.room END,
                array_position(ARRAY['organization', 'agent', 'task'], budget.scope), budget.period
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
            markup, billed, currency)
        SELECT mine, entry.step_id, entry.call_number, entry.line_id, entry.execution_id, entry.attempt,
            entry.agent_id, entry.conversation_id, entry.task_id, entry.provider, entry.model, entry.input_tokens,
            answer, entry.cache_write_tokens, entry.price_version, entry.markup_version, base, base * entry.percent * 0.01,
            base + base * entry.percent * 0.01, entry.currency
        FROM (SELECT entry.question + answer * entry.per_token AS base) AS worth;
        UPDATE budgets AS budget SET
            reserved = budget.reserved + held.billed,
            reserved_tokens = budget.reserved_tokens + held.input_tokens + held.output_tokens
        FROM reservations AS held
        WHERE budget.organization_id = mine AND budget.subject_id IN (mine, entry.agent_id, entry.task_id)
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
GRANT EXECUTE ON FUNCTION app.book(json, json, json, timestamptz) TO spotter_app;

-- What an event says of a budget.
CREATE FUNCTION app.budget_data(about jsonb, spent numeric, spent_tokens bigint, currency text) RETURNS json
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (about || jsonb_build_object(
        'spent', jsonb_build_object('amount', trim_scale(spent)::text, 'currency', currency),
        'spent_tokens', spent_tokens))::json;
GRANT EXECUTE ON FUNCTION app.budget_data(jsonb, numeric, bigint, text) TO spotter_app;

-- Puts calls on the bill of which nobody will hear again: those reserved by an attempt that is over, of `wanted`
-- executions or, where that is NULL, of any. Returns how many. Those that others look at just now are left to them.
CREATE FUNCTION app.charge_lost(wanted uuid[], most integer, moment timestamptz) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    mine uuid := app.organization();
    lost json;
BEGIN
    SELECT json_agg(json_build_object(
        'id', line_id, 'at', moment, 'step_id', step_id, 'call_number', call_number, 'execution_id', execution_id,
        'agent_id', agent_id, 'conversation_id', conversation_id, 'task_id', task_id, 'provider', provider,
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
GRANT EXECUTE ON FUNCTION app.charge_lost(uuid[], integer, timestamptz) TO spotter_app;
