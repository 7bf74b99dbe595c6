-- Issued tokens, and what was answered to requests with an Idempotency-Key.

SET LOCAL ROLE spotter_owner;

-- Holds no secret: a token is a signature over these fields.
CREATE TABLE spotter.tokens (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    permissions text[] NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz,
    PRIMARY KEY (organization_id, id)
);
ALTER TABLE spotter.tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.tokens
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- Of an issued token only its revocation and its last use are ever written.
GRANT SELECT, INSERT, UPDATE (revoked_at, last_used_at) ON spotter.tokens TO spotter_app;

CREATE TABLE spotter.receipts (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    -- Both NULL while the work is still running.
    response_status integer,
    response_body bytea,
    -- The execution that completes the answer, where there is one.
    execution_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, key),
    CHECK ((response_status IS NULL) = (response_body IS NULL))
);
-- Old receipts are forgotten by age.
CREATE INDEX receipts_created_at_idx ON spotter.receipts (organization_id, created_at);
ALTER TABLE spotter.receipts ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.receipts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.receipts
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE (response_status, response_body), DELETE ON spotter.receipts TO spotter_app;
