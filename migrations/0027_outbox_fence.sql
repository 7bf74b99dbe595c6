-- The outbox: what a courier writes names the number of its claim, which only ever grows. The number of the try begins
-- anew where a person sends a message again, and a courier that came back late could have been taken for the one that
-- has the message now.

SET LOCAL ROLE spotter_owner;

ALTER TABLE spotter.outbox_messages ADD COLUMN fence bigint NOT NULL DEFAULT 0 CHECK (fence >= 0);

DROP FUNCTION app.claim_messages(integer, bigint, uuid);

-- Takes up to `wanted` messages that are due: goes round the organisations that have something queued, beginning behind
-- `after`, and takes a share of each in turn. What others took and did not report in time comes to a review first:
-- whether it was sent, nobody knows.
CREATE FUNCTION app.claim_messages(wanted integer, lease_ms bigint, after uuid)
    RETURNS TABLE (organization_id uuid, id uuid, attempt integer, fence bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    place uuid := '00000000-0000-0000-0000-000000000000';
    remaining integer := wanted;
    share integer := greatest(1, wanted / 4);
    taken integer;
    taken_since_end integer := 0;
    ends integer := 0;
    visits integer := 0;
BEGIN
    WHILE visits < 512 LOOP
        SELECT organization_id INTO place FROM outbox_messages
            WHERE status = 'sending' AND organization_id > place ORDER BY organization_id LIMIT 1;
        EXIT WHEN NOT FOUND;
        visits := visits + 1;
        PERFORM set_config('app.organization', place::text, true);
        UPDATE outbox_messages SET status = 'needs_review', lease_until = NULL,
            reason = 'The process that was sending it ended without a report: it may have been sent.'
        WHERE organization_id = place AND status = 'sending' AND lease_until < now();
    END LOOP;
    place := after;
    visits := 0;
    -- The bound keeps a claim short where very many organisations have messages for later.
    WHILE remaining > 0 AND visits < 512 LOOP
        SELECT organization_id INTO place FROM outbox_messages
            WHERE status = 'queued' AND organization_id > place ORDER BY organization_id LIMIT 1;
        IF NOT FOUND THEN
            -- A whole round without a catch: there is nothing to be had.
            ends := ends + 1;
            EXIT WHEN ends > 1 AND taken_since_end = 0;
            taken_since_end := 0;
            place := '00000000-0000-0000-0000-000000000000';
        ELSE
            visits := visits + 1;
            PERFORM set_config('app.organization', place::text, true);
            RETURN QUERY
                UPDATE outbox_messages AS stored SET status = 'sending', attempt = stored.attempt + 1,
                    fence = stored.fence + 1, lease_until = now() + lease_ms * interval '1 millisecond'
                -- An array is found once; a join might look again and take more than its share.
                WHERE stored.organization_id = place AND stored.id = ANY (ARRAY(
                    SELECT id FROM outbox_messages
                    WHERE organization_id = place AND status = 'queued' AND due_at <= now()
                    ORDER BY due_at LIMIT least(remaining, share) FOR NO KEY UPDATE SKIP LOCKED))
                RETURNING stored.organization_id, stored.id, stored.attempt, stored.fence;
            GET DIAGNOSTICS taken = ROW_COUNT;
            remaining := remaining - taken;
            taken_since_end := taken_since_end + taken;
        END IF;
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;
GRANT EXECUTE ON FUNCTION app.claim_messages(integer, bigint, uuid) TO spotter_app;
