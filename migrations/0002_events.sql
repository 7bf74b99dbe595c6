-- The log of everything that happened.

SET LOCAL ROLE spotter_owner;

-- The last place given out, one row an organisation. Whoever appends events updates it first and so holds its lock
-- until the commit: places are given out in the order of commits, and a reader who has seen place n will never see a
-- lower one appear. It is the last lock that a transaction takes.
CREATE TABLE spotter.event_logs (
    organization_id uuid PRIMARY KEY REFERENCES spotter.organizations ON DELETE CASCADE,
    last_position bigint NOT NULL DEFAULT 0 CHECK (last_position >= 0)
) WITH (fillfactor = 20);
ALTER TABLE spotter.event_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.event_logs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.event_logs
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.event_logs TO spotter_app;

-- Documents are `json` and not `jsonb` wherever they are only read back whole: json keeps the order of members, which
-- prompt caches need, and takes any character that JSON can hold.
CREATE TABLE spotter.events (
    organization_id uuid NOT NULL REFERENCES spotter.event_logs ON DELETE CASCADE,
    position bigint NOT NULL CHECK (position > 0),
    type text NOT NULL,
    -- Not a foreign key: the log outlives what it tells of.
    execution_id uuid,
    at timestamptz NOT NULL,
    data json NOT NULL,
    PRIMARY KEY (organization_id, position)
);
CREATE INDEX events_execution_id_idx ON spotter.events (organization_id, execution_id, position)
    WHERE execution_id IS NOT NULL;
ALTER TABLE spotter.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.events
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- Appended to, never changed.
GRANT SELECT, INSERT ON spotter.events TO spotter_app;
