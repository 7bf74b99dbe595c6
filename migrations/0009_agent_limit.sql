-- How many agents an organisation may have at one time.

SET LOCAL ROLE spotter_owner;

ALTER TABLE spotter.organizations ADD COLUMN max_agents integer CHECK (max_agents > 0);

-- Stops the transaction (SP409, with the limit as the message) unless there is room for one more agent. It locks the
-- organisation until the commit, so that of many at once only as many come in as there is room for; each statement in
-- here sees what was committed before the lock was had. Without a limit nothing is locked and nothing counted.
CREATE FUNCTION app.require_room_for_agent() RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog
    AS $$
DECLARE
    most integer;
BEGIN
    SELECT max_agents INTO most FROM spotter.organizations WHERE max_agents IS NOT NULL FOR NO KEY UPDATE;
    IF most IS NOT NULL AND (SELECT count(*) FROM spotter.agents WHERE deleted_at IS NULL) >= most THEN
        RAISE EXCEPTION USING ERRCODE = 'SP409', MESSAGE = most::text;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION app.require_room_for_agent() TO spotter_app;
