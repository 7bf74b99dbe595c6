-- Connectors to CRMs: how far each is, who is whom, and what people should know of its runs.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.connectors (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    -- As the organisation's file calls it.
    id text NOT NULL,
    -- Where a run goes on.
    cursor json NOT NULL,
    counts json NOT NULL,
    completed_at timestamptz,
    failure text,
    -- Null runs only when asked.
    next_run_at timestamptz,
    is_requested boolean NOT NULL DEFAULT false,
    wants_full boolean NOT NULL DEFAULT false,
    -- Contacts to look at as soon as may be, by the CRM's ids.
    wanted text[] NOT NULL DEFAULT '{}',
    -- Raised by whoever takes it up: what an earlier one writes late is discarded.
    turn bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    PRIMARY KEY (organization_id, id)
);
ALTER TABLE spotter.connectors ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.connectors FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.connectors
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.connectors TO spotter_app;

CREATE TABLE spotter.connector_links (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    connector text NOT NULL,
    -- contact, opportunity.
    kind text NOT NULL,
    remote_id text NOT NULL,
    -- No foreign keys: the link of somebody who was deleted keeps them from coming back.
    client_id uuid,
    lead_id uuid,
    -- Marks of what each side had when both last agreed, by field.
    local_marks json NOT NULL,
    remote_marks json NOT NULL,
    -- linked, local_gone, remote_gone.
    state text NOT NULL,
    synced_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, connector, kind, remote_id),
    CHECK ((client_id IS NULL) <> (lead_id IS NULL))
);
CREATE UNIQUE INDEX connector_links_client_idx ON spotter.connector_links (
    organization_id, connector, kind, client_id) WHERE client_id IS NOT NULL;
CREATE UNIQUE INDEX connector_links_lead_idx ON spotter.connector_links (
    organization_id, connector, kind, lead_id) WHERE lead_id IS NOT NULL;
ALTER TABLE spotter.connector_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.connector_links FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.connector_links
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE, DELETE ON spotter.connector_links TO spotter_app;

CREATE TABLE spotter.connector_notes (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    connector text NOT NULL,
    id uuid NOT NULL,
    note json NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, connector, id)
);
CREATE INDEX connector_notes_noted_at_idx ON spotter.connector_notes (organization_id, connector, noted_at DESC, id);
ALTER TABLE spotter.connector_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.connector_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.connector_notes
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, DELETE ON spotter.connector_notes TO spotter_app;

-- What changed since a moment.
CREATE INDEX clients_updated_at_idx ON spotter.clients (organization_id, updated_at, id);
CREATE INDEX leads_updated_at_idx ON spotter.leads (organization_id, updated_at, id);
CREATE INDEX consents_client_recorded_idx ON spotter.consents (organization_id, recorded_at, client_id)
    WHERE client_id IS NOT NULL;
CREATE INDEX consents_lead_recorded_idx ON spotter.consents (organization_id, recorded_at, lead_id)
    WHERE lead_id IS NOT NULL;
