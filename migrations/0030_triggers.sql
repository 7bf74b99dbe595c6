-- What is started by events, and how far each has looked through its organisation's log.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.triggers (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    name text NOT NULL,
    event text NOT NULL,
    condition text,
    input json,
    target json NOT NULL,
    -- What the target names; both NULL where it is a plan.
    workflow_id uuid,
    task_id uuid,
    enabled boolean NOT NULL,
    -- Everything up to here was looked at.
    position bigint NOT NULL CHECK (position >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (organization_id, id),
    CHECK (workflow_id IS NULL OR task_id IS NULL),
    FOREIGN KEY (organization_id, workflow_id) REFERENCES spotter.workflows (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, task_id) REFERENCES spotter.tasks (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX triggers_workflow_id_idx ON spotter.triggers (organization_id, workflow_id)
    WHERE workflow_id IS NOT NULL;
CREATE INDEX triggers_task_id_idx ON spotter.triggers (organization_id, task_id) WHERE task_id IS NOT NULL;
-- Those that look, in the order in which they are behind.
CREATE INDEX triggers_position_idx ON spotter.triggers (organization_id, position)
    WHERE enabled AND deleted_at IS NULL;
ALTER TABLE spotter.triggers ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.triggers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.triggers
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.triggers TO spotter_app;

-- The question that crosses tenants is asked as the owner, who may see every row for it and change none.
CREATE POLICY directory ON spotter.triggers FOR SELECT TO spotter_owner USING (true);
CREATE POLICY directory ON spotter.event_logs FOR SELECT TO spotter_owner USING (true);

-- The organisations of which a trigger has not looked at everything that has happened.
CREATE FUNCTION app.organizations_with_news_for_triggers() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT DISTINCT t.organization_id
    FROM triggers t JOIN event_logs l ON l.organization_id = t.organization_id
    WHERE t.enabled AND t.deleted_at IS NULL AND t.position < l.last_position
    $$;
GRANT EXECUTE ON FUNCTION app.organizations_with_news_for_triggers() TO spotter_app;
