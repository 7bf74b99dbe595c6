-- Who did what: the audit log, a chain of hashes for each organisation.

SET LOCAL ROLE spotter_owner;

-- Entries are appended by the transactions that they tell of. No foreign key: it would lock the organisation's row at
-- every write, and the log outlives what it tells of. The application may set neither the time nor the transaction.
CREATE TABLE spotter.audit_entries (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT now(),
    actor_kind text NOT NULL,
    actor text,
    role text,
    action text NOT NULL,
    resource text,
    request_id text,
    execution_id uuid,
    agent_id uuid,
    outcome text NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
    fields text[] NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX audit_entries_xid_idx ON spotter.audit_entries (organization_id, xid, id);
ALTER TABLE spotter.audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.audit_entries
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT ON spotter.audit_entries TO spotter_app;
GRANT INSERT (organization_id, id, actor_kind, actor, role, action, resource, request_id, execution_id, agent_id,
    outcome, fields) ON spotter.audit_entries TO spotter_app;

-- How far an organisation's entries are sealed: everything up to this place in the order of transactions.
CREATE TABLE spotter.audit_chains (
    organization_id uuid NOT NULL PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    last_xid xid8 NOT NULL,
    last_id uuid NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE spotter.audit_chains ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.audit_chains FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.audit_chains
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT ON spotter.audit_chains TO spotter_app;

CREATE TABLE spotter.audit_seals (
    organization_id uuid NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    entry_id uuid NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (organization_id, position),
    UNIQUE (organization_id, entry_id)
);
ALTER TABLE spotter.audit_seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.audit_seals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.audit_seals
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT ON spotter.audit_seals TO spotter_app;

-- Heads of the chain, signed by a key that is not in the database.
CREATE TABLE spotter.audit_checkpoints (
    organization_id uuid NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    text text NOT NULL,
    PRIMARY KEY (organization_id, position)
);
ALTER TABLE spotter.audit_checkpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.audit_checkpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.audit_checkpoints
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT ON spotter.audit_checkpoints TO spotter_app;

-- One piece of what is hashed: its length in bytes, a colon, and the text; `-` for NULL. No two rows give the same text.
CREATE FUNCTION app.audit_piece(piece text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT coalesce(octet_length(piece)::text || ':' || piece, '-') $$;
GRANT EXECUTE ON FUNCTION app.audit_piece(text) TO spotter_app;

-- What is hashed of an entry. The time in microseconds since 1970; the fields as pieces within a piece.
CREATE FUNCTION app.audit_text(entry spotter.audit_entries) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT app.audit_piece(entry.organization_id::text) || app.audit_piece(entry.id::text)
        || app.audit_piece((extract(epoch FROM entry.at) * 1000000)::bigint::text)
        || app.audit_piece(entry.actor_kind) || app.audit_piece(entry.actor) || app.audit_piece(entry.role)
        || app.audit_piece(entry.action) || app.audit_piece(entry.resource) || app.audit_piece(entry.request_id)
        || app.audit_piece(entry.execution_id::text) || app.audit_piece(entry.agent_id::text)
        || app.audit_piece(entry.outcome)
        || app.audit_piece((
            SELECT coalesce(string_agg(app.audit_piece(f.field), '' ORDER BY f.place), '')
            FROM unnest(entry.fields) WITH ORDINALITY AS f (field, place)))
    $$;
GRANT EXECUTE ON FUNCTION app.audit_text(spotter.audit_entries) TO spotter_app;

-- Seals the organisation's entries of transactions that have ended. Those below the oldest transaction that still runs
-- are all visible, and none can appear among them any more: so the order of transactions is an order in which nothing is
-- sealed too early. Who finds the chain taken leaves it to whoever has it.
CREATE FUNCTION app.seal_audit(most integer) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
DECLARE
    org uuid := app.organization();
    horizon xid8 := pg_snapshot_xmin(pg_current_snapshot());
    chain audit_chains;
    entry audit_entries;
    sealed integer := 0;
BEGIN
    IF org IS NULL THEN RETURN 0; END IF;
    IF NOT EXISTS (SELECT FROM audit_chains WHERE organization_id = org) THEN
        INSERT INTO audit_chains (organization_id, position, hash, last_xid, last_id)
        VALUES (org, 0, decode(repeat('00', 32), 'hex'), '0', '00000000-0000-0000-0000-000000000000')
        ON CONFLICT DO NOTHING;
    END IF;
    SELECT * INTO chain FROM audit_chains WHERE organization_id = org FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN 0; END IF;
    FOR entry IN
        SELECT * FROM audit_entries e
        WHERE e.organization_id = org AND (e.xid, e.id) > (chain.last_xid, chain.last_id) AND e.xid < horizon
        ORDER BY e.xid, e.id LIMIT most
    LOOP
        chain.position := chain.position + 1;
        chain.hash := sha256(convert_to(encode(chain.hash, 'hex') || chain.position || app.audit_text(entry), 'UTF8'));
        INSERT INTO audit_seals (organization_id, position, entry_id, hash)
        VALUES (org, chain.position, entry.id, chain.hash);
        chain.last_xid := entry.xid;
        chain.last_id := entry.id;
        sealed := sealed + 1;
    END LOOP;
    IF sealed > 0 THEN
        UPDATE audit_chains c SET position = chain.position, hash = chain.hash, last_xid = chain.last_xid,
            last_id = chain.last_id
        WHERE c.organization_id = org;
    END IF;
    RETURN sealed;
END
$$;
GRANT EXECUTE ON FUNCTION app.seal_audit(integer) TO spotter_app;

-- The question that crosses tenants is asked as the owner.
CREATE POLICY directory ON spotter.audit_entries FOR SELECT TO spotter_owner USING (true);
CREATE POLICY directory ON spotter.audit_chains FOR SELECT TO spotter_owner USING (true);

CREATE FUNCTION app.organizations_to_seal() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT o.organization_id FROM organizations o LEFT JOIN audit_chains c ON c.organization_id = o.organization_id
    WHERE EXISTS (
        SELECT FROM audit_entries e
        WHERE e.organization_id = o.organization_id
            AND (e.xid, e.id) > (coalesce(c.last_xid, '0'::xid8),
                coalesce(c.last_id, '00000000-0000-0000-0000-000000000000'::uuid)))
    $$;
GRANT EXECUTE ON FUNCTION app.organizations_to_seal() TO spotter_app;
