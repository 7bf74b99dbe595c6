-- Files made for somebody to fetch; and what tools need to do a thing once.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.documents (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    name text NOT NULL,
    content_type text NOT NULL,
    content bytea NOT NULL CHECK (octet_length(content) <= 5242880),
    created_by text NOT NULL,
    -- The same key is the same document.
    idempotency_key text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT documents_idempotency_key UNIQUE (organization_id, idempotency_key)
);
CREATE INDEX documents_expires_at_idx ON spotter.documents (organization_id, expires_at);
ALTER TABLE spotter.documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.documents FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.documents
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, DELETE ON spotter.documents TO spotter_app;

-- Tickets that tools open: the same key is the same ticket.
ALTER TABLE spotter.tickets ADD COLUMN IF NOT EXISTS idempotency_key text COLLATE "C";
CREATE UNIQUE INDEX IF NOT EXISTS tickets_idempotency_key ON spotter.tickets (organization_id, idempotency_key);

-- Who publishes a post has it until then; or when it is tried again.
ALTER TABLE spotter.social_posts ADD COLUMN next_try_at timestamptz;

-- Steps of members are looked for by the campaign they belong to as well.
CREATE INDEX campaign_members_campaign_idx ON spotter.campaign_members (organization_id, campaign_id)
    WHERE status = 'active';
