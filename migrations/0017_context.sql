-- What models are shown of the past, and what agents note.

SET LOCAL ROLE spotter_owner;

-- How an agent's past is made to fit into its model's window; NULL is the defaults.
ALTER TABLE spotter.agents ADD COLUMN context json;

-- What conversations came to up to some message. Later turns read the newest one and what was said after it.
CREATE TABLE spotter.memory_blocks (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    summary text NOT NULL,
    -- The last message that it covers, and that message's place.
    through_id uuid NOT NULL,
    through_position bigint NOT NULL CHECK (through_position > 0),
    method text NOT NULL,
    model text,
    messages integer NOT NULL,
    tokens_before integer NOT NULL,
    tokens_after integer NOT NULL,
    -- Not a foreign key: executions go to the history.
    execution_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, conversation_id)
        REFERENCES spotter.conversations (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX memory_blocks_newest_idx
    ON spotter.memory_blocks (organization_id, conversation_id, through_position DESC, id DESC);
ALTER TABLE spotter.memory_blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.memory_blocks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.memory_blocks
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- A block stays as it was made; it goes only with its conversation.
GRANT SELECT, INSERT ON spotter.memory_blocks TO spotter_app;

-- Working memory: what is noted under a name, for one agent, one conversation or the whole organisation.
CREATE TABLE spotter.memory_entries (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    agent_id uuid,
    conversation_id uuid,
    -- Who shares it: the agent, the conversation, or the organisation itself.
    owner_id uuid NOT NULL GENERATED ALWAYS AS (coalesce(agent_id, conversation_id, organization_id)) STORED,
    key text COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    value json NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT memory_entries_key_key UNIQUE (organization_id, owner_id, key),
    CHECK (agent_id IS NULL OR conversation_id IS NULL),
    FOREIGN KEY (organization_id, agent_id) REFERENCES spotter.agents (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, conversation_id)
        REFERENCES spotter.conversations (organization_id, id) ON DELETE CASCADE
);
-- What was noted last, for the prompt.
CREATE INDEX memory_entries_newest_idx
    ON spotter.memory_entries (organization_id, owner_id, updated_at DESC, id DESC);
CREATE INDEX memory_entries_agent_id_idx ON spotter.memory_entries (organization_id, agent_id)
    WHERE agent_id IS NOT NULL;
CREATE INDEX memory_entries_conversation_id_idx ON spotter.memory_entries (organization_id, conversation_id)
    WHERE conversation_id IS NOT NULL;
ALTER TABLE spotter.memory_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.memory_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.memory_entries
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.memory_entries TO spotter_app;
