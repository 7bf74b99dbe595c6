-- Where an organisation's log begins, once its oldest events are forgotten.

SET LOCAL ROLE spotter_owner;

-- The last place whose event may be gone: whoever read up to an earlier one has missed something, and is told.
ALTER TABLE spotter.event_logs ADD COLUMN forgotten_position bigint NOT NULL DEFAULT 0
    CHECK (forgotten_position BETWEEN 0 AND last_position);
-- What was forgotten before this version: all that is before the first event there is.
DO $$
DECLARE
    place uuid;
BEGIN
    FOR place IN SELECT o.organization_id FROM spotter.organizations o LOOP
        PERFORM set_config('app.organization', place::text, true);
        UPDATE spotter.event_logs log SET forgotten_position = coalesce(
            (SELECT min(event.position) - 1 FROM spotter.events event WHERE event.organization_id = place),
            log.last_position)
        WHERE log.organization_id = place;
    END LOOP;
    PERFORM set_config('app.organization', '', true);
END
$$;

-- As in 0041, and it writes down how far it got.
-- Forgets what is older than the organisation wants it kept, at most so many of each kind; by this server's clock, so that
-- nobody can ask for more. As the owner, because the application may not delete what happened or was said.
CREATE OR REPLACE FUNCTION app.forget_past(
    most integer, OUT conversations bigint, OUT executions bigint, OUT events bigint, OUT messages bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
DECLARE
    org uuid := app.organization();
    wanted jsonb;
    before timestamptz;
    gone uuid[];
    looked_at bigint;
    last_gone bigint;
BEGIN
    conversations := 0; executions := 0; events := 0; messages := 0;
    SELECT o.retention INTO wanted FROM spotter.organizations o WHERE o.organization_id = org;
    IF wanted IS NULL THEN RETURN; END IF;

    before := now() - make_interval(days => (wanted ->> 'conversations_days')::integer);
    IF before IS NOT NULL THEN
        -- First the conversation and then its executions, as everybody locks them. One in which somebody waits stays.
        SELECT array_agg(c.id) INTO gone FROM (
            SELECT talk.id FROM spotter.conversations talk
            WHERE talk.organization_id = org AND talk.id < app.first_id_at(before)
                AND coalesce(talk.last_message_at, talk.updated_at) < before AND talk.floor_id IS NULL
                AND NOT EXISTS (
                    SELECT FROM spotter.executions run
                    WHERE run.organization_id = org AND run.conversation_id = talk.id
                        AND run.state NOT IN ('completed', 'failed', 'cancelled'))
            ORDER BY talk.id LIMIT most FOR UPDATE SKIP LOCKED) c;
        PERFORM FROM spotter.executions run
        WHERE run.organization_id = org AND run.conversation_id = ANY (gone) ORDER BY run.id FOR NO KEY UPDATE;
        DELETE FROM spotter.conversations talk WHERE talk.organization_id = org AND talk.id = ANY (gone);
        GET DIAGNOSTICS conversations = ROW_COUNT;
    END IF;

    before := now() - make_interval(days => (wanted ->> 'executions_days')::integer);
    IF before IS NOT NULL THEN
        SELECT array_agg(o.id) INTO gone FROM (
            SELECT run.id FROM spotter.executions_history run
            WHERE run.organization_id = org AND run.id < app.first_id_at(before) AND run.completed_at < before
            ORDER BY run.id LIMIT most FOR UPDATE SKIP LOCKED) o;
        DELETE FROM spotter.steps_history step WHERE step.organization_id = org AND step.execution_id = ANY (gone);
        DELETE FROM spotter.contracts said WHERE said.organization_id = org AND said.execution_id = ANY (gone)
            AND said.id IN (
                SELECT old.id FROM spotter.contracts old
                WHERE old.organization_id = org AND old.id < app.first_id_at(before));
        DELETE FROM spotter.executions_history run WHERE run.organization_id = org AND run.id = ANY (gone);
        GET DIAGNOSTICS executions = ROW_COUNT;
    END IF;

    before := now() - make_interval(days => (wanted ->> 'events_days')::integer);
    IF before IS NOT NULL THEN
        -- What a trigger or a hook has not looked at, or has still to send, stays.
        SELECT least(
            (SELECT min(e.position) FROM spotter.hook_endpoints e WHERE e.organization_id = org AND e.active),
            (SELECT min(t.position) FROM spotter.triggers t
                WHERE t.organization_id = org AND t.enabled AND t.deleted_at IS NULL),
            (SELECT min(d.event_position) - 1 FROM spotter.outbound_deliveries d
                WHERE d.organization_id = org AND d.state = 'pending')) INTO looked_at;
        WITH gone_events AS (
            DELETE FROM spotter.events event USING (
                SELECT first.position, first.at FROM spotter.events first WHERE first.organization_id = org
                ORDER BY first.position LIMIT most) old
            WHERE event.organization_id = org AND event.position = old.position AND old.at < before
                AND (looked_at IS NULL OR event.position <= looked_at)
            RETURNING event.position)
        SELECT count(*), max(gone_events.position) INTO events, last_gone FROM gone_events;
    END IF;

    before := now() - make_interval(days => (wanted ->> 'messages_days')::integer);
    IF before IS NOT NULL THEN
        DELETE FROM spotter.outbox_messages message USING (
            SELECT old.id FROM spotter.outbox_messages old
            WHERE old.organization_id = org AND old.created_at < before
                AND old.status IN ('sent', 'failed', 'cancelled', 'suppressed')
            ORDER BY old.created_at LIMIT most FOR UPDATE SKIP LOCKED) old
        WHERE message.organization_id = org AND message.id = old.id;
        GET DIAGNOSTICS messages = ROW_COUNT;
    END IF;

    -- Last, because appending events waits for this row until the commit.
    IF last_gone IS NOT NULL THEN
        UPDATE spotter.event_logs log SET forgotten_position = greatest(log.forgotten_position, last_gone)
        WHERE log.organization_id = org;
    END IF;
END
$$;
