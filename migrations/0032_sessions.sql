-- Sessions of several agents about one subject.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.sessions (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    template text NOT NULL,
    subject text NOT NULL,
    data json NOT NULL,
    -- The agents' ids by their roles.
    agents json NOT NULL,
    -- The run of the plan that opens it. Not a foreign key: it goes to the history while the session is read still.
    execution_id uuid NOT NULL,
    idle_minutes integer NOT NULL CHECK (idle_minutes > 0),
    -- When it ends unless something is heard of it.
    idle_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX sessions_execution_id_idx ON spotter.sessions (organization_id, execution_id);
CREATE INDEX sessions_idle_at_idx ON spotter.sessions (organization_id, idle_at) WHERE ended_at IS NULL;
ALTER TABLE spotter.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.sessions
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.sessions TO spotter_app;
