-- What workflows of a CRM have agents do, and under which of them it is accounted for.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.crm_workflows (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    -- As the CRM calls it.
    name text COLLATE "C" NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT crm_workflows_name_key UNIQUE (organization_id, name)
);
ALTER TABLE spotter.crm_workflows ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.crm_workflows FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.crm_workflows
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT ON spotter.crm_workflows TO spotter_app;

CREATE TABLE spotter.workflow_actions (
    organization_id uuid NOT NULL,
    -- Not a foreign key: the log outlives the run.
    execution_id uuid NOT NULL,
    workflow_id uuid NOT NULL,
    action text COLLATE "C" NOT NULL,
    agent_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, execution_id),
    FOREIGN KEY (organization_id, workflow_id) REFERENCES spotter.crm_workflows (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX workflow_actions_workflow_idx ON spotter.workflow_actions (organization_id, workflow_id, execution_id);
ALTER TABLE spotter.workflow_actions ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.workflow_actions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.workflow_actions
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT ON spotter.workflow_actions TO spotter_app;
