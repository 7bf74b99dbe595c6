-- Buckets of requests that all processes spend from, and the limits that fill them.

SET LOCAL ROLE spotter_owner;

-- NULL: what the plan says, or any amount.
ALTER TABLE spotter.organizations
    ADD COLUMN token_requests_per_minute integer CHECK (token_requests_per_minute > 0),
    ADD COLUMN hooks_per_minute integer CHECK (hooks_per_minute > 0),
    ADD COLUMN cost_per_minute numeric CHECK (cost_per_minute > 0),
    ADD COLUMN cost_per_hour numeric CHECK (cost_per_hour > 0);

ALTER TABLE spotter.tokens ADD COLUMN requests_per_minute integer CHECK (requests_per_minute > 0);

-- One row for each bucket that was ever spent from. Processes take slices, so that a row changes a few times a minute,
-- however many requests there are.
CREATE TABLE spotter.rate_limits (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    bucket text COLLATE "C" NOT NULL CHECK (length(bucket) BETWEEN 1 AND 64),
    -- What it holds when it is full, and gets in a minute, as of the last lease.
    quota integer NOT NULL CHECK (quota > 0),
    -- What was left after it; below zero where processes had let requests through on credit.
    tokens double precision NOT NULL,
    -- What the last lease took.
    granted integer NOT NULL CHECK (granted >= 0),
    refilled_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, bucket)
) WITH (fillfactor = 50);
ALTER TABLE spotter.rate_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.rate_limits FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.rate_limits
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.rate_limits TO spotter_app;
