-- Executions become work that any process can take up: a queue with leases, waits, retries and dead letters.

SET LOCAL ROLE spotter_owner;

-- Processes that work on executions. One lease a process and not one a run: ten thousand waiting model calls are kept
-- by one heartbeat. Belongs to no organisation and says nothing about any.
CREATE TABLE spotter.workers (
    id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.workers TO spotter_app;

-- What an organisation may have going at once, and its allowance of starts: one row each.
CREATE TABLE spotter.queues (
    organization_id uuid PRIMARY KEY REFERENCES spotter.organizations ON DELETE CASCADE,
    -- Runs under way at one time, over all processes.
    max_running integer NOT NULL DEFAULT 100 CHECK (max_running > 0),
    -- Runs begun in a minute; NULL is no limit. A run that goes on after a wait does not count again.
    starts_per_minute integer DEFAULT 100 CHECK (starts_per_minute > 0),
    paused_at timestamptz,
    -- A token bucket that holds one minute's starts.
    tokens double precision NOT NULL DEFAULT 'infinity',
    refilled_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 20);
ALTER TABLE spotter.queues ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.queues FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.queues
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.queues TO spotter_app;

ALTER TABLE spotter.executions
    DROP COLUMN lease_ms,
    DROP COLUMN lease_until,
    ADD COLUMN task_id uuid,
    ADD COLUMN parent_id uuid,
    ADD COLUMN priority text NOT NULL DEFAULT 'medium' CHECK (priority IN ('critical', 'high', 'medium', 'low')),
    ADD COLUMN retry_policy json,
    ADD COLUMN failures integer NOT NULL DEFAULT 0,
    ADD COLUMN crashes integer NOT NULL DEFAULT 0,
    ADD COLUMN deadline_at timestamptz,
    ADD COLUMN unique_key text COLLATE "C",
    -- The process that holds it; set exactly while it runs.
    ADD COLUMN worker_id uuid,
    -- Its place in the queue, see app.place; set exactly while it may be taken up.
    ADD COLUMN place_at timestamptz,
    -- When it enters the queue by itself: a time, a retry, a timer.
    ADD COLUMN wake_at timestamptz,
    -- What somebody asked of a running one.
    ADD COLUMN requested text CHECK (requested IN ('pause', 'cancel')),
    -- Counts what happened to it from outside. A run that is about to wait and sees another number than it knows goes
    -- on instead: so no answer, child or approval that comes in that moment is missed.
    ADD COLUMN signals bigint NOT NULL DEFAULT 0,
    -- When it was given up: out of attempts, or out of processes that survive it.
    ADD COLUMN dead_at timestamptz,
    ADD CONSTRAINT executions_held_check CHECK ((worker_id IS NOT NULL) = (state = 'running')),
    ADD CONSTRAINT executions_place_check CHECK (place_at IS NULL OR state = 'queued');

DROP INDEX spotter.executions_state_idx;
DROP INDEX spotter.executions_agent_id_idx;
DROP INDEX spotter.executions_conversation_id_idx;
-- Almost all rows are completed ones, and a list of those is a list of all.
CREATE INDEX executions_state_idx ON spotter.executions (organization_id, state, id) WHERE state <> 'completed';
CREATE INDEX executions_agent_id_idx ON spotter.executions (organization_id, agent_id, id)
    WHERE agent_id IS NOT NULL;
CREATE INDEX executions_conversation_id_idx ON spotter.executions (organization_id, conversation_id, id)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX executions_task_id_idx ON spotter.executions (organization_id, task_id, id) WHERE task_id IS NOT NULL;
CREATE INDEX executions_parent_id_idx ON spotter.executions (organization_id, parent_id, id)
    WHERE parent_id IS NOT NULL;
CREATE INDEX executions_place_at_idx ON spotter.executions (organization_id, place_at) WHERE place_at IS NOT NULL;
CREATE INDEX executions_wake_at_idx ON spotter.executions (organization_id, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX executions_worker_id_idx ON spotter.executions (organization_id, worker_id)
    WHERE worker_id IS NOT NULL;
CREATE INDEX executions_requested_idx ON spotter.executions (organization_id, worker_id)
    WHERE requested IS NOT NULL;
CREATE INDEX executions_dead_at_idx ON spotter.executions (organization_id, id) WHERE dead_at IS NOT NULL;
CREATE UNIQUE INDEX executions_unique_key ON spotter.executions (organization_id, unique_key)
    WHERE unique_key IS NOT NULL AND state NOT IN ('completed', 'failed', 'cancelled');

-- Every run leaves two dead versions of its row and of its place in the queue, at the head of which a claim begins to
-- read. They are cleared away when there are some thousands, and not a fifth of all that ever ran; the statistics are
-- kept as fresh. Records of a run under way change no index, so that the free fifth of a page (0006) holds them.
ALTER TABLE spotter.executions SET (
    autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_analyze_threshold = 5000, autovacuum_analyze_scale_factor = 0.01);

ALTER TABLE spotter.steps
    -- What repeating it would do, for calls of tools.
    ADD COLUMN effect text CHECK (effect IN ('none', 'idempotent', 'keyed', 'unsafe')),
    -- The execution it waits for.
    ADD COLUMN child_id uuid,
    DROP CONSTRAINT steps_state_check,
    ADD CONSTRAINT steps_state_check
        CHECK (state IN ('started', 'waiting', 'needs_review', 'completed', 'failed', 'superseded'));

INSERT INTO spotter.queues (organization_id) SELECT organization_id FROM spotter.organizations;

-- The questions that cross tenants. The owner, as whom they run, may see every execution's row for them and change
-- none: whatever is written is written as one organisation, under its policy.
CREATE POLICY directory ON spotter.executions FOR SELECT TO spotter_owner USING (true);

-- The order in which ready executions are taken up: by the time they became ready, moved forward by their priority.
-- So a low one waits for those that came up to ten minutes later, and not for ever. What was begun before goes before
-- all that was not, however long that has been ready: it needs no allowance, and must not be behind what does.
CREATE FUNCTION app.place(ready_at timestamptz, priority text, attempt integer) RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ready_at - CASE WHEN attempt > 0 THEN interval '1000 days' ELSE interval '0' END
        - CASE priority WHEN 'critical' THEN interval '60 minutes' WHEN 'high' THEN interval '10 minutes'
            WHEN 'low' THEN interval '-10 minutes' ELSE interval '0' END;
GRANT EXECUTE ON FUNCTION app.place(timestamptz, text, integer) TO spotter_app;

-- Takes up to `share` of the executions of one organisation, the one of this transaction, for a worker: within its
-- cap and its allowance. At most one process at a time takes from one organisation, so that neither is overrun.
CREATE FUNCTION app.claim_within(worker uuid, share integer)
    RETURNS TABLE (organization_id uuid, id uuid, attempt integer)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    queue queues%ROWTYPE;
    room integer;
    allowed double precision;
    ids uuid[];
    attempts integer[];
BEGIN
    SELECT * INTO queue FROM queues WHERE organization_id = (SELECT app.organization()) AND paused_at IS NULL
        FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN; END IF;
    SELECT queue.max_running - count(*) INTO room FROM (
        SELECT FROM executions WHERE organization_id = queue.organization_id AND worker_id IS NOT NULL
        LIMIT queue.max_running) AS running;
    room := least(share, room);
    IF room <= 0 THEN RETURN; END IF;
    allowed := CASE WHEN queue.starts_per_minute IS NULL THEN room ELSE least(
        queue.starts_per_minute,
        queue.tokens + extract(epoch FROM now() - queue.refilled_at) * queue.starts_per_minute / 60) END;
    -- Written by where they were found: they are locked, and a plan made while the table was small would look for each
    -- of them among all.
    WITH ready AS (
        SELECT ctid AS place, attempt, place_at FROM executions
        WHERE organization_id = queue.organization_id AND place_at IS NOT NULL
            -- Without an allowance only what was begun before, far ahead of all else, need be looked at: see app.place.
            AND place_at < CASE WHEN allowed >= 1 THEN 'infinity' ELSE now() - interval '500 days' END
        ORDER BY place_at LIMIT room FOR NO KEY UPDATE SKIP LOCKED),
    ranked AS (
        SELECT place, attempt, row_number() OVER (PARTITION BY attempt = 0 ORDER BY place_at) AS rank FROM ready),
    taken AS (
        UPDATE executions AS stored SET
            state = 'running', attempt = stored.attempt + 1, worker_id = worker, place_at = NULL,
            started_at = coalesce(stored.started_at, now())
        FROM ranked
        WHERE stored.ctid = ranked.place AND (ranked.attempt > 0 OR ranked.rank <= allowed)
        RETURNING stored.id, stored.attempt)
    SELECT array_agg(id), array_agg(attempt) INTO ids, attempts FROM taken;
    -- What has come to the allowance since it was written is worked out again next time: without a start there is
    -- nothing to write, and a look at an organisation that has used it up costs no commit.
    IF queue.starts_per_minute IS NOT NULL AND 1 = ANY (attempts) THEN
        UPDATE queues SET tokens = allowed - cardinality(array_positions(attempts, 1)), refilled_at = now()
            WHERE organization_id = queue.organization_id;
    END IF;
    RETURN QUERY SELECT queue.organization_id, * FROM unnest(ids, attempts);
END
$$;

-- Takes up to `wanted` executions for a worker: goes round the organisations that have some ready, beginning behind
-- `after`, and takes a share of each in turn: an eighth, until a whole round has shown how many there are; then they
-- share what is left. A worker whose lease is over gets none.
CREATE FUNCTION app.claim_executions(worker uuid, wanted integer, after uuid)
    RETURNS TABLE (organization_id uuid, id uuid, attempt integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    place uuid := after;
    remaining integer := wanted;
    taken integer;
    taken_since_end integer := 0;
    share integer := greatest(1, wanted / 8);
    found integer := 0;
    is_whole_round boolean := after = '00000000-0000-0000-0000-000000000000';
    ends integer := 0;
    visits integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM workers WHERE workers.id = worker AND lease_until > now()) THEN RETURN; END IF;
    -- The bound keeps a claim short where very many organisations are at their caps; the next one goes on from there.
    WHILE remaining > 0 AND visits < 512 LOOP
        SELECT min(organization_id::text)::uuid INTO place FROM (
            SELECT organization_id FROM executions
            WHERE place_at IS NOT NULL AND organization_id > place ORDER BY organization_id LIMIT 1) AS next;
        IF place IS NULL THEN
            -- A whole round without a catch: there is nothing to be had.
            ends := ends + 1;
            EXIT WHEN ends > 1 AND taken_since_end = 0;
            IF is_whole_round THEN share := greatest(share, remaining / greatest(1, found)); END IF;
            is_whole_round := true;
            taken_since_end := 0;
            found := 0;
            place := '00000000-0000-0000-0000-000000000000';
        ELSE
            visits := visits + 1;
            PERFORM set_config('app.organization', place::text, true);
            RETURN QUERY SELECT * FROM app.claim_within(worker, least(remaining, share));
            GET DIAGNOSTICS taken = ROW_COUNT;
            IF taken > 0 THEN found := found + 1; END IF;
            remaining := remaining - taken;
            taken_since_end := taken_since_end + taken;
        END IF;
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;
GRANT EXECUTE ON FUNCTION app.claim_executions(uuid, integer, uuid) TO spotter_app;

-- Puts those into the queue whose time has come, at most `most` of each organisation. Returns how many of them.
CREATE FUNCTION app.wake_executions(most integer) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
DECLARE
    place uuid := '00000000-0000-0000-0000-000000000000';
    due timestamptz;
    woken bigint := 0;
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
            SELECT id FROM executions WHERE organization_id = place AND wake_at <= now()
            ORDER BY wake_at LIMIT most FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE executions AS stored SET
            state = 'queued', place_at = app.place(stored.wake_at, stored.priority, stored.attempt), wake_at = NULL
        FROM due WHERE stored.organization_id = place AND stored.id = due.id;
        GET DIAGNOSTICS here = ROW_COUNT;
        woken := woken + here;
    END LOOP;
    PERFORM set_config('app.organization', '', true);
    RETURN woken;
END
$$;
GRANT EXECUTE ON FUNCTION app.wake_executions(integer) TO spotter_app;

-- The organisations of which a process that is gone holds executions.
CREATE FUNCTION app.organizations_to_rescue() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT DISTINCT organization_id FROM executions
    WHERE worker_id IS NOT NULL AND NOT EXISTS (SELECT FROM workers WHERE workers.id = worker_id AND lease_until > now())
    $$;
GRANT EXECUTE ON FUNCTION app.organizations_to_rescue() TO spotter_app;

-- The executions held by a worker of which something was asked.
CREATE FUNCTION app.requested_executions(worker uuid) RETURNS TABLE (organization_id uuid, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT executions.organization_id, executions.id FROM executions
    WHERE requested IS NOT NULL AND worker_id = worker
    $$;
GRANT EXECUTE ON FUNCTION app.requested_executions(uuid) TO spotter_app;

-- The key of a request whose process died passes on to whoever sends it again.
GRANT UPDATE (created_at) ON spotter.receipts TO spotter_app;
