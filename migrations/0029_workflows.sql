-- Workflows as they are now, and every version they ever were.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.workflows (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    -- The name in Unicode NFC, case folded by the application.
    name_key text COLLATE "C" NOT NULL,
    -- Name and description, folded the same way.
    search_key text COLLATE "C" NOT NULL,
    definition json NOT NULL,
    template text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- A deleted workflow is not found by anyone, but its runs go on.
    deleted_at timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX workflows_name_key ON spotter.workflows (organization_id, name_key) WHERE deleted_at IS NULL;
ALTER TABLE spotter.workflows ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.workflows FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.workflows
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.workflows TO spotter_app;

CREATE TABLE spotter.workflow_versions (
    organization_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    definition json NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, workflow_id, version),
    FOREIGN KEY (organization_id, workflow_id) REFERENCES spotter.workflows (organization_id, id) ON DELETE CASCADE
);
ALTER TABLE spotter.workflow_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.workflow_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.workflow_versions
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- A version never changes.
GRANT SELECT, INSERT ON spotter.workflow_versions TO spotter_app;
