-- Hooks that send: how it goes with each target, and what is on its way there.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.hook_endpoints (
    organization_id uuid NOT NULL,
    hook_id uuid NOT NULL,
    active boolean NOT NULL,
    -- Everything in the log up to here was looked at.
    position bigint NOT NULL CHECK (position >= 0),
    -- Since when no attempt has succeeded.
    failing_since timestamptz,
    -- The target has asked to be left alone until then.
    paused_until timestamptz,
    -- Why it was given up; NULL where people have disabled the hook, or nobody has.
    disabled_reason text,
    PRIMARY KEY (organization_id, hook_id),
    FOREIGN KEY (organization_id, hook_id) REFERENCES spotter.hooks (organization_id, id) ON DELETE CASCADE,
    CHECK (NOT active OR disabled_reason IS NULL)
) WITH (fillfactor = 70);
CREATE INDEX hook_endpoints_position_idx ON spotter.hook_endpoints (organization_id, position) WHERE active;
ALTER TABLE spotter.hook_endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.hook_endpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.hook_endpoints
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
CREATE POLICY directory ON spotter.hook_endpoints FOR SELECT TO spotter_owner USING (true);
GRANT SELECT, INSERT, UPDATE ON spotter.hook_endpoints TO spotter_app;

CREATE TABLE spotter.outbound_deliveries (
    organization_id uuid NOT NULL,
    hook_id uuid NOT NULL,
    id uuid NOT NULL,
    -- The event in the log, which outlives the delivery; NULL for a test.
    event_position bigint,
    event_type text NOT NULL,
    -- Deliveries of one resource go one after another; NULL where order does not matter.
    resource text COLLATE "C",
    state text COLLATE "C" NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled')),
    reason text,
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    -- The number of the claim, which only ever grows: what a late report names is not taken for a later one's.
    fence bigint NOT NULL DEFAULT 0 CHECK (fence >= 0),
    -- While somebody has it, the end of that time: one that is not reported on is due again by itself.
    due_at timestamptz NOT NULL,
    lease_until timestamptz,
    attempts jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (organization_id, hook_id, id),
    CONSTRAINT outbound_deliveries_event_key UNIQUE (organization_id, hook_id, event_position),
    FOREIGN KEY (organization_id, hook_id)
        REFERENCES spotter.hook_endpoints (organization_id, hook_id) ON DELETE CASCADE,
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK (state = 'pending' OR lease_until IS NULL)
) WITH (fillfactor = 70);
CREATE INDEX outbound_deliveries_due_idx ON spotter.outbound_deliveries (organization_id, hook_id, due_at)
    WHERE state = 'pending';
CREATE INDEX outbound_deliveries_lease_idx ON spotter.outbound_deliveries (organization_id, hook_id, lease_until)
    WHERE lease_until IS NOT NULL;
CREATE INDEX outbound_deliveries_resource_idx
    ON spotter.outbound_deliveries (organization_id, hook_id, resource, event_position)
    WHERE state = 'pending' AND resource IS NOT NULL;
-- Of which the oldest are forgotten.
CREATE INDEX outbound_deliveries_created_idx ON spotter.outbound_deliveries (organization_id, created_at);
ALTER TABLE spotter.outbound_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.outbound_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.outbound_deliveries
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
CREATE POLICY directory ON spotter.outbound_deliveries FOR SELECT TO spotter_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.outbound_deliveries TO spotter_app;

-- The organisations of which a hook that sends has not looked at everything that has happened.
CREATE FUNCTION app.organizations_with_news_for_hooks() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT DISTINCT e.organization_id
    FROM hook_endpoints e JOIN event_logs l ON l.organization_id = e.organization_id
    WHERE e.active AND e.position < l.last_position
    $$;
GRANT EXECUTE ON FUNCTION app.organizations_with_news_for_hooks() TO spotter_app;

-- Takes deliveries that are due: goes round the hooks that have something waiting, beginning behind the one that is
-- named, and takes of each as many as may be on their way to it at once, over all processes; of a target that fails
-- one. Its row is locked meanwhile, so that two who take at once do not take too many; who comes second passes by.
CREATE FUNCTION app.claim_outbound(
    wanted integer, wanted_failing integer, at_once integer, lease_ms bigint, after_organization uuid, after_hook uuid)
    RETURNS TABLE (
        organization_id uuid, hook_id uuid, id uuid, attempt integer, fence bigint, is_failing boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    place uuid := after_organization;
    hook uuid := after_hook;
    failing boolean;
    remaining integer := wanted;
    remaining_failing integer := wanted_failing;
    room integer;
    taken integer;
    ends integer := 0;
    visits integer := 0;
BEGIN
    -- The bound keeps a claim short where very many hooks have deliveries for later.
    WHILE remaining > 0 AND visits < 512 LOOP
        SELECT d.organization_id, d.hook_id INTO place, hook FROM outbound_deliveries d
            WHERE d.state = 'pending' AND (d.organization_id, d.hook_id) > (place, hook)
            ORDER BY d.organization_id, d.hook_id LIMIT 1;
        IF NOT FOUND THEN
            ends := ends + 1;
            EXIT WHEN ends > 1;
            place := '00000000-0000-0000-0000-000000000000';
            hook := place;
            CONTINUE;
        END IF;
        visits := visits + 1;
        PERFORM set_config('app.organization', place::text, true);
        SELECT e.failing_since IS NOT NULL INTO failing FROM hook_endpoints e
            WHERE e.organization_id = place AND e.hook_id = hook AND e.active
                AND (e.paused_until IS NULL OR e.paused_until <= now())
            FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        room := CASE WHEN failing THEN least(1, remaining_failing) ELSE at_once END - (
            SELECT count(*) FROM outbound_deliveries d
            WHERE d.organization_id = place AND d.hook_id = hook AND d.lease_until > now());
        room := least(room, remaining);
        CONTINUE WHEN room <= 0;
        RETURN QUERY
            UPDATE outbound_deliveries AS stored SET attempt = stored.attempt + 1, fence = stored.fence + 1,
                lease_until = now() + lease_ms * interval '1 millisecond',
                due_at = now() + lease_ms * interval '1 millisecond'
            -- An array is found once; a join might look again and take more than its share.
            WHERE stored.organization_id = place AND stored.hook_id = hook AND stored.id = ANY (ARRAY(
                SELECT d.id FROM outbound_deliveries d
                WHERE d.organization_id = place AND d.hook_id = hook AND d.state = 'pending' AND d.due_at <= now()
                    AND (d.resource IS NULL OR NOT EXISTS (
                        SELECT FROM outbound_deliveries earlier
                        WHERE earlier.organization_id = place AND earlier.hook_id = hook
                            AND earlier.resource = d.resource AND earlier.state = 'pending'
                            AND earlier.event_position < d.event_position))
                ORDER BY d.due_at, d.event_position LIMIT room FOR NO KEY UPDATE SKIP LOCKED))
            RETURNING stored.organization_id, stored.hook_id, stored.id, stored.attempt, stored.fence, failing;
        GET DIAGNOSTICS taken = ROW_COUNT;
        remaining := remaining - taken;
        IF failing THEN remaining_failing := remaining_failing - taken; END IF;
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;
GRANT EXECUTE ON FUNCTION app.claim_outbound(integer, integer, integer, bigint, uuid, uuid) TO spotter_app;
