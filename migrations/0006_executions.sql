-- Runs of anything, and their journals.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.executions (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL
        CHECK (state IN ('queued', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled')),
    -- How often work on it has begun: the fencing token of every later write.
    attempt integer NOT NULL CHECK (attempt >= 0),
    -- For how long each record holds the execution, and until when the last one does, by the database's clock.
    lease_ms bigint NOT NULL CHECK (lease_ms >= 0),
    lease_until timestamptz,
    conversation_id uuid,
    agent_id uuid,
    agent_version integer,
    input json NOT NULL,
    output json,
    error json,
    usage json NOT NULL,
    cost json NOT NULL,
    steps_total integer NOT NULL,
    steps_completed integer NOT NULL,
    current_step text,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    completed_at timestamptz,
    PRIMARY KEY (organization_id, id),
    CHECK (agent_version IS NULL OR agent_id IS NOT NULL),
    FOREIGN KEY (organization_id, conversation_id)
        REFERENCES spotter.conversations (organization_id, id) ON DELETE SET NULL (conversation_id),
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, agent_id, agent_version)
        REFERENCES spotter.agent_versions (organization_id, agent_id, version) ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX executions_state_idx ON spotter.executions (organization_id, state, id);
CREATE INDEX executions_agent_id_idx ON spotter.executions (organization_id, agent_id, id);
CREATE INDEX executions_conversation_id_idx ON spotter.executions (organization_id, conversation_id, id);
CREATE INDEX executions_lease_until_idx ON spotter.executions (organization_id, lease_until)
    WHERE lease_until IS NOT NULL;
ALTER TABLE spotter.executions ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.executions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.executions
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.executions TO spotter_app;

CREATE TABLE spotter.steps (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    execution_id uuid NOT NULL,
    -- Its place in the journal, from 0.
    step_index integer NOT NULL CHECK (step_index >= 0),
    name text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('started', 'completed', 'failed')),
    attempt integer NOT NULL,
    input json NOT NULL,
    output json,
    error json,
    usage json,
    cost json,
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT steps_index_key UNIQUE (organization_id, execution_id, step_index),
    FOREIGN KEY (organization_id, execution_id)
        REFERENCES spotter.executions (organization_id, id) ON DELETE CASCADE
);
ALTER TABLE spotter.steps ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.steps FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.steps
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.steps TO spotter_app;
