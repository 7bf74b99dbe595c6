-- Tenancy, and the organisations themselves.
--
-- Every table of this schema follows the same rules, and a test walks the catalog to hold them:
--   * organization_id is the first column of every primary key, unique constraint, foreign key and index;
--   * row-level security is enabled and forced, with the one policy `organization_id = (SELECT app.organization())`
--     for reading and writing; the sub-select makes it one look-up a statement and not one a row;
--   * spotter_app gets the privileges its stores use and no others: never TRUNCATE, REFERENCES, TRIGGER.

SET LOCAL ROLE spotter_owner;

-- The organisation this transaction works for; NULL, and so no row at all, when none was set. A setting that was set
-- earlier in the session reads as '' afterwards, hence the nullif.
CREATE FUNCTION app.organization() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(pg_catalog.current_setting('app.organization', true), '')::uuid;
GRANT EXECUTE ON FUNCTION app.organization() TO spotter_app;

-- Undoes the transaction unless `holds`: how one statement of a pipeline stops the ones behind it. The codes are
-- SP001 (the lease is lost) and SP404 (what the message names does not exist).
CREATE FUNCTION app.require(holds boolean, code text, message text) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog
    AS $$
BEGIN
    IF holds IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message;
    END IF;
END
$$;
GRANT EXECUTE ON FUNCTION app.require(boolean, text, text) TO spotter_app;

CREATE TABLE spotter.organizations (
    organization_id uuid PRIMARY KEY,
    -- How people name the organisation. Unique in the whole deployment: the one constraint that crosses tenants, so
    -- slugs are chosen by operators only.
    slug text COLLATE "C" NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$'),
    name text NOT NULL,
    timezone text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    plan text NOT NULL CHECK (plan IN ('starter', 'pro', 'enterprise')),
    requests_per_minute integer CHECK (requests_per_minute > 0),
    model_fallback text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT organizations_slug_key UNIQUE (slug)
);
ALTER TABLE spotter.organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE spotter.organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenancy ON spotter.organizations
    USING (organization_id = (SELECT app.organization()))
    WITH CHECK (organization_id = (SELECT app.organization()));
GRANT SELECT, INSERT, UPDATE ON spotter.organizations TO spotter_app;

-- The two questions that cross tenants. They run as the owner, who is under row-level security too, so the owner has a
-- policy of its own for them: for reading, on this table, and on no other. They give out ids and nothing else.
CREATE POLICY directory ON spotter.organizations FOR SELECT TO spotter_owner USING (true);

CREATE FUNCTION app.organization_id_by_slug(wanted text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$ SELECT organization_id FROM spotter.organizations WHERE slug = wanted $$;
GRANT EXECUTE ON FUNCTION app.organization_id_by_slug(text) TO spotter_app;

CREATE FUNCTION app.organization_ids() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, spotter, app
    AS $$ SELECT organization_id FROM spotter.organizations ORDER BY organization_id $$;
GRANT EXECUTE ON FUNCTION app.organization_ids() TO spotter_app;
