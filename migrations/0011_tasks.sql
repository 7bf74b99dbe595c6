-- Tasks: what agents are to do, what depends on what, and when it is done by itself.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.tasks (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    title text NOT NULL,
    description text,
    -- title and description, case folded by the application.
    search_key text COLLATE "C" NOT NULL,
    agent_id uuid,
    required_capabilities text[] NOT NULL,
    input json NOT NULL,
    priority text NOT NULL CHECK (priority IN ('critical', 'high', 'medium', 'low')),
    kind text NOT NULL,
    run_at timestamptz,
    schedule json,
    max_attempts integer NOT NULL CHECK (max_attempts > 0),
    backoff_ms integer NOT NULL CHECK (backoff_ms >= 0),
    backoff text NOT NULL,
    timeout_seconds integer NOT NULL CHECK (timeout_seconds > 0),
    enabled boolean NOT NULL,
    metadata jsonb NOT NULL,
    next_fire_at timestamptz,
    last_fire_at timestamptz,
    -- The run that run_at asked for.
    planned_execution_id uuid,
    -- The run that was asked for last, and how many ever were.
    last_execution_id uuid,
    executions_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- A deleted task is not found by anyone, but its runs still refer to it.
    deleted_at timestamptz,
    PRIMARY KEY (organization_id, id),
    -- Somebody is named to do it, or what whoever does it must be able to do.
    CHECK ((agent_id IS NULL) = (cardinality(required_capabilities) > 0)),
    CHECK (next_fire_at IS NULL OR schedule IS NOT NULL),
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX tasks_agent_id_idx ON spotter.tasks (organization_id, agent_id, id)
    WHERE agent_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX tasks_next_fire_at_idx ON spotter.tasks (organization_id, next_fire_at) WHERE next_fire_at IS NOT NULL;
ALTER TABLE spotter.tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.tasks
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.tasks TO spotter_app;

CREATE TABLE spotter.task_dependencies (
    organization_id uuid NOT NULL,
    task_id uuid NOT NULL,
    depends_on uuid NOT NULL CHECK (depends_on <> task_id),
    -- Its place in the list, from 0.
    place integer NOT NULL CHECK (place >= 0),
    PRIMARY KEY (organization_id, task_id, depends_on),
    FOREIGN KEY (organization_id, task_id) REFERENCES spotter.tasks (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, depends_on) REFERENCES spotter.tasks (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX task_dependencies_depends_on_idx ON spotter.task_dependencies (organization_id, depends_on, task_id);
ALTER TABLE spotter.task_dependencies ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.task_dependencies FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.task_dependencies
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, DELETE ON spotter.task_dependencies TO spotter_app;

-- What became of each moment at which a schedule fired. The key is what makes it happen once, however many look.
CREATE TABLE spotter.schedule_fires (
    organization_id uuid NOT NULL,
    task_id uuid NOT NULL,
    fire_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('fired', 'skipped')),
    -- Why it was skipped.
    reason text,
    execution_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, task_id, fire_at),
    CHECK ((outcome = 'skipped') = (reason IS NOT NULL)),
    CHECK ((outcome = 'fired') = (execution_id IS NOT NULL)),
    FOREIGN KEY (organization_id, task_id) REFERENCES spotter.tasks (organization_id, id) ON DELETE CASCADE
);
ALTER TABLE spotter.schedule_fires ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.schedule_fires FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.schedule_fires
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- What happened stays so.
GRANT SELECT, INSERT ON spotter.schedule_fires TO spotter_app;

-- The runs that wait for what their tasks depend on: few of all, and looked for whenever a run of a task ends.
CREATE INDEX executions_blocked_idx ON spotter.executions (organization_id, task_id)
    WHERE state = 'waiting' AND current_step = 'dependencies';

-- How a task is, as WorkItemStatus.state in Swift has it: from its last run, and the time at which it runs next by
-- itself.
CREATE FUNCTION app.task_state(
    state text, current_step text, attempt integer, wake_at timestamptz, next_run_at timestamptz
) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN state = 'waiting' AND current_step = 'dependencies' THEN 'blocked'
        WHEN state = 'queued' AND attempt = 0 AND wake_at IS NOT NULL THEN 'scheduled'
        WHEN state IN ('queued', 'running', 'waiting', 'paused') THEN state
        WHEN next_run_at IS NOT NULL THEN 'scheduled'
        ELSE coalesce(state, 'pending') END;
GRANT EXECUTE ON FUNCTION app.task_state(text, text, integer, timestamptz, timestamptz) TO spotter_app;

-- The lock under which the organisation's tasks are judged by what they depend on. Whoever records the end of a run
-- that nobody waits for shares it; whoever adds one that waits, lets such go on, or changes what depends on what has it
-- alone. So a run is never added as waiting for an end that is just being recorded.
CREATE FUNCTION app.lock_dependencies(shared boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog
    AS $$
DECLARE
    -- Two organisations whose keys were the same would only wait for each other.
    key bigint := hashtextextended('spotter.task_dependencies ' || app.organization()::text, 0);
BEGIN
    IF shared THEN PERFORM pg_advisory_xact_lock_shared(key); ELSE PERFORM pg_advisory_xact_lock(key); END IF;
END
$$;
GRANT EXECUTE ON FUNCTION app.lock_dependencies(boolean) TO spotter_app;
