-- Agents as they are now, and every version they ever were.

SET LOCAL ROLE spotter_owner;

-- The settings are plain columns because this row is the most read of all.
CREATE TABLE spotter.agents (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    name text NOT NULL,
    -- `name` in Unicode NFC, case folded by the application, so that its rules hold whatever the database's locale.
    name_key text COLLATE "C" NOT NULL,
    -- name, description and role, folded the same way.
    search_key text COLLATE "C" NOT NULL,
    description text,
    role text,
    system_prompt text NOT NULL,
    model text NOT NULL,
    tools text[] NOT NULL,
    capabilities text[] NOT NULL,
    priority text NOT NULL,
    temperature double precision NOT NULL,
    max_output_tokens integer NOT NULL,
    max_steps integer NOT NULL,
    timeout_seconds integer NOT NULL,
    enabled boolean NOT NULL,
    metadata jsonb NOT NULL,
    template text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- A deleted agent is not found by anyone, but what it said and did still refers to it.
    deleted_at timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX agents_name_key ON spotter.agents (organization_id, name_key) WHERE deleted_at IS NULL;
CREATE INDEX agents_template_idx ON spotter.agents (organization_id, template)
    WHERE template IS NOT NULL AND deleted_at IS NULL;
ALTER TABLE spotter.agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.agents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.agents
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.agents TO spotter_app;

CREATE TABLE spotter.agent_versions (
    organization_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    settings json NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, agent_id, version),
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE
);
ALTER TABLE spotter.agent_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.agent_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.agent_versions
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- A version never changes.
GRANT SELECT, INSERT ON spotter.agent_versions TO spotter_app;
