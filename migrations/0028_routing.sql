-- Who can be called, who is called, what was asked and answered, and what agents tell each other.

SET LOCAL ROLE spotter_owner;

ALTER TABLE spotter.agents
    -- What it can be called to do by name: [{name, description, parameters}]; NULL is nothing.
    ADD COLUMN actions json,
    -- How many calls of it may be under way; NULL is as many as the kind of agent is usually given.
    ADD COLUMN max_concurrent integer CHECK (max_concurrent > 0),
    -- Where it is reached, if it is not run here: {endpoint, heartbeat_seconds}.
    ADD COLUMN external json;

-- What agents have said of themselves.
CREATE TABLE spotter.agent_presence (
    organization_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('available', 'busy', 'offline', 'error')),
    note text,
    -- The last sign of life, by the database's clock.
    heard_at timestamptz NOT NULL,
    -- Until when it need not be heard; NULL where no sign of life is asked of it.
    expires_at timestamptz,
    -- The status that was last told of.
    told text NOT NULL,
    PRIMARY KEY (organization_id, agent_id),
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE
);
ALTER TABLE spotter.agent_presence ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.agent_presence FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.agent_presence
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.agent_presence TO spotter_app;

CREATE INDEX agent_presence_expires_at_idx ON spotter.agent_presence (organization_id, expires_at)
    WHERE told <> 'offline' AND expires_at IS NOT NULL;
-- The question that crosses tenants is asked as the owner, who may see every row for it and change none.
CREATE POLICY directory ON spotter.agent_presence FOR SELECT TO spotter_owner USING (true);

-- The organisations of which agents have fallen silent, and of which that was not told yet.
CREATE FUNCTION app.organizations_with_silent_agents() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT DISTINCT organization_id FROM agent_presence WHERE told <> 'offline' AND expires_at < now()
    $$;
GRANT EXECUTE ON FUNCTION app.organizations_with_silent_agents() TO spotter_app;

