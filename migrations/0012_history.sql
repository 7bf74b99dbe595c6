-- What has ended long ago leaves the tables that the queue works in for tables of a month each, in which nothing is
-- ever searched for work. An execution is in one of the two, never in both, and is read wherever it is.
--
-- The months are those of the ids, which carry the time of creation (UUIDv7): so the primary key still begins with the
-- organization and finds one partition, and a list by id is read month after month. No foreign key leads from steps to
-- executions here: the two partitions of a month are dropped together, by the operator (README, "How long it is kept").

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.executions_history (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('completed', 'failed', 'cancelled')),
    attempt integer NOT NULL,
    -- Not a foreign key, and it stays when the conversation is deleted: whoever reads it asks whether that is there.
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
    task_id uuid,
    parent_id uuid,
    priority text NOT NULL,
    retry_policy json,
    failures integer NOT NULL,
    crashes integer NOT NULL,
    deadline_at timestamptz,
    unique_key text COLLATE "C",
    signals bigint NOT NULL,
    dead_at timestamptz,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    completed_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
) PARTITION BY RANGE (id);
-- The lists are those of spotter.executions.
CREATE INDEX executions_history_state_idx ON spotter.executions_history (organization_id, state, id)
    WHERE state <> 'completed';
CREATE INDEX executions_history_agent_id_idx ON spotter.executions_history (organization_id, agent_id, id)
    WHERE agent_id IS NOT NULL;
CREATE INDEX executions_history_conversation_id_idx
    ON spotter.executions_history (organization_id, conversation_id, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX executions_history_task_id_idx ON spotter.executions_history (organization_id, task_id, id)
    WHERE task_id IS NOT NULL;
CREATE INDEX executions_history_parent_id_idx ON spotter.executions_history (organization_id, parent_id, id)
    WHERE parent_id IS NOT NULL;
CREATE INDEX executions_history_dead_at_idx ON spotter.executions_history (organization_id, id)
    WHERE dead_at IS NOT NULL;
ALTER TABLE spotter.executions_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.executions_history FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.executions_history
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, DELETE ON spotter.executions_history TO spotter_app;

CREATE TABLE spotter.steps_history (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    execution_id uuid NOT NULL,
    step_index integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    attempt integer NOT NULL,
    input json NOT NULL,
    output json,
    error json,
    usage json,
    cost json,
    effect text,
    child_id uuid,
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    -- Only ever read as a journal.
    PRIMARY KEY (organization_id, execution_id, step_index)
) PARTITION BY RANGE (execution_id);
ALTER TABLE spotter.steps_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.steps_history FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.steps_history
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, DELETE ON spotter.steps_history TO spotter_app;

-- They leave together.
GRANT DELETE ON spotter.executions, spotter.steps TO spotter_app;

-- How a task's last run ended, once that run is in the history: a list of tasks need not look there. While it is not,
-- the run's own row counts.
ALTER TABLE spotter.tasks
    ADD COLUMN ended_state text CHECK (ended_state IN ('completed', 'failed', 'cancelled')),
    ADD COLUMN ended_attempt integer;

-- When an id of version 7 was made: its first 48 bits are milliseconds of Unix time (RFC 9562, 5.7).
CREATE FUNCTION app.time_of_id(id uuid) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN to_timestamp((('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint)::double precision / 1000);
GRANT EXECUTE ON FUNCTION app.time_of_id(uuid) TO spotter_app;

-- No id of version 7 that was made at this time or later is less, and every earlier one is.
CREATE FUNCTION app.first_id_at(moment timestamptz) RETURNS uuid
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN (lpad(to_hex(least(greatest(floor(extract(epoch FROM moment) * 1000)::bigint, 0), 281474976710655)), 12, '0')
        || repeat('0', 20))::uuid;
GRANT EXECUTE ON FUNCTION app.first_id_at(timestamptz) TO spotter_app;

-- Makes the partitions, where they are missing, of this month and the next, and of those months in which executions
-- of this organization were made that are about to move. Which months those are is read from stored ids and from the
-- clock alone, so that nobody can ask for another. Returns how many months were new.
--
-- Here SQL is put together, because a partition's name and bounds cannot be parameters: out of a year, a month and two
-- ids that are computed from them. A partition is made apart and attached then, so that whoever reads or writes the
-- history meanwhile is not held up. Nobody gets at a partition but by way of its table.
CREATE FUNCTION app.prepare_history(wanted uuid[]) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
DECLARE
    months timestamp[];
    month timestamp;
    made integer := 0;
    parent text;
    partition text;
    first_id uuid;
    end_id uuid;
BEGIN
    SELECT array_agg(DISTINCT date_trunc('month', moment)) INTO months FROM (
        SELECT app.time_of_id(known.id) AT TIME ZONE 'UTC' AS moment FROM executions AS known
        WHERE known.organization_id = (SELECT app.organization()) AND known.id = ANY (wanted)
        UNION ALL SELECT now() AT TIME ZONE 'UTC'
        UNION ALL SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AS moments;
    SELECT array_agg(needed ORDER BY needed) INTO months FROM unnest(months) AS needed
    WHERE NOT EXISTS (
        SELECT FROM pg_inherits WHERE inhparent = 'spotter.steps_history'::regclass
            AND inhrelid = to_regclass('spotter.steps_history_' || to_char(needed, 'YYYY_MM')));
    IF months IS NULL THEN RETURN 0; END IF;
    -- Of several that miss the same month one makes it; the others find it made.
    PERFORM pg_advisory_xact_lock(hashtextextended('spotter.prepare_history', 0));
    FOREACH month IN ARRAY months LOOP
        CONTINUE WHEN EXISTS (
            SELECT FROM pg_inherits WHERE inhparent = 'spotter.steps_history'::regclass
                AND inhrelid = to_regclass('spotter.steps_history_' || to_char(month, 'YYYY_MM')));
        first_id := app.first_id_at(month AT TIME ZONE 'UTC');
        end_id := app.first_id_at((month + interval '1 month') AT TIME ZONE 'UTC');
        FOREACH parent IN ARRAY ARRAY['executions_history', 'steps_history'] LOOP
            partition := parent || '_' || to_char(month, 'YYYY_MM');
            EXECUTE format('CREATE TABLE spotter.%I (LIKE spotter.%I INCLUDING ALL)', partition, parent);
            EXECUTE format('ALTER TABLE spotter.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition);
            EXECUTE format(
                'CREATE POLICY tenancy ON spotter.%I USING (organization_id = (SELECT app.organization()))'
                    ' WITH CHECK (organization_id = (SELECT app.organization()))', partition);
            EXECUTE format(
                'ALTER TABLE spotter.%I ATTACH PARTITION spotter.%I FOR VALUES FROM (%L) TO (%L)', parent, partition,
                first_id, end_id);
        END LOOP;
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
GRANT EXECUTE ON FUNCTION app.prepare_history(uuid[]) TO spotter_app;

SELECT app.prepare_history('{}');

-- Forgets processes whose lease was over a day ago and that hold nothing any more. Returns how many.
CREATE FUNCTION app.forget_workers() RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    WITH gone AS (
        DELETE FROM workers
        WHERE lease_until < now() - interval '1 day'
            AND NOT EXISTS (SELECT FROM executions WHERE worker_id = workers.id)
        RETURNING id)
    SELECT count(*) FROM gone
    $$;
GRANT EXECUTE ON FUNCTION app.forget_workers() TO spotter_app;
