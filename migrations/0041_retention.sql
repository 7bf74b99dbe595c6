-- For how long an organisation's past is kept, and how one leaves.

SET LOCAL ROLE spotter_owner;

-- What its file says, as it says it: days by kind. NULL keeps everything.
ALTER TABLE spotter.organizations ADD COLUMN retention jsonb;

-- Forgets what is older than the organisation wants it kept, at most so many of each kind; by this server's clock, so that
-- nobody can ask for more. As the owner, because the application may not delete what happened or was said.
CREATE FUNCTION app.forget_past(
    most integer, OUT conversations bigint, OUT executions bigint, OUT events bigint, OUT messages bigint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
DECLARE
    org uuid := app.organization();
    wanted jsonb;
    before timestamptz;
    gone uuid[];
    looked_at bigint;
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
        DELETE FROM spotter.events event USING (
            SELECT first.position, first.at FROM spotter.events first WHERE first.organization_id = org
            ORDER BY first.position LIMIT most) old
        WHERE event.organization_id = org AND event.position = old.position AND old.at < before
            AND (looked_at IS NULL OR event.position <= looked_at);
        GET DIAGNOSTICS events = ROW_COUNT;
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
END
$$;
GRANT EXECUTE ON FUNCTION app.forget_past(integer) TO spotter_app;

-- What follows is for the operator's connection alone, which takes the owner's role for it: the application can call none
-- of it.

-- The tables that hold rows of organisations.
CREATE FUNCTION app.organization_tables() RETURNS SETOF text
    LANGUAGE sql STABLE SET search_path = pg_catalog
    AS $$
    SELECT c.relname::text FROM pg_class c
    WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND EXISTS (
            SELECT FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped)
    ORDER BY c.relname
    $$;

-- Opens the cursor `organization_rows` over the organisation's rows of one table, each as JSON. The table's name cannot be
-- a parameter; it is one of those above.
CREATE FUNCTION app.open_organization_rows(wanted text) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, app
    AS $$
DECLARE
    found refcursor := 'organization_rows';
BEGIN
    PERFORM app.require(wanted IN (SELECT app.organization_tables()), 'SP404', 'table');
    OPEN found FOR EXECUTE format(
        'SELECT row_to_json(t)::text FROM spotter.%I t WHERE t.organization_id = app.organization()', wanted);
END
$$;

-- Deletes what is left of the organisation in all tables but the audit log and its own. What a row that goes leaves behind
-- in another must be allowed while both are there; tables that others still hang on wait for the next round. Returns how
-- many rows went by themselves and not with others.
CREATE FUNCTION app.delete_rest() RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, app
    AS $$
DECLARE
    name text;
    rest bigint;
    total bigint := 0;
    open text[] := ARRAY(
        SELECT held FROM app.organization_tables() AS held WHERE held NOT IN ('organizations', 'audit_entries'));
    later text[];
BEGIN
    LOOP
        later := '{}';
        FOREACH name IN ARRAY open LOOP
            BEGIN
                EXECUTE format('DELETE FROM spotter.%I WHERE organization_id = app.organization()', name);
                GET DIAGNOSTICS rest = ROW_COUNT;
                total := total + rest;
            EXCEPTION WHEN foreign_key_violation OR check_violation OR not_null_violation THEN
                later := later || name;
            END;
        END LOOP;
        EXIT WHEN later = '{}' OR later = open;
        open := later;
    END LOOP;
    RETURN total;
END
$$;

-- Deletes every row of the organisation, and the organisation last.
CREATE FUNCTION app.delete_organization() RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, app
    AS $$
BEGIN
    PERFORM app.delete_rest();
    DELETE FROM spotter.audit_entries WHERE organization_id = app.organization();
    DELETE FROM spotter.organizations WHERE organization_id = app.organization();
END
$$;
