-- What calls of models cost: prices and markups by their versions, and a ledger with one line for each call.
--
-- All three only ever grow. The versions of a line and its usage give its amounts again, to the last digit; what was
-- wrong is put right by another line.

SET LOCAL ROLE spotter_owner;

-- Prices and markups belong to the deployment and to no organization. A version says all there is to it, so that
-- processes with different files never overwrite each other's.
CREATE TABLE spotter.model_pricing (
    version text COLLATE "C" PRIMARY KEY,
    provider text NOT NULL,
    model text NOT NULL,
    input_per_million numeric NOT NULL CHECK (input_per_million >= 0),
    output_per_million numeric NOT NULL CHECK (output_per_million >= 0),
    -- NULL: as all input.
    cache_read_per_million numeric CHECK (cache_read_per_million >= 0),
    cache_write_per_million numeric CHECK (cache_write_per_million >= 0),
    currency text NOT NULL,
    valid_from timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON spotter.model_pricing TO spotter_app;

CREATE TABLE spotter.markups (
    version text COLLATE "C" PRIMARY KEY,
    -- NULL: for plans that have none of their own.
    plan text,
    percent numeric NOT NULL CHECK (percent >= 0),
    valid_from timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON spotter.markups TO spotter_app;

CREATE TABLE spotter.ledger (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    -- The day and the month it counts for, in UTC.
    at timestamptz NOT NULL,
    -- The call: a step of a journal and the number of the call in it. NULL for corrections. No foreign keys lead from
    -- here: a line outlives what it was for.
    step_id uuid,
    call_number integer CHECK (call_number >= 0),
    execution_id uuid,
    agent_id uuid,
    conversation_id uuid,
    task_id uuid,
    provider text NOT NULL,
    model text NOT NULL,
    outcome text CHECK (outcome IN ('completed', 'failed', 'aborted', 'unknown')),
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cache_read_tokens bigint NOT NULL,
    cache_write_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    model_calls bigint NOT NULL,
    -- As the provider sent it, to the letter.
    raw_usage json,
    is_estimate boolean NOT NULL,
    -- NULL for a model without a price, and for corrections.
    price_version text COLLATE "C",
    markup_version text COLLATE "C",
    base numeric NOT NULL,
    markup numeric NOT NULL,
    billed numeric NOT NULL CHECK (billed = base + markup),
    currency text NOT NULL,
    -- The line that this one puts right, and why.
    corrects uuid,
    note text,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT ledger_call_key UNIQUE (organization_id, step_id, call_number),
    CHECK ((step_id IS NULL) = (call_number IS NULL) AND (step_id IS NULL) = (outcome IS NULL)),
    CHECK ((step_id IS NULL) = (corrects IS NOT NULL) AND (corrects IS NULL) = (note IS NULL)),
    CHECK ((price_version IS NULL) = (markup_version IS NULL)),
    FOREIGN KEY (organization_id, corrects) REFERENCES spotter.ledger (organization_id, id)
);
CREATE INDEX ledger_at_idx ON spotter.ledger (organization_id, at);
CREATE INDEX ledger_execution_id_idx ON spotter.ledger (organization_id, execution_id, id)
    WHERE execution_id IS NOT NULL;
ALTER TABLE spotter.ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.ledger FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.ledger
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- What was charged stays so.
GRANT SELECT, INSERT ON spotter.ledger TO spotter_app;
