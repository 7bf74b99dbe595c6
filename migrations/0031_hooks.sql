-- Ways in for messages of other systems, and the messages that came by them.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.hooks (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    -- The name in Unicode NFC, case folded by the application.
    name_key text COLLATE "C" NOT NULL,
    settings json NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX hooks_name_key ON spotter.hooks (organization_id, name_key);
-- A message knows nothing but the id in its address.
CREATE UNIQUE INDEX hooks_id_key ON spotter.hooks (id);
ALTER TABLE spotter.hooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.hooks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.hooks
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
CREATE POLICY directory ON spotter.hooks FOR SELECT TO spotter_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.hooks TO spotter_app;

-- Whose hook it is. The secrets are elsewhere, and under the organisation's own policy.
CREATE FUNCTION app.organization_id_by_hook(wanted uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$ SELECT organization_id FROM spotter.hooks WHERE id = wanted $$;
GRANT EXECUTE ON FUNCTION app.organization_id_by_hook(uuid) TO spotter_app;

CREATE TABLE spotter.hook_deliveries (
    organization_id uuid NOT NULL,
    hook_id uuid NOT NULL,
    id uuid NOT NULL,
    -- What makes two messages the same, from what was signed.
    delivery_key text COLLATE "C" NOT NULL,
    external_id text,
    state text COLLATE "C" NOT NULL CHECK (state IN ('accepted', 'failed')),
    reason text,
    execution_id uuid,
    replay_of uuid,
    payload json NOT NULL,
    headers jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, hook_id, id),
    CONSTRAINT hook_deliveries_delivery_key UNIQUE (organization_id, hook_id, delivery_key),
    FOREIGN KEY (organization_id, hook_id) REFERENCES spotter.hooks (organization_id, id) ON DELETE CASCADE,
    CHECK ((state = 'failed') = (reason IS NOT NULL))
);
-- Of which the oldest are forgotten.
CREATE INDEX hook_deliveries_received_idx ON spotter.hook_deliveries (organization_id, received_at);
ALTER TABLE spotter.hook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.hook_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.hook_deliveries
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
-- A delivery never changes.
GRANT SELECT, INSERT, DELETE ON spotter.hook_deliveries TO spotter_app;
