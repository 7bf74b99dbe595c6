-- Secrets of organisations, such as their keys for providers of models, sealed with AES-256-GCM.
--
-- The keys that seal are not in the database. The organisation and the name are authenticated with each value, so that a
-- row that is copied to another place does not open there.

SET LOCAL ROLE spotter_owner;

CREATE TABLE spotter.secrets (
    organization_id uuid NOT NULL REFERENCES spotter.organizations ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 3 AND 96),
    -- NULL: it was deleted. The row stays, so that whoever holds the value learns of it.
    sealed bytea CHECK (length(sealed) BETWEEN 1 AND 8192),
    key_id text CHECK (length(key_id) BETWEEN 1 AND 64),
    -- The last characters of a long one, by which a person knows it again.
    hint text CHECK (length(hint) <= 4),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- The transaction that wrote the row last.
    changed_in bigint NOT NULL,
    PRIMARY KEY (organization_id, name),
    CHECK ((sealed IS NULL) = (key_id IS NULL)),
    CHECK (sealed IS NOT NULL OR hint IS NULL)
);
ALTER TABLE spotter.secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.secrets
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.secrets TO spotter_app;

-- A question that crosses tenants; see 0010.
CREATE POLICY directory ON spotter.secrets FOR SELECT TO spotter_owner USING (true);

-- The organisations whose secrets were written by the transaction `since` or a later one; all with any where it is NULL.
-- Asked with the oldest transaction that ran at the last look, it leaves none out: whatever that look did not see yet was
-- written by that transaction or a later one. Rows that come from another cluster, by a restored dump, may name
-- transactions that are yet to come here; they count as old.
CREATE FUNCTION app.changed_secrets(since bigint) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$
    SELECT DISTINCT organization_id FROM secrets
    WHERE since IS NULL
        OR changed_in >= since AND changed_in < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    $$;
GRANT EXECUTE ON FUNCTION app.changed_secrets(bigint) TO spotter_app;
