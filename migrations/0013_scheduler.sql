-- Schedules fire: what is due is found over all organisations, and each slot of a task is decided on once.

SET LOCAL ROLE spotter_owner;

-- Whether an organisation's schedules fire. No row, or no state, is the deployment's default; a row is there from the
-- first fire on, because whoever fires shares its lock, and whoever stops the scheduler waits for it.
CREATE TABLE spotter.schedulers (
    organization_id uuid PRIMARY KEY REFERENCES spotter.organizations ON DELETE CASCADE,
    state text CHECK (state IN ('running', 'stopped')),
    changed_at timestamptz
);
ALTER TABLE spotter.schedulers ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.schedulers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.schedulers
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.schedulers TO spotter_app;

-- When a process last looked for what is due; NULL for one that does not.
ALTER TABLE spotter.workers ADD COLUMN looked_at timestamptz;

ALTER TABLE spotter.tasks
    -- When the task is looked at: its next slot and the slot's jitter; set exactly while its schedule fires.
    ADD COLUMN release_at timestamptz,
    ADD CONSTRAINT tasks_release_at_check CHECK (release_at IS NULL OR next_fire_at IS NOT NULL);

-- The owner is under row-level security too, so each organisation's tasks are changed as that organisation.
DO $$
DECLARE
    place uuid;
BEGIN
    FOR place IN SELECT organization_id FROM spotter.organizations LOOP
        PERFORM set_config('app.organization', place::text, true);
        UPDATE spotter.tasks SET release_at = next_fire_at WHERE enabled AND next_fire_at IS NOT NULL;
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;

DROP INDEX spotter.tasks_next_fire_at_idx;
CREATE INDEX tasks_release_at_idx ON spotter.tasks (organization_id, release_at) WHERE release_at IS NOT NULL;
-- The one index that crosses tenants: it tells in one look when the next schedule of all is due.
CREATE INDEX tasks_next_release_idx ON spotter.tasks (release_at) WHERE release_at IS NOT NULL;

-- The slots that a look finds too many of to name are one row, from fire_at to through_at.
ALTER TABLE spotter.schedule_fires ADD COLUMN through_at timestamptz CHECK (through_at > fire_at);

-- The runs of a task that are not over: what the overlap of its fires is decided by.
CREATE INDEX executions_open_of_task_idx ON spotter.executions (organization_id, task_id)
    WHERE task_id IS NOT NULL AND state NOT IN ('completed', 'failed', 'cancelled');

-- The questions that cross tenants; see 0010.
CREATE POLICY directory ON spotter.tasks FOR SELECT TO spotter_owner USING (true);
CREATE POLICY directory ON spotter.schedulers FOR SELECT TO spotter_owner USING (true);

-- Up to `most` tasks that are due: goes round the organisations whose schedules fire, beginning behind `after`, and
-- takes at most `share` of each. `started` is for those that were never told.
CREATE FUNCTION app.due_tasks(most integer, share integer, after uuid, started boolean)
    RETURNS TABLE (organization_id uuid, id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    lowest constant uuid := '00000000-0000-0000-0000-000000000000';
    place uuid := after;
    first timestamptz;
    is_second_half boolean := after = lowest;
    remaining integer := most;
    taken integer;
BEGIN
    -- Most often nothing is due anywhere.
    IF NOT EXISTS (SELECT FROM tasks WHERE release_at <= now()) THEN RETURN; END IF;
    WHILE remaining > 0 LOOP
        -- The next organisation that has schedules, and its first time: one look into the index.
        SELECT organization_id, release_at INTO place, first FROM tasks
            WHERE release_at IS NOT NULL AND organization_id > place ORDER BY organization_id, release_at LIMIT 1;
        IF place IS NULL THEN
            EXIT WHEN is_second_half;
            is_second_half := true;
            place := lowest;
            CONTINUE;
        END IF;
        EXIT WHEN is_second_half AND after <> lowest AND place > after;
        CONTINUE WHEN first > now();
        CONTINUE WHEN NOT coalesce((SELECT state = 'running' FROM schedulers WHERE organization_id = place), started);
        RETURN QUERY SELECT organization_id, id FROM tasks
            WHERE organization_id = place AND release_at <= now() ORDER BY release_at LIMIT least(share, remaining);
        GET DIAGNOSTICS taken = ROW_COUNT;
        remaining := remaining - taken;
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION app.due_tasks(integer, integer, uuid, boolean) TO spotter_app;

-- When the next task becomes due of all organisations whose schedules fire: a time that has come if one is due.
CREATE FUNCTION app.next_release(started boolean) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    place uuid := '00000000-0000-0000-0000-000000000000';
    first timestamptz;
    earliest timestamptz;
BEGIN
    SELECT min(release_at) INTO earliest FROM tasks WHERE release_at IS NOT NULL;
    IF earliest IS NULL OR earliest > now() THEN RETURN earliest; END IF;
    -- It may belong to one whose schedules do not fire: those are passed over.
    earliest := NULL;
    LOOP
        SELECT organization_id, release_at INTO place, first FROM tasks
            WHERE release_at IS NOT NULL AND organization_id > place ORDER BY organization_id, release_at LIMIT 1;
        EXIT WHEN place IS NULL;
        CONTINUE WHEN first >= earliest;
        CONTINUE WHEN NOT coalesce((SELECT state = 'running' FROM schedulers WHERE organization_id = place), started);
        earliest := first;
        EXIT WHEN earliest <= now();
    END LOOP;
    RETURN earliest;
END
$$;
GRANT EXECUTE ON FUNCTION app.next_release(boolean) TO spotter_app;