-- Calls that have an agent and have not ended: each holds one of the agent's places.
CREATE TABLE spotter.agent_calls (
    organization_id uuid NOT NULL,
    execution_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    agent_version integer NOT NULL,
    score double precision NOT NULL,
    reasons json NOT NULL,
    session_id text,
    capability text,
    action text NOT NULL,
    -- The ids of the call's contracts; NULL where none are kept.
    request_id uuid,
    response_id uuid,
    chosen_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, execution_id),
    CHECK ((request_id IS NULL) = (response_id IS NULL)),
    FOREIGN KEY (organization_id, execution_id)
        REFERENCES spotter.executions (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX agent_calls_agent_id_idx ON spotter.agent_calls (organization_id, agent_id);
ALTER TABLE spotter.agent_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.agent_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.agent_calls
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, DELETE ON spotter.agent_calls TO spotter_app;

-- Those that wait for an agent to be free, to be woken when one is.
CREATE INDEX executions_waiting_call_idx ON spotter.executions (organization_id, id)
    WHERE kind = 'call' AND state = 'waiting';

-- What calls of agents came to; the last ones count most in the recent figures.
CREATE TABLE spotter.agent_figures (
    organization_id uuid NOT NULL,
    agent_id uuid NOT NULL,
    calls bigint NOT NULL,
    failures bigint NOT NULL,
    recent_success double precision,
    recent_ms double precision,
    last_active_at timestamptz,
    PRIMARY KEY (organization_id, agent_id),
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE
);
ALTER TABLE spotter.agent_figures ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.agent_figures FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.agent_figures
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.agent_figures TO spotter_app;

-- What was asked of agents, and what they answered.
CREATE TABLE spotter.contracts (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    session_id text,
    type text NOT NULL CHECK (type IN ('REQUEST', 'RESPONSE')),
    correlation_id uuid NOT NULL,
    -- Not a foreign key: executions go to the history.
    execution_id uuid NOT NULL,
    capability text,
    action text NOT NULL,
    agent_id uuid NOT NULL,
    payload json NOT NULL,
    status text NOT NULL CHECK (status IN ('sent', 'completed', 'failed', 'cancelled')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX contracts_session_idx ON spotter.contracts (organization_id, session_id, id) WHERE session_id IS NOT NULL;
CREATE INDEX contracts_agent_id_idx ON spotter.contracts (organization_id, agent_id, id);
ALTER TABLE spotter.contracts ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.contracts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.contracts
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- What was said stays as it was said.
GRANT SELECT, INSERT ON spotter.contracts TO spotter_app;

-- What sessions came to up to some contract. Later calls of a session are told of the newest one.
CREATE TABLE spotter.session_blocks (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    session_id text NOT NULL,
    summary text NOT NULL,
    method text NOT NULL,
    model text,
    contracts integer NOT NULL,
    through_contract_id uuid NOT NULL,
    -- Not a foreign key: executions go to the history.
    execution_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX session_blocks_session_idx ON spotter.session_blocks (organization_id, session_id, created_at, id);
ALTER TABLE spotter.session_blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.session_blocks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.session_blocks
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT ON spotter.session_blocks TO spotter_app;

-- What agents tell each other.
CREATE TABLE spotter.agent_messages (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    from_agent_id uuid,
    to_agent_id uuid NOT NULL,
    topic text NOT NULL,
    content json NOT NULL,
    priority text NOT NULL,
    -- The same key is the same message.
    idempotency_key text COLLATE "C" NOT NULL,
    expires_at timestamptz,
    acknowledged_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT agent_messages_key_key UNIQUE (organization_id, idempotency_key),
    FOREIGN KEY (organization_id, from_agent_id)
        REFERENCES spotter.agents (organization_id, id) ON DELETE SET NULL (from_agent_id),
    FOREIGN KEY (organization_id, to_agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX agent_messages_open_idx ON spotter.agent_messages (organization_id, to_agent_id, id)
    WHERE acknowledged_at IS NULL;
CREATE INDEX agent_messages_to_agent_id_idx ON spotter.agent_messages (organization_id, to_agent_id, id);
CREATE INDEX agent_messages_from_agent_id_idx ON spotter.agent_messages (organization_id, from_agent_id)
    WHERE from_agent_id IS NOT NULL;
ALTER TABLE spotter.agent_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.agent_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.agent_messages
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.agent_messages TO spotter_app;

-- What an agent has said of itself, unless too much time has gone by since.
CREATE FUNCTION app.presence_status(said text, heard_at timestamptz, heartbeat_seconds integer) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE
        WHEN heartbeat_seconds IS NOT NULL
            AND coalesce(heard_at, '-infinity') < now() - 3 * heartbeat_seconds * interval '1 second' THEN 'offline'
        ELSE coalesce(said, 'available') END;
GRANT EXECUTE ON FUNCTION app.presence_status(text, timestamptz, integer) TO spotter_app;

-- Gives a call its agent, if that still has what is needed and a free place, and writes the REQUEST. The agent's row is
-- locked first, so that whoever comes next counts this call.
CREATE FUNCTION app.reserve_agent(
    new_call uuid, wanted uuid, needed text[], new_score double precision, new_reasons json, new_session text,
    new_capability text, new_action text, new_payload json, new_request uuid, new_response uuid, at_time timestamptz)
    RETURNS TABLE (
        agent_id uuid, agent_version integer, score double precision, reasons json, request_id uuid, response_id uuid)
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, spotter, app
    AS $$
#variable_conflict use_column
DECLARE
    chosen agents%ROWTYPE;
    presence agent_presence%ROWTYPE;
    most integer;
    under_way bigint;
BEGIN
    RETURN QUERY SELECT agent_id, agent_version, score, reasons, request_id, response_id
        FROM agent_calls WHERE execution_id = new_call;
    IF FOUND THEN RETURN; END IF;
    SELECT * INTO chosen FROM agents WHERE id = wanted AND deleted_at IS NULL AND enabled FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN; END IF;
    IF NOT needed <@ (chosen.capabilities || ARRAY(
        SELECT action ->> 'name' FROM json_array_elements(coalesce(chosen.actions, '[]'::json)) AS action))
    THEN RETURN; END IF;
    SELECT * INTO presence FROM agent_presence WHERE agent_id = wanted;
    IF app.presence_status(
        presence.status, presence.heard_at, (chosen.external ->> 'heartbeat_seconds')::integer) <> 'available'
    THEN RETURN; END IF;
    most := coalesce(chosen.max_concurrent, CASE WHEN chosen.external IS NOT NULL THEN 10 END);
    IF most IS NOT NULL THEN
        SELECT count(*) INTO under_way
            FROM agent_calls c JOIN executions e ON e.organization_id = c.organization_id AND e.id = c.execution_id
            WHERE c.agent_id = wanted AND e.state NOT IN ('completed', 'failed', 'cancelled');
        IF under_way >= most THEN RETURN; END IF;
    END IF;
    INSERT INTO agent_calls (
        organization_id, execution_id, agent_id, agent_version, score, reasons, session_id, capability, action,
        request_id, response_id, chosen_at)
    VALUES (
        chosen.organization_id, new_call, wanted, chosen.version, new_score, new_reasons, new_session, new_capability,
        new_action, new_request, new_response, at_time);
    IF new_request IS NOT NULL THEN
        INSERT INTO contracts (
            organization_id, id, session_id, type, correlation_id, execution_id, capability, action, agent_id, payload,
            status, created_at)
        VALUES (
            chosen.organization_id, new_request, new_session, 'REQUEST', new_request, new_call, new_capability,
            new_action, wanted, new_payload, 'sent', at_time);
    END IF;
    RETURN QUERY SELECT wanted, chosen.version, new_score, new_reasons, new_request, new_response;
END
$$;
GRANT EXECUTE ON FUNCTION app.reserve_agent(
    uuid, uuid, text[], double precision, json, text, text, text, json, uuid, uuid, timestamptz) TO spotter_app;
