-- A run with a time of its own is judged by what its task depends on when that time has come, and not when it is made.
-- What schedules fired is not kept for ever.

SET LOCAL ROLE spotter_owner;

-- Whether an execution is a run that has not begun, of a task that depends on others: it is judged before it is ready.
CREATE FUNCTION app.is_to_be_judged(state text, attempt integer, task uuid) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT state = 'queued' AND attempt = 0 AND task IS NOT NULL
        AND EXISTS (SELECT FROM task_dependencies d WHERE d.task_id = task)
    $$;
GRANT EXECUTE ON FUNCTION app.is_to_be_judged(text, integer, uuid) TO spotter_app;

-- Puts those into the queue whose time has come, at most `most` of each organisation, but for runs that are to be
-- judged first. Returns of each organisation where something was due how many it put there, and whether any is to be
-- judged.
CREATE FUNCTION app.wake_due(most integer)
    RETURNS TABLE (organization_id uuid, woken bigint, is_to_judge boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    place uuid := '00000000-0000-0000-0000-000000000000';
    due timestamptz;
    here bigint;
BEGIN
    LOOP
        -- The next organisation with anything asleep, and its first time: one look into the index.
        SELECT organization_id, wake_at INTO place, due FROM executions
            WHERE wake_at IS NOT NULL AND organization_id > place ORDER BY organization_id, wake_at LIMIT 1;
        EXIT WHEN NOT FOUND;
        CONTINUE WHEN due > now();
        PERFORM set_config('app.organization', place::text, true);
        WITH due AS (
            SELECT id FROM executions
            WHERE organization_id = place AND wake_at <= now() AND NOT app.is_to_be_judged(state, attempt, task_id)
            ORDER BY wake_at LIMIT most FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE executions AS stored SET
            state = 'queued', place_at = app.place(stored.wake_at, stored.priority, stored.attempt), wake_at = NULL
        FROM due WHERE stored.organization_id = place AND stored.id = due.id;
        GET DIAGNOSTICS here = ROW_COUNT;
        RETURN QUERY SELECT place, here, EXISTS (
            SELECT FROM executions
            WHERE organization_id = place AND wake_at <= now() AND app.is_to_be_judged(state, attempt, task_id));
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;
GRANT EXECUTE ON FUNCTION app.wake_due(integer) TO spotter_app;
DROP FUNCTION app.wake_executions(integer);

-- What schedules fired is forgotten, and not before a month has passed: the policy holds whoever asks.
CREATE INDEX schedule_fires_recorded_at_idx ON spotter.schedule_fires (organization_id, recorded_at);
CREATE POLICY retention ON spotter.schedule_fires AS RESTRICTIVE FOR DELETE
    USING (recorded_at < now() - interval '30 days');
GRANT DELETE ON spotter.schedule_fires TO spotter_app;
