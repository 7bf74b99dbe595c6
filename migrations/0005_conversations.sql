-- Chat sessions and what was said in them.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.conversations (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    agent_id uuid NOT NULL,
    title text NOT NULL,
    -- `title`, folded by the application.
    search_key text COLLATE "C" NOT NULL,
    metadata jsonb NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    -- The last place given to a message.
    last_position bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    last_message_at timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX conversations_agent_id_idx ON spotter.conversations (organization_id, agent_id, id);
ALTER TABLE spotter.conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.conversations
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.conversations TO spotter_app;

CREATE TABLE spotter.messages (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    -- Its place in the conversation, from 1.
    position bigint NOT NULL CHECK (position > 0),
    role text NOT NULL,
    content text NOT NULL,
    -- The turn as models read it again.
    transcript json NOT NULL,
    usage json,
    cost json,
    latency_ms integer,
    -- Not a foreign key: a message is written together with its execution, and neither is deleted alone.
    execution_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT messages_position_key UNIQUE (organization_id, conversation_id, position),
    FOREIGN KEY (organization_id, conversation_id)
        REFERENCES spotter.conversations (organization_id, id) ON DELETE CASCADE
);
ALTER TABLE spotter.messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.messages FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.messages
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- What was said stays as it was said; it goes only with its conversation.
GRANT SELECT, INSERT ON spotter.messages TO spotter_app;
